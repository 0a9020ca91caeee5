"""Whether a command names a video or numbered pictures, and where the drawing goes."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.errors import UsageError
from nijigan.core.images import SUFFIXES
from nijigan.server.animation.containers import CONTAINERS
from nijigan.server.animation.numbered import Numbered
from nijigan.server.files import Job, refuse_collisions

_KNOWN = ", ".join(CONTAINERS)
_OTHERS = (".avi", ".flv", ".m2ts", ".m4v", ".mpeg", ".mpg", ".mts", ".mxf", ".ogv", ".ts", ".wmv")


class VideoJob(Job):
    """A video to draw."""


@dataclass(frozen=True)
class SequenceJob:
    """Numbered pictures to draw.

    numbers: those that are there, in order.
    """

    source: Numbered
    target: Numbered
    numbers: tuple[int, ...]

    def jobs(self) -> list[Job]:
        """Return each picture and the file that its drawing goes to, in order."""
        return [Job(self.source.path(n), self.target.path(n)) for n in self.numbers]


def find_animation(sources: Sequence[Path], out: Path) -> VideoJob | SequenceJob | None:
    """Return what moves among `sources`; None where they are pictures, each by itself.

    `out` is a file of the same kind, or without a suffix a folder, in which names are kept.

    Raises:
        ImageError: no picture has such a number. UsageError: it is not one video or one sequence,
            `out` is of another kind or of none that is known, or a source would be overwritten.
    """
    patterns = [Numbered.parse(source) for source in sources]
    moves = any(pattern or _is_video(path) for pattern, path in zip(patterns, sources, strict=True))
    if not (moves or out.suffix.lower() in CONTAINERS):
        return None
    if len(sources) != 1:
        raise UsageError(
            f"There are {len(sources)} sources, and something that moves is drawn by itself.",
            "Give one video, or one numbered sequence such as render.####.png.",
        )
    (source,), (pattern,) = sources, patterns
    return _video(source, out) if pattern is None else _sequence(pattern, out)


def _is_video(path: Path) -> bool:
    return path.suffix.lower() in (*CONTAINERS, *_OTHERS)


def _video(source: Path, out: Path) -> VideoJob:
    if source.is_dir() or source.suffix.lower() in SUFFIXES:
        raise UsageError(
            f"{source} is no video, and {out} needs one.",
            "Name a video, or numbered pictures by a pattern such as render.####.png.",
        )
    if out.is_dir() or not out.suffix:
        kept = source.name if source.suffix.lower() in CONTAINERS else f"{source.stem}.mp4"
        out = out / kept
    if out.suffix.lower() not in CONTAINERS:
        raise UsageError(
            f"{source} is a video, and {out} has the suffix {out.suffix!r}.",
            f"Known for videos are {_KNOWN}.",
        )
    job = VideoJob(source, out)
    refuse_collisions([job])
    return job


def _sequence(source: Numbered, out: Path) -> SequenceJob:
    into = Numbered.parse(out)
    if into is None and (out.is_dir() or not out.suffix):
        into = Numbered(out, source.before, source.digits, source.after)
    if into is None:
        makes_video = "; ffmpeg makes a video of them" if _is_video(out) else ""
        raise UsageError(
            f"{out} is one file, and {source} are many.",
            f"Give -o a folder, or a pattern such as drawn.####.png{makes_video}.",
        )
    if into.suffix.lower() not in SUFFIXES:
        raise UsageError(
            f"{into} has the suffix {into.suffix!r}.", f"Known are {', '.join(SUFFIXES)}."
        )
    job = SequenceJob(source, into, tuple(source.numbers()))
    refuse_collisions(job.jobs())
    return job
