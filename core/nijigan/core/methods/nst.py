"""Neural style transfer: draw one picture by optimizing it (Gatys et al. 2015, arXiv 1508.06576).

The picture is what is learned; no generator is trained. It is changed until a feature network holds
of it what it holds of the photo (content) and has the Gram matrices of the style picture.

What differs from the paper, each with the option that brings the paper back:

- Losses are relative (`losses="paper"` for equations 1, 4 and 5): the content loss of a layer is
  divided by the mean square of the photo's features, the style loss of a layer by the squared norm
  of the style's Gram matrix. Their scales differ by powers of ten between layers and networks; so
  one style weight serves all.
- From coarse to fine (`octaves=1`), as in Gatys et al. 2017, arXiv 1611.07865, section 6: drawn at
  half the size first, which is cheap and gives large strokes, then from there at full size.
- The network sees a reflecting margin around the picture, which it pads with zeros (`margin=0`).
- A network whose first layer halves the picture is shown it enlarged (`enlarge=1`), for its own
  grid is else drawn with it.
"""

import math
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.errors import ConfigError, TrainingError
from nijigan.core.images import MIN_SIDE
from nijigan.core.losses import content_loss, gram_matrix, style_loss, total_variation
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.nearest import did_you_mean

OPTIMIZERS = ("lbfgs", "adam")
INITS = ("content", "noise")
LOSSES = ("relative", "paper")

_LUMA = (0.299, 0.587, 0.114)
"""Rec. 601."""
_RANGE_WEIGHT = 10.0
"""Of the mean square by which values leave [-1, 1], where they would be clipped."""
_ADAM_RATE = 0.03
_LEAST_SIDE = 64
"""No octave is drawn whose short side has fewer pixels, but for the last."""


@dataclass(frozen=True)
class NstConfig:
    """What is drawn and how.

    Raises:
        ConfigError: a value that is not allowed.
    """

    content_layers: Mapping[str, float]
    """Weights by layer."""
    style_layers: Mapping[str, float]
    """Weights by layer."""
    content_weight: float = 1.0
    style_weight: float = 100.0
    tv_weight: float = 1.0
    """Of the total variation, which keeps noise down."""
    losses: str = "relative"
    """`relative`, or `paper`: the sums of equations 1, 4 and 5."""
    steps: int = 200
    """How often the network looks at the picture, over all octaves; at least once in each."""
    optimizer: str = "lbfgs"
    """`lbfgs` or `adam`."""
    init: str = "content"
    """What the first picture is: the `content`, or `noise`."""
    octaves: int = 2
    """Sizes to draw at, each half the next."""
    enlarge: int = 1
    """How many times enlarged the network is shown the picture."""
    margin: int = 16
    """Pixels of reflection that the network sees around the picture; their features do not count.

    It pads with zeros, and a picture without a margin gets a rim that suits those.
    """
    keep_colors: bool = False
    """Draw the luma alone and keep the chroma of the content (Gatys et al. 2016, 1606.05897)."""
    seed: int = 0
    """Of the noise."""

    def __post_init__(self) -> None:
        for key, allowed in (("losses", LOSSES), ("optimizer", OPTIMIZERS), ("init", INITS)):
            value = getattr(self, key)
            if value not in allowed:
                raise ConfigError(f"No {key} '{value}'.", did_you_mean(value, allowed))
        for key in ("steps", "octaves", "enlarge"):
            if getattr(self, key) < 1:
                raise ConfigError(f"{key} is {getattr(self, key)}.", "It must be 1 or more.")
        if self.margin < 0:
            raise ConfigError(f"margin is {self.margin}.", "It must be 0 or more.")
        named = [
            (key, getattr(self, key)) for key in ("content_weight", "style_weight", "tv_weight")
        ]
        layers = [*self.content_layers.items(), *self.style_layers.items()]
        for key, weight in [*named, *((f"the weight of {layer}", each) for layer, each in layers)]:
            if not (math.isfinite(weight) and weight >= 0):
                raise ConfigError(f"{key} is {weight}.", "It must be a number, 0 or more.")
        if not (self.content_layers and self.style_layers):
            raise ConfigError("There are no layers to look at.", "Name at least one of each kind.")


def _evenly(*layers: str) -> dict[str, float]:
    return {layer: 1 / len(layers) for layer in layers}


DEFAULTS: Mapping[str, NstConfig] = {
    "vgg19": NstConfig(
        {"relu4_2": 1.0}, _evenly("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    ),
    # At a half, a half, a quarter, an eighth and a sixteenth of what they are shown, after a ReLU6;
    # the content at an eighth.
    "mobilenet_v2": NstConfig(
        {"features.7.conv.0": 1.0},
        _evenly(*(f"features.{block}.conv.0" for block in (1, 2, 4, 7, 11))),
        enlarge=2,
    ),
    "efficientnet_lite0": NstConfig(
        {"blocks.5.expand": 1.0},
        _evenly("stem", *(f"blocks.{block}.expand" for block in (1, 3, 5, 8))),
        enlarge=2,
    ),
}
"""What suits each feature network, by its registered name."""


@dataclass(frozen=True, eq=False)
class NstProgress:
    """Where a drawing is."""

    step: int
    steps: int
    losses: Mapping[str, float]
    """`content`, `style`, `tv` and `range`, not weighted, and `total`."""
    image: Tensor
    """The picture at this step: `(1, 3, H, W)` in [-1, 1], smaller in the first octaves."""


@dataclass(frozen=True, eq=False)
class NstResult:
    """A drawing."""

    image: Tensor
    """`(1, 3, H, W)` in [-1, 1]."""
    losses: Mapping[str, float]
    """Of the picture, as in `NstProgress`."""
    steps: int
    """That were taken; fewer than wanted if it was stopped."""
    seconds: float


def transfer(
    network: FeatureNetwork,
    content: Tensor,
    style: Tensor,
    config: NstConfig,
    show: Callable[[NstProgress], None] = lambda _progress: None,
    stop: Callable[[], bool] = lambda: False,
) -> NstResult:
    """Return `content` drawn in the style of `style`: of all pictures tried, that of least loss.

    The same arguments give the same picture on the same machine.

    Args:
        network: frozen, on the device to draw on.
        content: `(1, 3, H, W)` in [-1, 1].
        style: `(1, 3, H', W')` in [-1, 1]; its strokes are drawn as large as they are.
        config: see there.
        show: called at each step.
        stop: asked at each step; at True the best picture so far is returned.

    Raises:
        ConfigError: a layer that the network does not have.
        TrainingError: a loss is no longer finite.
    """
    network.check_layers([*config.content_layers, *config.style_layers])
    began = time.monotonic()
    if config.keep_colors:
        style = _match_luma(style, content)
    sizes = _sizes(content, config.octaves)
    search = _Search(config, show, stop)
    canvas = _first_canvas(_resize(content, sizes[0]), config)
    for number, size in enumerate(sizes):
        photo = _resize(content, size)
        example = _shrink(style, 2 ** (len(sizes) - 1 - number))
        paint = _Paint(photo, config.keep_colors)
        objective = _Objective(network, photo, example, paint, config)
        # A coarser octave is four times as cheap and does most of the work.
        until = round(config.steps * (2 - 2.0**-number) / (2 - 2.0 ** (1 - len(sizes))))
        canvas = search.run(_resize(canvas, size), objective, max(until, search.step + 1))
        if search.stopped:
            break
    image = _Paint(content, config.keep_colors)(_resize(canvas, sizes[-1])).clamp(-1, 1)
    return NstResult(image, search.losses, search.step, time.monotonic() - began)


class _Paint:
    """From what is optimized to a picture: itself, or its luma with the chroma of the photo."""

    def __init__(self, photo: Tensor, keep_colors: bool) -> None:
        self.chroma = photo - _luma(photo) if keep_colors else None

    def __call__(self, canvas: Tensor) -> Tensor:
        return canvas if self.chroma is None else self.chroma + canvas


class _Objective:
    """The losses of a canvas at one size."""

    def __init__(
        self,
        network: FeatureNetwork,
        photo: Tensor,
        example: Tensor,
        paint: _Paint,
        config: NstConfig,
    ) -> None:
        self.network, self.paint, self.config = network, paint, config
        self.grey = config.keep_colors
        with torch.no_grad():
            self.content = self._features(_luma(photo) if self.grey else photo, "content")
            held = self._features(_luma(example) if self.grey else example, "style")
        self.grams = {layer: gram_matrix(features) for layer, features in held.items()}
        relative = config.losses == "relative"
        # `content_loss` is a mean; ½ Σ is that times half the number of values.
        self.content_weights = {
            layer: weight / _scale(self.content[layer].square().mean())
            if relative
            else weight * self.content[layer].numel() / 2
            for layer, weight in config.content_layers.items()
        }
        self.style_weights = {
            layer: 4 * weight / _scale(self.grams[layer].square().sum()) if relative else weight
            for layer, weight in config.style_layers.items()
        }

    def __call__(self, canvas: Tensor) -> dict[str, Tensor]:
        """Return the losses, not weighted, and their weighted `total`."""
        picture, config = self.paint(canvas), self.config
        features = self._features(canvas if self.grey else picture, "content", "style")
        losses = {
            "content": content_loss(features, self.content, self.content_weights),
            "style": style_loss(features, self.grams, self.style_weights),
            "tv": total_variation(canvas),
            "range": (picture - picture.clamp(-1, 1)).square().mean(),
        }
        losses["total"] = (
            config.content_weight * losses["content"]
            + config.style_weight * losses["style"]
            + config.tv_weight * losses["tv"]
            + _RANGE_WEIGHT * losses["range"]
        )
        return losses

    def _features(self, picture: Tensor, *kinds: str) -> dict[str, Tensor]:
        layers = {layer for kind in kinds for layer in getattr(self.config, f"{kind}_layers")}
        shown = picture.expand(-1, 3, -1, -1)
        margin = min(self.config.margin, *(side - 1 for side in shown.shape[2:]))
        if margin:
            shown = functional.pad(shown, [margin] * 4, mode="reflect")
        if self.config.enlarge > 1:
            factor = float(self.config.enlarge)
            shown = functional.interpolate(shown, scale_factor=factor, mode="bilinear")
        held = self.network.features(shown, sorted(layers))
        share = margin * self.config.enlarge / shown.shape[2]
        return {
            layer: _crop(features, round(share * features.shape[2]))
            for layer, features in held.items()
        }


class _Done(Exception):  # noqa: N818 (not an error)
    """Leaves an optimizer in the middle of its line search."""


@dataclass
class _Search:
    """Looks for the canvas of least loss, one octave after the other."""

    config: NstConfig
    show: Callable[[NstProgress], None]
    stop: Callable[[], bool]
    step: int = 0
    stopped: bool = False
    losses: dict[str, float] = field(default_factory=dict)
    """Of the best canvas of the octave."""

    def run(self, canvas: Tensor, objective: _Objective, until: int) -> Tensor:
        """Return the best canvas that was found up to step `until`."""
        canvas = canvas.contiguous().requires_grad_()
        self.losses = {"total": math.inf}
        best = canvas.detach().clone()

        def look() -> float:
            if self.step >= until:
                raise _Done
            canvas.grad = None
            losses = objective(canvas)
            torch.autograd.backward(losses["total"])
            self.step += 1
            found = {name: loss.item() for name, loss in losses.items()}
            self._check_finite(found)
            if found["total"] < self.losses["total"]:
                self.losses = found
                best.copy_(canvas.detach())
            image = objective.paint(canvas.detach()).clamp(-1, 1)
            self.show(NstProgress(self.step, self.config.steps, found, image))
            if self.stop():
                self.stopped = True
                raise _Done
            return found["total"]

        optimizer = _optimizer(canvas, self.config)
        with suppress(_Done):
            while True:
                optimizer.step(look)
        return best

    def _check_finite(self, losses: Mapping[str, float]) -> None:
        for name, loss in losses.items():
            if not math.isfinite(loss):
                raise TrainingError(
                    f"The {name} loss is {loss} at step {self.step}.",
                    "Lower the style weight, or use the optimizer adam.",
                )


def _optimizer(canvas: Tensor, config: NstConfig) -> torch.optim.Optimizer:
    if config.optimizer == "adam":
        return torch.optim.Adam([canvas], _ADAM_RATE)
    # Without tolerances: a picture has so many pixels that each one's gradient is tiny.
    return torch.optim.LBFGS(
        [canvas],
        max_iter=config.steps,
        tolerance_grad=0.0,
        tolerance_change=0.0,
        history_size=20,
        line_search_fn="strong_wolfe",
    )


def _sizes(content: Tensor, octaves: int) -> list[tuple[int, int]]:
    """The height and width of each octave, the content's own last."""
    height, width = content.shape[2:]
    factors = [2**octave for octave in reversed(range(1, octaves))]
    sizes = [(height // factor, width // factor) for factor in factors]
    return [*(size for size in sizes if min(size) >= _LEAST_SIDE), (height, width)]


def _first_canvas(photo: Tensor, config: NstConfig) -> Tensor:
    """Return what is optimized first: `(1, 3, h, w)`, or `(1, 1, h, w)` of luma alone."""
    start = _luma(photo) if config.keep_colors else photo
    if config.init == "content":
        return start
    random = torch.Generator().manual_seed(config.seed)
    return (torch.rand(start.shape, generator=random) * 2 - 1).to(photo)


def _resize(image: Tensor, size: tuple[int, int]) -> Tensor:
    if tuple(image.shape[2:]) == size:
        return image.clone()
    shrinks = size[0] < image.shape[2]
    return functional.interpolate(image, size, mode="bicubic", antialias=shrinks).clamp(-1, 1)


def _shrink(style: Tensor, factor: int) -> Tensor:
    """Return the style `factor` times smaller, or as it is if hardly anything would be left."""
    height, width = style.shape[2] // factor, style.shape[3] // factor
    return style if min(height, width) < MIN_SIDE else _resize(style, (height, width))


def _crop(features: Tensor, margin: int) -> Tensor:
    """Return `(N, C, H, W)` without its rim, unless nothing else is there."""
    if min(features.shape[2:]) <= 2 * margin:
        return features
    return features[:, :, margin : features.shape[2] - margin, margin : features.shape[3] - margin]


def _luma(image: Tensor) -> Tensor:
    weights = torch.tensor(_LUMA).to(image).view(1, 3, 1, 1)
    return (image * weights).sum(1, keepdim=True)


def _match_luma(style: Tensor, content: Tensor) -> Tensor:
    """Return the style with the mean and deviation of the content's luma, which stays its own."""
    own, wanted = _luma(style), _luma(content)
    deviation, mean = torch.std_mean(own)
    wanted_deviation, wanted_mean = torch.std_mean(wanted)
    matched = (own - mean) * (wanted_deviation / deviation.clamp(min=1e-6)) + wanted_mean
    return matched.expand(-1, 3, -1, -1)


def _scale(square: Tensor) -> float:
    """A divisor; not zero where a layer holds nothing at all of a picture of one color."""
    return max(square.item(), 1e-12)
