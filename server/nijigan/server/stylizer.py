"""The one place where a request becomes a picture; the sidecar and the command both call it."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isqrt
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import ImageError, ImageTooLargeError, StrengthError, UsageError
from nijigan.core.images import MAX_PIXELS, MIN_SIDE, Level, Picture, resize, white
from nijigan.core.nearest import did_you_mean
from nijigan.export.halftone import reach, screen
from nijigan.export.style import QUALITIES, Style
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.deep_picture import AnyPicture, Colors
from nijigan.server.engines import Engine, open_engine
from nijigan.server.loaded_graphs import Key, LoadedGraphs
from nijigan.server.region import Region
from nijigan.server.scale import bring_back, drawing_size, luma, margin
from nijigan.server.steady import Tell, mean_of_moved
from nijigan.server.tiling import Notes, Tiling, draw

Progress = Callable[[float, str], None]
"""Told the part that is done, 0…1, and what is being done."""

# Loaded graphs that are kept: each holds its weights and its working memory. The three packaged
# styles have nine, of which previews need six.
_MOST_GRAPHS = 12
# Tiles that equal the whole need not be larger: it would only cost memory, and a cancel would wait.
_MOST_EXACT_PIXELS = 2048 * 2048
# Enough for an engine to have its threads and memory when the first picture comes.
_WARM_UP_SIDE = 64
# The short side of the largest square.
_MOST_SCALE = isqrt(MAX_PIXELS)
# The part of the work that is drawing, where the drawing is then brought back to another size.
_DRAWING_PART = 0.9


@dataclass(frozen=True)
class Settings:
    """Everything about a request that changes the picture.

    strength: 0 (the photo) … 1 (fully drawn). scale: "auto" as the style says, "native" to draw at
    the picture's own size, or the short side in pixels to draw at. region: the part to draw and to
    return; all where None. origin: where left and top of the picture are in the document that it
    is a part of, in pixels: halftone dots stay where they are in that. steady: draw it four times,
    moved by some pixels, and take the mean, so that animations do not shimmer; see
    `nijigan.server.steady`. A style that draws one size alone draws it once all the same.
    """

    style: str
    strength: float = 1.0
    quality: str = "normal"
    scale: Literal["auto", "native"] | int = "auto"
    region: Region | None = None
    origin: tuple[float, float] = (0.0, 0.0)
    steady: bool = False


class Draws(Protocol):
    """What draws: a `Stylizer`, one in a sidecar, or a test's double of it."""

    def stylize(
        self, picture: Picture, settings: Settings, progress: Progress, cancel: Cancel
    ) -> Picture:
        """See `Stylizer.stylize`; any number of threads may call."""


class Stylizer:
    """Draws pictures in styles. Any number of threads may call `stylize`.

    threads: that one drawing may use, all physical cores where None. memory_bytes: about what the
    network may use; larger pictures are drawn in tiles.
    """

    def __init__(
        self,
        styles: StyleLibrary,
        engine: str = "onnxruntime",
        threads: int | None = None,
        memory_bytes: int = 3 << 30,
    ) -> None:
        self._styles = styles
        self._engine = engine
        self._threads = threads
        self._memory_bytes = memory_bytes
        self._graphs = LoadedGraphs(_MOST_GRAPHS)

    @property
    def engine(self) -> str:
        """The name of what runs the graphs."""
        return self._engine

    def check(self, settings: Settings, width: int, height: int) -> Style:
        """Return the style of a request, or say what is wrong with it before it is drawn.

        width, height: of the picture, in pixels.

        Raises:
            StyleNotFoundError, StyleError: see `StyleLibrary.get`.
            StrengthError: a strength outside 0…1.
            UsageError: an unknown quality or scale.
            ImageError: a side below `MIN_SIDE`.
            ImageTooLargeError: more than `MAX_PIXELS`, as it is or at the scale that is asked for.
            RequestError: a region that is not inside the picture.
        """
        style = self._styles.get(settings.style)
        check_settings(settings)
        check_size(width, height)
        if settings.region is not None:
            settings.region.check(width, height)
        drawn_width, drawn_height = _drawing_size(style, width, height, settings)
        if drawn_width * drawn_height > MAX_PIXELS:
            # Of this picture: the same scale may suit the next one, which is not so long.
            raise ImageTooLargeError(
                f"The scale {settings.scale} means drawing {drawn_width}x{drawn_height}, more than "
                f"{MAX_PIXELS} pixels.",
                "Give a smaller scale.",
            )
        return style

    def stylize(
        self,
        picture: AnyPicture,
        settings: Settings,
        progress: Progress = lambda _done, _stage: None,
        cancel: Cancel | None = None,
        carried: CarriedStatistics | None = None,
        notes: Notes | None = None,
    ) -> AnyPicture:
        """Draw a picture; the result has its size and depth, and its alpha as it was.

        carried: of the frames before this one, where it is one of an animation. notes: where to
        write down how it was drawn.

        Raises:
            CancelledError: `cancel` was set.
            EngineError: the engine could not load the style or failed.
            RequestError: what was carried is of another style.
            NijiganError: as `check` says.
        """
        cancel = cancel or Cancel()
        style = self.check(settings, picture.width, picture.height)
        progress(0.0, "loading")
        if carried is not None:
            carried.begin(picture)
        region = settings.region
        drawn = self._drawn(_Task(style, picture, settings, progress, cancel, carried, notes))
        if region is not None:
            picture = picture.cut(region.rows, region.columns)
        return picture.with_rgb(drawn)

    def _drawn(self, task: "_Task") -> NDArray[Any]:
        """Draw the region of a picture that is asked for, and put dots over it if the style has."""
        style, settings = task.style, task.settings
        if style.halftone is None:
            return self._by_network(task)
        region = settings.region or Region(0, 0, *task.own_size)
        magnified = min(task.own_size) / min(task.size)
        halo = reach(style.halftone, magnified)
        seen = region.widened(halo, 1, task.own_size)
        drawn = self._by_network(replace(task, settings=replace(settings, region=seen)))
        corner = (settings.origin[0] + seen.left, settings.origin[1] + seen.top)
        screened = screen(
            drawn, style.halftone, magnified, corner, settings.strength, task.cancel.raise_if_set
        )
        return screened[region.top - seen.top :, region.left - seen.left :][
            : region.height, : region.width
        ]

    def _by_network(self, task: "_Task") -> NDArray[Any]:
        """Draw it at the size that suits the style, and bring that back to the picture's own."""
        rgb, region = task.picture.rgb, task.settings.region
        if task.size == task.own_size:
            drawn = self._at_one_size(task, rgb, region, 1.0)
            if region is not None:
                drawn = drawn[region.rows, region.columns]
        else:
            around = margin(task.size, task.own_size)
            seen = region and region.scaled(task.own_size, task.size, around)
            drawn = bring_back(
                self._at_one_size(task, resize(rgb, *task.size), seen, _DRAWING_PART),
                rgb,
                task.settings.strength,
                lambda done: task.progress(_DRAWING_PART + (1 - _DRAWING_PART) * done, "scaling"),
                task.cancel,
                region,
            )
        return _grey(drawn) if _is_grey(rgb) else drawn

    def _at_one_size(
        self, task: "_Task", rgb: NDArray[Level], region: Region | None, part: float
    ) -> NDArray[Level]:
        """Draw `rgb`, or a region of it. part: of the work that this is, for the progress."""
        style, settings = task.style, task.settings
        engine = self._open(style, settings.quality, task.cancel)
        tiling = _tiling(style, settings.quality, self._memory_bytes)

        def draw_once(rgb: NDArray[Level], region: Region | None, tell: Tell) -> NDArray[Level]:
            strength, cancel = settings.strength, task.cancel
            return draw(
                engine, rgb, strength, tiling, tell, cancel, region, task.carried, task.notes
            )

        def tell(done: float) -> None:
            task.progress(part * done, "drawing")

        if settings.steady and style.fixed_size is None:
            return mean_of_moved(draw_once, rgb, style.input_multiple, region, tell)
        return draw_once(rgb, region, tell)

    def load(self, name: str, quality: str = "normal", cancel: Cancel | None = None) -> None:
        """Get a quality of a style ready: load it, and draw something small, which takes longer.

        Raises:
            StyleNotFoundError, StyleError, UsageError: as `check`.
            CancelledError, EngineError: as `stylize`.
        """
        grey = np.full((_WARM_UP_SIDE, _WARM_UP_SIDE, 3), 127, np.uint8)
        self.stylize(Picture(grey), Settings(name, quality=quality), cancel=cancel)

    def unload(self, name: str) -> int:
        """Forget the loaded graphs of a style; return how many there were.

        A drawing that is under way keeps its own until it is done.

        Raises:
            StyleNotFoundError, StyleError: as `check`.
        """
        style = self._styles.get(name)
        return self._graphs.forget({_key(style, quality) for quality in style.qualities})

    def unload_unused(self, seconds: float) -> int:
        """Forget the graphs that nothing was drawn with for so long; return how many there were."""
        return self._graphs.forget_unused(seconds)

    def graphs_in_memory(self) -> int:
        """Return how many graphs are loaded."""
        return len(self._graphs)

    def _open(self, style: Style, quality: str, cancel: Cancel) -> Engine:
        def load() -> Engine:
            return open_engine(style, quality, self._engine, self._threads)

        return self._graphs.get(_key(style, quality), load, cancel)


@dataclass(frozen=True)
class _Task:
    """A picture to draw: what `stylize` was given."""

    style: Style
    picture: Colors
    settings: Settings
    progress: Progress
    cancel: Cancel
    carried: CarriedStatistics | None
    notes: Notes | None

    @property
    def own_size(self) -> tuple[int, int]:
        """Width and height of the picture."""
        return self.picture.width, self.picture.height

    @property
    def size(self) -> tuple[int, int]:
        """Width and height that it is drawn at."""
        return _drawing_size(self.style, *self.own_size, self.settings)


def _key(style: Style, quality: str) -> Key:
    """What a loaded graph is known by: content, so that a style replaced on disk is loaded anew."""
    return tuple(style.sha256[name] for name in (style.qualities[quality].file, "weights.bin"))


def _drawing_size(style: Style, width: int, height: int, settings: Settings) -> tuple[int, int]:
    """Width and height that a picture is drawn at; some styles draw one size and no other."""
    if style.fixed_size is not None:
        return style.fixed_size, style.fixed_size
    return drawing_size(width, height, style.scale, settings.scale)


def _tiling(style: Style, quality: str, memory_bytes: int) -> Tiling:
    graph = style.qualities[quality]
    is_global = style.normalization == "global"
    if not is_global:
        memory_bytes = min(memory_bytes, _MOST_EXACT_PIXELS * graph.bytes_per_pixel)
    return Tiling(
        style.input_multiple,
        graph.radius_px,
        graph.bytes_per_pixel,
        memory_bytes,
        shares_statistics=is_global,
    )


def _is_grey(rgb: NDArray[Level]) -> bool:
    return bool((rgb[..., 0] == rgb[..., 1]).all() and (rgb[..., 0] == rgb[..., 2]).all())


def _grey(rgb: NDArray[Level]) -> NDArray[Level]:
    """The luma in every channel: a network that learned from colors may tint a grey picture."""
    levels = luma(rgb) * white(rgb)
    if rgb.dtype == np.uint8:
        levels = np.rint(levels)
    return np.repeat(levels.astype(rgb.dtype)[..., None], 3, axis=2)


def check_size(width: int, height: int) -> None:
    """Refuse a picture of a size that nothing is done with, in pixels.

    Raises:
        ImageError: a side below `MIN_SIDE`.
        ImageTooLargeError: more than `MAX_PIXELS`.
    """
    if min(width, height) < MIN_SIDE:
        raise ImageError(
            f"The picture is {width}x{height}; each side must be {MIN_SIDE} or more.",
            "Enlarge it first.",
        )
    if width * height > MAX_PIXELS:
        raise ImageTooLargeError(
            f"The picture is {width}x{height}, more than {MAX_PIXELS} pixels.",
            "Scale it down first.",
        )


def check_settings(settings: Settings) -> None:
    """Say what is wrong with a request whatever its picture and style are.

    Raises:
        StrengthError: a strength outside 0…1.
        UsageError: an unknown quality or scale, or one that is too large for every picture.
    """
    if not 0 <= settings.strength <= 1:  # NaN too
        raise StrengthError(f"The strength is {settings.strength}.", "Give 0 to 1.")
    if settings.quality not in QUALITIES:
        raise UsageError(
            f"No quality is named {settings.quality!r}.", did_you_mean(settings.quality, QUALITIES)
        )
    if isinstance(settings.scale, int):
        if not MIN_SIDE <= settings.scale <= _MOST_SCALE:
            raise UsageError(
                f"The scale is {settings.scale} pixels.", f"Give {MIN_SIDE} to {_MOST_SCALE}."
            )
    elif settings.scale not in ("auto", "native"):
        raise UsageError(f"The scale is {settings.scale!r}.", "Give auto, native or pixels.")
