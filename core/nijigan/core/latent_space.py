"""What a trained VAE makes of pictures: few numbers, ways between them, and pictures of them."""

from pathlib import Path
from typing import Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nijigan.core.checkpoint import load_network
from nijigan.core.errors import CheckpointError
from nijigan.core.images import from_tensor, resize, to_tensor
from nijigan.core.models.vae import ResidualVAE

U8 = NDArray[np.uint8]
F32 = NDArray[np.float32]


class LatentSpace:
    """A VAE in evaluation mode on the CPU. Any number of threads may call.

    A picture is uint8 `(H, W, 3)`, a code float32 `(latent,)`: the mean of the picture's Gaussian.
    """

    def __init__(self, network: ResidualVAE) -> None:
        self._network = network.eval()

    @classmethod
    def load(cls, source: Path) -> Self:
        """Load the network of a run, of a checkpoint's folder or of a file.

        Raises:
            CheckpointError: there is none, or it is not a VAE's.
        """
        network, info = load_network(source)
        if not isinstance(network, ResidualVAE):
            raise CheckpointError(
                f"'{source}' has the network '{info.name}', which is no VAE.",
                "Give a run of the method vae.",
            )
        return cls(network)

    @property
    def side(self) -> int:
        """Of the squares that it takes and draws, in pixels."""
        return self._network.fixed_size

    @property
    def latent(self) -> int:
        """How many numbers a picture becomes."""
        return int(self._network.config["latent"])

    def seen(self, rgb: U8) -> U8:
        """Return what of a picture the network looks at: its middle square, `side` pixels wide."""
        height, width = rgb.shape[:2]
        least = min(height, width)
        top, left = (height - least) // 2, (width - least) // 2
        return resize(rgb[top : top + least, left : left + least], self.side, self.side)

    def encode(self, rgb: U8) -> F32:
        """Return the code of a picture."""
        with torch.inference_mode():
            mu, _ = self._network.encode(torch.from_numpy(to_tensor(self.seen(rgb))))
        return _array(mu[0])

    def draw(self, code: F32) -> U8:
        """Return the picture of a code."""
        with torch.inference_mode():
            drawn = self._network.draw(torch.from_numpy(code)[None])
        return from_tensor(_array(drawn))

    def samples(self, count: int, seed: int) -> list[F32]:
        """Return codes of the standard Gaussian; of one seed they are the same on every machine.

        More of them begin with the fewer ones.
        """
        source = torch.Generator().manual_seed(seed)
        return [_array(torch.randn(self.latent, generator=source)) for _ in range(count)]


def between(first: F32, second: F32, part: float) -> F32:
    """Return the code that is `part` (0…1) of the straight way from the first to the second."""
    return (first * np.float32(1 - part) + second * np.float32(part)).astype(np.float32)


def _array(tensor: Tensor) -> F32:
    array: F32 = tensor.numpy().astype(np.float32)
    return array
