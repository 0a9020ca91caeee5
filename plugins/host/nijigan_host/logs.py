"""Where what the sidecar and its installation have said is written."""

from pathlib import Path

from nijigan.client.discovery import data_dir


def sidecar_log() -> Path:
    """Return the sidecar's log, which need not be there."""
    return data_dir() / "logs" / "sidecar.log"


def install_log() -> Path:
    """Return the file with what the installation has said, which need not be there."""
    return data_dir() / "logs" / "install.log"


def last_log() -> Path:
    """Return the one that was written last."""
    return max(
        (install_log(), sidecar_log()),
        key=lambda path: path.stat().st_mtime if path.is_file() else 0,
    )
