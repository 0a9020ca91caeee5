"""What a registered network is and costs, found out on "meta", where nothing is computed.

The cost is counted in multiply-accumulates (MACs) of convolution and linear layers, the convention
of the field. What else multiplies is listed beside it and not in it: fixed filters (blurs),
attention, the codebook's distances. Norms, activations and enlargements are not counted.
"""

import inspect
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from nijigan.core.errors import ConfigError
from nijigan.core.models.attention import FullAttention, LinearAttention
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.generator import Generator
from nijigan.core.models.kinds import DISCRIMINATOR, Kind
from nijigan.core.models.layer_trace import Layer, trace_layers
from nijigan.core.models.receptive import patch_side
from nijigan.core.models.registry import create, entry
from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.ode import Adaptive, Euler, ODEBlock, Solver

SIDE = 256
"""Height and width of the example, in pixels, where none is asked for."""

_SMALLEST = 16

_SEES_EVERYTHING = (
    nn.InstanceNorm2d,
    nn.GroupNorm,
    nn.AdaptiveAvgPool2d,
    PictureStatistics,
    FullAttention,
    LinearAttention,
)


@dataclass(frozen=True)
class ODECost:
    """What the ODE blocks of a network cost, all of them together."""

    solver: str
    blocks: int
    evaluations: int | None
    """How often one pass evaluates each f; None of a solver that decides by what it sees."""
    macs_per_evaluation: int


@dataclass(frozen=True)
class Summary:
    """A network of the registry, and what one pass of one picture costs."""

    name: str
    kind: Kind
    about: str
    options: Mapping[str, Any]
    """All options that it takes, with the values it was built with."""
    height: int
    width: int
    layers: Sequence[Layer]
    """In order of use; an ODE's once, with as many `calls` as evaluations."""
    parameters: int
    macs: int | None
    """Of convolution and linear layers; None where an adaptive solver decides."""
    macs_outside_odes: int
    other_macs: Mapping[str, int]
    """Of what else multiplies, by class: blurs, attention, codebook."""
    ode: ODECost | None
    input_multiple: int | None
    """The sides of a picture must be multiples of it; None: any that is large enough."""
    fixed_size: int | None
    radius_px: int | None
    """How far an output pixel sees, norms over the picture not counted; None: see `radius_note`."""
    radius_note: str
    patch_px: int | None
    """Of a discriminator: the side of the square that one verdict sees, norms not counted."""
    sees_everything: Mapping[str, int]
    """How many layers of which class look at the whole picture."""
    strength: str
    taps: Sequence[str]

    @property
    def unused_parameters(self) -> int:
        """Learned values that the pass had no use for: those of another domain, say."""
        return self.parameters - sum(layer.parameters for layer in self.layers)

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        return {
            "name": self.name,
            "kind": self.kind.label,
            "about": self.about,
            "takes": self.kind.takes,
            "options": dict(self.options),
            "size": {"height": self.height, "width": self.width},
            "parameters": self.parameters,
            "unused_parameters": self.unused_parameters,
            "macs": self.macs,
            "macs_outside_odes": self.macs_outside_odes,
            "other_macs": dict(self.other_macs),
            "ode": vars(self.ode) if self.ode else None,
            "input_multiple": self.input_multiple,
            "fixed_size": self.fixed_size,
            "radius_px": self.radius_px,
            "radius_note": self.radius_note,
            "patch_px": self.patch_px,
            "sees_everything": dict(self.sees_everything),
            "strength": self.strength,
            "taps": list(self.taps),
            "layers": [
                {
                    "name": layer.name,
                    "type": layer.type_name,
                    "output_shape": list(layer.output_shape),
                    "parameters": layer.parameters,
                    "calls": layer.calls,
                    "macs": layer.macs,
                }
                for layer in self.layers
            ],
        }


def build_on_meta(name: str, **config: Any) -> nn.Module:
    """Return a registered network in evaluation mode and without memory: shapes and no values.

    Raises:
        ModelNotFoundError, ConfigError: see `create`.
    """
    with torch.device("meta"):
        network = create(name, **config)
    # Constants that no checkpoint has were given values nevertheless.
    return network.to("meta").eval()


def summarize(name: str, size: tuple[int, int] | None = None, **config: Any) -> Summary:
    """Return what a registered network is and costs.

    Args:
        name: in the registry.
        size: height and width of the picture; without, 256×256 or the network's only size.
        config: options of the network.

    Raises:
        ModelNotFoundError: no network of that name.
        ConfigError: an option or a size that the network does not take.
    """
    kind = entry(name).kind
    network = build_on_meta(name, **config)
    generator = kind.generator(network)
    solver = generator.solver if generator is not None else None
    height, width = size or (_fixed_size(network) or SIDE,) * 2
    _check_size(name, network, height, width)
    if generator is not None and isinstance(solver, Adaptive):
        generator.set_solver(Euler(1))  # "meta" has no values to adapt to
    layers = _traced(name, network, kind, height, width)
    if generator is not None and isinstance(solver, Adaptive):
        generator.set_solver(solver)
    ode = _ode_cost(network, layers, solver)
    learned = sum(layer.macs for layer in layers if layer.is_learned)
    radius, note = _radius(generator)
    return Summary(
        name=name,
        kind=kind,
        about=entry(name).about,
        options=_options(name, config),
        height=height,
        width=width,
        layers=layers,
        parameters=sum(parameter.numel() for parameter in network.parameters()),
        macs=None if ode is not None and ode.evaluations is None else learned,
        macs_outside_odes=learned - sum(layer.macs for layer in _within_odes(network, layers)),
        other_macs=_other_macs(layers),
        ode=ode,
        input_multiple=getattr(network, "input_multiple", None),
        fixed_size=_fixed_size(network),
        radius_px=radius,
        radius_note=note,
        patch_px=_patch(layers) if kind is DISCRIMINATOR else None,
        sees_everything=Counter(layer.type_name for layer in layers if _sees_everything(layer)),
        strength=_strength(kind, generator),
        taps=_taps(network),
    )


def _traced(name: str, network: nn.Module, kind: Kind, height: int, width: int) -> list[Layer]:
    try:
        return trace_layers(network, lambda: kind.run(network, height, width))
    except (RuntimeError, ValueError) as error:  # torch's, of a map that has become too small
        raise ConfigError(
            f"'{name}' cannot take {width}×{height} px.", "Give a larger size."
        ) from error


def _fixed_size(network: nn.Module) -> int | None:
    return getattr(network, "fixed_size", None)


def _check_size(name: str, network: nn.Module, height: int, width: int) -> None:
    fixed = _fixed_size(network)
    multiple = getattr(network, "input_multiple", None) or 1
    if fixed is not None and (height, width) != (fixed, fixed):
        raise ConfigError(
            f"'{name}' takes {fixed}×{fixed} px only, not {width}×{height}.",
            "Leave the size out, or set image_size.",
        )
    if min(height, width) < _SMALLEST or height % multiple or width % multiple:
        raise ConfigError(
            f"'{name}' cannot take {width}×{height} px.",
            f"Both sides must be multiples of {multiple}, from {max(multiple, _SMALLEST)} on.",
        )


def _ode_cost(network: nn.Module, layers: Sequence[Layer], solver: Solver | None) -> ODECost | None:
    blocks = [module for module in network.modules() if isinstance(module, ODEBlock)]
    if not blocks or solver is None:
        return None
    inside = sum(layer.macs for layer in _within_odes(network, layers))
    if isinstance(solver, Adaptive):
        method = f"adaptive {solver.method}, rtol {solver.rtol:g}, atol {solver.atol:g}"
        return ODECost(method, len(blocks), None, inside)
    steps = f"{solver.steps} step{'s' * (solver.steps > 1)}"
    evaluations = solver.evaluations
    return ODECost(f"{solver.name}, {steps}", len(blocks), evaluations, inside // evaluations)


def _other_macs(layers: Sequence[Layer]) -> dict[str, int]:
    others: Counter[str] = Counter()
    for layer in layers:
        if layer.macs and not layer.is_learned:
            others[layer.type_name] += layer.macs
    return dict(others)


def _within_odes(network: nn.Module, layers: Sequence[Layer]) -> list[Layer]:
    """Return the layers of the f of all ODE blocks."""
    inner = {
        id(module)
        for block in network.modules()
        if isinstance(block, ODEBlock)
        for module in block.modules()
    }
    return [layer for layer in layers if id(layer.module) in inner]


def _radius(generator: Generator | None) -> tuple[int | None, str]:
    if generator is None:
        return None, ""
    try:
        return generator.receptive_radius(), ""
    except ConfigError as error:
        return None, error.message


def _patch(layers: Sequence[Layer]) -> int | None:
    """Return what a verdict sees: by the layers that make a map, not by those that pool it."""
    maps = [layer.module for layer in layers if len(layer.output_shape) == 4]
    try:
        return patch_side(maps)
    except ValueError:
        return None


def _sees_everything(layer: Layer) -> bool:
    return any(isinstance(module, _SEES_EVERYTHING) for module in layer.module.modules())


def _strength(kind: Kind, generator: Generator | None) -> str:
    if generator is None:
        return ""
    if generator.solver is not None:
        return "the time to which the ODEs are integrated"
    return kind.strength if generator.has_strength else "none; an exported style blends"


def _taps(network: nn.Module) -> Sequence[str]:
    if isinstance(network, FeatureNetwork):
        return network.layers
    taps: Sequence[str] = getattr(network, "taps", ())
    return taps


def _options(name: str, config: Mapping[str, Any]) -> dict[str, Any]:
    parameters = inspect.signature(entry(name).factory).parameters
    return {key: config.get(key, parameter.default) for key, parameter in parameters.items()}
