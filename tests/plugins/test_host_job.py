"""Jobs, and what they do for pictures and frames, against a real sidecar."""

import weakref
from threading import Event
from time import monotonic

import pytest

from nijigan.client import connect
from nijigan.client.errors import CancelledError, SidecarNotRunningError
from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan_host.drawing import Look, Picture, drawing
from nijigan_host.errors import DocumentBusyError
from nijigan_host.frames import FrameQueue, frame_drawing
from nijigan_host.job import Job, Preview, State
from nijigan_host.jobs import Jobs

SECONDS = 10
LOOK = Look("any")
SMALL = Picture(bytes(4 * 16 * 16), 16, 16)
BROKEN = Picture(b"123", 16, 16)
NEGATIVE = b"\xff\xff\xff\0"


def done(work):
    job = Job(work, "test")
    job.start()
    job.wait(SECONDS)
    return job


def test_a_job_hands_over_what_comes():
    def work(job):
        job.tell(0.5, "drawing")
        job.show(b"rgb", 1, 1)
        job.give(1)
        job.give(2)

    job = done(work)
    assert (job.state, job.progress, job.take()) == (State.DONE, (0.5, "drawing"), [1, 2])
    assert (job.take_preview(), job.take_preview()) == (Preview(b"rgb", 1, 1), None)


@pytest.mark.parametrize(
    ("error", "state", "text"),
    [
        (CancelledError("Stopped."), State.CANCELLED, "None"),
        (SidecarNotRunningError("Gone."), State.FAILED, "Gone."),
        (KeyError("x"), State.FAILED, "KeyError: 'x'. Copy diagnostics."),
    ],
)
def test_how_a_job_ends(error, state, text):
    def work(job):
        raise error

    job = done(work)
    assert (job.state, str(job.error)) == (state, text)
    assert bool(job.trace) == isinstance(error, KeyError)


class Canvas:
    """Much memory."""


@pytest.mark.parametrize("error", [None, CancelledError, SidecarNotRunningError, KeyError])
def test_a_job_that_has_ended_keeps_no_picture(error):
    """Nor by the frames of its error, or of what caused that."""

    def drawing_of(canvas):
        def work(job):
            try:
                assert canvas is None, "it failed"
            except AssertionError as cause:
                if error is not None:
                    raise error("It failed.") from cause

        return work

    canvas = Canvas()
    kept = weakref.ref(canvas)
    job = Job(drawing_of(canvas), "test")
    del canvas
    job.start()
    job.wait(SECONDS)
    assert job.state is not State.RUNNING
    assert kept() is None


def test_one_job_for_each_document():
    jobs = Jobs()
    go_on = Event()
    job = jobs.begin("a", lambda job: go_on.wait(SECONDS), "Sky")
    with pytest.raises(DocumentBusyError, match="Sky is not done yet"):
        jobs.begin("a", lambda job: None, "again")
    jobs.begin("b", lambda job: None, "other").wait(SECONDS)
    assert jobs.of("a") is job
    go_on.set()
    job.wait(SECONDS)
    ended = weakref.ref(job)
    del job
    jobs.begin("a", lambda job: None, "next").wait(SECONDS)
    assert ended() is None
    ended = weakref.ref(jobs.begin("b", lambda job: None, "other"))
    ended().wait(SECONDS)
    jobs.begin("a", lambda job: None, "last").wait(SECONDS)
    assert ended() is None


def test_pictures_are_drawn_and_one_that_fails_stops_no_other():
    with running_sidecar(stylizer=FakeStylizer()), connect() as client:
        job = done(drawing(lambda: client, [SMALL, BROKEN, SMALL], LOOK))
    first, second, third = job.take()
    assert job.state is State.DONE
    assert (first.result.pixels[:4], third.result.pixels[:4]) == (NEGATIVE, NEGATIVE)
    assert (second.number, second.error.reason) == (1, "INVALID_IMAGE")
    assert job.progress == (1.0, "drawing 3 of 3")


def test_a_preview_comes_first():
    large = Picture(bytes(4 * 64 * 64), 64, 64)
    with running_sidecar(stylizer=FakeStylizer()), connect() as client:
        job = done(drawing(lambda: client, [large], LOOK, preview_side=16))
    assert job.take_preview() == (b"\xff" * 3 * 16 * 16, 16, 16)
    assert job.take()[0].error is None


def test_cancelling_is_quick_and_leaves_nothing():
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client:
        job = Job(drawing(lambda: client, [SMALL, SMALL], LOOK), "test")
        job.start()
        assert fake.started.acquire(timeout=SECONDS)
        before = monotonic()
        job.cancel.set()
        job.wait(SECONDS)
        assert monotonic() - before < 1  # half a second, and as much for a busy machine
        assert (job.state, job.take()) == (State.CANCELLED, [])
        assert fake.cancelled.acquire(timeout=SECONDS)


def test_without_a_sidecar_the_job_fails(tmp_path, monkeypatch):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path))
    job = done(drawing(connect, [SMALL], LOOK))
    assert type(job.error) is SidecarNotRunningError


def test_a_full_sidecar_is_waited_for():
    fake = FakeStylizer(held=True)
    with (
        running_sidecar(stylizer=fake, options=Options(concurrent=1, queued=0)),
        connect() as client,
    ):
        first = Job(drawing(lambda: client, [SMALL], LOOK), "first")
        first.start()
        assert fake.started.acquire(timeout=SECONDS)
        second = Job(drawing(lambda: client, [SMALL], LOOK), "second")
        second.start()
        while second.progress.stage != "waiting for a turn":
            pass
        fake.release()
        second.wait(SECONDS)
        assert second.take()[0].error is None


@pytest.mark.parametrize("steady", [True, False])
def test_frames_are_drawn_while_others_are_made(steady):
    queue = FrameQueue()
    with running_sidecar(stylizer=FakeStylizer()), connect() as client:
        job = Job(frame_drawing(lambda: client, queue, 4, LOOK, steady=steady), "test")
        job.start()
        for frame in (SMALL, BROKEN, SMALL, SMALL):
            while queue.full:
                pass
            queue.put(frame)
        queue.end()
        job.wait(SECONDS)
    drawn = job.take()
    assert job.state is State.DONE, job.error
    assert [frame.number for frame in drawn] == [0, 1, 2, 3]
    assert [frame.error is None for frame in drawn] == [True, False, True, True]
    assert drawn[3].result.pixels[:4] == NEGATIVE


def test_frames_go_on_after_a_state(toy_global_style):
    """The second half of an animation is what it is in the whole."""
    frames = [Picture(bytes([value] * 4 * 32 * 32), 32, 32) for value in (40, 90, 140, 240)]

    def draw(client, part, state=b""):
        queue = FrameQueue()
        job = Job(frame_drawing(lambda: client, queue, len(part), Look("even"), state=state), "")
        job.start()
        for frame in part:
            while queue.full:
                pass
            queue.put(frame)
        queue.end()
        job.wait(SECONDS)
        assert job.state is State.DONE, job.error
        return job.take()

    with running_sidecar([toy_global_style]), connect() as client:
        whole = draw(client, frames)
        first = draw(client, frames[:2])
        second = draw(client, frames[2:], first[-1].state)
    assert [f.result.pixels for f in whole] == [f.result.pixels for f in first + second]


@pytest.mark.parametrize("steady", [True, False])
def test_cancelling_frames(steady):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client:
        queue = FrameQueue()
        job = Job(frame_drawing(lambda: client, queue, 9, LOOK, steady=steady), "test")
        job.start()
        queue.put(SMALL)
        assert fake.started.acquire(timeout=SECONDS)
        job.cancel.set()
        job.wait(SECONDS)
        assert job.state is State.CANCELLED


def test_a_sidecar_that_ends_between_frames_leaves_what_was_drawn():
    queue = FrameQueue()
    options = Options(drain_seconds=0)
    with running_sidecar(stylizer=FakeStylizer(), options=options):
        client = connect()
        job = Job(frame_drawing(lambda: client, queue, 2, LOOK), "test")
        job.start()
        queue.put(SMALL)
        while not job.progress.fraction:
            pass
    job.wait(SECONDS)
    client.close()
    assert type(job.error) is SidecarNotRunningError
    assert len(job.take()) == 1
