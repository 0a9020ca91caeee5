"""Which pictures a command reads, and where it writes each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import ImageError, UsageError
from nijigan.core.images import SUFFIXES


@dataclass(frozen=True)
class Job:
    """One picture to draw."""

    source: Path
    target: Path


def plan(sources: Sequence[Path], out: Path) -> list[Job]:
    """Pair each picture with the file that its drawing goes to.

    A source is a file, or a folder: the pictures directly in it, by name, told by their suffix.
    A picture that is named twice is drawn once. `out` with a suffix is a file, without one a
    folder, in which names and suffixes are kept; a source that has no suffix of a picture gets
    `.png`. For several pictures, only the suffix of a picture makes `out` a file.

    Raises:
        ImageError: a folder cannot be read.
        UsageError: nothing to draw, several pictures into one file, an unknown suffix, or a target
            that is a source.
    """
    named = [picture for source in sources for picture in _pictures(source)]
    pictures = list({picture.resolve(): picture for picture in named}.values())
    known = out.suffix.lower() in SUFFIXES
    if out.suffix and not out.is_dir() and (known or len(pictures) == 1):
        if len(pictures) != 1:
            raise UsageError(
                f"{out} is one file, and there are {len(pictures)} pictures.",
                "Give -o a folder: a name without a suffix.",
            )
        if not known:
            raise UsageError(
                f"{out} has the suffix {out.suffix!r}.", f"Known are {', '.join(SUFFIXES)}."
            )
        jobs = [Job(pictures[0], out)]
    else:
        jobs = [Job(picture, out / _kept_name(picture)) for picture in pictures]
    refuse_collisions(jobs)
    return jobs


def _pictures(source: Path) -> list[Path]:
    if not source.is_dir():
        return [source]
    try:
        inside = sorted(source.iterdir())
    except OSError as error:
        raise ImageError(
            f"{source} cannot be read ({error.strerror}).", "Check its permissions."
        ) from error
    found = [path for path in inside if path.suffix.lower() in SUFFIXES]
    pictures = [path for path in found if path.is_file() and not path.name.startswith(".")]
    if not pictures:
        raise UsageError(
            f"The folder {source} has no pictures in it.", f"Known are {', '.join(SUFFIXES)}."
        )
    return pictures


def _kept_name(picture: Path) -> str:
    return picture.name if picture.suffix.lower() in SUFFIXES else f"{picture.name}.png"


def refuse_collisions(jobs: Sequence[Job]) -> None:
    """See that no drawing takes the place of a source, or of another drawing.

    Raises:
        UsageError: one does.
    """
    sources = {job.source.resolve() for job in jobs}
    taken: dict[Path, Path] = {}
    for job in jobs:
        target = job.target.resolve()
        if target in sources:
            raise UsageError(
                f"{job.target} would be overwritten, and it is a source.", "Choose another -o."
            )
        if target in taken:
            raise UsageError(
                f"{taken[target]} and {job.source} would both be written to {job.target}.",
                "Draw them into two folders.",
            )
        taken[target] = job.source
