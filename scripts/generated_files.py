"""How a script writes what it generates, or with --check compares it with what is there."""

import argparse
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent


def write_or_check(description: str, generate: Callable[[], Mapping[str, bytes]]) -> int:
    """Write the generated files where they are old, and return the script's exit code.

    `generate` returns their contents by their paths in the repository. With --check nothing is
    written; the old ones are named, and the code is 1 where there are any.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is old")
    check = parser.parse_args().check
    files = {ROOT / name: content for name, content in generate().items()}
    stale = [p for p, content in files.items() if not p.is_file() or p.read_bytes() != content]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is old. Run: python scripts/{Path(sys.argv[0]).name}")
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(files[path])
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if check and stale else 0
