"""Draws pictures one after the other; one that fails does not stop the others."""

import time
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import ImageError, NijiganError, OutOfMemoryError, OutputError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.server.cancel import Cancel
from nijigan.server.files import Job
from nijigan.server.stylizer import Draws, Progress, Settings, check_settings


@dataclass(frozen=True)
class Written:
    """A picture that was written. seconds: from reading to having written."""

    job: Job
    width: int
    height: int
    seconds: float


@dataclass(frozen=True)
class Failed:
    """A picture that could not be read, drawn or written."""

    job: Job
    error: NijiganError


def draw_all(
    stylizer: Draws, jobs: Sequence[Job], settings: Settings, progress: Progress
) -> Generator[Written | Failed, None, None]:
    """Draw each job and yield what came of it.

    `progress` is told the part of all jobs that is done, 0…1, and the name of the picture.

    A keyboard interrupt stops the drawing that is under way; no partial file stays.

    Raises:
        NijiganError: what is wrong with the request, and so with every picture.
    """
    check_settings(settings)
    for index, job in enumerate(jobs):
        began = time.monotonic()
        tell = _share(progress, index, len(jobs), job.source.name)
        try:
            picture = read_picture(job.source)
            with _naming(job.source):
                drawn = _interruptibly(stylizer, picture, settings, tell)
            write_picture(job.target, drawn)
        except (ImageError, OutOfMemoryError, OutputError) as error:
            yield Failed(job, error)
        else:
            yield Written(job, drawn.width, drawn.height, time.monotonic() - began)


@contextmanager
def _naming(source: Path) -> Iterator[None]:
    """Say which of many pictures is the one that cannot be drawn."""
    try:
        yield
    except (ImageError, OutOfMemoryError) as error:
        raise type(error)(f"{source}: {error.message}", error.remedy) from error


def _share(progress: Progress, index: int, count: int, name: str) -> Progress:
    return lambda done, _stage: progress((index + done) / count, name)


def _interruptibly(
    stylizer: Draws, picture: Picture, settings: Settings, progress: Progress
) -> Picture:
    """Draw in another thread: this one would not hear Ctrl-C while it is inside an engine."""
    cancel = Cancel()
    with ThreadPoolExecutor(max_workers=1) as pool:
        try:
            return pool.submit(stylizer.stylize, picture, settings, progress, cancel).result()
        except KeyboardInterrupt:
            cancel.set()
            raise
