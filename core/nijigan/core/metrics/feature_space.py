"""Pictures as points: the means of a feature network's last layer, for distances between sets.

How a picture is resized before belongs to the distance as much as the network does, so each space
has its own rule and says which.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from nijigan.core.datasets.pair import Pixels
from nijigan.core.images import resize, size_at_short_side, to_tensor
from nijigan.core.models.efficientnet_lite0 import EfficientNetLite0
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.inception_pool3 import InceptionPool3, TorchvisionInceptionPool3
from nijigan.core.models.mobilenet_v2 import MobileNetV2
from nijigan.core.models.weights import (
    PUBLISHED,
    Download,
    FeatureWeights,
    Progress,
    Source,
    load_weights,
)

_SHORT_SIDE = 256
_INCEPTION_SIDE = 299


@dataclass(frozen=True)
class Resizing:
    """How a picture comes to the size that a network is shown."""

    note: str
    """In words, for tables."""
    apply: Callable[[Pixels], Tensor]
    """Takes `(H, W, 3)` uint8, returns `(1, 3, H', W')` float32 in [-1, 1]."""


def _to_short_side(pixels: Pixels) -> Tensor:
    size = size_at_short_side(pixels.shape[1], pixels.shape[0], _SHORT_SIDE)
    return torch.from_numpy(to_tensor(resize(pixels, *size)))


def _as_pillow(pixels: Pixels) -> Tensor:
    side = (_INCEPTION_SIDE, _INCEPTION_SIDE)
    image = Image.fromarray(pixels).resize(side, Image.Resampling.BILINEAR)
    return torch.from_numpy(to_tensor(np.asarray(image)))


def as_tensorflow(pixels: Pixels) -> Tensor:
    """Return a picture at 299×299 as TensorFlow 1's `resize_bilinear` makes it.

    Output pixel i is read at i · H / 299, not at the middle of what it covers, between two pixels,
    and shrinking averages nothing. FID is defined with it.

    Args:
        pixels: `(H, W, 3)` uint8.

    Returns:
        `(1, 3, 299, 299)` float32 in [-1, 1].
    """
    image = to_tensor(pixels)[0]
    for axis in (1, 2):
        length = image.shape[axis]
        at = np.arange(_INCEPTION_SIDE, dtype=np.float32) * np.float32(length / _INCEPTION_SIDE)
        before = at.astype(np.int64)
        after = np.minimum(before + 1, length - 1)
        part = at - before.astype(np.float32)
        first, second = image.take(before, axis), image.take(after, axis)
        image = first + (second - first) * (part[:, None] if axis == 1 else part)
    return torch.from_numpy(image[None])


SHORT_SIDE = Resizing(f"short side {_SHORT_SIDE} px, Lanczos", _to_short_side)
PILLOW = Resizing("299×299 px, Pillow's bilinear", _as_pillow)
TENSORFLOW = Resizing("299×299 px, TensorFlow 1's bilinear", as_tensorflow)


@dataclass(frozen=True)
class Known:
    """A network that pictures can be compared on."""

    network: Callable[[], FeatureNetwork]
    resizing: Resizing
    published: Source
    """Where its weights are, if no file is given."""


SPACES: Mapping[str, Known] = {
    "mobilenet_v2": Known(MobileNetV2, SHORT_SIDE, PUBLISHED["mobilenet_v2"]),
    "efficientnet_lite0": Known(EfficientNetLite0, SHORT_SIDE, PUBLISHED["efficientnet_lite0"]),
    "inception": Known(
        InceptionPool3,
        TENSORFLOW,
        Download(
            "https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/"
            "pt_inception-2015-12-05-6726825d.pth",
            "6726825d",
        ),
    ),
    "inception_torchvision": Known(
        TorchvisionInceptionPool3,
        PILLOW,
        Download(
            "https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth", "0cc3c7bd"
        ),
    ),
}
"""By name."""


@dataclass(frozen=True)
class FeatureSpace:
    """A network with its weights, and how pictures are resized for it."""

    network: FeatureNetwork
    weights: FeatureWeights
    resizing: Resizing

    def embed(self, pixels: Pixels) -> NDArray[np.float64]:
        """Return a picture, `(H, W, 3)` uint8, as `(d,)`: the means of the last layer's maps."""
        last = self.network.layers[-1:]
        with torch.inference_mode():
            (maps,) = self.network.features(self.resizing.apply(pixels), last).values()
        means: NDArray[np.float64] = maps.mean((2, 3))[0].double().numpy()
        return means


def load_space(
    name: str, source: Source | None = None, progress: Progress | None = None
) -> FeatureSpace:
    """Return one of `SPACES` with its weights, the published ones if no source is given.

    Raises:
        MissingExtraError, CheckpointError, UsageError: see `load_features`.
    """
    known = SPACES[name]
    network = known.network()
    weights = load_weights(network, source or known.published, progress)
    return FeatureSpace(network, weights, known.resizing)
