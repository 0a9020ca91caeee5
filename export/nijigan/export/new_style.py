"""A style from photos and someone who draws: pictures prepared, a generator trained, exported.

WORK/
    pairs/ or unpaired/     what it learns from
    run/                    checkpoints, samples, metrics
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from nijigan.core import teachers
from nijigan.core.checkpoint import latest_folder, read_info
from nijigan.core.config import NetworkConfig, Recipe, load_recipe, with_folder
from nijigan.core.datasets.pairs import PairSettings, make_pairs
from nijigan.core.datasets.photos import find_photos
from nijigan.core.datasets.unpaired_set import make_unpaired
from nijigan.core.datasets.working_copy import Scales, working_copies
from nijigan.core.errors import UsageError
from nijigan.core.methods import learns_unpaired
from nijigan.core.models import create_generator
from nijigan.core.progress_bar import progress_bar
from nijigan.core.spread import spread
from nijigan.core.training.loop import train
from nijigan.export.card import Card
from nijigan.export.exporter import MARK, Pictures, check_license, export_style
from nijigan.export.folder import check_folder
from nijigan.export.photos import bundled_photos
from nijigan.export.source import open_source
from nijigan.export.style import Style
from nijigan.export.style_weights import write_weights

PAIRED, UNPAIRED = "style", "style_unpaired"
"""The recipes, where no other is named."""
SCALES = (512, 360)
"""Short sides in pixels: what styles are drawn at, and one at which most photos are sharp."""


@dataclass(frozen=True)
class Lesson:
    """What a new style learns from: photos, and one of the other two."""

    photos: Path
    """Folder of photos, taken with its subfolders."""
    teacher: str = ""
    """Who draws each photo: a name, or a `.py` file: see `nijigan.core.teachers.create`."""
    drawings: Path | None = None
    """Folder of pictures in the style, of anything."""

    def __post_init__(self) -> None:
        if bool(self.teacher) == (self.drawings is not None):
            given = "both" if self.teacher else "neither"
            raise UsageError(
                f"Of a teacher and a folder of drawings, {given} is given.",
                "Give one: --teacher mine.py draws every photo, --drawings FOLDER has pictures.",
            )
        if self.teacher:
            teachers.create(self.teacher)  # a wrong one is told before hours are spent


@dataclass(frozen=True)
class Making:
    """How a new style is made."""

    lesson: Lesson
    recipe: Recipe
    work: Path
    """Folder of pictures and run; the same one goes on."""
    out: Path
    """The style folder to write."""
    card: Card
    jobs: int = 1
    """Photos drawn at once."""

    @property
    def run(self) -> Path:
        """The run folder."""
        return self.work / "run"


def default_recipe(lesson: Lesson, name: str = "", overrides: tuple[str, ...] = ()) -> Recipe:
    """Return the recipe of that name or file, or the one that fits the lesson.

    Raises:
        ConfigError: there is no such recipe, or a value in it is not allowed.
    """
    return load_recipe(name or (PAIRED if lesson.teacher else UNPAIRED), overrides)


def begun_with(style: Style, recipe: Recipe, work: Path) -> Recipe:
    """Return the recipe with a style's network, which begins with the style's weights.

    Args:
        style: that draws somewhat like the new one.
        recipe: of the run.
        work: folder that keeps the weights; those that it has already are not written again, so
            that the same command goes on.

    Raises:
        ExportError, OutputError: as `write_weights`.
    """
    weights = work / f"{style.name}-{style.version}.safetensors"
    if not weights.is_file():
        write_weights(style, weights)
    info = read_info(weights)
    return replace(
        recipe,
        model=NetworkConfig(info.name, info.config),
        train=replace(recipe.train, begin=str(weights)),
    )


def usable_photos(lesson: Lesson, recipe: Recipe) -> int:
    """Return how many of the photos are large enough to learn from.

    Raises:
        DataError, ImageError: as `working_copies`.
    """
    copies = working_copies(find_photos(lesson.photos), _scales(recipe))
    return len({copy.photo for copy in copies})


def _scales(recipe: Recipe) -> Scales:
    return Scales(SCALES, min_side=recipe.data.crop)


def own_card(name: str, lesson: Lesson, photos: int, license: str = "") -> Card:
    """Return the card of a style that only what it was made from is known of.

    Args:
        name: of the style.
        lesson: what it learned from.
        photos: how many there were.
        license: what the recipe says the pictures allow; empty where it says nothing.

    Raises:
        UsageError: the name has other characters than a-z, 0-9 and _.
    """
    if not re.fullmatch("[a-z][a-z0-9_]*", name):
        raise UsageError(
            f"A style cannot be named '{name}'.", "Use a-z, 0-9 and _, a letter first."
        )
    drawn = (
        f"with drawings by the teacher '{Path(lesson.teacher).name}'"
        if lesson.drawings is None
        else "beside pictures in the style, of other things"
    )
    return Card(
        name=name,
        title=name.replace("_", " ").capitalize(),
        description=f"Made of {photos} photos {drawn}.",
        license=license or Card(name).license,
        limits=["No one has written down yet what it is bad at."],
        training={
            "short_sides": list(SCALES),
            "data": f"{photos} photos, {drawn}; whose they are is not stated.",
        },
    )


def make_style(making: Making, say: Callable[[str], None]) -> Style | None:
    """Make a style; None where Ctrl-C stopped the training, which then goes on with the next call.

    Args:
        making: from what, how and where.
        say: takes one line of text at a time.

    Raises:
        DataError, ImageError: the photos or drawings cannot be used, or are not those that the run
            began with.
        ConfigError: the recipe's network does not draw.
        UsageError: the teacher fails on a photo, or the recipe's method needs pairs.
        TrainingError, CheckpointError, OutputError: as `train`.
        ExportError, CheckFailedError: as `export_style`.
    """
    # What the export would refuse is told before hours are spent.
    check_folder(making.out, MARK)
    check_license(making.card, making.recipe.data.license)
    _check_recipe(making)
    data = making.work / ("pairs" if making.lesson.teacher else "unpaired")
    with progress_bar() as show:
        for done, of in _prepare(making, data):
            show(done / of, f"{done} of {of} pictures prepared")
    trained = train(with_folder(making.recipe, str(data)), making.run, say=say)
    if trained.interrupted or trained.checkpoint is None:
        return None
    source = open_source(making.run)
    with bundled_photos() as bundled:
        photos = spread([photo.photo for photo in find_photos(data / "photo")], 3)
        pictures = Pictures(photos, photos, bundled[0])
        return export_style(source, making.out, making.card, pictures, say=say)


def _prepare(making: Making, data: Path) -> Iterator[tuple[int, int]]:
    lesson = making.lesson
    scales = _scales(making.recipe)
    latest = latest_folder(making.run)
    began_with = "" if latest is None else read_info(latest).data
    if lesson.drawings is not None:
        return make_unpaired(lesson.photos, lesson.drawings, data, scales, began_with=began_with)
    settings = PairSettings(lesson.teacher, scales)
    return make_pairs(lesson.photos, data, settings, making.jobs, began_with)


def _check_recipe(making: Making) -> None:
    """Refuse a recipe that makes no style, or learns from pairs where there are none."""
    model, method = making.recipe.model, making.recipe.method.name
    with torch.device("meta"):
        create_generator(model.name, **model.options)
    if making.lesson.drawings is not None and not learns_unpaired(method):
        raise UsageError(
            f"The method '{method}' does not learn from drawings of anything.",
            f"Leave --recipe out, for '{UNPAIRED}', or give a --teacher.",
        )
