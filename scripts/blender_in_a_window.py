"""Runs a script in a Blender that has a window, on a display that nobody sees.

For Debian's Blender, 3.4: those that come as Python packages have no windows. It knows no
extensions yet, so ours is put there as an add-on of the kind that it knows.
"""

import json
import os
import shutil
import signal
import subprocess
import zipfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from package_plugins import package_blender

MODULE = "nijigan_blender"
MISSING = [name for name in ("blender", "xvfb-run", "xauth", "xdotool") if not shutil.which(name)]
REMEDY = "apt-get install blender xvfb xauth xdotool python3-numpy"
_ABOUT = """
bl_info = {"name": "nijigan", "blender": (3, 4, 0), "category": "Render"}
"""


def run_in_blender(
    script: Path,
    config: Mapping[str, object],
    folder: Path,
    seconds: float,
    size: tuple[int, int] = (1280, 900),
) -> str:
    """Run a script and return what it printed; Blender's files go into `folder`.

    The script is given the path of a JSON file with `config` after "--".

    Raises:
        subprocess.TimeoutExpired: it did not leave Blender in time. What it started has ended.
    """
    _put_addon(folder)
    (folder / "config.json").write_text(json.dumps(config))
    environment = {name: os.environ[name] for name in ("LANG",) if name in os.environ}
    environment |= {
        "PATH": os.defpath,  # Blender takes its library from the first Python that it finds there
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "BLENDER_USER_CONFIG": str(folder / "config"),
        "BLENDER_USER_SCRIPTS": str(folder / "scripts"),
        "LIBGL_ALWAYS_SOFTWARE": "1",
    }
    width, height = (str(side) for side in size)
    command = [
        *("xvfb-run", "-a", "-s", f"-screen 0 {width}x{height}x24"),
        *("blender", "--factory-startup", "-noaudio", "--window-geometry", "0", "0", width, height),
        *("--python-exit-code", "1", "--python", str(script), "--", str(folder / "config.json")),
    ]
    process = subprocess.Popen(
        command,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        return process.communicate(timeout=seconds)[0]
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def _put_addon(folder: Path) -> None:
    addon = folder / "scripts/addons" / MODULE
    with zipfile.ZipFile(package_blender(folder)) as archive:
        archive.extractall(addon)
    with (addon / "__init__.py").open("a", encoding="utf-8") as init:
        init.write(_ABOUT)
