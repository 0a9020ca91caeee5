"""Keeps engines for the next start: building one takes from a second to minutes.

An engine is right for one graph, one library, one GPU and one profile; their hash is its name, so
that an engine is never used for anything else. What has changed gets a new name and is built anew.
"""

import hashlib
import json
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from nijigan.core.atomic import write_atomically
from nijigan.export.style import WEIGHTS
from nijigan.export.tensorrt.build import build_engine
from nijigan.export.tensorrt.library import Library
from nijigan.export.tensorrt.profile import Profile


def engine_key(graph: Path, profile: Profile, library: Library, gpu: str) -> str:
    """Return the hash of all that an engine is right for.

    Args:
        graph: the ONNX file; its precision is in it, and its weights lie beside it.
        profile: what the engine is built for.
        library: what builds it.
        gpu: name and compute capability.
    """
    facts = {
        "graph": hashlib.sha256(graph.read_bytes()).hexdigest(),
        "weights": _sha256_or_nothing(graph.parent / WEIGHTS),
        "library": f"{library.name} {library.version}",
        "gpu": gpu,
        "profile": asdict(profile),
        "tf32": False,  # as the first engines that were kept had it
    }
    return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def cached_engine(
    graph: Path, profile: Profile, library: Library, gpu: str, folder: Path, anew: bool = False
) -> bytes:
    """Return the engine of a graph, built if it is not there yet.

    Beside `KEY.engine` there is `KEY.log`, what the builder said; timings of kernels are kept in
    one file for each library and GPU, where the library has them.

    Args:
        graph, profile, library, gpu: see `engine_key`.
        folder: where engines are kept; it is made.
        anew: build it even if it is there: the runtime has refused what is.

    Raises:
        ExportError: it cannot be built.
        OSError: the folder cannot be written to.
    """
    key = engine_key(graph, profile, library, gpu)
    kept = folder / f"{key}.engine"
    if not anew:
        with suppress(OSError):
            return kept.read_bytes()
    folder.mkdir(parents=True, exist_ok=True)
    timing = folder / f"{_timing_key(library, gpu)}.timing"
    known = timing.read_bytes() if timing.is_file() else b""
    built = build_engine(graph, profile, library, known)
    write_atomically(folder / f"{key}.log", "\n".join([graph.name, *built.log, ""]).encode())
    if built.timing:
        write_atomically(timing, built.timing)
    write_atomically(kept, built.engine)
    return built.engine


def _timing_key(library: Library, gpu: str) -> str:
    return hashlib.sha256(f"{library.name} {library.version} {gpu}".encode()).hexdigest()


def _sha256_or_nothing(path: Path) -> str:
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return ""
