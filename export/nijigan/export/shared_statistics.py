"""A network whose whole-picture statistics go in and come out.

Tiles of a picture, or frames of an animation, that are normalized with the same statistics fit
together; each with its own, they do not.
"""

from collections.abc import Iterator, Sequence

import torch
from torch import Tensor, nn

from nijigan.core.models import Generator
from nijigan.core.models.statistics import PictureStatistics


class _Tape:
    """The statistics of one pass through the network, in the order in which it needs them."""

    def __init__(self) -> None:
        self.measured: list[Tensor] = []
        self._given: Iterator[Tensor] | None = None
        self._own_part: Tensor | float = 1.0

    def begin(self, given: Sequence[Tensor], mix: Tensor) -> None:
        """Forget what was measured; from now on mix in what is `given`, already multiplied."""
        self.measured = []
        # Of the form own · (1 - mix) + given · mix both ends are exact.
        self._given, self._own_part = iter(given), 1 - mix

    def pass_by(self, value: Tensor) -> Tensor:
        """Note what was measured, `(N, C, 1, 1)`, and return it mixed with what was given."""
        self.measured.append(value)
        return value if self._given is None else value * self._own_part + next(self._given)


class _TapedStatistics(nn.Module):
    """`PictureStatistics` that passes its values by the tape; in operators all engines have."""

    def __init__(self, statistics: PictureStatistics, tape: _Tape) -> None:
        super().__init__()
        self.over_channels = statistics.over_channels
        self.unbiased = statistics.unbiased
        self.tape = tape

    def forward(self, h: Tensor) -> tuple[Tensor, Tensor]:
        mean = self._mean(h)
        centered = h - mean
        variance = self._mean(centered * centered)
        if self.unbiased:
            count = h.shape[2] * h.shape[3] * (h.shape[1] if self.over_channels else 1)
            variance = variance * (count / (count - 1))
        return self.tape.pass_by(mean), self.tape.pass_by(variance)

    def _mean(self, h: Tensor) -> Tensor:
        # Of rows first: engines add up a million float32 numbers in turn, and lose digits.
        rows = h.mean(3, keepdim=True)
        return rows.mean((1, 2) if self.over_channels else 2, keepdim=True)


def example_sides(network: Generator) -> tuple[int, int]:
    """Return height and width to trace with: of the size that the network wants, or any.

    They differ from each other and from every channel count, so that none is taken for one.
    """
    if network.fixed_size is not None:
        return network.fixed_size, network.fixed_size
    multiple = max(network.input_multiple, 4)
    return 17 * multiple, 19 * multiple


class SharedStatistics(nn.Module):
    """A generator with two more inputs and one more output: the statistics of its norms.

    Args:
        network: from `unroll`; its `PictureStatistics` are replaced.
    """

    def __init__(self, network: Generator) -> None:
        super().__init__()
        self.network = network
        self.tape = _Tape()
        for parent in list(network.modules()):
            for name, child in list(parent.named_children()):
                if isinstance(child, PictureStatistics):
                    setattr(parent, name, _TapedStatistics(child, self.tape))
        with torch.no_grad():
            network(torch.zeros(1, 3, *example_sides(network)))
        self.counts = [value.shape[1] for value in self.tape.measured]

    @property
    def numbers(self) -> int:
        """How many statistics one picture has."""
        return sum(self.counts)

    def forward(
        self, image: Tensor, strength: Tensor, norm_stats: Tensor, norm_mix: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return the drawing and the statistics that were measured on the way.

        Args:
            image, strength: see `Generator.forward`.
            norm_stats: `(N, numbers)` float32: for each place where the network looks at the whole
                picture, in order, the means and then the variances that `norm_mix` mixes in.
            norm_mix: scalar; 0 uses the picture's own statistics, 1 the given ones.

        Returns:
            `(N, 3, H, W)` and `(N, numbers)`.
        """
        given = (norm_stats * norm_mix)[:, :, None, None]
        self.tape.begin(torch.split(given, self.counts, dim=1), norm_mix)
        drawn = self.network(image, strength)
        return drawn, torch.cat(self.tape.measured, dim=1).flatten(1)


def looks_at_everything(network: nn.Module) -> bool:
    """Whether a pixel of the drawing depends on the whole picture."""
    return any(isinstance(m, PictureStatistics | _TapedStatistics) for m in network.modules())
