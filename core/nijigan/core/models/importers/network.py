"""Builds the network that a file holds and gives it the file's weights."""

from pathlib import Path

import torch
from torch import Tensor, nn

from nijigan.core.errors import CheckpointError, ConfigError
from nijigan.core.models.generator import Generator
from nijigan.core.models.importers.family import Plan
from nijigan.core.models.registry import create_generator

_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


def build(plan: Plan, path: Path) -> Generator:
    """Return the network of a plan without memory, on "meta": the file may not fit it.

    Raises:
        CheckpointError: there is no such network: 5000 channels, say.
    """
    try:
        with torch.device("meta"):
            return create_generator(plan.name, **plan.config)
    except ConfigError as error:
        raise CheckpointError(
            f"{path} would be a '{plan.name}' that cannot be: {error.message}", error.remedy
        ) from error


def fill(
    network: Generator, plan: Plan, tensors: dict[str, Tensor], path: Path, remedy: str
) -> int:
    """Give a network on "meta" the file's weights, as float32.

    Args:
        network: from `build`.
        plan: the one it was built from.
        tensors: the file's, by its keys.
        path: the file, for messages.
        remedy: what to tell a user whose file does not fit.

    Returns:
        How many running statistics were dropped: old files have them for InstanceNorm, which does
        not use them. BatchNorm's are kept; the layers of the network tell the two apart.

    Raises:
        CheckpointError: a key is missing, or is not the network's, or has another shape or another
            kind of number, or a constant has other values.
    """
    unused = _unused_statistics(network, plan) & tensors.keys()
    given = {key: tensor for key, tensor in tensors.items() if key not in unused}
    _check_constants(plan, given, path)
    given = {key: tensor for key, tensor in given.items() if key not in plan.constants}
    wanted = {plan.public(own): tensor for own, tensor in network.state_dict().items()}
    for key, tensor in wanted.items():
        if key.endswith("num_batches_tracked"):  # PyTorch before 0.4.1 did not count
            given.setdefault(key, torch.zeros_like(tensor, device="cpu"))
    problems = _misfits(wanted, given)
    if problems:
        more = f" ({len(problems) - 1} more keys differ)" if len(problems) > 1 else ""
        config = ", ".join(f"{key} {value}" for key, value in plan.config.items())
        raise CheckpointError(
            f"{path}, read as {plan.name} ({config}): {problems[0]}{more}.", remedy
        )
    own = {
        name: given[plan.public(name)].to(tensor.dtype, copy=True).contiguous()
        for name, tensor in network.state_dict().items()
    }
    network.load_state_dict(own, assign=True)
    return len(unused)


def _unused_statistics(network: Generator, plan: Plan) -> set[str]:
    return {
        plan.public(f"{name}.{value}")
        for name, layer in network.named_modules()
        if isinstance(layer, nn.InstanceNorm2d)
        for value in _STATISTICS
    }


def _check_constants(plan: Plan, given: dict[str, Tensor], path: Path) -> None:
    for key, wanted in plan.constants.items():
        found = given.get(key)
        if found is None:
            continue
        if found.shape != wanted.shape or not torch.allclose(found.float(), wanted, atol=1e-6):
            raise CheckpointError(
                f"{path}: '{key}' is another filter than {wanted[0, 0].tolist()} per channel.",
                "This network scales with that one alone.",
            )


def _misfits(wanted: dict[str, Tensor], given: dict[str, Tensor]) -> list[str]:
    """Say what does not fit, key by key: those of the network first, then those too many."""
    problems: list[str] = []
    for key, tensor in wanted.items():
        shape = list(tensor.shape)
        if key not in given:
            problems.append(f"'{key}' is missing, {shape} expected")
        elif list(given[key].shape) != shape:
            problems.append(f"'{key}' is {list(given[key].shape)}, {shape} expected")
        elif given[key].is_floating_point() != tensor.is_floating_point():
            problems.append(f"'{key}' is {given[key].dtype}, {tensor.dtype} expected")
    return problems + [f"'{key}' is not one of its keys" for key in given if key not in wanted]
