"""Times whole requests through a sidecar, and splits where their time goes."""

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import grpc
import numpy as np
from PIL import Image

from nijigan.client import Client, Timings, connect
from nijigan.core.errors import SidecarError
from nijigan.core.images import from_tensor
from nijigan.server.bench.case import Case
from nijigan.server.bench.echo import EchoClient
from nijigan.server.bench.picture import noise
from nijigan.server.sidecar_file import read_sidecar_file

FILE, WIRE, ENCODED = "RGBA8, file", "RGBA8, wire", "PNG"
WAYS = (FILE, WIRE, ENCODED)
"""Raw pixels through a file in memory, raw pixels over gRPC, and PNG files over gRPC."""
_WARM_UPS = 3


@dataclass(frozen=True)
class Trip:
    """What one kind of request takes: medians in milliseconds, of the parts and of the whole.

    The medians of the parts need not add up to that of the whole.
    """

    style: str
    size: str
    quality: str
    engine: str
    precision: str
    way: str
    iterations: int
    total_ms: float
    """As the client sees it."""
    p90_ms: float
    queue_ms: float
    decode_ms: float
    compute_ms: float
    encode_ms: float
    wire_ms: float
    """All else: both ways over the wire, the protocol, and the client's own work."""
    echo_ms: float
    """What a bare gRPC server takes to give the picture's pixels back, timed in turn."""
    other_ms: float
    """All of a request that is not drawing."""
    overhead: float
    """The share of a request that is not drawing."""

    @property
    def overhead_of_echo(self) -> float:
        """All that is not drawing, over what the bare server takes."""
        return self.other_ms / self.echo_ms


def end_to_end(
    cases: Sequence[Case],
    iterations: int,
    progress: Callable[[float, str], None] = lambda _done, _what: None,
) -> list[Trip]:
    """Time requests for noise of each case's size, drawn natively, one after another.

    In turn with each a bare gRPC server gives the same number of bytes back.

    Each style has a sidecar of its own for each engine, in another process and a data directory of
    its own: a style and its int8 version have one name.

    Raises:
        SidecarError: it did not start.
        StylizerError: it refused a request.
    """
    trips: list[Trip] = []
    kinds = [(case, way) for case in cases for way in WAYS]
    for engine, folder in dict.fromkeys((case.engine, case.style.folder) for case in cases):
        own = [each for each in kinds if (each[0].engine, each[0].style.folder) == (engine, folder)]
        with _sidecar(folder, engine, own[0][0].threads) as place, _echo() as channel:
            for case, way in own:
                progress(len(trips) / len(kinds), f"{case.style.name} {case.size} {way}")
                with connect(*place, exchange=way == FILE) as client:
                    trips.append(_timed(client, case, way, iterations, channel))
    return trips


def _timed(client: Client, case: Case, way: str, iterations: int, channel: grpc.Channel) -> Trip:
    data = _picture(case, way)
    echo = EchoClient(channel, 4 * case.width * case.height)
    totals: list[float] = []
    echoes: list[float] = []
    parts: list[Timings] = []
    for number in range(_WARM_UPS + iterations):
        began = time.perf_counter()
        result = client.stylize(
            data, case.width, case.height, style=case.style.name, quality=case.quality,
            scale="native", format="ENCODED" if way == ENCODED else "RGBA8",
        )  # fmt: skip
        if number >= _WARM_UPS:
            totals.append(1000 * (time.perf_counter() - began))
            parts.append(result.timings)
            echoes.append(echo.milliseconds())
    drawing = np.array([part.compute for part in parts])
    other = np.array(totals) - drawing
    inside = [part.queue + part.decode + part.compute + part.encode for part in parts]
    return Trip(
        style=case.style.name,
        size=case.size,
        quality=case.quality,
        engine=case.engine,
        precision=case.style.precision,
        way=way,
        iterations=iterations,
        total_ms=float(np.median(totals)),
        p90_ms=float(np.percentile(totals, 90)),
        queue_ms=float(np.median([part.queue for part in parts])),
        decode_ms=float(np.median([part.decode for part in parts])),
        compute_ms=float(np.median(drawing)),
        encode_ms=float(np.median([part.encode for part in parts])),
        wire_ms=float(np.median(np.subtract(totals, inside))),
        echo_ms=float(np.median(echoes)),
        other_ms=float(np.median(other)),
        overhead=float(np.median(other / totals)),
    )


def _picture(case: Case, way: str) -> bytes:
    rgba = np.concatenate(
        [from_tensor(noise(3, case.height, case.width)),
         np.full((case.height, case.width, 1), 255, np.uint8)], axis=2,
    )  # fmt: skip
    if way != ENCODED:
        return rgba.tobytes()
    file = io.BytesIO()
    Image.fromarray(rgba).save(file, "PNG", compress_level=1)
    return file.getvalue()


@contextmanager
def _echo() -> Iterator[grpc.Channel]:
    """Give a channel to a bare gRPC server in another process, which ends when the body does."""
    command = [sys.executable, "-m", "nijigan.server.bench.echo"]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None, "it is a pipe"
        try:
            with grpc.insecure_channel(f"127.0.0.1:{int(process.stdout.readline())}") as channel:
                yield channel
        finally:
            process.terminate()


@contextmanager
def _sidecar(folder: Path, engine: str, threads: int | None) -> Iterator[tuple[str, str]]:
    """Give address and token of a sidecar in another process, which ends when the body does."""
    command = [sys.executable, "-m", "nijigan.core", "serve", "--engine", engine]
    command += ["--styles", str(folder)]
    command += ["--threads", str(threads)] if threads else []
    with tempfile.TemporaryDirectory(prefix="nijigan-") as home:
        environment = {**os.environ, "NIJIGAN_HOME": home}
        pipe = subprocess.PIPE
        with subprocess.Popen(
            command, stdout=pipe, stderr=pipe, text=True, env=environment
        ) as process:
            try:
                assert process.stdout is not None, "it is a pipe"
                address = process.stdout.readline().strip()
                if not address:
                    _, said = process.communicate()
                    raise SidecarError(
                        f"The sidecar did not start: {said.strip()}", "Try nijigan serve."
                    )
                place = read_sidecar_file(Path(home))
                assert place is not None, "it is written before the address is printed"
                yield address, place.token
            finally:
                process.terminate()
