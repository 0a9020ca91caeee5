"""What somebody who wants to help needs to know, as text without secrets."""

import json
import platform
from pathlib import Path
from typing import List, Sequence

from nijigan.client.discovery import API_LEVELS, data_dir
from nijigan_host.condition import Condition
from nijigan_host.logs import sidecar_log

_LOG_LINES = 15
_LOG_BYTES = 1 << 14


def diagnostics(
    plugin: str, host: str, condition: Condition, command: Sequence[str], errors: Sequence[str]
) -> str:
    """Return lines of text.

    plugin, host: name and version of each. command: what would start the sidecar. errors: the last
    ones, oldest first. The token, pixels and environment variables are not in it.
    """
    home = data_dir()
    lines = [
        f"{plugin} in {host}, Python {platform.python_version()}, {platform.platform()}",
        f"sidecar: {condition.kind.value}: {condition.line}",
        f"version {condition.version or '?'} at {condition.address or '?'}, "
        f"engines {', '.join(condition.engines) or '?'}, "
        f"interfaces known here {', '.join(map(str, API_LEVELS))}",
        f"styles: {', '.join(style.name for style in condition.styles) or 'none'}",
        f"command: {' '.join(command)}",
        f"{home / 'sidecar.json'}: {_sidecar_file(home)}",
        *(f"error: {error}" for error in errors),
        "log:",
        *_log(sidecar_log()),
    ]
    return "\n".join(lines) + "\n"


def _sidecar_file(home: Path) -> str:
    try:
        said = json.loads((home / "sidecar.json").read_text(encoding="utf-8"))
        return str({name: value for name, value in sorted(said.items()) if name != "token"})
    except (OSError, ValueError, AttributeError) as error:
        return f"not to be read ({error})"


def _log(path: Path) -> List[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - _LOG_BYTES))
            return file.read().decode(errors="replace").splitlines()[-_LOG_LINES:]
    except OSError as error:
        return [f"not to be read ({error})"]
