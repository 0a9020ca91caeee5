"""How often a network evaluates the f of its ODE blocks: the cost of a solve.

Of a fixed solver it is known beforehand (`FixedStep.evaluations`); an adaptive one decides by what
it sees. torchdiffeq's dopri5 takes 2 + 6 for every step that it tries: the slope at the start, one
more to choose the first step, and six new stages a step.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from torch import nn

from nijigan.core.ode.block import ODEBlock


@contextmanager
def counting_evaluations(network: nn.Module) -> Iterator[dict[str, int]]:
    """Count the evaluations of f while the context is open, with those of an adjoint's backward.

    Yields:
        A count for each ODE block of `network`, by the block's name in it; it grows as f is used.
    """
    blocks = {name: m for name, m in network.named_modules() if isinstance(m, ODEBlock)}
    counts = dict.fromkeys(blocks, 0)

    def count(name: str) -> Any:
        def hook(_f: nn.Module, _inputs: Any) -> None:
            counts[name] += 1

        return hook

    handles = [block.f.register_forward_pre_hook(count(name)) for name, block in blocks.items()]
    try:
        yield counts
    finally:
        for handle in handles:
            handle.remove()


def count_evaluations(network: nn.Module, *inputs: Any) -> dict[str, int]:
    """Return how often `network(*inputs)` evaluates f, for each of its ODE blocks by name.

    The network runs once, without gradients, in the mode in which it is.
    """
    with torch.no_grad(), counting_evaluations(network) as counts:
        network(*inputs)
    return counts
