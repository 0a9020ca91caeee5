"""Makes a generator ready for export: fixed steps, folded norms, operators all engines have."""

import copy
from itertools import pairwise

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from nijigan.core.errors import ExportError
from nijigan.core.models import Generator
from nijigan.core.models.time_conditioning import SplitTimeConv2d, TimeConv2d
from nijigan.core.ode import Adaptive, Solver
from nijigan.export.explicit_norm import explicit_norms


def unroll(generator: Generator, solver: Solver) -> Generator:
    """Return a copy of `generator` that computes the same and traces into a plain graph.

    The solver's steps are Python loops, so tracing writes them out one after another. BatchNorm is
    folded into the convolution before it; the norms that look at the whole picture are written out
    around `PictureStatistics`; pixel-unshuffle becomes a convolution with a fixed kernel: the ONNX
    operator for it orders channels otherwise.

    Args:
        generator: any state; it is not changed.
        solver: what the ODE blocks of the copy integrate with, where there are any.

    Raises:
        ExportError: the solver is adaptive, or a BatchNorm follows no convolution.
    """
    if isinstance(solver, Adaptive):
        raise ExportError(
            "An adaptive solver cannot be exported: tracing would freeze one picture's step sizes "
            "into the graph.",
            "Choose a fixed one with a number of steps: euler, midpoint, heun, rk4 or dopri5.",
        )
    generator = copy.deepcopy(generator).eval().requires_grad_(requires_grad=False)
    generator.set_solver(solver)
    for module in list(generator.modules()):
        _fold_norms(module)
        _replace_unshuffle(module)
        _split_time(module)
    left = [name for name, m in generator.named_modules() if isinstance(m, nn.BatchNorm2d)]
    if left:
        raise ExportError(
            f"The BatchNorm '{left[0]}' does not follow a convolution, so it cannot be folded.",
            "Put the norm directly after the convolution.",
        )
    explicit_norms(generator)
    return generator


def _fold_norms(parent: nn.Module) -> None:
    """Fold each BatchNorm into the convolution that is the child before it."""
    for (conv_name, conv), (norm_name, norm) in pairwise(list(parent.named_children())):
        if not isinstance(norm, nn.BatchNorm2d):
            continue
        if isinstance(conv, nn.Conv2d):
            setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm))
        elif isinstance(conv, nn.ConvTranspose2d):
            setattr(parent, conv_name, fuse_conv_bn_eval(conv, norm, transpose=True))
        else:
            continue
        setattr(parent, norm_name, nn.Identity())


def _replace_unshuffle(parent: nn.Module) -> None:
    for name, child in list(parent.named_children()):
        if isinstance(child, nn.PixelUnshuffle):
            setattr(parent, name, _unshuffle_conv(child.downscale_factor))


def _split_time(parent: nn.Module) -> None:
    for name, child in list(parent.named_children()):
        if isinstance(child, TimeConv2d):
            setattr(parent, name, SplitTimeConv2d(child))


def _unshuffle_conv(factor: int, channels: int = 3) -> nn.Conv2d:
    """`PixelUnshuffle(factor)` of a picture as a strided convolution that picks one pixel each."""
    squares = channels * factor**2
    conv = nn.Conv2d(channels, squares, factor, stride=factor, bias=False).requires_grad_(
        requires_grad=False
    )
    picks = torch.eye(factor**2).reshape(factor**2, factor, factor)
    conv.weight.zero_()
    for c in range(channels):
        conv.weight[c * factor**2 : (c + 1) * factor**2, c] = picks
    return conv
