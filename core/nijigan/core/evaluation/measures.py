"""What drawings are measured by: every measure by the name it has on the command line.

A distance is called after the features it is measured on. FID, KID and LPIPS are the names of those
on the networks that the literature has them on, and of no others.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import CheckpointError, UsageError
from nijigan.core.images import to_tensor
from nijigan.core.metrics.checkerboard import checkerboard_db
from nijigan.core.metrics.day_to_night import turned
from nijigan.core.metrics.feature_space import SPACES, FeatureSpace, load_space
from nijigan.core.metrics.flatness import flatness
from nijigan.core.metrics.frechet import frechet_distance, frechet_distance_s0
from nijigan.core.metrics.kid import kid, kid_interval
from nijigan.core.metrics.lines import line_f1
from nijigan.core.metrics.lpips import LAYERS, lpips, uniform_heads
from nijigan.core.metrics.mse import mse
from nijigan.core.metrics.psnr import psnr
from nijigan.core.metrics.ssim import ssim
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.inception_pool3 import InceptionPool3
from nijigan.core.models.vgg16 import VGG16
from nijigan.core.models.weights import (
    Download,
    FeatureWeights,
    File,
    Progress,
    Source,
    load_weights,
    locate,
    parse_source,
    read_tensors,
)
from nijigan.core.nearest import did_you_mean

F64 = NDArray[np.float64]

PAIRED = ("psnr", "ssim", "mse", "flatness")
"""What pairs are measured by if nothing is asked for: it needs no weights."""
UNPAIRED = ("kid",)

OWN_SIZE = "own size"

_LPIPS_TRUNK = Download("https://download.pytorch.org/models/vgg16-397923af.pth", "397923af")
_NAMES = (
    *PAIRED,
    "lines",
    "checkerboard",
    "turn",
    "perceptual",
    "lpips",
    "kid",
    "frechet",
    "fid",
    "fid_s0",
)
_WEIGHTS = (*SPACES, "vgg16", "lpips")


@dataclass(frozen=True)
class PictureMeasure:
    """Gives a number to each drawing."""

    name: str
    better: str
    """`higher`, `lower`, or nothing where it depends."""
    compare: Callable[[Pixels, Pixels], float]
    """Takes a drawing and what it is compared with, of one shape."""
    unit: str = ""
    digits: int = 4
    """After the point, when it is shown."""
    of_one: bool = False
    """Whether it looks at the drawing alone, and so needs no pairs."""
    of_photo: bool = False
    """Whether `compare` takes the drawing and its photo, and so needs no pairs."""
    features: tuple[FeatureWeights, ...] = ()
    resize: str = OWN_SIZE


@dataclass(frozen=True)
class SetMeasure:
    """Gives a number to a set of drawings, and a set of references."""

    name: str
    space: FeatureSpace
    distance: Callable[[F64, F64], float]
    """Of `(N, d)` and `(M, d)` features; lower is better."""
    interval: Callable[[F64, F64, bool], tuple[float, float]] | None = None
    """Of 95 %; is told too whether picture i of both sets has one photo."""
    fits_gaussian: bool = False
    """Whether it is biased unless there are far more pictures than features."""
    digits: int = 4


Measure = PictureMeasure | SetMeasure


def make_measures(
    names: Sequence[str],
    features: Sequence[str],
    weights: Mapping[str, Source],
    progress: Progress | None = None,
) -> list[Measure]:
    """Return the measures of some names.

    Args:
        names: `psnr`, `ssim`, `mse`, `flatness`, `lines`, `checkerboard`, `turn`; `perceptual`,
            `kid` and `frechet`, each on all of `features`; `lpips`, `fid` and `fid_s0`, which are
            on networks of their own.
        features: some of `SPACES`.
        weights: files by the name of what they are of: `SPACES`, `vgg16`, and `lpips`, its heads.
        progress: told how far a download is.

    Raises:
        UsageError: an unknown name, or no file of LPIPS's heads.
        MissingExtraError, CheckpointError: weights that cannot be had, see `load_features`.
    """
    for kind, given, known in (
        ("measure", names, _NAMES),
        ("feature network", features, tuple(SPACES)),
        ("--weights", list(weights), _WEIGHTS),
    ):
        for name in given:
            if name not in known:
                raise UsageError(f"No {kind} is named '{name}'.", did_you_mean(name, known))
    maker = _Maker(features, weights, progress)
    return [measure for name in names for measure in maker.make(name)]


def parse_weights(options: Sequence[str]) -> dict[str, Source]:
    """Return the sources that `NETWORK=FILE` and `NETWORK=URL#SHA256` mean, by network.

    Raises:
        UsageError: no such option, or a URL without a hash.
    """
    sources = {}
    for option in options:
        network, equals, place = option.partition("=")
        if not (network and equals and place):
            raise UsageError(f"--weights {option} names no file.", "Write NETWORK=FILE.")
        url, _, sha256 = place.partition("#")
        is_url = place.startswith(("http://", "https://"))
        sources[network] = parse_source(url, sha256 or None) if is_url else File(Path(place))
    return sources


class _Maker:
    """Makes measures; those on one network share it."""

    def __init__(
        self,
        features: Sequence[str],
        weights: Mapping[str, Source],
        progress: Progress | None,
    ) -> None:
        self._features, self._weights, self._progress = features, weights, progress
        self._spaces: dict[str, FeatureSpace] = {}

    def make(self, name: str) -> list[Measure]:
        match name:
            case "lpips":
                return [self._lpips()]
            case "fid":
                return [_frechet("FID", self._space("inception"))]
            case "fid_s0":
                space = self._space("inception_torchvision")
                return [_frechet("FID-S0", space, frechet_distance_s0)]
            case "kid":
                return [_kid(self._space(features)) for features in self._features]
            case "frechet":
                spaces = map(self._space, self._features)
                return [_frechet(_named("Fréchet", "FID", space), space) for space in spaces]
            case "checkerboard":
                return [_checkerboard(period) for period in (2, 4)]
            case "turn":
                return _TURNS
            case "perceptual":
                return [_perceptual(self._space(features)) for features in self._features]
        return [_PIXELS[name]]

    def _space(self, name: str) -> FeatureSpace:
        if name not in self._spaces:
            self._spaces[name] = load_space(name, self._weights.get(name), self._progress)
        return self._spaces[name]

    def _lpips(self) -> PictureMeasure:
        if "lpips" not in self._weights:
            raise UsageError(
                "LPIPS needs its learned heads.",
                "Give the file vgg.pth of its version 0.1: --weights lpips=vgg.pth",
            )
        trunk = VGG16()
        source = self._weights.get("vgg16", _LPIPS_TRUNK)
        trunk_weights = load_weights(trunk, source, self._progress)
        heads, head_weights = _load_heads(self._weights["lpips"], trunk)
        return PictureMeasure(
            "LPIPS",
            "lower",
            lambda drawn, reference: _distance(trunk, heads, drawn, reference),
            features=(trunk_weights, head_weights),
        )


def _load_heads(source: Source, trunk: FeatureNetwork) -> tuple[dict[str, Tensor], FeatureWeights]:
    """Return the heads of LPIPS by layer, `(C,)`, and what they are."""
    path = locate(source)
    tensors, digest = read_tensors(path, source.sha256)
    with torch.inference_mode():
        found = trunk.features(torch.zeros(1, 3, 32, 32), LAYERS)
    heads = {}
    for number, layer in enumerate(LAYERS):
        name, channels = f"lin{number}.model.1.weight", found[layer].shape[1]
        head = tensors.get(name)
        if head is None or list(head.shape) != [1, channels, 1, 1]:
            raise CheckpointError(
                f"{path} has no '{name}' of {channels} channels.",
                "Give the heads of LPIPS for VGG16, vgg.pth of its version 0.1.",
            )
        heads[layer] = head.float().flatten()
    return heads, FeatureWeights("LPIPS heads", str(source), digest)


def _frechet(
    name: str, space: FeatureSpace, distance: Callable[[F64, F64], float] = frechet_distance
) -> SetMeasure:
    return SetMeasure(name, space, distance, fits_gaussian=True, digits=2)


def _kid(space: FeatureSpace) -> SetMeasure:
    return SetMeasure(_named("KID", "KID", space), space, kid, kid_interval)


def _named(kind: str, official: str, space: FeatureSpace) -> str:
    """The name of the literature on the network of the literature alone."""
    label = space.network.label
    return official if label == InceptionPool3.label else f"{kind}-{label}"


def _perceptual(space: FeatureSpace) -> PictureMeasure:
    network = space.network
    heads = uniform_heads(_last_of_each_size(network))
    return PictureMeasure(
        f"Perceptual-{network.label}",
        "lower",
        lambda drawn, reference: _distance(network, heads, drawn, reference),
        features=(space.weights,),
    )


def _last_of_each_size(network: FeatureNetwork) -> dict[str, Tensor]:
    """Return what the last layer of each size holds of some picture, by layer."""
    with torch.inference_mode():
        found = network.features(torch.zeros(1, 3, 128, 128), network.layers)
    last = {maps.shape[-1]: (layer, maps) for layer, maps in found.items()}
    return dict(last.values())


def _distance(
    network: FeatureNetwork, heads: Mapping[str, Tensor], drawn: Pixels, reference: Pixels
) -> float:
    pictures = (torch.from_numpy(to_tensor(pixels)) for pixels in (drawn, reference))
    with torch.inference_mode():
        a, b = (network.features(picture, tuple(heads)) for picture in pictures)
        return lpips(a, b, heads)


def _checkerboard(period: int) -> PictureMeasure:
    return PictureMeasure(
        f"checkerboard of {period} px",
        "",
        lambda drawn, _: checkerboard_db(drawn, period),
        "dB",
        digits=1,
        of_one=True,
    )


_TURNS: list[Measure] = [
    PictureMeasure(
        "day and night changed places",
        "lower",
        lambda drawn, photo: float(turned(photo, drawn).flipped),
        "share",
        digits=2,
        of_photo=True,
    ),
    PictureMeasure(
        "color of another hue",
        "lower",
        lambda drawn, photo: turned(photo, drawn).hue_share,
        "share",
        digits=3,
        of_photo=True,
    ),
]

_PIXELS = {
    "psnr": PictureMeasure("PSNR", "higher", psnr, "dB", digits=2),
    "ssim": PictureMeasure("SSIM", "higher", ssim),
    "mse": PictureMeasure("MSE", "lower", mse, digits=5),
    "flatness": PictureMeasure("flatness", "", lambda drawn, _: flatness(drawn), of_one=True),
    "lines": PictureMeasure("line F1", "higher", line_f1, digits=3),
}
