"""Says what is wrong with a data set before hours are spent on it."""

import hashlib
import os
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from nijigan.core.datasets.gray import is_gray
from nijigan.core.datasets.listing import DataFile, Finding, list_data
from nijigan.core.datasets.pair import Pixels
from nijigan.core.datasets.pair_agreement import Agreement, agreement
from nijigan.core.datasets.photos import read_photo
from nijigan.core.datasets.picture_hash import Look, clusters, look_of
from nijigan.core.datasets.split import frame_of
from nijigan.core.errors import ImageError

_UNRELATED = 0.4  # see `Agreement.edges`: lower than a filter's, for what is reported is an error
_ASKEW = 2

_AGAIN = "Save or fetch it again, or remove it."


@dataclass(frozen=True)
class CheckSettings:
    """What is asked of a data set."""

    crop: int = 256
    """Side in pixels of the crops that a recipe takes."""
    as_pairs: bool = False
    """See `list_data`."""


@dataclass(frozen=True)
class DataReport:
    """What a data set has, and what is wrong with it."""

    pictures: int
    pairs: int
    findings: tuple[Finding, ...]
    agreements: tuple[Agreement, ...]
    """Of the pairs whose pictures are of one size."""

    @property
    def counts(self) -> dict[str, int]:
        """How many findings there are of each problem."""
        return dict(Counter(finding.problem for finding in self.findings))


@dataclass(frozen=True)
class _Facts:
    """What is kept of a picture once it has been read."""

    file: DataFile
    paired: bool
    width: int
    height: int
    digest: bytes
    gray: bool
    look: Look


def check_data(
    folder: Path, settings: CheckSettings, on_progress: Callable[[int, int], None]
) -> DataReport:
    """Read every picture of a data set, in any layout that methods learn from.

    Args:
        folder: of the data set.
        settings: what is asked of it.
        on_progress: is told how many pictures and pairs are read, and how many there are.

    Raises:
        DataError: it is not a folder or has no pictures.
    """
    listing = list_data(folder, settings.as_pairs)
    facts: list[_Facts] = []
    findings = list(listing.findings)
    agreements = []
    units: list[tuple[DataFile, ...]] = [*listing.pairs, *((file,) for file in listing.single)]
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        examined = pool.map(lambda unit: _examine(folder, unit), units)
        for done, (found, wrong, agreed) in enumerate(examined, start=1):
            facts += found
            findings += wrong
            agreements += agreed
            on_progress(done, len(units))
    findings += _too_small(folder, facts, settings.crop)
    findings += _gray(folder, facts)
    findings += _alike(folder, facts)
    return DataReport(len(listing.files), len(listing.pairs), tuple(findings), tuple(agreements))


def _examine(
    folder: Path, unit: tuple[DataFile, ...]
) -> tuple[list[_Facts], list[Finding], list[Agreement]]:
    """Read one picture, or two that are a pair."""
    facts: list[_Facts] = []
    findings = []
    pictures: list[Pixels] = []
    for file in unit:
        try:
            pixels = _read(file)
        except ImageError as error:
            name = file.path.relative_to(folder).as_posix()
            findings.append(Finding("unreadable", (name,), error.message, _AGAIN))
            continue
        pictures.append(pixels)
        facts.append(_facts(file, len(unit) == 2, pixels))
    if len(pictures) < 2:
        return facts, findings, []
    photo, drawn = pictures
    names = _names(folder, facts)
    if photo.shape != drawn.shape:
        sizes = " and ".join(f"{fact.width}x{fact.height}" for fact in facts)
        findings.append(
            Finding("size", names, f"Photo and drawing are {sizes}.", "Make the pair again.")
        )
        return facts, findings, []
    agreed = agreement(photo, drawn)
    return facts, [*findings, *_disagreement(names, agreed)], [agreed]


def _read(file: DataFile) -> Pixels:
    pixels = read_photo(file.path)
    middle = pixels.shape[1] // 2
    if file.half == "left":
        return pixels[:, :middle]
    # Of an odd width, the halves differ in size, which is then found.
    return pixels[:, middle:] if file.half == "right" else pixels


def _facts(file: DataFile, paired: bool, pixels: Pixels) -> _Facts:
    digest = hashlib.sha256(pixels.tobytes()).digest()
    height, width = pixels.shape[:2]
    return _Facts(file, paired, width, height, digest, is_gray(pixels), look_of(pixels))


def _names(folder: Path, facts: Sequence[_Facts]) -> tuple[str, ...]:
    return tuple(fact.file.path.relative_to(folder).as_posix() for fact in facts)


def _disagreement(names: tuple[str, ...], agreed: Agreement) -> Iterator[Finding]:
    right, down = agreed.shift
    if max(abs(right), abs(down)) >= _ASKEW:
        yield Finding(
            "misregistered",
            names,
            f"The drawing lies {right} px to the right and {down} px down of the photo.",
            "Cut both to the part that they share.",
        )
    elif agreed.edges < _UNRELATED:
        yield Finding(
            "unrelated",
            names,
            f"The edges of photo and drawing agree by {agreed.edges:.2f} of 1.",
            "Look at the two; if they do not belong together, remove the pair.",
        )


def _too_small(folder: Path, facts: Sequence[_Facts], crop: int) -> Iterator[Finding]:
    for fact in facts:
        if min(fact.width, fact.height) < crop:
            yield Finding(
                "small",
                _names(folder, [fact]),
                f"It is {fact.width}x{fact.height}, smaller than the crop of {crop}.",
                "Remove it, or set a smaller data.crop or a larger data.load.",
            )


def _gray(folder: Path, facts: Sequence[_Facts]) -> Iterator[Finding]:
    """Find gray pictures of a kind that is mostly in color."""
    for kind in ("photo", "drawn"):
        own = [fact for fact in facts if fact.file.kind == kind]
        gray = [fact for fact in own if fact.gray]
        if 2 * len(gray) >= len(own):
            continue
        for fact in gray:
            yield Finding(
                "gray",
                _names(folder, [fact]),
                f"It has no color, and {len(own) - len(gray)} of {len(own)} have.",
                "Remove it, or the network learns to leave colors out.",
            )


def _alike(folder: Path, facts: Sequence[_Facts]) -> Iterator[Finding]:
    """Find the same picture twice on one side, or on two sides of a split."""
    for kind in ("photo", "drawn"):
        own = [fact for fact in facts if fact.file.kind == kind]
        for cluster in clusters([fact.look for fact in own]):
            alike = [own[number] for number in cluster]
            exact = len({fact.digest for fact in alike}) == 1
            same = "are the same" if exact else "look the same"
            frames = {(fact.paired, frame_of(fact.file.name)) for fact in alike}
            sides = sorted({fact.file.side for fact in alike} - {""})
            if len(sides) > 1:
                yield Finding(
                    "leakage",
                    _names(folder, alike),
                    f"These {len(alike)} pictures {same}, and are on the sides "
                    f"{' and '.join(sides)}.",
                    "Keep them on one side.",
                )
            elif len(frames) > len({paired for paired, _ in frames}):
                # Crops and copies of one frame look the same, and one picture may be both in pairs
                # and among unpaired ones.
                yield Finding(
                    "duplicate" if exact else "near-duplicate",
                    _names(folder, alike),
                    f"These {len(alike)} pictures {same}.",
                    "Keep one of them.",
                )
