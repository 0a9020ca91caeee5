"""Writes the .meta files that Unity wants beside each file and folder of the package.

    python scripts/unity_meta.py            # write those that are missing, remove those of nothing
    python scripts/unity_meta.py --check    # say what is wrong, and fail

A GUID is a hash of the package's name and the path, so it is the same on every machine. What refers
to an asset (a scene, an assembly) does so by its GUID: one that was released is kept when its file
moves, by an entry in `MOVED`.
"""

import argparse
import hashlib
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

PACKAGE = Path(__file__).parent.parent / "plugins/unity/com.nijigan.stylizer"
MOVED: dict[str, str] = {}
"""Where a file is now, and where it was when it was released; paths in the package."""
_GUID = re.compile(r"^guid: ([0-9a-f]{32})$", re.MULTILINE)
_COMMON = "  externalObjects: {}\n"
_END = "  userData: \n  assetBundleName: \n  assetBundleVariant: \n"
_SCRIPT = (
    "  serializedVersion: 2\n  defaultReferences: []\n  executionOrder: 0\n"
    "  icon: {instanceID: 0}\n"
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing")
    if parser.parse_args().check:
        found = list(problems(PACKAGE))
        print("\n".join(found) or f"{len(list(assets(PACKAGE)))} assets, each with its .meta")
        return 1 if found else 0
    write(PACKAGE)
    return 0


def assets(package: Path) -> Iterator[Path]:
    """What Unity imports: all but names that begin with a dot, and folders that end in ~.

    Inside of such a folder are the samples: the Package Manager copies each with its .meta files.
    """
    for path in sorted(package.rglob("*")):
        parts = path.relative_to(package).parts
        hidden = any(part.startswith(".") for part in parts)
        documentation = parts[0].endswith("~") and parts[0] != "Samples~"
        sample_itself = parts[0] == "Samples~" and len(parts) <= 2
        if not (hidden or documentation or sample_itself or path.suffix == ".meta"):
            yield path


def write(package: Path) -> None:
    """Write what is missing, and remove the .meta of what is gone."""
    wanted = {meta_path(asset): asset for asset in assets(package)}
    for meta in set(package.rglob("*.meta")) - wanted.keys():
        meta.unlink()
    for meta, asset in wanted.items():
        content = meta_text(package, asset)
        if not meta.exists() or meta.read_text(encoding="utf-8") != content:
            meta.write_text(content, encoding="utf-8", newline="\n")


def problems(package: Path) -> Iterator[str]:
    """What is wrong, a sentence each."""
    wanted = {meta_path(asset): asset for asset in assets(package)}
    for meta in sorted(set(package.rglob("*.meta")) - wanted.keys()):
        yield f"{meta.relative_to(package)} is of no asset. Run scripts/unity_meta.py."
    guids = Counter[str]()
    for meta, asset in wanted.items():
        name = asset.relative_to(package)
        if not meta.exists():
            yield f"{name} has no .meta. Run scripts/unity_meta.py."
            continue
        text = meta.read_text(encoding="utf-8")
        guids.update(_GUID.findall(text))
        if text != meta_text(package, asset):
            yield f"{name}.meta is not what scripts/unity_meta.py writes; a GUID must not change."
    yield from (f"The GUID {guid} is of {n} assets." for guid, n in guids.items() if n > 1)


def meta_path(asset: Path) -> Path:
    """The file that stands beside the asset."""
    return asset.with_name(asset.name + ".meta")


def meta_text(package: Path, asset: Path) -> str:
    """What Unity writes for a new asset of this kind, with our GUID."""
    path = asset.relative_to(package).as_posix()
    return f"fileFormatVersion: 2\nguid: {guid(package.name, path)}\n{_importer(asset)}"


def guid(package: str, path: str) -> str:
    """32 hexadecimal digits."""
    named = f"{package}/{MOVED.get(path, path)}"
    return hashlib.md5(named.encode(), usedforsecurity=False).hexdigest()


def _importer(asset: Path) -> str:
    if asset.is_dir():
        return f"folderAsset: yes\nDefaultImporter:\n{_COMMON}{_END}"
    name = PurePosixPath(asset.name)
    if name.suffix == ".cs":
        return f"MonoImporter:\n{_COMMON}{_SCRIPT}{_END}"
    importers = {
        ".asmdef": "AssemblyDefinitionImporter",
        ".md": "TextScriptImporter",
        ".json": "TextScriptImporter",
        ".unity": "DefaultImporter",
    }
    if name.suffix not in importers:
        raise SystemExit(f"{asset} is of a kind that is new here. Teach scripts/unity_meta.py.")
    importer = "PackageManifestImporter" if name.name == "package.json" else importers[name.suffix]
    return f"{importer}:\n{_COMMON}{_END}"


if __name__ == "__main__":
    sys.exit(main())
