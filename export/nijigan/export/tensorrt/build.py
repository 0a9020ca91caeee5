"""Builds engines from a style's graphs, with TensorRT or TensorRT-RTX.

Networks are strongly typed: precision is what the ONNX file says, as TensorRT 11 has it and 10
already can. Float32 stays float32: unless told not to, both libraries round what goes into products
to TF32, 10 bits of mantissa. TensorRT needs a GPU to build; TensorRT-RTX builds on any machine, for
all GPUs from Ampere on, and finishes the engine where it runs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nijigan.core.errors import ExportError
from nijigan.export.tensorrt.library import Library
from nijigan.export.tensorrt.profile import Profile


@dataclass(frozen=True)
class Built:
    """An engine, and what was said while it was built."""

    engine: bytes
    log: tuple[str, ...]
    """Warnings and worse, in their order."""
    timing: bytes = b""
    """How long kernels took, for the next build; nothing where the library does not measure."""


def build_engine(
    graph: Path,
    profile: Profile,
    library: Library,
    timing: bytes = b"",
    refittable: bool = False,
) -> Built:
    """Build an engine of a style's graph for the shapes of a profile.

    Args:
        graph: an ONNX file as `export` writes it; its weights file lies beside it.
        profile: of the pictures. Inputs of one size keep theirs.
        library: what builds.
        timing: what an earlier build has returned for the same library and GPU; with any, even
            none, TensorRT keeps timings. TensorRT-RTX times nothing when it builds.
        refittable: whether `refit` may later give the engine other weights. TensorRT-RTX needs a
            GPU to build such a one.

    Raises:
        ExportError: there is no builder, the parser refuses the graph, or the builder gives no
            engine; the message has what was said.
    """
    trt = library.classes
    log = log_of(trt)
    builder = made(trt.Builder, log, library)
    network = builder.create_network(_strongly_typed(trt))
    parser = trt.OnnxParser(network, log)
    if not parser.parse_from_file(str(graph)):
        said = [str(parser.get_error(number)) for number in range(parser.num_errors)]
        raise _refused(f"{graph.name} is not taken", library, said or log.lines)
    config = builder.create_builder_config()
    if hasattr(trt.BuilderFlag, "TF32"):
        config.clear_flag(trt.BuilderFlag.TF32)
    config.add_optimization_profile(_optimization_profile(builder, network, profile))
    if refittable:
        config.set_flag(trt.BuilderFlag.REFIT)
    cache = None
    if library.name == "TensorRT":  # of TensorRT-RTX a cache would ask for a GPU
        cache = config.create_timing_cache(timing)
        config.set_timing_cache(cache, ignore_mismatch=False)
    engine = builder.build_serialized_network(network, config)
    if engine is None:
        raise _refused(f"no engine of {graph.name}", library, log.lines)
    times = b"" if cache is None else bytes(config.get_timing_cache().serialize())
    return Built(bytes(engine), tuple(log.lines), times)


def _strongly_typed(trt: Any) -> int:
    # TensorRT 11 has no other networks, and may have no flag for it.
    flag = getattr(trt.NetworkDefinitionCreationFlag, "STRONGLY_TYPED", None)
    return 0 if flag is None else 1 << int(flag)


def _optimization_profile(builder: Any, network: Any, profile: Profile) -> Any:
    """Return the shapes of every input that has a side to choose."""
    shapes = builder.create_optimization_profile()
    for number in range(network.num_inputs):
        value = network.get_input(number)
        sides = tuple(value.shape)
        if -1 not in sides:
            continue
        if len(sides) == 2:  # norm_stats: a row of numbers for each picture
            shapes.set_shape(value.name, *profile.rows(sides[1]))
            continue
        wanted = profile.images()
        fixed = [
            tuple(own if own != -1 else asked for own, asked in zip(sides, shape, strict=True))
            for shape in wanted
        ]
        shapes.set_shape(value.name, *fixed)
    return shapes


def made(kind: Callable[[Any], Any], log: Any, library: Library) -> Any:
    """Return a library's `Builder` or `Runtime`, the constructor of which is given.

    Raises:
        ExportError: the library makes none, without a usable driver say.
    """
    try:
        return kind(log)
    except TypeError as error:  # what its bindings raise where it returned nothing
        name = getattr(kind, "__name__", str(kind))
        raise _refused(f"no {name}", library, log.lines or [str(error)]) from error


def log_of(trt: Any) -> Any:
    """Return a logger that keeps warnings and worse in `lines`."""

    class Log(trt.ILogger):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.lines: list[str] = []

        def log(self, severity: Any, message: str) -> None:
            if int(severity) <= int(trt.ILogger.WARNING):
                self.lines.append(message)

    return Log()


def _refused(fact: str, library: Library, said: list[str]) -> ExportError:
    text = "; ".join(said[-3:]) or "it did not say why"
    return ExportError(
        f"{library.name} {library.version}: {fact} ({text}).",
        "nijigan inspect shows which operators it takes; a driver may be missing.",
    )
