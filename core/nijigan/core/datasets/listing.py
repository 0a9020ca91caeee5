"""Lists the files of a data set, in any layout that methods learn from, and what lists get wrong.

Unlike what reads pictures for training, it goes on past what is wrong, to tell all of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nijigan.core.data.layouts import (
    CELEBA_PICTURES,
    CELEBA_SPLIT,
    HELD_OUT,
    bare_name,
    read_celeba_parts,
)
from nijigan.core.data.semi import SEMI_FOLDERS
from nijigan.core.datasets.photos import NamedPhoto, find_photos
from nijigan.core.datasets.split import Split, frame_of, is_held_out, read_split
from nijigan.core.errors import DataError

_KINDS = {"photo": "A", "drawn": "B"}
_SIDES = ("train", "val", "test")


@dataclass(frozen=True)
class Finding:
    """Something that is wrong."""

    problem: str
    """What kind of thing it is: `missing`, `leakage` …"""
    files: tuple[str, ...]
    """Where, within the data set."""
    fact: str
    """What was found, with its value."""
    remedy: str
    """What to do about it."""


@dataclass(frozen=True)
class DataFile:
    """A picture of a data set."""

    name: str
    path: Path
    kind: str = "photo"
    """`photo` or `drawn`."""
    side: str = ""
    """`train`, `val` or `test`; empty where nothing says."""
    half: str = ""
    """`left` or `right` of two side by side in one file; empty for all of it."""


@dataclass(frozen=True)
class Listing:
    """The pictures of a data set."""

    single: Sequence[DataFile] = ()
    """Those that belong to no other."""
    pairs: Sequence[tuple[DataFile, DataFile]] = ()
    """Each photo with its drawing."""
    findings: list[Finding] = field(default_factory=list)
    """What is wrong with names alone."""

    @property
    def files(self) -> list[DataFile]:
        """All pictures."""
        return [*self.single, *(file for pair in self.pairs for file in pair)]


def list_data(folder: Path, as_pairs: bool = False) -> Listing:
    """List the pictures of a folder in one of the layouts of `docs/data.md`.

    Args:
        folder: of the data set.
        as_pairs: `trainA/` and `trainB/` are pairs, in the order of their names; or `train/`, with
            nothing held out, has photos and drawings side by side.

    Raises:
        DataError: it is not a folder or has no pictures.
    """
    listing = _list(folder, as_pairs)
    listing.findings.extend(_crops_on_both_sides(listing.files, folder))
    return listing


def _list(folder: Path, as_pairs: bool) -> Listing:
    for pairs, unpaired in SEMI_FOLDERS:
        if (folder / pairs).is_dir() and (folder / unpaired).is_dir():
            first, second = _list(folder / pairs, True), _list(folder / unpaired, False)
            findings = [*_below(pairs, first.findings), *_below(unpaired, second.findings)]
            return Listing([*first.single, *second.single], first.pairs, findings)
    if (folder / "trainA").is_dir():
        return _list_letters(folder, as_pairs)
    if (folder / "train").is_dir() and (
        as_pairs or (folder / "val").is_dir() or (folder / "test").is_dir()
    ):
        return _list_halves(folder)
    if (folder / "photo").is_dir() and (folder / "drawn").is_dir():
        return _list_named(folder)
    if (folder / CELEBA_SPLIT).is_file():
        return _list_celeba(folder)
    return _list_plain(folder)


def _below(folder: str, findings: Sequence[Finding]) -> list[Finding]:
    return [replace(f, files=tuple(f"{folder}/{name}" for name in f.files)) for f in findings]


def _list_letters(folder: Path, as_pairs: bool) -> Listing:
    single: list[DataFile] = []
    pairs: list[tuple[DataFile, DataFile]] = []
    findings = []
    for side in _SIDES:
        found = [
            [DataFile(file.name, file.photo, kind, side) for file in find_photos(place)]
            if (place := folder / f"{side}{letter}").is_dir()
            else []
            for kind, letter in _KINDS.items()
        ]
        if as_pairs and len(found[0]) == len(found[1]):
            pairs.extend(zip(*found, strict=True))
            continue
        single.extend(found[0] + found[1])
        if as_pairs:
            fact = f"{len(found[0])} photos and {len(found[1])} drawings are no pairs."
            remedy = "Pairs are matched by order: add or remove pictures until both have as many."
            files = (f"{side}A", f"{side}B")
            findings.append(Finding("counts", files, fact, remedy))
    return Listing(single, pairs, findings)


def _list_halves(folder: Path) -> Listing:
    pairs = [
        (
            DataFile(file.name, file.photo, "photo", side, "left"),
            DataFile(file.name, file.photo, "drawn", side, "right"),
        )
        for side in _SIDES
        if (folder / side).is_dir()
        for file in find_photos(folder / side)
    ]
    return Listing(pairs=pairs)


def _list_named(folder: Path) -> Listing:
    photos, drawings = (find_photos(folder / kind) for kind in _KINDS)
    split, findings = _read_split(folder)
    same = [file.name for file in photos] == [file.name for file in drawings]
    if same if split is None else not any("/" in name for name in _names(split)):
        return _list_pairs(folder, photos, drawings, split, findings)
    listed = []
    for kind, files in zip(_KINDS, (photos, drawings), strict=True):
        own = split and Split(
            *(tuple(_of_kind(names, kind)) for names in (split.train, split.held_out))
        )
        listed.extend(_divide(folder, files, own, findings, kind, folder / kind))
    return Listing(listed, findings=findings)


def _of_kind(names: Sequence[str], kind: str) -> list[str]:
    """Return the names that are of a kind or of both, without their folder."""
    parts = [name.rpartition("/") for name in names]
    return [bare for place, _, bare in parts if place in ("", kind)]


def _list_pairs(
    folder: Path,
    photos: Sequence[NamedPhoto],
    drawings: Sequence[NamedPhoto],
    split: Split | None,
    findings: list[Finding],
) -> Listing:
    drawn = {file.name: file for file in drawings}
    photographed = {file.name for file in photos}
    remedy = "Make the pair again, or remove its other half."
    for name in sorted(photographed - drawn.keys()):
        fact = f"The photo '{name}' has no drawing."
        findings.append(Finding("missing", (f"drawn/{name}",), fact, remedy))
    for name in sorted(drawn.keys() - photographed):
        fact = f"The drawing '{name}' has no photo."
        findings.append(Finding("missing", (f"photo/{name}",), fact, remedy))
    whole = [file for file in photos if file.name in drawn]
    halves = photographed ^ drawn.keys()
    split = split and Split(
        *(
            tuple(name for name in names if bare_name(name) not in halves)
            for names in (split.train, split.held_out)
        )
    )
    sides = _divide(folder, whole, split, findings, "photo", folder / "photo")
    pairs = [(photo, replace(photo, path=drawn[photo.name].photo, kind="drawn")) for photo in sides]
    return Listing(pairs=pairs, findings=findings)


def _list_plain(folder: Path) -> Listing:
    split, findings = _read_split(folder)
    own = split and Split(
        *(tuple(map(bare_name, names)) for names in (split.train, split.held_out))
    )
    files = find_photos(folder)
    return Listing(_divide(folder, files, own, findings, "photo", folder), findings=findings)


def _list_celeba(folder: Path) -> Listing:
    findings = []
    sides: dict[str, str] = {}
    try:
        sides = read_celeba_parts(folder)
    except DataError as error:
        findings.append(Finding("split", (CELEBA_SPLIT,), error.message, error.remedy))
    files = {file.photo.name: file for file in find_photos(folder / CELEBA_PICTURES)}
    for name in sorted(sides.keys() - files.keys()):
        fact = f"{CELEBA_SPLIT} names it, and it is not there."
        remedy = "Unpack the pictures again, or correct the list."
        findings.append(Finding("missing", (f"{CELEBA_PICTURES}/{name}",), fact, remedy))
    if sides:
        names = sorted(files.keys() - sides.keys())
        findings += [_unnamed(f"{CELEBA_PICTURES}/{name}", CELEBA_SPLIT) for name in names]
    listed = [
        DataFile(file.name, file.photo, side=sides.get(name, "")) for name, file in files.items()
    ]
    return Listing(listed, findings=findings)


def _divide(
    folder: Path,
    files: Sequence[NamedPhoto],
    split: Split | None,
    findings: list[Finding],
    kind: str,
    place: Path,
) -> list[DataFile]:
    """Return files with the sides that a split or, without one, their names say."""
    if split is None:
        return [
            DataFile(
                file.name, file.photo, kind, "val" if is_held_out(file.name, HELD_OUT) else "train"
            )
            for file in files
        ]

    def shown(name: str) -> str:
        return (place / name).relative_to(folder).as_posix()

    by_name = {name: file for file in files for name in (file.name, file.photo.name)}
    sides: dict[str, str] = {}
    for side, names in (("train", split.train), ("val", split.held_out)):
        for name in names:
            if name not in by_name:
                fact = f"split.json names '{name}' under '{side}', and it is not there."
                findings.append(
                    Finding("missing", (shown(name),), fact, "Add it or correct split.json.")
                )
            elif sides.setdefault(by_name[name].name, side) != side:
                fact = f"split.json names '{name}' under 'train' and 'val'."
                findings.append(
                    Finding("leakage", (shown(name),), fact, "Remove it from one of the two.")
                )
    paths = {file.name: file.photo.relative_to(folder).as_posix() for file in files}
    findings += [_unnamed(paths[name], "split.json") for name in paths if name not in sides]
    return [DataFile(file.name, file.photo, kind, sides.get(file.name, "")) for file in files]


def _unnamed(file: str, where: str) -> Finding:
    return Finding(
        "unnamed", (file,), f"{where} does not name it: nothing uses it.", "Add it, or remove it."
    )


def _read_split(folder: Path) -> tuple[Split | None, list[Finding]]:
    if not (folder / "split.json").is_file():
        return None, []
    try:
        return read_split(folder), []
    except DataError as error:
        return None, [Finding("split", ("split.json",), error.message, error.remedy)]


def _names(split: Split) -> tuple[str, ...]:
    return split.train + split.held_out


def _crops_on_both_sides(files: Sequence[DataFile], folder: Path) -> list[Finding]:
    frames: dict[tuple[Path, str], list[DataFile]] = {}
    for file in files:
        if file.side and frame_of(file.name) != file.name:
            frames.setdefault((_set_of(file), frame_of(file.name)), []).append(file)
    return [
        Finding(
            "leakage",
            tuple(file.path.relative_to(folder).as_posix() for file in crops),
            f"Crops of the frame '{frame}' are both trained on and held out.",
            "Put all crops of a frame on one side.",
        )
        for (_, frame), crops in frames.items()
        if len({file.side for file in crops}) > 1
    ]


def _set_of(file: DataFile) -> Path:
    """Return a folder that the two sides of a set share: that of `trainA` and `testA`, too."""
    return file.path.parent.parent / file.kind
