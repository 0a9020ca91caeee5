"""Draws the bundled photo through a real sidecar, and says how long each part took.

    python scripts/demo.py --out out/demo

Needs the base package alone. The sidecar is a process of its own, as when a plugin starts one, and
is stopped at the end.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from nijigan.client import Client, connect
from nijigan.core.images import Picture, read_picture, write_picture

PHOTO = Path(__file__).parent.parent / "export/nijigan/export/data/astronaut.jpg"
STYLE = "cel"


class Clock:
    """Prints how long each part took."""

    def __init__(self) -> None:
        self._last = time.perf_counter()

    def lap(self, what: str) -> None:
        now = time.perf_counter()
        print(f"{what:<22} {now - self._last:6.2f} s")
        self._last = now


@contextmanager
def sidecar() -> Iterator[Client]:
    """A sidecar with a data directory of its own, so that it is not mixed up with the user's."""
    with tempfile.TemporaryDirectory(prefix="nijigan-demo-") as home:
        os.environ["NIJIGAN_HOME"] = home
        command = [sys.executable, "-m", "nijigan.core", "serve"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            assert process.stdout is not None
            if not process.stdout.readline():
                _, errors = process.communicate()
                sys.exit(f"The sidecar did not start: {errors.decode().strip()}")
            with connect() as client:
                yield client
        finally:
            process.terminate()
            process.communicate()


def main() -> None:
    """Run the demo."""
    parser = argparse.ArgumentParser(description="Draw a bundled photo through a real sidecar.")
    parser.add_argument("--out", type=Path, default=Path("out/demo"))
    parser.add_argument("--photo", type=Path, default=PHOTO)
    options = parser.parse_args()

    clock = Clock()
    photo = read_picture(options.photo)
    clock.lap("read the photo")
    with sidecar() as client:
        clock.lap("start the sidecar")
        result = client.stylize(
            photo.rgb.tobytes(), photo.width, photo.height, style=STYLE, format="RGB8"
        )
        clock.lap("draw, first time")
        client.stylize(photo.rgb.tobytes(), photo.width, photo.height, style=STYLE, format="RGB8")
        clock.lap("draw, second time")
    clock.lap("stop the sidecar")
    shape = (result.height, result.width, 3)
    drawn = np.frombuffer(result.pixels, np.uint8).reshape(shape)
    side_by_side = np.concatenate([photo.rgb, drawn], axis=1)
    write_picture(options.out / "drawn.png", Picture(drawn))
    write_picture(options.out / "side-by-side.png", Picture(side_by_side))
    clock.lap("write the pictures")
    print(f"\nThe drawing:     {options.out / 'drawn.png'}")
    print(f"Beside its photo: {options.out / 'side-by-side.png'}")


if __name__ == "__main__":
    main()
