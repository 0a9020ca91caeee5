# SPDX-License-Identifier: GPL-3.0-or-later
"""What is the same for all documents of a user; Krita keeps it."""

from krita import Krita

_GROUP = "nijigan"


def command() -> str:
    """Return what was chosen to start the sidecar with; "" is what is found."""
    return str(Krita.instance().readSetting(_GROUP, "command", ""))


def choose_command(path: str) -> None:
    """Start the sidecar with that from now on."""
    Krita.instance().writeSetting(_GROUP, "command", path)


def package() -> str:
    """Return what is to be installed, as pip understands it: a name, or a wheel's path."""
    return str(Krita.instance().readSetting(_GROUP, "package", "nijigan"))
