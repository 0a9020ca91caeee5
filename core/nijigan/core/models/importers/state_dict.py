"""Finds the generator's weights in what a file holds."""

from collections.abc import Mapping
from pathlib import Path

from torch import Tensor, nn

from nijigan.core.errors import CheckpointError, UsageError

DIRECTIONS = ("A2B", "B2A")

# Where training scripts put the generator's state_dict.
_WRAPPERS = (
    "state_dict",
    "model_state_dict",
    "generator",
    "generator_state_dict",
    "model",
    "netG",
    "net_G",
)
# What parallel training and compilation put before every key.
_PREFIXES = ("module.", "_orig_mod.")
_DEEPEST = 4


def find_generator(
    content: object, direction: str | None, path: Path
) -> tuple[dict[str, Tensor], str | None]:
    """Return the generator's tensors by key, and which of two generators it is.

    Args:
        content: what the file holds: a state_dict, or dicts around it as training scripts write
            them (U-GAT-IT's has two generators, `genA2B` and `genB2A`, beside others).
        direction: `A2B` or `B2A`, or None where there is one generator.
        path: the file, for messages.

    Raises:
        UsageError: there are two generators and no direction, or a direction and one generator.
        CheckpointError: no state_dict where one may be, or values in it that are not plain tensors.
    """
    chosen = None
    for _ in range(_DEEPEST):
        if not isinstance(content, Mapping):
            break
        generators = {
            each: content[f"gen{each}"]
            for each in DIRECTIONS
            if isinstance(content.get(f"gen{each}"), Mapping)
        }
        wrappers = [key for key in _WRAPPERS if isinstance(content.get(key), Mapping)]
        if generators:
            chosen = _choose(generators, direction, path)
            content = generators[chosen]
        elif len(wrappers) == 1:
            content = content[wrappers[0]]
        else:
            break
    if direction is not None and chosen is None:
        raise UsageError(f"{path} holds one generator, so it has no direction.", "Drop it.")
    return _without_prefixes(_tensors(content, path)), chosen


def _choose(generators: Mapping[str, object], direction: str | None, path: Path) -> str:
    if direction is None and len(generators) == 1:
        return next(iter(generators))
    held = " and ".join(generators)
    if direction is None:
        raise UsageError(f"{path} holds the generators {held}.", "Say which by --direction.")
    if direction not in generators:
        raise UsageError(f"{path} holds no generator '{direction}'.", f"It holds {held}.")
    return direction


def _tensors(content: object, path: Path) -> dict[str, Tensor]:
    entries = dict(content) if isinstance(content, Mapping) else {}
    entries.pop("_metadata", None)
    if not entries:
        raise CheckpointError(
            f"{path} holds no weights: {type(content).__name__}.", "Give a generator's state_dict."
        )
    found: dict[str, Tensor] = {}
    for key, value in entries.items():
        if not isinstance(key, str) or not isinstance(value, Tensor):
            raise CheckpointError(
                f"{path}: '{key!s:.80}' is no tensor among: {', '.join(map(str, entries)):.200}.",
                f"Give a generator's state_dict, alone or under one of: {', '.join(_WRAPPERS)}.",
            )
        if not _is_plain(value):
            raise CheckpointError(
                f"{path}: '{key}' is no plain tensor ({value.layout}, {value.dtype}).",
                "Save dense weights of the usual number formats.",
            )
        found[key] = value.detach()
    # A tensor may be a view that claims any number of values of a small file.
    claimed = sum(tensor.numel() * tensor.element_size() for tensor in found.values())
    if claimed > path.stat().st_size:
        raise CheckpointError(f"{path} claims more values than it has.", "Download it again.")
    return found


def _is_plain(tensor: Tensor) -> bool:
    plain = type(tensor) is Tensor or type(tensor) is nn.Parameter
    dense = plain and tensor.device.type == "cpu" and str(tensor.layout) == "torch.strided"
    return dense and not tensor.is_quantized and not tensor.is_complex()


def _without_prefixes(tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    for prefix in _PREFIXES * 2:
        if all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): tensor for key, tensor in tensors.items()}
    return tensors
