"""What something was timed on."""

import os
import platform
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from pathlib import Path
from typing import Any


def describe_machine(*packages: str) -> dict[str, Any]:
    """Processor, cores, memory, system, versions of Python and of `packages`; JSON values.

    Of a package that comes by another name, as onnxruntime does by onnxruntime-gpu, that is told;
    one that is not there is left out.
    """
    return {
        "cpu": _cpu(),
        "cores": os.cpu_count(),
        "memory_gib": _memory_gib(),
        "os": platform.platform(),
        "python": platform.python_version(),
        "versions": {name: number for each in packages for name, number in _versions(each)},
    }


def load_average() -> float | None:
    """How many processes wanted to run in the last minute; None where the system does not say."""
    return os.getloadavg()[0] if hasattr(os, "getloadavg") else None


def peak_memory_mib() -> float | None:
    """The most memory that this process held so far; None where the system does not say."""
    status = Path("/proc/self/status")
    if status.is_file():
        # getrusage counts the process that this one was forked from, too.
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 1024
    if platform.system() != "Darwin":
        return None
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def _versions(package: str) -> list[tuple[str, str]]:
    try:
        return [(package, version(package))]
    except PackageNotFoundError:
        return [(name, version(name)) for name in packages_distributions().get(package, ())]


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:  # only Linux has it
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def _memory_gib() -> float | None:
    try:
        size = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError):  # Windows
        return None
    return round(size / (1 << 30), 1)
