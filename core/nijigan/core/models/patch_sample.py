"""Features of random patches, projected for contrastive losses (CUT, Park et al. 2020).

The projections are learned beside the generator and are not part of it.
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

# Of CUT: added to the length before dividing, so that a zero stays one.
_EPS = 1e-7


class PatchSample(nn.Module):
    """One two-layer perceptron per tap: linear to `width`, ReLU, linear to `width`, unit length.

    The defaults are CUT's taps on its ResNet generator, 560,384 parameters. Weights start Xavier
    normal with gain 0.02, biases at zero.

    Args:
        channels: channels of each tap, in the order in which the taps are given.
        width: length of a projected feature.
    """

    def __init__(self, channels: Sequence[int] = (3, 128, 256, 256, 256), width: int = 256) -> None:
        super().__init__()
        self._config = {"channels": list(channels), "width": width}
        self.mlps = nn.ModuleList(
            nn.Sequential(nn.Linear(cin, width), nn.ReLU(), nn.Linear(width, width))
            for cin in channels
        )
        for layer in self.modules():
            if isinstance(layer, nn.Linear):
                nn.init.xavier_normal_(layer.weight, gain=0.02)
                nn.init.zeros_(layer.bias)

    def forward(self, taps: Sequence[Tensor], positions: Sequence[Tensor]) -> list[Tensor]:
        """Return the projected features of each tap, `(N, P, width)`, of length 1.

        Args:
            taps: features of the network, each `(N, C, H, W)`.
            positions: for each tap, `(P,)` whole numbers in 0…H·W - 1, from `draw_positions`: the
                same for query and key, and for all pictures of the batch.

        Raises:
            ValueError: not as many taps or positions as there are perceptrons.
        """
        projected = []
        for mlp, tap, ids in zip(self.mlps, taps, positions, strict=True):
            patches = tap.flatten(2)[:, :, ids].transpose(1, 2)
            feature: Tensor = mlp(patches)
            length = torch.linalg.vector_norm(feature, dim=-1, keepdim=True)
            projected.append(feature / (length + _EPS))
        return projected

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again."""
        return dict(self._config)


def draw_positions(
    taps: Sequence[Tensor], count: int = 256, generator: torch.Generator | None = None
) -> list[Tensor]:
    """Return for each tap `min(count, H·W)` different random places of its H·W, `(P,)` each.

    Args:
        taps: features, each `(N, C, H, W)`.
        count: places at most.
        generator: source of randomness, on the CPU.
    """
    return [
        torch.randperm(tap.shape[-2] * tap.shape[-1], generator=generator)[:count].to(tap.device)
        for tap in taps
    ]
