"""How things stand with the sidecar, in one value: a line to show, and what mends it."""

from enum import Enum
from typing import NamedTuple, Optional, Tuple

from nijigan.client._messages import Style
from nijigan.client.errors import (
    CertificateError,
    IncompatibleError,
    SidecarNotRunningError,
    StylizerError,
    TokenError,
)
from nijigan_host.errors import CommandError, InstallError, NotInstalledError


class Kind(Enum):
    """What a panel shows differently."""

    UNKNOWN = "unknown"  # nobody has looked yet
    READY = "ready"
    NOT_RUNNING = "not running"
    INSTALLING = "installing"
    STARTING = "starting"
    STOPPING = "stopping"
    INCOMPATIBLE = "incompatible"
    NO_STYLES = "no styles"
    TROUBLE = "trouble"


class Mend(Enum):
    """What mends it; the values are the words of the button."""

    INSTALL = "Install"
    START = "Start"
    RESTART = "Restart"
    LOOK = "Check Again"
    SETTINGS = "Settings"
    STYLES_FOLDER = "Open Styles Folder"


class Condition(NamedTuple):
    """How things stand.

    line: for people, without a full stop. mend: None where nothing needs to be mended, or waiting
    does it. version, engines, address: of the sidecar, where it answers. styles: those that can be
    used.
    """

    kind: Kind
    line: str
    mend: Optional[Mend] = None
    version: str = ""
    address: str = ""
    engines: Tuple[str, ...] = ()
    styles: Tuple[Style, ...] = ()


UNKNOWN = Condition(Kind.UNKNOWN, "Looking for the sidecar")
INSTALLING = Condition(Kind.INSTALLING, "nijigan is being installed")
STARTING = Condition(Kind.STARTING, "The sidecar is starting")
STOPPING = Condition(Kind.STOPPING, "The sidecar is stopping")
NOT_RUNNING = Condition(Kind.NOT_RUNNING, "No sidecar is running", Mend.START)
STOPPED = Condition(Kind.NOT_RUNNING, "The sidecar is stopped", Mend.START)


def ready(
    version: str, address: str, engines: Tuple[str, ...], styles: Tuple[Style, ...]
) -> Condition:
    """Return how things stand with a sidecar that answers."""
    if not styles:
        line = "The sidecar runs, but no style is installed"
        return Condition(Kind.NO_STYLES, line, Mend.STYLES_FOLDER, version, address, engines)
    count = "1 style" if len(styles) == 1 else f"{len(styles)} styles"
    line = f"nijigan {version}, {count}"
    return Condition(Kind.READY, line, None, version, address, engines, styles)


def from_error(error: StylizerError) -> Condition:
    """Return how things stand when a call has failed with `error`."""
    line = str(error).rstrip(".")
    if isinstance(error, CertificateError):  # one runs
        return Condition(Kind.TROUBLE, line, Mend.LOOK)
    if isinstance(error, SidecarNotRunningError):  # the button is the remedy, whatever was found
        return NOT_RUNNING
    if isinstance(error, IncompatibleError):
        mend = Mend.RESTART if error.metadata.get("older") == "sidecar" else Mend.LOOK
        return Condition(Kind.INCOMPATIBLE, line, mend)
    if isinstance(error, TokenError):  # another user's, where ours has crashed
        return Condition(Kind.TROUBLE, line, Mend.START)
    if isinstance(error, (NotInstalledError, InstallError)):
        return Condition(Kind.NOT_RUNNING, line, Mend.INSTALL)
    if isinstance(error, CommandError):
        return Condition(Kind.NOT_RUNNING, line, Mend.SETTINGS)
    return Condition(Kind.TROUBLE, line, Mend.LOOK)
