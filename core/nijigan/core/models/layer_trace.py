"""The layers of a network in the order in which one pass uses them, and what each costs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.utils import parametrize
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.hooks import RemovableHandle

from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.models.time_conditioning import Timeless

Shape = tuple[int, ...]

_IDLE = (nn.Identity, Timeless)
"""Layers that do nothing, of which nobody wants to read."""


@dataclass
class Layer:
    """A layer as one pass uses it; an ODE's are used once for each evaluation of f."""

    name: str
    """Dotted, within the network."""
    module: nn.Module
    input_shape: Shape
    """Of its first input."""
    output_shape: Shape
    """Of its first output; empty where there is none."""
    parameters: int
    """Learned values; 0 where the same module is listed before, with another output shape."""
    calls: int = 0
    macs: int = 0
    """Multiply-accumulates of all calls: of convolutions and of products of matrices alone."""

    @property
    def type_name(self) -> str:
        """The name of its class; spectral norm, which makes a class of its own, is left out."""
        return type(self.module).__name__.removeprefix("Parametrized")

    @property
    def is_learned(self) -> bool:
        """Whether its multiply-accumulates are those of a convolution or linear layer."""
        return isinstance(self.module, nn.Conv2d | nn.ConvTranspose2d | nn.Linear)


@dataclass
class _Call:
    """A module at work; the calls within it come before its end."""

    name: str
    module: nn.Module
    inner: list["_Call"] = field(default_factory=list)
    macs: int = 0
    input_shape: Shape = ()
    output_shape: Shape = ()


def trace_layers(network: nn.Module, run: Callable[[], Any]) -> list[Layer]:
    """Return the layers that `run` uses, in order of first use.

    A layer is a module within which no other one is called, but for `PictureStatistics`: a norm
    made of them is one layer. Wherever else a convolution or a product of matrices is computed, the
    module that does it is listed too, so that the costs add up to those of the whole pass.

    Args:
        network: on the device "meta" it costs no memory, and no time to speak of.
        run: uses the network once.
    """
    root = _Call("", network)
    with torch.no_grad(), _Counter(root) as counter, _watching(network, counter):
        run()
    layers: dict[tuple[int, Shape], Layer] = {}
    seen: set[int] = set()
    for call in _layer_calls(root):
        key = (id(call.module), call.output_shape)
        if key not in layers:
            known = id(call.module) in seen
            seen.add(id(call.module))
            layers[key] = Layer(
                call.name,
                call.module,
                call.input_shape,
                call.output_shape,
                0 if known else _parameters(call),
            )
        layers[key].calls += 1
        layers[key].macs += call.macs + sum(inner.macs for inner in _folded(call))
    return list(layers.values())


def _layer_calls(call: _Call) -> Iterator[_Call]:
    """Yield the calls within that are of layers; `call` itself comes last, where it has a cost."""
    for inner in call.inner:
        if isinstance(inner.module, _IDLE):
            continue
        if _folded(inner) == inner.inner:
            yield inner
        else:
            yield from _layer_calls(inner)
    if call.macs:
        yield call


def _folded(call: _Call) -> list[_Call]:
    """Return the calls within that are no layers of their own: all, or none."""
    if all(isinstance(inner.module, PictureStatistics) for inner in call.inner):
        return call.inner
    return []


def _parameters(call: _Call) -> int:
    """Return the learned values of a layer, or those of its own of a module that has layers."""
    own_only = _folded(call) != call.inner
    return sum(p.numel() for p in call.module.parameters(recurse=not own_only))


class _Counter(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Give the cost of every operator to the innermost module at work."""

    def __init__(self, root: _Call) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.stack = [root]

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        if cost := _COSTS.get(func):
            self.stack[-1].macs += cost(args, result)
        return result

    def begin(self, call: _Call) -> None:
        self.stack[-1].inner.append(call)
        self.stack.append(call)

    def end(self, output_shape: Shape) -> None:
        self.stack.pop().output_shape = output_shape


@contextmanager
def _watching(network: nn.Module, counter: _Counter) -> Iterator[None]:
    """Tell `counter` of every call of a module within `network`."""
    handles: list[RemovableHandle] = []
    for name, module in _modules(network):

        def before(called: nn.Module, inputs: Any, name: str = name) -> None:
            counter.begin(_Call(name, called, input_shape=_shape_of(inputs)))

        def after(_called: nn.Module, _inputs: Any, output: Any) -> None:
            counter.end(_shape_of(output))

        handles.append(module.register_forward_pre_hook(before))
        handles.append(module.register_forward_hook(after))
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _modules(network: nn.Module) -> Iterator[tuple[str, nn.Module]]:
    """Yield the modules within, by name, without those that only make another one's weight."""
    for name, child in network.named_children():
        if isinstance(child, parametrize.ParametrizationList) or (
            parametrize.is_parametrized(network) and name == "parametrizations"
        ):
            continue
        yield name, child
        for deeper, module in _modules(child):
            yield f"{name}.{deeper}", module


def _shape_of(value: Any) -> Shape:
    """Return the shape of the first tensor in it."""
    if isinstance(value, Tensor):
        return tuple(value.shape)
    if isinstance(value, list | tuple):
        return next((shape for each in value if (shape := _shape_of(each))), ())
    return ()


def _convolution(args: Any, result: Any) -> int:
    x, weight, transposed = args[0], args[1], args[6]
    # Each input pixel is spread by a transposed convolution's window, each output pixel of another
    # one is gathered by it; the window has the other side's channels of the group.
    pixels: int = (x if transposed else result).numel()
    return pixels * int(weight[0].numel())


def _matrix_product(args: Any, result: Any) -> int:
    return int(result.numel()) * int(args[0].shape[-1])


def _matrix_product_plus(args: Any, result: Any) -> int:
    return _matrix_product(args[1:], result)


_ATEN = torch.ops.aten
_COSTS: dict[Any, Callable[[Any, Any], int]] = {
    _ATEN.convolution.default: _convolution,
    _ATEN.mm.default: _matrix_product,
    _ATEN.bmm.default: _matrix_product,
    _ATEN.addmm.default: _matrix_product_plus,
    _ATEN.baddbmm.default: _matrix_product_plus,
}
