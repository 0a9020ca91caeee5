"""How a picture gets a worker thread, and loses it."""

from threading import Event

import numpy as np
import pytest

from nijigan.core.errors import BusyError, CancelledError, EngineError
from nijigan.core.images import Picture
from nijigan.server.cancel import Cancel
from nijigan.server.drawing import draw
from nijigan.server.jobs import Jobs
from nijigan.server.stylizer import Settings
from nijigan.server.testing import FakeStylizer

PICTURE = Picture(np.zeros((16, 16, 3), np.uint8))
SECONDS = 10


@pytest.fixture
def jobs():
    one_worker = Jobs(1, 1)
    yield one_worker
    one_worker.close()


def run(fake, jobs, cancel):
    """What `draw` yields, and its result."""
    drawing = draw(fake, jobs, PICTURE, Settings("any"), cancel)
    steps = []
    while True:
        try:
            steps.append(next(drawing).progress)
        except StopIteration as end:
            return steps, end.value


def test_progress_and_result(jobs):
    steps, drawn = run(FakeStylizer(), jobs, Cancel())
    assert [(step.fraction, step.stage) for step in steps] == [(0.0, "drawing"), (1.0, "drawing")]
    assert (drawn.picture.rgb == 255).all()


def test_what_waits_for_a_worker_is_cancelled_without_one(jobs):
    free, cancel, fake = Event(), Cancel(), FakeStylizer()
    jobs.submit(lambda: free.wait(SECONDS))
    cancel.set()
    with pytest.raises(CancelledError, match="before it began"):
        run(fake, jobs, cancel)
    free.set()
    assert fake.settings == []


def test_an_error_of_the_worker_is_the_caller_s(jobs):
    with pytest.raises(EngineError, match="It broke"):
        run(FakeStylizer(error=EngineError("It broke.")), jobs, Cancel())


def test_places_are_bounded_and_come_back(jobs):
    with jobs.place(), jobs.place(), pytest.raises(BusyError, match="2 pictures"), jobs.place():
        pass
    with jobs.place():
        pass
