"""How much memory a graph needs for each pixel of its picture, measured in a process of its own."""

import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import numpy as np

from nijigan.core.errors import ExportError
from nijigan.export.runtime import onnxruntime, open_session, run_graph

_SMALL_SIDE = 256
_LARGEST_SMALL_SIDE = 1024
_GROWTH = 3
_PICTURES_BYTES = 24
"""For each pixel: the photo and its drawing, three numbers of float32 each."""


def bytes_per_pixel(graph: Path, multiple: int, precision: str = "fp32") -> int:
    """Return how many bytes ONNX Runtime's memory grows by for each further pixel, on the CPU.

    A fresh process draws a small square and then a larger one; what its largest memory rises by is
    shared among the pixels that the larger one has more. Working memory of the engine counts as
    well as the tensors; what loading the weights took does not. Run on Linux alone so far.

    Args:
        graph: a style's graph, beside its weights, that takes any size.
        multiple: the sides of a picture are multiples of this many pixels.
        precision: of the graph; of bf16 the need in float32 is told, which is more.

    Returns:
        At least 1.

    Raises:
        ExportError: the graph could not be run.
    """
    small = -(-_SMALL_SIDE // multiple) * multiple
    command = [sys.executable, "-m", __name__, str(graph), precision, str(small)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    if result.returncode:
        last = (result.stderr.strip().splitlines() or ["no message"])[-1]
        raise ExportError(
            f"{graph} cannot be run to measure its memory: {last}",
            "Export on a machine with more memory.",
        )
    return max(1, int(result.stdout))


def _measure(session: onnxruntime.InferenceSession, small: int) -> int:
    """Return the bytes for each further pixel, of a session of this process."""

    def peak_after(side: int) -> int:
        run_graph(session, np.zeros((1, 3, side, side), np.float32), 1.0)
        return _peak_bytes()

    _forget_peak()
    loaded = _peak_bytes()
    # What loading has left free is used first: nothing can be told before that is exhausted.
    while (before := peak_after(small)) - loaded <= _PICTURES_BYTES * small**2:
        if 2 * small > _LARGEST_SMALL_SIDE:
            break
        small *= 2
    large = _GROWTH * small
    return -(-(peak_after(large) - before) // (large**2 - small**2))


def _forget_peak() -> None:
    """Have Linux count the most memory anew, from what there is now; elsewhere do nothing."""
    with suppress(OSError):  # some containers refuse it, too
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak_bytes() -> int:
    """Return the most memory that this process has had since it began, or since `_forget_peak`."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage counts the process that this one was forked from, too.
        text = status.read_text(encoding="ascii")
        return 1024 * int(text.partition("VmHWM:")[2].split()[0])
    try:
        import resource
    except ModuleNotFoundError:
        return _peak_bytes_of_windows()
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # in bytes on macOS


def _peak_bytes_of_windows() -> int:
    import ctypes

    # PROCESS_MEMORY_COUNTERS: two 32-bit numbers, then sizes, of which the first is the peak.
    counters = (ctypes.c_size_t * 10)()
    process_api = getattr(ctypes, "windll").psapi  # noqa: B009, it is missing elsewhere
    this_process = ctypes.c_void_p(-1)
    process_api.GetProcessMemoryInfo(this_process, counters, ctypes.sizeof(counters))
    return int(counters[1])


def _main() -> None:
    graph, precision, small = sys.argv[1:]
    print(_measure(open_session(Path(graph), precision), int(small)))


if __name__ == "__main__":
    _main()
