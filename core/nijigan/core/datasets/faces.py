"""Makes a data set of faces from photos: framed as avatars are, without those that teach little.

OUT/                                   with groups OUT/GROUP/, each a data set
    photo/NAME.png                     head and shoulders, square
    split.json                         which names train and which are held out
"""

import os
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np

from nijigan.core.datasets.attributes import Attributes
from nijigan.core.datasets.face_finder import FaceFinder, SeenFace
from nijigan.core.datasets.gray import is_gray
from nijigan.core.datasets.occlusion import LEAST_FACES, face_patch, occluded
from nijigan.core.datasets.pair import Pixels
from nijigan.core.datasets.photos import NamedPhoto, find_photos, read_photo
from nijigan.core.datasets.picture_hash import Look, clusters, look_of
from nijigan.core.datasets.split import Split, is_held_out, write_split
from nijigan.core.errors import DataError, ImageError, UsageError
from nijigan.core.images import MIN_SIDE, Picture, write_picture

KIND = "photo"
_HELD_OUT = 0.1  # as methods hold out of a folder without a split


@dataclass(frozen=True)
class FaceSettings:
    """What a data set of faces shall be."""

    size: int = 158
    """Side of the squares, in pixels: the recipe's data.load. Smaller faces are dropped."""
    by: tuple[str, ...] = ()
    """The attributes whose values make groups."""

    def __post_init__(self) -> None:
        if self.size < MIN_SIDE:
            raise UsageError(f"The size is {self.size} pixels.", f"Give at least {MIN_SIDE}.")


@dataclass(frozen=True)
class Dropped:
    """A photo that the data set does not get. problem: one word for programs."""

    name: str
    problem: str
    fact: str


@dataclass(frozen=True)
class Kept:
    """A photo whose face the data set gets. group: empty without attributes."""

    name: str
    group: str = ""


@dataclass(frozen=True)
class FaceReport:
    """What became of the photos, each once."""

    kept: tuple[Kept, ...]
    dropped: tuple[Dropped, ...]
    occlusion: bool
    """Whether it was looked for faces that something covers: a few are too few for that."""

    @property
    def problems(self) -> dict[str, int]:
        """How many were dropped for each."""
        return dict(Counter(each.problem for each in self.dropped))

    @property
    def groups(self) -> dict[str, int]:
        """How many are in each."""
        return dict(sorted(Counter(each.group for each in self.kept).items()))


@dataclass(frozen=True, eq=False)
class _Seen:
    """What is kept of a photo with one good face."""

    photo: NamedPhoto
    face: SeenFace
    frame_side: float
    patch: Pixels
    look: Look
    gray: bool


@dataclass
class _Set:
    """The faces that are left, and what was dropped so far."""

    left: list[_Seen] = field(default_factory=list)
    dropped: list[Dropped] = field(default_factory=list)

    def add(self, seen: "_Seen | Dropped") -> None:
        """Take what came of a photo."""
        if isinstance(seen, Dropped):
            self.dropped.append(seen)
        else:
            self.left.append(seen)

    def drop(self, problem: str, wrong: Callable[[int, _Seen], str]) -> None:
        """Drop all of which `wrong` says something, given number and face."""
        left = []
        for number, seen in enumerate(self.left):
            if fact := wrong(number, seen):
                self.dropped.append(Dropped(seen.photo.name, problem, fact))
            else:
                left.append(seen)
        self.left = left


def make_faces(
    photos: Path,
    out: Path | None,
    settings: FaceSettings,
    finder: FaceFinder,
    attributes: Attributes | None,
    on_progress: Callable[[float, str], None],
) -> FaceReport:
    """Frame the faces of photos and write those that are good to learn from.

    Dropped are photos without a face or with several, faces that are smaller than the squares,
    blurred, gray where most are not, covered in part, and all but the largest of those that look
    the same; with groups, those of which no attributes are known.

    Args:
        photos: a folder, with its subfolders.
        out: the data set; None: only say.
        settings: what it shall be.
        finder: finds the faces.
        attributes: makes the groups of `settings.by`.
        on_progress: is told the part that is done, 0…1, and what is done.

    Raises:
        DataError: no photos; no face is left; or `out` has something already.
        UsageError: there is no such attribute.
    """
    if attributes is not None:
        attributes.check(settings.by)
    if out is not None and out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DataError(f"'{out}' is there already.", "Remove it, or name a new folder.")
    found = find_photos(photos)
    faces = _Set()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        look = partial(_look_at, finder=finder, settings=settings)
        for done, seen in enumerate(pool.map(look, found), start=1):
            faces.add(seen)
            on_progress(done / len(found), f"{done} of {len(found)} looked at")
    enough = _drop_by_comparison(faces)
    groups = _groups(faces, attributes, settings.by)
    if not faces.left:
        raise DataError(
            f"Of {len(found)} photos no face is left: {_counted(faces.dropped)}.",
            "Give larger photos, or a smaller --size.",
        )
    if out is not None:
        _write(faces.left, groups, out, finder, settings.size, on_progress)
    kept = tuple(Kept(seen.photo.name, groups[seen.photo.name]) for seen in faces.left)
    return FaceReport(kept, tuple(faces.dropped), enough)


def _look_at(photo: NamedPhoto, finder: FaceFinder, settings: FaceSettings) -> _Seen | Dropped:
    """Look at one photo by itself."""
    try:
        rgb = read_photo(photo.photo)
    except ImageError as error:
        return Dropped(photo.name, "unreadable", error.message)
    faces = finder.find(rgb)
    if len(faces) != 1:
        problem = "several" if faces else "no-face"
        return Dropped(photo.name, problem, f"It has {len(faces)} faces.")
    (face,) = faces
    side = finder.frame_side(rgb, face)
    if side < settings.size:
        fact = f"Head and shoulders are {side:.0f} px wide, less than {settings.size}."
        return Dropped(photo.name, "small", fact)
    sharpness = finder.sharpness(rgb, face)
    if sharpness < finder.least_sharpness:
        fact = f"Its sharpness is {sharpness:.2f}, less than {finder.least_sharpness:g}."
        return Dropped(photo.name, "blurred", fact)
    square = finder.cut(rgb, face, settings.size)
    return _Seen(photo, face, side, face_patch(rgb, face), look_of(square), is_gray(square))


def _drop_by_comparison(faces: _Set) -> bool:
    """Drop what is told from the rest alone; return whether there were enough for occlusion."""
    gray = sum(seen.gray for seen in faces.left)
    if 2 * gray < len(faces.left):
        colored = f"It has no color, and {len(faces.left) - gray} of {len(faces.left)} have."
        faces.drop("gray", lambda _, seen: colored if seen.gray else "")
    enough = len(faces.left) >= LEAST_FACES
    if enough:
        covered = occluded([seen.patch for seen in faces.left])
        faces.drop("occluded", lambda i, _: "Something covers a part of it." if covered[i] else "")
    copies = dict(_copies(faces.left))
    faces.drop("duplicate", lambda i, _: f"It looks like '{copies[i]}'." if i in copies else "")
    return enough


def _copies(faces: Sequence[_Seen]) -> Iterator[tuple[int, str]]:
    """Yield the number of each face that looks like a larger one, and that one's name."""
    for cluster in clusters([seen.look for seen in faces]):
        best = max(cluster, key=lambda number: faces[number].frame_side)
        yield from ((number, faces[best].photo.name) for number in cluster if number != best)


def _groups(faces: _Set, attributes: Attributes | None, by: Sequence[str]) -> Mapping[str, str]:
    """Drop what nothing is known of, and return the group of each that is left."""
    if attributes is None or not by:
        return {seen.photo.name: "" for seen in faces.left}
    known = {seen.photo.name: attributes.group(seen.photo.name, by) for seen in faces.left}
    unknown = "The table of attributes does not have it."
    faces.drop("unknown", lambda _, seen: "" if known[seen.photo.name] else unknown)
    return {name: group for name, group in known.items() if group}


def _write(
    faces: Sequence[_Seen],
    groups: Mapping[str, str],
    out: Path,
    finder: FaceFinder,
    size: int,
    on_progress: Callable[[float, str], None],
) -> None:
    """Write the data set beside its place and put it there when it is whole."""
    out.parent.mkdir(parents=True, exist_ok=True)
    made = Path(tempfile.mkdtemp(prefix=f".{out.name}-", dir=out.parent))
    try:
        for done, seen in enumerate(faces, start=1):
            rgb = finder.cut(read_photo(seen.photo.photo), seen.face, size)
            name = seen.photo.name
            path = made / groups[name] / KIND / f"{name}.png"
            write_picture(path, Picture(np.ascontiguousarray(rgb)))
            on_progress(done / len(faces), f"{done} of {len(faces)} written")
        for group in set(groups.values()):
            write_split(made / group, _split(sorted(n for n in groups if groups[n] == group)))
        if out.is_dir():
            out.rmdir()
        made.chmod(0o755)
        made.rename(out)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _split(names: Sequence[str]) -> Split:
    held_out = {name for name in names if is_held_out(name, _HELD_OUT)}
    return Split(
        tuple(f"{KIND}/{name}" for name in names if name not in held_out),
        tuple(f"{KIND}/{name}" for name in names if name in held_out),
    )


def _counted(dropped: Sequence[Dropped]) -> str:
    counts = Counter(each.problem for each in dropped)
    return ", ".join(f"{count} {problem}" for problem, count in counts.items())
