"""Draws numbered pictures as the animation that they are."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from nijigan.core.errors import ImageError
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.server.animation.drawing import (
    Drawn,
    DrawsFrames,
    draw_in_order,
    everything_given,
)
from nijigan.server.animation.numbered import gaps
from nijigan.server.animation.plan import SequenceJob
from nijigan.server.animation.unfinished import Unfinished, unfinished
from nijigan.server.batch import Failed, Written
from nijigan.server.files import Job
from nijigan.server.stylizer import Progress, Settings


def draw_sequence(
    drawer: DrawsFrames,
    sequence: SequenceJob,
    settings: Settings,
    restart: bool,
    progress: Progress,
    tell: Callable[[str], None],
) -> Iterator[Written | Failed]:
    """Draw the pictures in order, and yield what came of each; go on where an earlier run stopped.

    One that cannot be read does not stop the others. A drawing that an earlier run left in its
    place is removed, so that nothing old gets among the new. Of those that an earlier run did, the
    ones that it could not read are yielded again.

    restart: begin anew in any case. progress: is told the part that is done, 0…1, and what is
    being done. tell: is told what a person should know.

    Raises:
        UsageError: an earlier run was of other settings.
        OutputError: a file cannot be written.
        NijiganError: what is wrong with the settings, and so with every picture.
    """
    jobs = sequence.jobs()
    target = Path(str(sequence.target))
    run = {"source": Path(str(sequence.source)).name, **everything_given(drawer, settings)}
    if missing := gaps(sequence.numbers):
        tell(f"Numbers that are missing of {sequence.source}: {missing}.")

    def files(count: int) -> list[Path]:
        return [path for job in jobs[:count] for path in (job.source, job.target)]

    with unfinished(target, run, restart, len(jobs), files, tell) as work:
        yield from (_failed_before(job) for job in jobs[: work.frames] if not job.target.exists())
        frames = _read(jobs[work.frames :])
        with closing(draw_in_order(drawer, frames, settings, work.state)) as drawn:
            began = time.monotonic()
            for each in drawn:
                yield _written(each, work, time.monotonic() - began)
                began = time.monotonic()
                progress(work.frames / len(jobs), f"{work.frames} of {len(jobs)} frames")


def _read(jobs: Sequence[Job]) -> Iterator[tuple[Job, Picture | ImageError]]:
    for job in jobs:
        try:
            yield job, read_picture(job.source)
        except ImageError as error:
            yield job, error


def _written(drawn: Drawn[Job], work: Unfinished, seconds: float) -> Written | Failed:
    """Write a picture and note that it is done."""
    job, drawing = drawn.frame, drawn.drawing
    result: Written | Failed
    if isinstance(drawing, ImageError):
        job.target.unlink(missing_ok=True)
        result = Failed(job, _named(drawing, job.source))
    else:
        write_picture(job.target, drawing)
        result = Written(job, drawing.width, drawing.height, seconds)
    work.advance(1, drawn.state, (job.source, job.target))
    return result


def _named(error: ImageError, source: Path) -> ImageError:
    """Say which picture it is, as those errors do that come from reading it."""
    if error.message.startswith(str(source)):
        return error
    return type(error)(f"{source}: {error.message}", error.remedy)


def _failed_before(job: Job) -> Failed:
    return Failed(
        job,
        ImageError(
            f"{job.source} could not be drawn by the run before.",
            "Mend it, and draw it by itself or all with --restart.",
        ),
    )
