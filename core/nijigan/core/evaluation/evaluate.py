"""Measures drawings of held-out photos, beside the photos themselves (the no-op)."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import UsageError
from nijigan.core.evaluation.drawn_folder import DrawSample
from nijigan.core.evaluation.held_out import HeldOut
from nijigan.core.evaluation.measures import Measure, PictureMeasure, SetMeasure
from nijigan.core.metrics.bootstrap import mean_interval
from nijigan.core.metrics.feature_space import FeatureSpace
from nijigan.core.models.weights import FeatureWeights

PHOTO, REFERENCE = "photo", "reference"
"""Whose numbers stand beside those of the drawings."""

Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Estimate:
    """A number, and how sure it is."""

    value: float
    """Of a set, or the mean over pictures."""
    spread: float | None = None
    """Standard deviation over the pictures, where each has a number and none is infinite."""
    low: float | None = None
    """95 % interval by a bootstrap over the pictures: how other pictures of the kind might do."""
    high: float | None = None


@dataclass(frozen=True)
class Figure:
    """One measure of everything that was measured."""

    name: str
    unit: str
    better: str
    """`higher`, `lower`, or nothing where it depends."""
    features: tuple[FeatureWeights, ...]
    """The networks that it looks through, none where it compares pixels."""
    resize: str
    """How pictures came to the size that they were measured at."""
    needs: int | None
    """How many pictures it takes for more than a bias; None where any number will do."""
    digits: int
    """After the point, when it is shown."""
    photos: int
    references: int
    values: Mapping[str, Estimate]
    """By source; of `photo`, what doing nothing gets; of `reference`, where it looks at one."""


@dataclass(frozen=True)
class Evaluation:
    """All measures of all sources on the photos that one folder holds out."""

    sources: tuple[str, ...]
    split_sha256: str
    matched: bool
    """Whether each photo was compared with its own drawing."""
    photos: int
    references: int
    figures: tuple[Figure, ...]

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values; what is infinite (PSNR of equal pictures) becomes None."""
        plain: dict[str, Any] = _plain(asdict(self))
        return plain


def evaluate(
    sources: Mapping[str, DrawSample],
    held_out: HeldOut,
    measures: Sequence[Measure],
    progress: Progress | None = None,
) -> Evaluation:
    """Draw every held-out photo and measure, each photo itself too.

    Args:
        sources: by name, neither `photo` nor `reference`.
        held_out: photos, and what drawings are compared with: each with its pair's drawing, sets
            with the set of held-out drawings.
        measures: see `make_measures`.
        progress: is told the part that is done, 0…1, and what is being done.

    Raises:
        UsageError: a measure of pairs where there are none, or of sets where there is one picture;
            a source of a name that is taken.
        DataError, ImageError: a picture is missing, cannot be read or has another size.
    """
    _check(held_out, measures)
    for name in {PHOTO, REFERENCE} & sources.keys():
        raise UsageError(f"A source is named '{name}', as what it stands beside.", "Rename it.")
    numbers = _Numbers([m for m in measures if isinstance(m, PictureMeasure)])
    points = _Points([m.space for m in measures if isinstance(m, SetMeasure)])
    for count, sample in enumerate(held_out.samples(), start=1):
        drawn = {name: draw(sample) for name, draw in sources.items()}
        numbers.add(drawn | {PHOTO: sample.photo}, sample.reference, sample.photo)
        points.add(drawn | {PHOTO: sample.photo})
        if sample.reference is not None:
            points.add({REFERENCE: sample.reference})
        if progress:
            progress(count / held_out.photos, f"{count} of {held_out.photos} photos")
    for drawing in held_out.other_drawings():
        numbers.add({}, drawing, None)
        points.add({REFERENCE: drawing})
    return Evaluation(
        sources=tuple(sources),
        split_sha256=held_out.split_sha256,
        matched=held_out.matched,
        photos=held_out.photos,
        references=held_out.drawings,
        figures=tuple(
            numbers.figure(measure, held_out)
            if isinstance(measure, PictureMeasure)
            else points.figure(measure, held_out)
            for measure in measures
        ),
    )


class _Numbers:
    """What measures of pictures say of each, by measure and source."""

    def __init__(self, measures: Sequence[PictureMeasure]) -> None:
        self._of: dict[str, dict[str, list[float]]] = {measure.name: {} for measure in measures}
        self._measures = measures

    def add(
        self, pictures: Mapping[str, Pixels], reference: Pixels | None, photo: Pixels | None
    ) -> None:
        for measure in self._measures:
            other = photo if measure.of_photo else reference
            looked_at = dict(pictures)
            shown = measure.of_one or (measure.of_photo and photo is not None)
            if shown and reference is not None:
                looked_at[REFERENCE] = reference
            for name, pixels in looked_at.items():
                number = measure.compare(pixels, pixels if other is None else other)
                self._of[measure.name].setdefault(name, []).append(number)

    def figure(self, measure: PictureMeasure, held_out: HeldOut) -> Figure:
        values = {name: _mean(numbers) for name, numbers in self._of[measure.name].items()}
        return Figure(
            name=measure.name,
            unit=measure.unit,
            better=measure.better,
            features=measure.features,
            resize=measure.resize,
            needs=None,
            digits=measure.digits,
            photos=held_out.photos,
            references=held_out.drawings,
            values=values,
        )


class _Points:
    """What each feature space says of pictures, by space and source."""

    def __init__(self, spaces: Sequence[FeatureSpace]) -> None:
        self._spaces = {space.weights: space for space in spaces}
        self._of: dict[FeatureWeights, dict[str, list[NDArray[np.float64]]]] = {
            weights: {} for weights in self._spaces
        }

    def add(self, pictures: Mapping[str, Pixels]) -> None:
        for weights, space in self._spaces.items():
            for name, pixels in pictures.items():
                self._of[weights].setdefault(name, []).append(space.embed(pixels))

    def figure(self, measure: SetMeasure, held_out: HeldOut) -> Figure:
        sets = {name: np.stack(points) for name, points in self._of[measure.space.weights].items()}
        reference = sets.pop(REFERENCE)
        values = {}
        for name, points in sets.items():
            low, high = None, None
            if measure.interval:
                low, high = measure.interval(points, reference, held_out.matched)
            values[name] = Estimate(measure.distance(points, reference), None, low, high)
        return Figure(
            name=measure.name,
            unit="",
            better="lower",
            features=(measure.space.weights,),
            resize=measure.space.resizing.note,
            needs=reference.shape[1] if measure.fits_gaussian else None,
            digits=measure.digits,
            photos=held_out.photos,
            references=held_out.drawings,
            values=values,
        )


def _check(held_out: HeldOut, measures: Sequence[Measure]) -> None:
    for measure in measures:
        if isinstance(measure, SetMeasure):
            if min(held_out.photos, held_out.drawings) < 2:
                raise UsageError(
                    f"{measure.name} is of sets, and '{held_out.folder}' holds out "
                    f"{held_out.photos} photos and {held_out.drawings} drawings.",
                    "Hold out more of them, two at least.",
                )
        elif not (measure.of_one or measure.of_photo or held_out.matched):
            raise UsageError(
                f"{measure.name} needs pairs, and '{held_out.folder}' has none.",
                "Measure distances between sets: --metrics kid",
            )


def _mean(numbers: Sequence[float]) -> Estimate:
    mean = float(np.mean(numbers))
    if not math.isfinite(mean):  # PSNR of equal pictures
        return Estimate(mean)
    return Estimate(mean, float(np.std(numbers)), *mean_interval(numbers))


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
