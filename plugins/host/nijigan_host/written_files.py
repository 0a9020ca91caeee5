"""The work of a job that draws files which the host writes one after another, as it renders.

Neither its queue nor its work touches anything of the host's, so files may be put in from the
thread that renders, and are drawn and written meanwhile.
"""

from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Callable, Iterator, List, NamedTuple, Optional

from nijigan.client import Client, DrawnFrame
from nijigan.client.errors import StylizerError
from nijigan_host.drawing import Look, Picture
from nijigan_host.errors import SourceError
from nijigan_host.frames import draw_frames
from nijigan_host.job import Job


class WrittenFile(NamedTuple):
    """A file that the host has written: what people call it, and where its drawing goes."""

    name: str
    source: Path
    drawn: Path


class DrawnFile(NamedTuple):
    """What became of a file; `error` is None where its drawing is there."""

    file: WrittenFile
    error: Optional[StylizerError]


class WrittenFiles:
    """Files that wait to be drawn, of one animation, and how far its drawing is."""

    def __init__(self) -> None:
        self.state = b""  # of the last frame that was drawn, to go on after it
        self._waiting: "SimpleQueue[WrittenFile]" = SimpleQueue()

    def put(self, file: WrittenFile) -> None:
        """Have a file drawn. Any thread may."""
        self._waiting.put(file)

    @property
    def count(self) -> int:
        """How many wait."""
        return self._waiting.qsize()

    def take(self) -> Iterator[WrittenFile]:
        """Yield those that wait, until there are none."""
        while True:
            try:
                yield self._waiting.get_nowait()
            except Empty:
                return


def file_drawing(
    client: Callable[[], Client], files: WrittenFiles, look: Look, steady: bool
) -> Callable[[Job[DrawnFile]], None]:
    """Return work that draws what waits into PNG files, and gives each, until nothing waits.

    client: called on the job's thread. steady: see `frame_drawing`. A file that is written is whole
    or not there.
    """

    def work(job: Job[DrawnFile]) -> None:
        taken: List[WrittenFile] = []
        pictures = _pictures(files, taken, job)
        drawn = draw_frames(client(), pictures, look, "ENCODED", steady, files.state, job)
        for frame in drawn:
            file = taken[frame.number]
            files.state = frame.state
            job.give(DrawnFile(file, frame.error or _write_error(file.drawn, frame)))
            done = frame.number + 1
            job.tell(done / (len(taken) + files.count), file.name)

    return work


def _pictures(
    files: WrittenFiles, taken: List[WrittenFile], job: Job[DrawnFile]
) -> Iterator[Picture]:
    for file in files.take():
        if job.cancel.is_set():
            return
        try:
            content = file.source.read_bytes()
        except OSError as error:
            job.give(DrawnFile(file, SourceError(f"{file.source} cannot be read ({error}).")))
        else:
            taken.append(file)
            yield Picture(content, 0, 0, "ENCODED")


def _write_error(path: Path, frame: DrawnFrame) -> Optional[StylizerError]:
    assert frame.result is not None, "it has no error"
    part = path.with_name(f"{path.name}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.write_bytes(frame.result.pixels)
        part.replace(path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        return SourceError(f"{path} cannot be written ({error}).", "Choose another folder.")
    return None
