"""Finds TensorRT, or TensorRT-RTX, which has the same classes under another name."""

import ctypes
from dataclasses import dataclass
from importlib import import_module, metadata
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from nijigan.core.errors import MissingExtraError

_PROVIDER = "onnxruntime_ep_nv_tensorrt_rtx"
"""ONNX Runtime's package for TensorRT-RTX, which carries its libraries."""
_LIBRARIES = ("libtensorrt_rtx.so.*", "libtensorrt_onnxparser_rtx.so.*")
"""In the order in which they need each other."""


@dataclass(frozen=True)
class Library:
    """What builds and runs engines."""

    name: str
    """TensorRT or TensorRT-RTX."""
    version: str
    classes: ModuleType
    """`Logger`, `Builder`, `OnnxParser` and the rest."""


def load_library() -> Library:
    """Return TensorRT if it is installed, else TensorRT-RTX.

    Neither needs a GPU or a driver to be loaded. TensorRT-RTX is there where the packages
    tensorrt-rtx-cu12-bindings and onnxruntime-ep-nv-tensorrt-rtx-cu12 are.

    Raises:
        MissingExtraError: neither is installed, or what is installed cannot be loaded.
    """
    for name, package, load in (
        ("TensorRT", "tensorrt", _import),
        ("TensorRT-RTX", "tensorrt_rtx", _import),
        ("TensorRT-RTX", "tensorrt_rtx_bindings", _import_bindings),
    ):
        if find_spec(package):
            try:
                return Library(name, _version(package), load(package))
            except (ImportError, OSError) as error:
                raise MissingExtraError(
                    f"{name} is installed and cannot be loaded ({error}).", _REMEDY
                ) from error
    raise MissingExtraError("No TensorRT is installed.", _REMEDY)


_REMEDY = "pip install 'nijigan[tensorrt]', or 'nijigan[tensorrt-rtx]'."


def _import(package: str) -> ModuleType:
    return import_module(package)


def _import_bindings(package: str) -> ModuleType:
    """Import the bindings of TensorRT-RTX with the libraries of ONNX Runtime's provider."""
    provider = find_spec(_PROVIDER)
    for folder in (provider.submodule_search_locations or ()) if provider else ():
        for pattern in _LIBRARIES:
            for file in sorted(Path(folder).glob(pattern)):
                ctypes.CDLL(str(file), ctypes.RTLD_GLOBAL)
    return import_module(f"{package}.tensorrt_rtx")


def _version(package: str) -> str:
    distributions = metadata.packages_distributions().get(package, ())
    return metadata.version(distributions[0]) if distributions else ""
