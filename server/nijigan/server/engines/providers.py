"""The execution providers of ONNX Runtime, by the names that the command line has for them."""

from nijigan.core.errors import EngineError
from nijigan.export.runtime import onnxruntime as ort

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
    """Return those that this ONNX Runtime was built with; whether one works shows when it runs."""
    built = ort.get_available_providers()
    return [short for short, name in PROVIDERS.items() if name in built]


def provider_name(short: str) -> str:
    """Return ONNX Runtime's name of a provider.

    Raises:
        EngineError: this ONNX Runtime was built without it.
    """
    if short not in present():
        raise EngineError(
            f"This ONNX Runtime {ort.__version__} was built without the provider {short!r}; it "
            f"has {', '.join(present())}.",
            "Others come with other packages, in place of onnxruntime: onnxruntime-gpu, "
            "onnxruntime-directml.",
        )
    return PROVIDERS[short]
