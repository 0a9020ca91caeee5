"""Builds what artists install: dist/nijigan_<host>-<version>.zip for Blender and Krita, and the
tarball of the package for Unity.

    python scripts/package_plugins.py -o dist

A plugin of Blender's or Krita's is its own files, and in its private package `_carried` our client,
the code that plugins share, and the pinned h2, hpack and hyperframe. Unity's is its own files. The
same sources give the same bytes.
"""

import argparse
import gzip
import io
import json
import sys
import tarfile
import tomllib
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath

from carried_packages import carried_files
from private_imports import make_private

ROOT = Path(__file__).parent.parent
PLUGINS = ROOT / "plugins"
CARRIED = "_carried"
PACKAGES = {
    "nijigan_blender": "",
    "nijigan_krita": "",
    "nijigan.client": f"{CARRIED}.client",
    "nijigan_host": f"{CARRIED}.host",
    **{name: f"{CARRIED}.{name}" for name in ("h2", "hpack", "hyperframe")},
}
_SOURCES = {"client": PLUGINS / "client/nijigan/client", "host": PLUGINS / "host/nijigan_host"}
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first that a zip file can say
Files = dict[PurePosixPath, bytes]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("-o", "--out", type=Path, default=ROOT / "dist", help="the folder")
    out = parser.parse_args().out
    print(package_blender(out))
    print(package_krita(out))
    print(package_unity(out))
    return 0


def package_blender(out: Path) -> Path:
    """Write the extension of Blender into the folder `out`; return its path."""
    version = project_version()
    source = PLUGINS / "blender/nijigan_blender"
    files = dict(_files(source))
    manifest = tomllib.loads(files[PurePosixPath("blender_manifest.toml")].decode())
    if manifest["version"] != version:
        raise SystemExit(
            f"blender_manifest.toml has version {manifest['version']}, pyproject.toml {version}."
        )
    files[PurePosixPath("README.md")] = (PLUGINS / "blender/README.md").read_bytes()
    files[PurePosixPath("LICENSE")] = (PLUGINS / "blender/LICENSE").read_bytes()
    path = out / f"nijigan_blender-{version}.zip"
    _write_zip(path, _private({**files, **carried()}))
    return path


def package_krita(out: Path) -> Path:
    """Write the plugin of Krita into the folder `out`; return its path.

    Krita's importer looks for a desktop file, the folder that it names, as an entry of its own, and
    a file of actions of that name.
    """
    source = PLUGINS / "krita/nijigan_krita"
    files = dict(_files(source))
    files[PurePosixPath("manual.html")] = (source / "manual.html").read_bytes()
    for name in ("README.md", "LICENSE"):
        files[PurePosixPath(name)] = (PLUGINS / "krita" / name).read_bytes()
    path = out / f"nijigan_krita-{project_version()}.zip"
    folder = PurePosixPath(source.name)
    inside = {folder / name: content for name, content in _private({**files, **carried()}).items()}
    for name in ("nijigan_krita.desktop", "nijigan_krita.action"):
        inside[PurePosixPath(name)] = (PLUGINS / "krita" / name).read_bytes()
    _write_zip(path, inside, [source.name])
    return path


def package_unity(out: Path) -> Path:
    """Write the package for Unity's Package Manager into the folder `out`; return its path.

    It is laid out as `npm pack` does: all below `package/`.
    """
    version = project_version()
    source = PLUGINS / "unity/com.nijigan.stylizer"
    manifest = json.loads((source / "package.json").read_text(encoding="utf-8"))
    if manifest["version"] != version:
        raise SystemExit(
            f"package.json has version {manifest['version']}, pyproject.toml {version}."
        )
    files = {path.relative_to(source): path for path in source.rglob("*") if path.is_file()}
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        for name, path in sorted(files.items()):
            content = path.read_bytes()
            entry = tarfile.TarInfo(f"package/{name.as_posix()}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    path = out / f"com.nijigan.stylizer-{version}.tgz"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(packed.getvalue(), mtime=0))
    return path


def project_version() -> str:
    """The version that all parts have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return str(project["version"])


def carried() -> Files:
    """What every plugin carries, by the path in its package."""
    place = PurePosixPath(CARRIED)
    files = {place / "__init__.py": b'"""Packages that belong to this plugin alone."""\n'}
    for name, source in _SOURCES.items():
        files |= {place / name / path: content for path, content in _files(source)}
    files |= {place / path: content for path, content in carried_files(PLUGINS / "carried.txt")}
    files[place / "client" / "LICENSE"] = (ROOT / "LICENSE").read_bytes()
    return files


def _files(source: Path) -> Iterator[tuple[PurePosixPath, bytes]]:
    for path in source.rglob("*"):
        if path.suffix in (".py", ".toml"):
            yield PurePosixPath(path.relative_to(source).as_posix()), path.read_bytes()


def _private(files: Files) -> Files:
    return {
        path: make_private(content.decode(), path, PACKAGES).encode()
        if path.suffix == ".py"
        else content
        for path, content in files.items()
    }


def _write_zip(path: Path, files: Files, folders: Sequence[str] = ()) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for folder in folders:
            archive.writestr(zipfile.ZipInfo(f"{folder}/", _EPOCH), b"")
        for name in sorted(files):
            entry = zipfile.ZipInfo(str(name), _EPOCH)
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, files[name])


if __name__ == "__main__":
    sys.exit(main())
