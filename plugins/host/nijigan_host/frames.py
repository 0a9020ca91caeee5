"""The work of a job that draws an animation, frame by frame, while the host renders the next."""

from queue import Empty, Queue
from threading import Event
from typing import Any, Callable, Iterator, Optional

from nijigan.client import Client, DrawnFrame
from nijigan.client.errors import StylizerError
from nijigan_host.drawing import END_ALL, Look, Picture, draw_one
from nijigan_host.job import Job

_AHEAD = 2
_POLL_SECONDS = 0.05


class FrameQueue:
    """Frames on their way from the host's thread to the job's: two at most, then `full`."""

    def __init__(self) -> None:
        self._frames: "Queue[Picture]" = Queue(_AHEAD)
        self._ended = Event()

    @property
    def full(self) -> bool:
        """Whether no further frame is wanted yet."""
        return self._frames.full()

    def put(self, frame: Picture) -> None:
        """Hand over a frame.

        Raises:
            queue.Full: none was wanted.
        """
        self._frames.put_nowait(frame)

    def end(self) -> None:
        """Say that there are no more."""
        self._ended.set()

    def frames(self, cancel: Event) -> Iterator[Picture]:
        """Yield each, waiting for it; stop at the end or when `cancel` is set."""
        while not cancel.is_set():
            ended = self._ended.is_set()  # before looking: what was put until then is there
            try:
                yield self._frames.get(timeout=_POLL_SECONDS)
            except Empty:
                if ended:
                    return


def frame_drawing(
    client: Callable[[], Client],
    queue: FrameQueue,
    count: int,
    look: Look,
    format: str = "RGBA8",
    steady: bool = True,
    state: bytes = b"",
) -> Callable[[Job[DrawnFrame]], None]:
    """Return work that draws the frames of a queue, and gives each as it is done.

    Frames are numbered from 0. client: called on the job's thread. count: how many will come, for
    the progress. format: of each.

    steady: each four times, for the mean, and by statistics that all frames share, so that they
    neither shimmer nor flicker; `state`: of the frame before the first, to go on after it.
    """

    def work(job: Job[DrawnFrame]) -> None:
        frames = queue.frames(job.cancel)
        drawn = draw_frames(client(), frames, look, format, steady, state, job)
        for done, frame in enumerate(drawn, start=1):
            job.give(frame)
            job.tell(done / count, f"frame {done} of {count}")

    return work


def draw_frames(
    client: Client,
    frames: Iterator[Picture],
    look: Look,
    format: str,
    steady: bool,
    state: bytes,
    job: Job[Any],
    result_format: Optional[str] = None,
) -> Iterator[DrawnFrame]:
    """Draw frames, and yield each, until there are no more or the job is cancelled.

    All as `frame_drawing` has it. result_format: of the drawings, `format` where None.

    Raises:
        StylizerError: what no frame would escape.
    """
    if steady:
        sent = ((frame.pixels, frame.width, frame.height) for frame in frames)
        yield from client.stylize_frames(
            sent,
            **look._asdict(),
            format=format,
            result_format=result_format,
            steady=True,
            state=state,
            cancel=job.cancel,
        )
        return
    for number, frame in enumerate(frames):
        try:
            result = draw_one(
                client, frame, look, job, _stay, batch=True, result_format=result_format
            )
        except END_ALL:
            raise
        except StylizerError as error:
            yield DrawnFrame(number, None, error, b"")
        else:
            yield DrawnFrame(number, result, None, b"")


def _stay(_fraction: float, _stage: str) -> None:
    """Progress is told by frames."""
