"""Makes docs/images/blender/*.png: the extension in a Blender with a window.

    python scripts/picture_blender.py

Needs blender, xvfb, xauth, xdotool and python3-numpy of Debian.
"""

import argparse
import sys
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from PIL import Image

from blender_in_a_window import MISSING, REMEDY, run_in_blender
from nijigan.export.styles import style_of
from nijigan.server.testing import running_sidecar

ROOT = Path(__file__).parent.parent
SCRIPT = ROOT / "scripts/in_blender/pictures.py"
SIZE = (1120, 740)
SECONDS = 600
NAMES = ("image-editor", "output", "no-sidecar")


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of the extension's README.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/blender")
    options = parser.parse_args()
    if MISSING:
        sys.exit(f"Without {', '.join(MISSING)}. {REMEDY}")
    style = style_of("cel")
    assert style is not None
    with ExitStack() as stack:
        home = stack.enter_context(running_sidecar([style.folder])).home
        folder = Path(stack.enter_context(TemporaryDirectory()))
        homes = {"running": str(home), "none": "nijigan"}  # the panel says where nothing is
        config = {"folder": str(folder), "homes": homes}
        output = run_in_blender(SCRIPT, config, folder, SECONDS, SIZE)
        options.out.mkdir(parents=True, exist_ok=True)
        for name in NAMES:
            if not (folder / f"{name}.npy").is_file():
                sys.exit(f"Blender ended before it made {name}:\n{output}")
            picture = Image.fromarray(np.load(folder / f"{name}.npy"))
            picture.save(options.out / f"{name}.png", optimize=True)
            print(options.out / f"{name}.png")
    return 0


if __name__ == "__main__":
    sys.exit(main())
