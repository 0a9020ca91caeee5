"""Makes a folder of photos or drawings from videos, split by scene.

OUT/
    drawn/VIDEO-s0003-f000123.png      or photo/; with -left, -center, -right where squares are cut
    split.json                         which names train and which are held out
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from glob import escape
from pathlib import Path

import numpy as np

from nijigan.core.datasets.pair import Pixels
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.picture_hash import Look, are_alike, look_of
from nijigan.core.datasets.split import Split, is_held_out, read_split, write_split
from nijigan.core.datasets.video_frames import Frame, read_frames
from nijigan.core.errors import DataError, UsageError
from nijigan.core.images import SUFFIXES, Picture, resize, size_at_short_side, write_picture
from nijigan.core.metrics.blur import blur

KINDS = ("photo", "drawn")
SQUARES = ("left", "center", "right")

_BLUR_SHORT_SIDE = 360
_BY_NAME = 0.1  # what methods hold out of a folder without a split


@dataclass(frozen=True)
class VideoSettings:
    """What is taken from a video."""

    kind: str = "drawn"
    """`photo` or `drawn`: the folder that frames go to."""
    every: float = 1.0
    """Seconds from one frame to the next within a scene."""
    one_per_scene: bool = False
    """Of those, keep the sharpest of each scene alone."""
    squares: tuple[str, ...] = ()
    """Which squares are cut from a frame, of `SQUARES`; for one that is higher than wide, from top,
    middle and bottom. None: frames stay whole."""
    most_blur: float = 0.6
    """Frames of more `metrics.blur` are dropped; 1 keeps all."""
    held_out: float = 0.1
    """Share of the scenes that are kept for validation; of two and more, one at least."""

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UsageError(f"The kind is '{self.kind}'.", f"Use {' or '.join(KINDS)}.")
        for square in self.squares:
            if square not in SQUARES:
                raise UsageError(f"There is no square '{square}'.", f"Use {', '.join(SQUARES)}.")


@dataclass
class VideoReport:
    """What became of the frames that were looked at."""

    kept: int = 0
    blurred: int = 0
    alike: int = 0
    scenes: int = 0
    """Those that frames were kept of."""
    held_out: int = 0
    """Frames that are held out, of those kept."""


@dataclass
class _Kept:
    """The frames kept so far, of all videos."""

    names: dict[str, str] = field(default_factory=dict)
    """The scene of each picture."""
    looks: list[tuple[Look, str]] = field(default_factory=list)
    """What each frame looks like, and its scene."""
    joined: dict[str, str] = field(default_factory=dict)
    """For a scene that shows again what an earlier one did, that one."""

    def scene_with(self, look: Look) -> str | None:
        """Return the scene of a kept frame that looks the same."""
        return next((scene for other, scene in self.looks if are_alike(look, other)), None)

    def root(self, scene: str) -> str:
        """Return the first of the scenes that a scene was joined to."""
        while scene in self.joined:
            scene = self.joined[scene]
        return scene

    def join(self, scene: str, other: str) -> None:
        """Keep two scenes on one side."""
        scene, other = sorted((self.root(scene), self.root(other)))
        if scene != other:
            self.joined[other] = scene


def make_from_videos(
    videos: Sequence[Path],
    out: Path,
    settings: VideoSettings,
    on_progress: Callable[[float, str], None],
) -> VideoReport:
    """Write frames of videos to a folder and name them in its `split.json`.

    Bars are cut off; frames that are blurred, or look like one that was kept, are dropped. Scenes
    are split as a whole, and together with those that show the same again. What the folder had
    before stays there, on its side of the split.

    Args:
        videos: what their files are called becomes part of the pictures' names.
        out: the folder.
        settings: what is taken.
        on_progress: is told the part that is done, 0…1, and the video that is read.

    Raises:
        VideoError: a video cannot be read.
        DataError: two have one name; or the folder has frames of one already, or a `split.json`
            that names pairs.
    """
    before = _split_of(out)
    _refuse_known(videos, out / settings.kind)
    report, kept = VideoReport(), _Kept()
    for number, path in enumerate(videos):

        def tell(part: float, number: int = number, path: Path = path) -> None:
            on_progress((number + part) / len(videos), path.name)

        frames = read_frames(path, settings.every, tell)
        for frame in _sharpest(frames) if settings.one_per_scene else frames:
            _keep(frame, path.stem, out / settings.kind, settings, kept, report)
    if not kept.names:
        raise DataError(
            f"No frame was kept: {report.blurred} are blurred, {report.alike} look the same.",
            "Allow more blur, or look at the video.",
        )
    held_out = _held_out({kept.root(scene) for scene in kept.names.values()}, settings.held_out)
    sides: tuple[list[str], list[str]] = ([], [])
    for name, scene in kept.names.items():
        sides[kept.root(scene) in held_out].append(f"{settings.kind}/{name}")
    write_split(out, Split((*before.train, *sides[0]), (*before.held_out, *sides[1])))
    report.scenes = len(set(kept.names.values()))
    report.held_out = len(sides[1])
    return report


def _sharpest(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Yield one frame of each scene."""
    best, least = None, 0.0
    for frame in frames:
        measured = _blur(frame.pixels)
        if best is not None and frame.scene != best.scene:
            yield best
            best = None
        if best is None or measured < least:
            best, least = frame, measured
    if best is not None:
        yield best


def _keep(
    frame: Frame,
    video: str,
    folder: Path,
    settings: VideoSettings,
    kept: _Kept,
    report: VideoReport,
) -> None:
    """Write a frame, unless it is blurred or looks like one that is there."""
    if _blur(frame.pixels) > settings.most_blur:
        report.blurred += 1
        return
    scene = f"{video}-s{frame.scene:04}"
    look = look_of(frame.pixels)
    same = kept.scene_with(look)
    if same is not None:
        report.alike += 1
        kept.join(scene, same)
        return
    kept.looks.append((look, scene))
    report.kept += 1
    name = f"{scene}-f{frame.number:06}"
    for suffix, pixels in _cut(frame.pixels, settings.squares):
        write_picture(folder / f"{name}{suffix}.png", Picture(np.ascontiguousarray(pixels)))
        kept.names[f"{name}{suffix}"] = scene


def _blur(pixels: Pixels) -> float:
    """Measure at one size, or large frames would all be blurred."""
    height, width = pixels.shape[:2]
    if min(height, width) > _BLUR_SHORT_SIDE:
        pixels = resize(pixels, *size_at_short_side(width, height, _BLUR_SHORT_SIDE))
    return blur(pixels)


def _cut(pixels: Pixels, squares: Sequence[str]) -> Iterator[tuple[str, Pixels]]:
    """Yield what becomes of a frame: itself, or squares and what they add to its name."""
    if not squares:
        yield "", pixels
    height, width = pixels.shape[:2]
    side = min(height, width)
    for square in squares:
        part = SQUARES.index(square) / 2
        top, left = round((height - side) * part), round((width - side) * part)
        yield f"-{square}", pixels[top : top + side, left : left + side]


def _held_out(scenes: set[str], share: float) -> set[str]:
    """Return the scenes that a hash of their names holds out; of two and more, one at least."""
    chosen = {scene for scene in scenes if is_held_out(scene, share)}
    if not chosen and share > 0 and len(scenes) > 1:
        chosen = {min(scenes, key=lambda scene: hashlib.sha256(scene.encode()).digest())}
    return chosen if len(chosen) < len(scenes) else chosen - {max(chosen)}


def _refuse_known(videos: Sequence[Path], folder: Path) -> None:
    names = [path.stem for path in videos]
    for path in videos:
        if names.count(path.stem) > 1:
            raise DataError(f"Two videos are called '{path.stem}'.", "Rename one.")
        if next(folder.glob(f"{escape(path.stem)}-s*"), None) is not None:
            raise DataError(
                f"'{folder}' has frames of '{path.stem}' already.",
                "Remove them, or name a new folder.",
            )


def _split_of(folder: Path) -> Split:
    """Return the split of what a folder has, which its names decide where no file does."""
    if (folder / "split.json").is_file():
        split = read_split(folder)
        if all("/" in name for name in (*split.train, *split.held_out)):
            return split
        raise DataError(
            f"{folder / 'split.json'} names pairs.", "Name a folder of unpaired pictures, or none."
        )
    names = [
        f"{kind}/{file.name}"
        for kind in KINDS
        if any(path.suffix.lower() in SUFFIXES for path in (folder / kind).rglob("*"))
        for file in find_photos(folder / kind)
    ]
    held_out = {name for name in names if is_held_out(name.partition("/")[2], _BY_NAME)}
    return Split(
        tuple(name for name in names if name not in held_out),
        tuple(name for name in names if name in held_out),
    )
