"""Photos whose lightness became color: what was lighter is of another hue, and hardly lighter.

Cameras and JPEG store color softly, so photos have no sharp edges of color alone. Simple renders
and drawings are full of them, and a network that has seen none blurs them. Everything follows from
the name of the photo.
"""

import hashlib
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nijigan.core.datasets.split import as_bytes
from nijigan.core.datasets.working_copy import WorkingCopy
from nijigan.core.images import Picture
from nijigan.core.teachers.color import oklab_from_srgb, srgb_from_oklab

_LIGHTNESS = (0.45, 0.8)
"""Around which the picture's is, in Oklab."""
_LEFT = (0.0, 0.4)
"""Part of the contrast in lightness that is left."""
_TURNED = (0.3, 0.5)
"""Contrast in color, of that in lightness."""


def is_recolored(name: str, share: float) -> bool:
    """Whether a copy is drawn recolored too: decided by its name alone, as what is held out is."""
    return _from_name(name).random() < share


@dataclass(frozen=True)
class RecoloredCopy:
    """A working copy of a photo in other colors, to be drawn as photos are."""

    copy: WorkingCopy

    @property
    def name(self) -> str:
        """What its pair is called."""
        return f"{self.copy.name}-recolored"

    def read(self) -> Picture:
        """Return the picture.

        Raises:
            ImageError: the photo cannot be read; it names the file.
        """
        return Picture(recolored(self.copy.read().rgb, _from_name(self.name)))


def recolored(rgb: NDArray[np.uint8], rng: np.random.Generator) -> NDArray[np.uint8]:
    """Return a photo `(H, W, 3)` in which color tells apart what lightness did."""
    lab = oklab_from_srgb(np.divide(rgb, 255, dtype=np.float32))
    middle, left, turned = (rng.uniform(*of) for of in (_LIGHTNESS, _LEFT, _TURNED))
    hue = rng.uniform(0, 2 * np.pi)
    contrast = lab[..., 0] - lab[..., 0].mean()
    lab[..., 0] = middle + left * contrast
    lab[..., 1] += turned * np.cos(hue) * contrast
    lab[..., 2] += turned * np.sin(hue) * contrast
    levels: NDArray[np.uint8] = np.rint(srgb_from_oklab(lab) * 255).astype(np.uint8)
    return levels


def _from_name(name: str) -> np.random.Generator:
    digest = hashlib.sha256(as_bytes(f"recolored {name}")).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "big"))
