"""How a picture gets a worker thread, and loses it."""

from threading import Event

import numpy as np
import pytest

from nijigan.core.errors import CancelledError, EngineError
from nijigan.core.images import Picture
from nijigan.server import watched
from nijigan.server.cancel import Cancel
from nijigan.server.drawing import Wish, draw
from nijigan.server.jobs import Jobs
from nijigan.server.order import microseconds
from nijigan.server.stylizer import Settings
from nijigan.server.testing import FakeStylizer
from nijigan.v1 import stylizer_pb2 as pb

PICTURE = Picture(np.zeros((16, 16, 3), np.uint8))
SECONDS = 10


@pytest.fixture
def jobs():
    one_worker = Jobs(1, 1)
    yield one_worker
    one_worker.close()


@pytest.fixture
def place(jobs):
    with jobs.place() as held:
        yield held


def run(fake, place, cancel, hang_seconds=SECONDS):
    """What `draw` yields, and its result."""
    drawing = draw(fake, place, PICTURE, Settings("any"), cancel, hang_seconds, Wish())
    steps = []
    while True:
        try:
            steps.append(next(drawing).progress)
        except StopIteration as end:
            return steps, end.value


def test_progress_and_result(place):
    steps, drawn = run(FakeStylizer(), place, Cancel())
    assert [(step.fraction, step.stage) for step in steps] == [(0.0, "drawing"), (1.0, "drawing")]
    assert (drawn.picture.rgb == 255).all()


def test_what_waits_for_a_worker_is_cancelled_without_one(place):
    free, cancel, fake = Event(), Cancel(), FakeStylizer()
    place.submit(lambda: free.wait(SECONDS))
    cancel.set()
    with pytest.raises(CancelledError, match="before it began"):
        run(fake, place, cancel)
    free.set()
    assert fake.settings == []


def test_an_error_of_the_worker_is_the_caller_s(place):
    with pytest.raises(EngineError, match="It broke"):
        run(FakeStylizer(error=EngineError("It broke.")), place, Cancel())


def test_a_drawing_of_hours_has_the_longest_time_that_can_be_told():
    timings = pb.Timings(compute_us=microseconds(2 * 3600))
    assert timings.compute_us == 2**32 - 1
    assert microseconds(1.5) == 1_500_000


class Hanging(FakeStylizer):
    """Draws until `freed` is set, and does not hear that it shall stop."""

    def __init__(self):
        super().__init__()
        self.freed = Event()

    def stylize(self, picture, settings, progress, *_):
        progress(0.0, "drawing")
        self.freed.wait(SECONDS)
        return picture


def test_an_engine_that_hangs_is_given_up_and_another_worker_draws_on(place, monkeypatch):
    monkeypatch.setattr(watched, "_GRACE_SECONDS", 0.05)
    hanging = Hanging()
    hanging.loaded = [("any", "normal"), ("other", "normal")]
    with pytest.raises(EngineError, match=r"did nothing for 0\.05 s"):
        run(hanging, place, Cancel(), hang_seconds=0.05)
    assert hanging.loaded == [("other", "normal")]
    _, drawn = run(FakeStylizer(), place, Cancel())  # on the only worker's successor
    assert (drawn.picture.rgb == 255).all()
    hanging.freed.set()


def test_an_engine_that_stops_late_keeps_its_worker(place):
    """It is told to stop, and does."""
    fake = FakeStylizer(held=True)
    with pytest.raises(EngineError, match="did nothing"):
        run(fake, place, Cancel(), hang_seconds=0.05)
    assert fake.cancelled.acquire(timeout=SECONDS)


def test_to_wait_for_others_is_not_to_hang(place):
    free = Event()
    place.submit(lambda: free.wait(0.3))
    _, drawn = run(FakeStylizer(), place, Cancel(), hang_seconds=0.1)
    assert drawn.waited > 0.2
