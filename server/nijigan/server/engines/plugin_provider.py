"""Execution providers that come as a package beside ONNX Runtime, and are loaded when wanted.

The calls are those of ONNX Runtime's page "Plugin Execution Provider Libraries".
"""

from importlib import import_module
from importlib.util import find_spec
from threading import Lock
from typing import Any

from nijigan.core.errors import EngineError
from nijigan.export.runtime import onnxruntime as ort

PACKAGES = {"tensorrt-rtx": "onnxruntime_ep_nv_tensorrt_rtx"}
"""The module that brings each, by our name of the provider."""

# A library is registered once in a process, and graphs are loaded by several threads at once.
_REGISTERING = Lock()


def is_packaged(short: str) -> bool:
    """Whether the package of a provider is installed; whether it loads shows when it runs."""
    return short in PACKAGES and find_spec(PACKAGES[short]) is not None


def plugin_devices(short: str, name: str) -> list[Any]:
    """Return the devices (`OrtEpDevice`) that a packaged provider can use, loading it first.

    Args:
        short: of `PACKAGES`.
        name: ONNX Runtime's name of it.

    Raises:
        EngineError: it does not load, as without the vendor's driver, or finds no device.
    """
    with _REGISTERING:
        if not _devices(name):
            _register(short, name)
    if not (devices := _devices(name)):
        raise EngineError(
            f"ONNX Runtime's provider {short!r} finds no device here.",
            "Look for its device and driver, or use the engine onnxruntime.",
        )
    return devices


def _register(short: str, name: str) -> None:
    try:
        library = import_module(PACKAGES[short]).get_library_path()
        ort.register_execution_provider_library(name, library)
    except Exception as error:  # of ONNX Runtime's, with no base in common, or of the package's
        reason = str(error).rpartition("with error: ")[2]
        raise EngineError(
            f"ONNX Runtime cannot load its provider {short!r}: {reason}.",
            "Look for its device's driver and libraries, or use the engine onnxruntime.",
        ) from error


def _devices(name: str) -> list[Any]:
    return [device for device in ort.get_ep_devices() if device.ep_name == name]
