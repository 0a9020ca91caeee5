"""The NijiGAN generator: a CUT encoder and decoder around neural ODEs (arXiv 2412.19455)."""

from collections.abc import Sequence
from typing import Any

from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.layers import (
    conv3,
    init_before_shuffle,
    init_he,
    init_published,
    norm_layer,
)
from nijigan.core.models.stems import STEMS
from nijigan.core.models.strength import per_picture
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import ODEBlock, Solver, Time, solver_from_name


class ResidualSlope(nn.Module):
    """f of dh/dt = f(h): convolution, norm, ReLU, convolution, norm. It does not depend on time."""

    def __init__(self, channels: int, norm: str, dilation: int = 1) -> None:
        super().__init__()
        self.conv1 = conv3(channels, channels, norm, dilation=dilation)
        self.norm1 = norm_layer(norm, channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv3(channels, channels, norm, dilation=dilation)
        self.norm2 = norm_layer(norm, channels)

    def forward(self, _t: Time, h: Tensor) -> Tensor:
        """Return the slope at `h`, `(N, C, H, W)`."""
        slope: Tensor = self.norm2(self.conv2(self.relu(self.norm1(self.conv1(h)))))
        return slope


class NijiGAN(Generator):
    """Encoder, ODE blocks at a quarter of the size, decoder: image to image.

    The defaults are the paper's network, 5,477,379 parameters. With one Euler step per block it is
    CUT's ResNet generator of as many blocks.

    Args:
        ngf: channels at full size (`conv7`); twice as many at half size.
        bottleneck: channels at a quarter of the size, where the ODE blocks are.
        n_blocks: ODE blocks, one after another.
        norm: `instance` (the paper), `batch` or `none`. With the last two a pixel of the served
            graph depends on its surroundings alone; without any, training is exactly serving.
        decoder_norm: the norm after the ODE blocks: `same` as `norm`, or one of its own.
        solver: name of the solver, see `nijigan.core.ode.solver_from_name`. The default is the
            method the paper names, in one fixed step: no picture depends on its batch mates.
        steps: steps of the solver.
        dilations: one per block; a wider f sees farther at no cost. Empty: all 1.
        stem: `conv7`, the paper's layers at full size, or `unshuffle`, which never computes at full
            size and is several times faster.

    Raises:
        ConfigError: an unknown norm, solver or stem, or a number of dilations that is not n_blocks.
    """

    input_multiple = 4
    taps = ("pad", "down1", "down2", "bottleneck.first", "bottleneck.last")

    def __init__(
        self,
        ngf: int = 64,
        bottleneck: int = 256,
        n_blocks: int = 4,
        norm: str = "instance",
        decoder_norm: str = "same",
        solver: str = "dopri5",
        steps: int = 1,
        dilations: Sequence[int] = (),
        stem: str = "conv7",
    ) -> None:
        super().__init__()
        dilations = list(dilations) or [1] * n_blocks
        if len(dilations) != n_blocks:
            raise ConfigError(
                f"{len(dilations)} dilations for {n_blocks} blocks.", "Give one dilation per block."
            )
        if stem not in STEMS:
            raise ConfigError(f"No stem '{stem}'.", did_you_mean(stem, STEMS))
        self._config = {
            "ngf": ngf,
            "bottleneck": bottleneck,
            "n_blocks": n_blocks,
            "norm": norm,
            "decoder_norm": decoder_norm,
            "dilations": dilations,
            "stem": stem,
        }
        encoder, decoder = STEMS[stem]
        self.encoder = encoder(ngf, bottleneck, norm)
        self.blocks = nn.ModuleList(
            ODEBlock(ResidualSlope(bottleneck, norm, dilation), solver_from_name(solver, steps))
            for dilation in dilations
        )
        self.decoder = decoder(ngf, bottleneck, norm if decoder_norm == "same" else decoder_norm)
        self._initialize(norm)

    def _initialize(self, norm: str) -> None:
        if norm == "instance":
            init_published(self)
            return
        init_he(self)
        conv = None
        for layer in self.decoder:
            if isinstance(layer, nn.Conv2d):
                conv = layer
            elif isinstance(layer, nn.PixelShuffle) and conv is not None:
                init_before_shuffle(conv)
        # Every block starts as the identity, so all strengths and solvers start out equal.
        for slope in self.modules():
            if isinstance(slope, ResidualSlope):
                last = slope.norm2 if norm == "batch" else slope.conv2
                nn.init.zeros_(last.get_parameter("weight"))

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.
            strength: how far the ODEs are integrated, 0…1: a number, a scalar tensor, or `(N,)`,
                one per picture. It enters nowhere else; at 0 every block is the identity.

        Returns:
            `(N, 3, H, W)` in [-1, 1].
        """
        t1 = per_picture(strength)
        h: Tensor = self.encoder(image)
        for block in self.blocks:
            h = block(h, t1)
        drawn: Tensor = self.decoder(h)
        return drawn

    def features(self, image: Tensor) -> dict[str, Tensor]:
        """Return what the network holds of `image` at each of `taps`, at strength 1."""
        found: dict[str, Tensor] = {}
        h = image
        for name, layer in self.encoder.named_children():
            h = layer(h)
            if name in self.taps:
                # The ReLU that follows works in place.
                found[name] = h.clone()
        for index, block in enumerate(self.blocks):
            h = block(h)
            if index == 0:
                found["bottleneck.first"] = h
        found["bottleneck.last"] = h
        return found

    @property
    def solver(self) -> Solver:
        """The solver of every block."""
        return self._ode_blocks()[0].solver

    def set_solver(self, solver: Solver) -> None:
        """Use `solver` in every block from now on."""
        for block in self._ode_blocks():
            block.solver = solver

    def _ode_blocks(self) -> list[ODEBlock]:
        return [block for block in self.blocks if isinstance(block, ODEBlock)]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again, with the solver it has now."""
        return self._config | {
            "solver": self.solver.name,
            "steps": getattr(self.solver, "steps", 1),
        }

    def path(self) -> list[nn.Module]:
        """See `Generator.path`."""
        return [*self.encoder, *self.blocks, *self.decoder]
