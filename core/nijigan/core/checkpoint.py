"""Checkpoints: weights as safetensors with string metadata, nothing that could run code.

Metadata keys: `nijigan.format`, `nijigan.version`, `nijigan.name` (of the network),
`nijigan.config` (its arguments, JSON), `nijigan.license`, `nijigan.data`, `nijigan.step`,
`nijigan.recipe` (JSON).
"""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, TypeVar

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import CheckpointError, ConfigError, ModelNotFoundError
from nijigan.core.models import Generator, create, create_generator

N = TypeVar("N", bound=nn.Module)

FORMAT = 1
GENERATOR_FILE = "generator.safetensors"
LATEST = "latest"


@dataclass(frozen=True)
class CheckpointInfo:
    """What a checkpoint says about itself."""

    name: str
    """Registered name of the network."""
    config: dict[str, Any]
    """Arguments that build it."""
    step: int = 0
    """Training steps behind the weights."""
    license: str = ""
    """What the weights may be used for."""
    data: str = ""
    """What they were trained on: the hash of the split, or words."""
    version: str = ""
    """nijigan's version that wrote the file."""
    recipe: dict[str, Any] = field(default_factory=dict)
    """The resolved recipe of the run, by section."""

    @property
    def split_sha256(self) -> str:
        """The hash of the split, or nothing where `data` says in words what it was trained on."""
        return self.data if re.fullmatch("[0-9a-f]{64}", self.data) else ""

    @property
    def trains_strength(self) -> bool:
        """Whether it was trained at strengths below 1 too, without which they mean nothing."""
        return bool(self.recipe.get("strength", {}).get("one", 1.0) < 1.0)


def save_network(network: nn.Module, info: CheckpointInfo, path: Path) -> None:
    """Write a network's weights and metadata to `path`; a reader never sees half a file.

    Weights in float64 are written as float32.
    """
    tensors = {name: _at_most_float32(t) for name, t in network.state_dict().items()}
    metadata = {
        "nijigan.format": str(FORMAT),
        "nijigan.version": info.version or _own_version(),
        "nijigan.name": info.name,
        "nijigan.config": json.dumps(info.config),
        "nijigan.step": str(info.step),
        "nijigan.license": info.license,
        "nijigan.data": info.data,
        "nijigan.recipe": json.dumps(info.recipe),
    }
    write_atomically(path, save(tensors, metadata))


def _at_most_float32(tensor: Tensor) -> Tensor:
    return (tensor.float() if tensor.dtype == torch.float64 else tensor).contiguous()


def load_network(source: str | Path) -> tuple[nn.Module, CheckpointInfo]:
    """Return the network of a checkpoint, in evaluation mode on the CPU, and what it says.

    Args:
        source: a `.safetensors` file, a folder that holds `generator.safetensors`, or a run folder,
            which means its latest checkpoint.

    Raises:
        CheckpointError: missing, damaged, of a newer format, or of no registered network.
    """
    return _load(source, create)


def load_generator(source: str | Path) -> tuple[Generator, CheckpointInfo]:
    """Return the generator of a checkpoint as `load_network` does.

    Raises:
        CheckpointError: as there, or the network does not turn one picture into another.
    """
    return _load(source, create_generator)


def _load(source: str | Path, build: Callable[..., N]) -> tuple[N, CheckpointInfo]:
    path = find_checkpoint(Path(source))
    tensors, metadata = _read(path)
    info = _parse(metadata, path)
    try:
        # Without memory: what the network would take is not known to be what the file has.
        with torch.device("meta"):
            network = build(info.name, **info.config)
    except (ConfigError, ModelNotFoundError) as error:
        raise CheckpointError(
            f"{path}: this nijigan cannot build its network: {error.message}",
            f"It was written by nijigan {info.version}; use that version or a newer one.",
        ) from error
    _load_weights(network, tensors, path)
    return network.eval(), info


def read_info(source: str | Path) -> CheckpointInfo:
    """Return what a checkpoint, found as `load_network` does, says about itself.

    Raises:
        CheckpointError: missing, damaged, or of a newer format.
    """
    path = find_checkpoint(Path(source))
    return _parse(_read(path)[1], path)


def find_checkpoint(source: Path) -> Path:
    """Return the generator file that a file, a checkpoint folder or a run folder means.

    Raises:
        CheckpointError: there is none.
    """
    if source.is_file():
        return source
    if (source / GENERATOR_FILE).is_file():
        return source / GENERATOR_FILE
    folder = latest_folder(source)
    if folder is not None and (folder / GENERATOR_FILE).is_file():
        return folder / GENERATOR_FILE
    raise CheckpointError(
        f"No checkpoint at '{source}'.",
        "Give a run folder, a checkpoint folder or a .safetensors file.",
    )


def latest_folder(run: Path) -> Path | None:
    """Return the folder that a run's pointer `checkpoints/latest` names, None without one.

    Where that folder was removed, it is the newest whole one of those that are left.
    """
    pointer = run / "checkpoints" / LATEST
    if not pointer.is_file():
        return None
    named = pointer.parent / pointer.read_text(encoding="utf-8", errors="replace").strip()
    if named.is_dir():
        return named
    # While one is written, its name ends in `.partial`.
    left = sorted(path.parent for path in pointer.parent.glob(f"step_*[0-9]/{GENERATOR_FILE}"))
    return left[-1] if left else named


def _own_version() -> str:
    try:
        return version("nijigan")
    except PackageNotFoundError:  # running from a source folder that is not installed
        return "0"


def _read(path: Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    try:
        with safe_open(path, framework="pt") as file:
            names = list(file.keys())
            return {name: file.get_tensor(name) for name in names}, dict(file.metadata() or {})
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a whole safetensors file: {error}.", "Copy or train it again."
        ) from error


def _parse(metadata: dict[str, str], path: Path) -> CheckpointInfo:
    written = metadata.get("nijigan.format", "")
    if not re.fullmatch("[1-9][0-9]{0,8}", written):
        raise CheckpointError(
            f"{path} has no nijigan metadata.", "Give a checkpoint that nijigan wrote."
        )
    if int(written) > FORMAT:
        raise CheckpointError(
            f"{path} has format {written}; this nijigan reads up to {FORMAT}.",
            f"Install nijigan {metadata.get('nijigan.version', '')} or newer.",
        )
    try:
        return CheckpointInfo(
            name=metadata["nijigan.name"],
            config=_table(metadata["nijigan.config"]),
            step=int(metadata["nijigan.step"]),
            license=metadata["nijigan.license"],
            data=metadata["nijigan.data"],
            version=metadata["nijigan.version"],
            recipe=_table(metadata["nijigan.recipe"]),
        )
    except (KeyError, ValueError, RecursionError) as error:
        raise CheckpointError(
            f"{path} has damaged metadata: {error}.", "Copy or train it again."
        ) from error


def _table(text: str) -> dict[str, Any]:
    table = json.loads(text)
    if not isinstance(table, dict):
        raise ValueError(f"{text:.40} is not a table")
    return table


def _load_weights(network: nn.Module, tensors: dict[str, Tensor], path: Path) -> None:
    """Give a network on "meta" its weights; names, shapes and types must be the network's own."""
    wanted = {name: _kind(tensor) for name, tensor in network.state_dict().items()}
    found = {name: _kind(tensor) for name, tensor in tensors.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise CheckpointError(
                f"{path}: the weights do not fit the network: '{name}' is "
                f"{found.get(name, 'missing')}, not {wanted.get(name, 'in the network')}.",
                "Copy or train it again.",
            )
    # Copies: the file may be overwritten while the network is in use.
    network.load_state_dict({name: t.clone() for name, t in tensors.items()}, assign=True)


def _kind(tensor: Tensor) -> str:
    return f"{tensor.dtype} {list(tensor.shape)}".removeprefix("torch.")
