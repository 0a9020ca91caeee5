"""Reads a file of weights without running anything that is in it."""

import pickle
import re
import tarfile
import warnings
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch.torch_version import TorchVersion

from nijigan.core.errors import CheckpointError, MissingExtraError

# Before it, a file could corrupt memory in spite of `weights_only` (CVE-2026-24747).
_SAFE_TORCH = "2.10"

_RESAVE = (
    "Ask for safetensors. If you trust whoever made it, load it where it was made and save "
    "the generator's state_dict() alone: torch.save(generator.state_dict(), 'weights.pth')."
)


def read_file(path: Path) -> object:
    """Return what a file holds: dicts, in dicts perhaps, of tensors on the CPU and plain values.

    Args:
        path: safetensors, or what `torch.save` wrote, since PyTorch 1.6 (zip) or before (pickle).
            What it is is read from its first bytes, not from its name.

    Raises:
        CheckpointError: missing, damaged, of another kind, or it would run code.
        MissingExtraError: the installed torch cannot read such a file safely.
    """
    if path.is_dir():
        raise CheckpointError(f"'{path}' is a folder.", "Name the file in it, a .pth say.")
    if not path.is_file():
        raise CheckpointError(f"There is no file '{path}'.", "Name a checkpoint file.")
    with path.open("rb") as file:
        head = file.read(512)
    if not head:
        raise CheckpointError(f"{path} is empty.", "Download it again.")
    if head[8:9] == b"{" and int.from_bytes(head[:8], "little") <= path.stat().st_size - 8:
        return _read_safetensors(path)
    if head.startswith((b"PK\3\4", b"\x80")):
        return _read_torch(path)
    if head[257:262] == b"ustar":
        raise _tar_error(path)
    raise CheckpointError(
        f"{path} is not a checkpoint: it starts with {head[:32]!r}.",
        "Download it again: where a file is gone, servers answer with a page.",
    )


def _read_safetensors(path: Path) -> object:
    try:
        with safe_open(path, framework="pt") as file:
            own = "nijigan.format" in (file.metadata() or {})
            tensors = {} if own else {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    except (SafetensorError, OSError) as error:
        raise CheckpointError(
            f"{path} is not a whole safetensors file: {error}.", "Download it again."
        ) from error
    if own:
        raise CheckpointError(
            f"{path} is a checkpoint of nijigan's own.", "Use it as it is: nijigan export takes it."
        )
    return tensors


def _read_torch(path: Path) -> object:
    if TorchVersion(torch.__version__) < _SAFE_TORCH:
        raise MissingExtraError(
            f"torch {torch.__version__} cannot read {path} safely (CVE-2026-24747).",
            "Install torch 2.10 or newer, or give a safetensors file.",
        )
    try:
        # By handle, since by name torch would take the suffix for the kind.
        with path.open("rb") as file, warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of forms that are old, not wrong
            return torch.load(file, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        raise _pickle_error(path, str(error)) from error
    except Exception as error:  # a damaged file fails as anything
        if "TorchScript" in str(error):
            raise CheckpointError(
                f"{path} is a TorchScript archive, which is a program.", _RESAVE
            ) from error
        raise CheckpointError(
            f"{path} is not a whole torch file: {str(error).splitlines()[0] or error!r:.120}.",
            "Download it again.",
        ) from error


def _pickle_error(path: Path, reason: str) -> CheckpointError:
    called = re.search(r"GLOBAL (\S+)", reason)
    if called:
        return CheckpointError(
            f"{path} is refused: reading it would call '{called[1]}', which is code, not weights.",
            _RESAVE,
        )
    return CheckpointError(f"{path} is a pickle that holds more than weights.", _RESAVE)


def _tar_error(path: Path) -> CheckpointError:
    try:
        with tarfile.open(path) as tar:
            first = tar.next()
    except tarfile.TarError:
        first = None
    if first is not None and first.name in ("sys_info", "pickle", "storages", "tensors"):
        return CheckpointError(
            f"{path} is in the tar form of PyTorch before 0.1.10, which runs code to be read.",
            _RESAVE,
        )
    return CheckpointError(f"{path} is a tar archive.", "Unpack it and name the file in it.")
