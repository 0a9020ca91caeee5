"""The execution providers of ONNX Runtime, by the names that the command line has for them."""

from nijigan.core.errors import EngineError
from nijigan.export.runtime import onnxruntime as ort
from nijigan.server.engines.plugin_provider import is_packaged

PROVIDERS = {
    "tensorrt": "TensorrtExecutionProvider",
    "tensorrt-rtx": "NvTensorRTRTXExecutionProvider",
    "cuda": "CUDAExecutionProvider",
    "directml": "DmlExecutionProvider",
    "coreml": "CoreMLExecutionProvider",
    "cpu": "CPUExecutionProvider",
}
"""The fastest first. Each but the last wants a build of ONNX Runtime that has it, and a device."""


def present() -> list[str]:
    """Return those that this ONNX Runtime was built with, or has a package of.

    Whether one works shows when it runs.
    """
    return [short for short in PROVIDERS if is_built_in(short) or is_packaged(short)]


def is_built_in(short: str) -> bool:
    """Whether this ONNX Runtime was built with a provider."""
    return PROVIDERS[short] in ort.get_available_providers()


def provider_name(short: str) -> str:
    """Return ONNX Runtime's name of a provider.

    Raises:
        EngineError: this ONNX Runtime was built without it, and no package brings it.
    """
    if short not in present():
        raise EngineError(
            f"This ONNX Runtime {ort.__version__} was built without the provider {short!r}; it "
            f"has {', '.join(present())}.",
            "Others come with other packages, in place of onnxruntime: onnxruntime-gpu, "
            "onnxruntime-directml; tensorrt-rtx with nijigan[tensorrt-rtx].",
        )
    return PROVIDERS[short]
