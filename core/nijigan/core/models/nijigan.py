"""The NijiGAN generator: a CUT encoder and decoder around neural ODEs (arXiv 2412.19455)."""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.layers import (
    GROUPS,
    conv3,
    init_before_shuffle,
    init_he,
    init_published,
    norm_layer,
    pad_as,
)
from nijigan.core.models.recompute import Recompute
from nijigan.core.models.stems import STEMS
from nijigan.core.models.strength import per_picture
from nijigan.core.models.taps import stages_of, tap
from nijigan.core.models.time_conditioning import TIMES, FiLM, TimeConv2d, Timeless
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Adaptive, FixedStep, ODEBlock, Solver, Time, solver_from_name


class ResidualSlope(nn.Module):
    """f of dh/dt = f(t, h): convolution, norm, ReLU, convolution, norm.

    Args:
        channels: of h.
        norm: see `norm_layer`.
        dilation: of both convolutions.
        hidden: channels between the two convolutions.
        time: `none`: f does not depend on it; `concat`: both convolutions get it as one more input
            channel; `film`: it scales and shifts what comes out of both norms.
    """

    def __init__(self, channels: int, norm: str, dilation: int, hidden: int, time: str) -> None:
        super().__init__()
        self.concat = time == "concat"
        conv = TimeConv2d if self.concat else conv3
        film = FiLM if time == "film" else _timeless
        self.conv1 = conv(channels, hidden, norm, dilation=dilation)
        # The norm is the layer after the convolution, so that export can fold it.
        self.norm1 = norm_layer(norm, hidden)
        self.film1 = film(hidden)
        self.relu = nn.ReLU(inplace=True)
        self.conv2 = conv(hidden, channels, norm, dilation=dilation)
        self.norm2 = norm_layer(norm, channels)
        self.film2 = film(channels)

    def forward(self, t: Time, h: Tensor) -> Tensor:
        """Return the slope at `h`, `(N, C, H, W)`, at the time t of each picture."""
        time = (t,) if self.concat else ()
        inner = self.relu(self.film1(t, self.norm1(self.conv1(h, *time))))
        slope: Tensor = self.film2(t, self.norm2(self.conv2(inner, *time)))
        return slope


def _timeless(_channels: int) -> Timeless:
    return Timeless()


class NijiGAN(Generator):
    """Encoder, ODE blocks at a quarter of the size, decoder: image to image.

    The defaults are the paper's network, 5,477,379 parameters. With one Euler step per block it is
    CUT's ResNet generator of as many blocks.

    Args:
        ngf: channels at full size (`conv7`); twice as many at half size.
        bottleneck: channels at a quarter of the size, where the ODE blocks are.
        n_blocks: ODE blocks, one after another.
        norm: `instance` (the paper's size), `group`, `batch` or `none`, see `norm_layer`. With the
            last two a pixel of the served graph depends on its surroundings alone; without any,
            training is exactly serving.
        decoder_norm: the norm after the ODE blocks: `same` as `norm`, or one of its own.
        solver: name of the solver, see `nijigan.core.ode.solver_from_name`. The default is the
            method the paper names, in one fixed step: no picture depends on its batch mates.
        steps: steps of the solver.
        dilations: one per block; a wider f sees farther at no cost. Empty: all 1.
        stem: `conv7`, the paper's layers at full size, or `unshuffle`, which never computes at full
            size and is several times faster.
        edges: `reflect`, or `zeros`: 3×3 convolutions see zeros beyond the picture, which runtimes
            pad for nothing, where reflecting takes a tenth of the time. Training on crops teaches
            what zeros mean.
        hidden: channels between the two convolutions of f; 0: as many as `bottleneck`.
        time: how f depends on the time, see `ResidualSlope`: `none` (the paper's size), `concat` as
            in torchdiffeq's ODE-Net, or `film`, which at first changes nothing. InstanceNorm takes
            away what `concat` adds, and so does BatchNorm while all pictures of a training batch
            have one strength.
        gray: color leaves the drawing as far as the strength goes, whatever the weights say: for
            drawings in gray, whose lines otherwise keep a trace of the photo's color.
        rtol, atol, adjoint, adaptive_method: of the solver `adaptive`, see `Adaptive`.

    Raises:
        ConfigError: an unknown norm, solver, stem, edges or time, a number of dilations that is not
            n_blocks, a tolerance that is not above 0, or `concat` where the norm takes it away.
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
        edges: str = "reflect",
        hidden: int = 0,
        time: str = "none",
        gray: bool = False,
        rtol: float = 1e-3,
        atol: float = 1e-3,
        adjoint: bool = False,
        adaptive_method: str = "dopri5",
    ) -> None:
        super().__init__()
        hidden = hidden or bottleneck
        dilations = list(dilations) or [1] * n_blocks
        if len(dilations) != n_blocks:
            raise ConfigError(
                f"{len(dilations)} dilations for {n_blocks} blocks.", "Give one dilation per block."
            )
        if stem not in STEMS:
            raise ConfigError(f"No stem '{stem}'.", did_you_mean(stem, STEMS))
        _check_time(time, norm, min(hidden, bottleneck))
        self._config = {
            "ngf": ngf,
            "bottleneck": bottleneck,
            "n_blocks": n_blocks,
            "norm": norm,
            "decoder_norm": decoder_norm,
            "dilations": dilations,
            "stem": stem,
            "edges": edges,
            "hidden": hidden,
            "time": time,
            "gray": gray,
        }
        self.gray = gray
        chosen = solver_from_name(solver, steps, Adaptive(adaptive_method, rtol, atol, adjoint))
        encoder, decoder = STEMS[stem]
        self.encoder = encoder(ngf, bottleneck, norm)
        self.blocks = nn.ModuleList(
            ODEBlock(ResidualSlope(bottleneck, norm, dilation, hidden, time), chosen)
            for dilation in dilations
        )
        self.decoder = decoder(ngf, bottleneck, norm if decoder_norm == "same" else decoder_norm)
        pad_as(self, edges)
        self.recompute = Recompute()
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
                last = slope.conv2 if norm == "none" else slope.norm2
                nn.init.zeros_(last.get_parameter("weight"))

    def forward(self, image: Tensor, strength: Time = 1.0) -> Tensor:
        """Return the picture drawn anew.

        Args:
            image: `(N, 3, H, W)` in [-1, 1]; H and W multiples of `input_multiple`, at least 16.
            strength: how far the ODEs are integrated, 0…1: a number, a scalar tensor, or `(N,)`,
                one per picture; at 0 every block is the identity. It enters nowhere else, but
                with `gray`, where color leaves by it.

        Returns:
            `(N, 3, H, W)` in [-1, 1].
        """
        t1 = per_picture(strength)
        h: Tensor = self.encoder(image)
        for block in self.blocks:
            h = self.recompute(block, h, t1)
        drawn: Tensor = self.decoder(h)
        return _faded(drawn, t1) if self.gray else drawn

    def features(self, image: Tensor, taps: Sequence[str]) -> dict[str, Tensor]:
        """Return what the network holds of `image` at each of `taps`, at strength 1.

        What follows the last of them is not run.
        """
        return tap(image, stages_of(self.encoder, self.blocks, self.recompute), taps)

    @property
    def solver(self) -> Solver:
        """The solver of every block."""
        return self._ode_blocks()[0].solver

    def set_solver(self, solver: Solver) -> None:
        """Use `solver` in every block from now on."""
        for block in self._ode_blocks():
            block.solver = solver

    def set_checkpointing(self, on: bool) -> None:
        """See `Generator.set_checkpointing`."""
        self.recompute = Recompute(on)

    def _ode_blocks(self) -> list[ODEBlock]:
        return [block for block in self.blocks if isinstance(block, ODEBlock)]

    @property
    def config(self) -> dict[str, Any]:
        """The arguments that build this network again, with the solver it has now."""
        return self._config | _solver_config(self.solver)

    def path(self) -> list[nn.Module]:
        """See `Generator.path`."""
        return [*self.encoder, *self.blocks, *self.decoder]


def _faded(drawn: Tensor, strength: Time) -> Tensor:
    """Take color away: none at strength 0, all at 1. What stays is the luma of ITU-R BT.601."""
    colors = torch.eye(3, dtype=drawn.dtype, device=drawn.device)
    luma = drawn.new_tensor([0.299, 0.587, 0.114]).expand(3, 3)
    # One product, for each of its terms would pass over the whole picture, at full size.
    mixed: Tensor = colors + strength * (luma - colors)
    return (mixed.view(-1, 3, 3) @ drawn.flatten(2)).view_as(drawn)


def _check_time(time: str, norm: str, channels: int) -> None:
    if time not in TIMES:
        raise ConfigError(f"No time conditioning '{time}'.", did_you_mean(time, TIMES))
    each_channel = norm == "instance" or (norm == "group" and channels <= GROUPS)
    if time == "concat" and each_channel:
        raise ConfigError(
            f"time 'concat' adds the same to all of a channel, and norm '{norm}' of {channels} "
            "channels takes each channel's mean away.",
            f"Use time = 'film', norm = 'batch' or 'none', or 'group' of more than {GROUPS}.",
        )


def _solver_config(solver: Solver) -> dict[str, Any]:
    """Return the arguments of `NijiGAN` that give this solver."""
    if isinstance(solver, FixedStep):
        return {"solver": solver.name, "steps": solver.steps}
    return {
        "solver": solver.name,
        "adaptive_method": solver.method,
        "rtol": solver.rtol,
        "atol": solver.atol,
        "adjoint": solver.adjoint,
    }
