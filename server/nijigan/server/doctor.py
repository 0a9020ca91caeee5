"""Looks for what is wrong with an installation, and says what to do about it."""

import os
import stat
from collections.abc import Callable, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from tempfile import TemporaryFile
from time import perf_counter

import numpy as np

from nijigan.client import connect
from nijigan.client.errors import CertificateError, SidecarNotRunningError, StylizerError
from nijigan.core.errors import MissingExtraError, NijiganError, StyleNotFoundError
from nijigan.core.images import Picture
from nijigan.core.machine import describe_machine
from nijigan.export.styles import StyleLibrary
from nijigan.server.engines.choice import try_engine
from nijigan.server.engines.providers import present
from nijigan.server.pixels import RGB8, bytes_from_picture
from nijigan.server.security import address_of
from nijigan.server.sidecar_file import SidecarFile, read_sidecar_file, sidecar_path
from nijigan.server.sidecar_log import log_path
from nijigan.server.stylizer import Settings, Stylizer

OK, ABSENT, WRONG = "ok", "absent", "wrong"

_PACKAGES = ("numpy", "pillow", "onnxruntime", "grpcio", "protobuf", "h2")
_OPTIONAL = ("torch", "openvino", "tensorrt", "tensorrt-rtx-cu12-bindings")
_SIDE = 64
_PATIENCE_S = 60.0
_OTHER_NAME = (
    "Put the root of its certificate into $NIJIGAN_CA. Where the certificate has another name, "
    "this cannot be tried here: draw with --address tls://NAME:PORT and --ca."
)


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at."""

    what: str
    state: str
    """`ok`; `absent`: not there, and nothing needs it; `wrong`: the user must do something."""
    fact: str
    remedy: str = ""


def examine(home: Path, styles: StyleLibrary) -> Iterator[Finding]:
    """Look at everything, one thing after the other; nothing is changed.

    Args:
        home: the data directory.
        styles: what is installed.
    """
    yield _versions()
    yield from _data_dir(home)
    yield from _engines()
    names = yield from _styles(styles)
    for name in names:
        yield _drawn(f"drawing {name} here", partial(_draw_here, styles, name))
    yield from _sidecar(home)


def _versions() -> Finding:
    facts = describe_machine("nijigan", *_PACKAGES)
    packages = dict(facts["versions"])
    for name in _OPTIONAL:
        with suppress(PackageNotFoundError):
            packages[name] = version(name)
    listed = ", ".join(f"{name} {number}" for name, number in packages.items())
    machine = f"{facts['cpu']}, {facts['cores']} cores, {facts['memory_gib']} GiB, {facts['os']}"
    return Finding("versions", OK, f"{listed}; Python {facts['python']}; {machine}")


def _data_dir(home: Path) -> Iterator[Finding]:
    where = next(path for path in (home, *home.parents) if path.exists())
    try:
        with TemporaryFile(dir=where):
            yield Finding("data directory", OK, f"{home} can be written to.")
    except OSError as error:
        yield Finding(
            "data directory",
            WRONG,
            f"{home} cannot be written to ({error.strerror}).",
            "Set NIJIGAN_HOME to a folder that you can write to.",
        )
    log = log_path(home)
    if log.is_file():
        yield Finding("log", OK, f"{log}, {log.stat().st_size:,} bytes.")
    else:
        yield Finding("log", ABSENT, f"No sidecar has written {log} yet.")


def _engines() -> Iterator[Finding]:
    """Let each engine that is installed compute something."""
    for engine in (*(f"onnxruntime:{name}" for name in present()), "openvino", "tensorrt"):
        what = f"engine {engine}"
        try:
            try_engine(engine)
        except MissingExtraError as error:
            yield Finding(what, ABSENT, error.message, error.remedy)
        except NijiganError as error:
            # That of the CPU is what everything else falls back on.
            needed = engine in ("onnxruntime:cpu", "openvino")
            yield Finding(what, WRONG if needed else ABSENT, error.message, error.remedy)
        else:
            yield Finding(what, OK, "It computes.")


def _styles(styles: StyleLibrary) -> Generator[Finding, None, list[str]]:
    """Verify the hashes of every style; the names of those that are whole are returned."""
    whole = []
    for error in styles.broken():
        yield Finding("styles", WRONG, error.message, error.remedy)
    for name in styles.names():
        try:
            style = styles.get(name)
        except NijiganError as error:
            yield Finding(f"style {name}", WRONG, error.message, error.remedy)
        else:
            whole.append(name)
            count = len(style.sha256)
            yield Finding(
                f"style {name}", OK, f"{style.version} in {style.folder}; {count} hashes agree."
            )
    if not whole:
        yield Finding(
            "styles",
            WRONG,
            "No style is installed.",
            "Install nijigan anew, which brings some, or put a style's folder into "
            "styles/ of the data directory.",
        )
    return whole


def _drawn(what: str, draw: Callable[[], str]) -> Finding:
    begin = perf_counter()
    try:
        style = draw()
    except CertificateError as error:
        return Finding(what, WRONG, error.message, _OTHER_NAME)
    except SidecarNotRunningError as error:
        return Finding(what, WRONG, error.message, "Start it anew: nijigan serve")
    except (NijiganError, StylizerError) as error:
        return Finding(what, WRONG, error.message, error.remedy)
    except OSError as error:  # of PEM files
        return Finding(what, WRONG, f"$NIJIGAN_CA cannot be used ({error}).", "Check that file.")
    seconds = perf_counter() - begin
    return Finding(what, OK, f"{style} drew {_SIDE}x{_SIDE} pixels in {seconds:.2f} s.")


def _draw_here(styles: StyleLibrary, name: str) -> str:
    Stylizer(styles).stylize(_picture(), Settings(name))
    return name


def _sidecar(home: Path) -> Iterator[Finding]:
    """Look at `sidecar.json`, and ask the sidecar that it names to draw."""
    path = sidecar_path(home)
    said = read_sidecar_file(home)
    if said is None:
        if path.exists():
            yield Finding(
                "sidecar", WRONG, f"{path} is damaged, or of another version.",
                "Stop the sidecar, if one runs, and start it anew: nijigan serve",
            )  # fmt: skip
        else:
            yield Finding("sidecar", ABSENT, "None runs.", "Start one with: nijigan serve")
        return
    if os.name == "posix" and (mode := stat.S_IMODE(path.stat().st_mode)) & 0o077:
        yield Finding(
            "token", WRONG, f"Others can read the token: {path} has the mode {mode:o}.",
            f"Stop the sidecar, remove {path}, and start it anew.",
        )  # fmt: skip
    else:
        yield Finding("token", OK, f"{path} is yours alone.")
    yield _drawn(f"sidecar on {said.host}:{said.port}", lambda: _draw_there(said))
    if said.version != (own := version("nijigan")):
        yield Finding(
            "sidecar's version", WRONG, f"The sidecar is {said.version}, and this is {own}.",
            "Stop it and start it anew: nijigan serve",
        )  # fmt: skip


def _draw_there(said: SidecarFile) -> str:
    address = f"{'tls://' if said.tls else ''}{address_of(said.host, said.port)}"
    with connect(address, said.token) as client:
        if not (found := client.list_styles()):
            raise StyleNotFoundError("It has no style.", "Put one into one of its folders.")
        name = found[0].name
        pixels = bytes_from_picture(_picture(), RGB8)
        client.stylize(pixels, _SIDE, _SIDE, style=name, format="RGB8", timeout=_PATIENCE_S)
        return name


def _picture() -> Picture:
    """A ramp of colors."""
    y, x = np.mgrid[:_SIDE, :_SIDE].astype(np.uint8) * (256 // _SIDE)
    return Picture(np.stack([x, y, 255 - x], axis=2))
