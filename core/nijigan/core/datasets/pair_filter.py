"""Drops pairs whose drawing does not show what the photo does, as Scenimefy does (ICCV 2023)."""

import json
import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.atomic import write_atomically
from nijigan.core.datasets.pair import read_pair
from nijigan.core.datasets.pair_agreement import agreement
from nijigan.core.datasets.segmenter import Segmenter
from nijigan.core.datasets.split import Split, read_split
from nijigan.core.errors import DataError, ImageError


@dataclass(frozen=True)
class PairLimits:
    """What a pair must keep to."""

    least_edges: float = 0.5
    """See `Agreement.edges`."""
    most_color: float = 0.25
    """See `Agreement.color`."""
    most_shift: int = 2
    """See `Agreement.shift`, the longer of both directions, in pixels."""
    most_entropy: float = 5.0
    """See `class_entropy`; the published limit."""
    least_classes: int = 2
    """Classes that the photo shows; the published limit: one of sky alone teaches nothing."""


@dataclass(frozen=True)
class PairMeasures:
    """What was measured on a pair."""

    name: str
    edges: float
    color: float
    shift: tuple[int, int]
    entropy: float | None
    """None without a segmenter."""
    classes: int | None
    """None without a segmenter."""

    def faults(self, limits: PairLimits) -> list[str]:
        """Return what is against the limits, in words; nothing if the pair is kept."""
        faults = []
        if not self.edges >= limits.least_edges:
            faults.append(f"edges {self.edges:.2f} < {limits.least_edges:g}")
        if not self.color <= limits.most_color:
            faults.append(f"color {self.color:.2f} > {limits.most_color:g}")
        if max(map(abs, self.shift)) > limits.most_shift:
            faults.append(f"shift {self.shift[0]},{self.shift[1]} > {limits.most_shift}")
        if self.entropy is not None and not self.entropy < limits.most_entropy:
            faults.append(f"entropy {self.entropy:.2f} >= {limits.most_entropy:g}")
        if self.classes is not None and self.classes < limits.least_classes:
            faults.append(f"classes {self.classes} < {limits.least_classes}")
        return faults


@dataclass(frozen=True)
class UnreadablePair:
    """A pair that no measure can be taken of; no limits are wide enough for it."""

    name: str
    problem: str
    """What cannot be read, or that sizes differ."""

    def faults(self, limits: PairLimits) -> list[str]:  # noqa: ARG002 - as PairMeasures has it
        """Return the problem."""
        return [self.problem]


def measure_pairs(
    folder: Path, segmenter: Segmenter | None, on_progress: Callable[[int, int], None]
) -> list[PairMeasures | UnreadablePair]:
    """Measure every pair that `split.json` of a folder names.

    Raises:
        DataError: there is no split.
    """
    split = read_split(folder)
    names = (*split.train, *split.held_out)
    measured: list[PairMeasures | UnreadablePair] = []
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for one in pool.map(lambda name: _measure(folder, name, segmenter), names):
            measured.append(one)
            on_progress(len(measured), len(names))
    return measured


def class_entropy(photo: NDArray[np.float32], drawn: NDArray[np.float32]) -> float:
    """Return the cross-entropy of the drawing's classes against the photo's.

    The mean over pixels of -log softmax(drawn)[c], where c is the class that scores best in the
    photo; 0 where the drawing shows the same for certain.

    Args:
        photo: scores before softmax, `(classes, h, w)`.
        drawn: scores of the same shape.
    """
    classes = photo.argmax(axis=0)[None]
    best = drawn.max(axis=0)
    chosen = np.take_along_axis(drawn, classes, axis=0)[0]
    logs = best + np.log(np.exp(drawn - best).sum(axis=0, dtype=np.float64))
    return float((logs - chosen).mean())


def write_kept(
    folder: Path,
    out: Path,
    measured: Sequence[PairMeasures | UnreadablePair],
    limits: PairLimits,
) -> Split:
    """Write a split of the pairs that are kept, each on its side, and why others were dropped.

    A file that is there already stays, under the first free name of `split.1.json`, `split.2.json`
    and so on.

    Raises:
        DataError: no pair to train on would be left.
    """
    faults = {one.name: one.faults(limits) for one in measured}
    before = json.loads((folder / "split.json").read_text(encoding="utf-8"))
    kept = {side: [name for name in before[side] if not faults[name]] for side in ("train", "val")}
    if not kept["train"]:
        raise DataError(
            f"None of the {len(before['train'])} training pairs is within the limits.",
            "Look at some, and set wider limits.",
        )
    split = Split(tuple(kept["train"]), tuple(kept["val"]))
    content: dict[str, Any] = {**before, **kept, "sha256": split.sha256, "limits": asdict(limits)}
    content["dropped"] = {name: found for name, found in faults.items() if found}
    if out.exists():
        _put_aside(out)
    write_atomically(out, (json.dumps(content, indent=1) + "\n").encode())
    return split


def _measure(folder: Path, name: str, segmenter: Segmenter | None) -> PairMeasures | UnreadablePair:
    try:
        pair = read_pair(folder, name)
    except (DataError, ImageError) as error:
        return UnreadablePair(name, error.message)
    agreed = agreement(pair.photo, pair.drawn)
    entropy, classes = None, None
    if segmenter is not None:
        photo, drawn = segmenter(pair.photo), segmenter(pair.drawn)
        entropy, classes = class_entropy(photo, drawn), len(np.unique(photo.argmax(axis=0)))
    return PairMeasures(name, agreed.edges, agreed.color, agreed.shift, entropy, classes)


def _put_aside(path: Path) -> None:
    number = 1
    while path.with_suffix(f".{number}{path.suffix}").exists():
        number += 1
    write_atomically(path.with_suffix(f".{number}{path.suffix}"), path.read_bytes())
