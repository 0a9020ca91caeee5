"""How far a pixel of the output sees into the input, by arithmetic over the layers.

Tiles need it: with a halo of that many pixels, a tile equals the same part of the whole picture.
Normalization over the picture (InstanceNorm) sees everything and is not counted.
"""

from collections.abc import Iterable, Iterator

from torch import nn
from torch.nn.utils import parametrize

from nijigan.core.models.layers import BlurDown, BlurUp, Enlarge
from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.models.time_conditioning import FiLM, Timeless
from nijigan.core.ode import Adaptive, ODEBlock

Interval = tuple[int, int]
"""First and last index along one side."""


def receptive_radius(layers: Iterable[nn.Module], period: int) -> int:
    """Return the distance in pixels to the farthest input pixel that an output pixel depends on.

    Args:
        layers: the network in order of use; blocks and sequences are walked into.
        period: how many neighboring output pixels may differ in what they see (the input multiple).

    Raises:
        ValueError: a layer whose reach is not known, or an adaptive solver, which has no limit.
    """
    flat = [step for layer in layers for step in _steps(layer)]
    farthest = 0
    for pixel in range(period):
        first, last = pixel, pixel
        for step in reversed(flat):
            first, last = _sees(step, first, last)
        farthest = max(farthest, pixel - first, last - pixel)
    return farthest


def patch_side(layers: Iterable[nn.Module]) -> int:
    """Return the side in pixels of the square that one value of the last layer's map depends on.

    Args:
        layers: as in `receptive_radius`; those of a discriminator, say.

    Raises:
        ValueError: as in `receptive_radius`.
    """
    first, last = 0, 0
    for step in reversed([step for layer in layers for step in _steps(layer)]):
        first, last = _sees(step, first, last)
    return last - first + 1


def _steps(layer: nn.Module) -> Iterator[nn.Module]:
    """Yield the layers in order, the ones of an ODE's f once for each evaluation."""
    if isinstance(layer, ODEBlock):
        if isinstance(layer.solver, Adaptive):
            raise ValueError("An adaptive solver has no fixed reach.")
        for _ in range(layer.solver.evaluations):
            yield from _steps(layer.f)
    elif parametrize.is_parametrized(layer):
        yield layer  # its children make its weight
    elif children := list(layer.children()):
        for child in children:
            yield from _steps(child)
    else:
        yield layer


def _sees(layer: nn.Module, first: int, last: int) -> Interval:
    """Return the inputs that outputs first…last of one layer depend on, along one side."""
    match layer:
        case nn.Conv2d():
            padding = int(layer.padding[0])
            reach = layer.dilation[0] * (layer.kernel_size[0] - 1)
            return first * layer.stride[0] - padding, last * layer.stride[0] - padding + reach
        case nn.ReflectionPad2d() | nn.ZeroPad2d():
            return first - layer.padding[0], last - layer.padding[0]
        case BlurDown():
            return 2 * first - 1, 2 * last + 1
        case BlurUp() | Enlarge(aligned=False):
            return (first - 1) // 2, (last + 1) // 2
        case Enlarge(aligned=True):
            # Corner on corner: up to a quarter of a pixel off, depending on the picture's size.
            return (first - 1) // 2, (last + 2) // 2
        case nn.Upsample(scale_factor=2, mode="nearest"):
            return first // 2, last // 2
        case nn.PixelUnshuffle():
            return 2 * first, 2 * last + 1
        case nn.PixelShuffle():
            return first // 2, last // 2
        case nn.ConvTranspose2d():
            # Output o has a tap on input i where o = i·stride − padding + 0…kernel − 1.
            stride, shifted = layer.stride[0], int(layer.padding[0])
            reach = layer.kernel_size[0] - 1
            return -((reach - first - shifted) // stride), (last + shifted) // stride
        case (
            nn.Dropout()
            | nn.BatchNorm2d()
            | nn.InstanceNorm2d()
            | nn.GroupNorm()
            | PictureStatistics()
            | FiLM()
            | Timeless()
            | nn.Identity()
            | nn.ReLU()
            | nn.LeakyReLU()
            | nn.Tanh()
        ):
            return first, last
        case _:
            raise ValueError(f"The reach of {type(layer).__name__} is not known.")
