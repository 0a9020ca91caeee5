"""What can go wrong in a plugin before the sidecar is asked.

StylizerError              see `nijigan.client.errors`
├── CommandError           what should start the sidecar is not there
│   └── NotInstalledError  nor is it anywhere else
├── InstallError           nijigan cannot be installed
├── StopError              the sidecar cannot be stopped from here
├── StyleMissingError      no style is known
├── SourceError            what shall be drawn is not there, or of a kind that is not drawn
└── DocumentBusyError      something is being drawn for this document
"""

from nijigan.client.errors import StylizerError


class CommandError(StylizerError):
    """What should start the sidecar is not there."""

    reason = "COMMAND_NOT_FOUND"


class NotInstalledError(CommandError):
    """Nothing was chosen to start the sidecar, and nijigan is nowhere to be found."""

    reason = "NOT_INSTALLED"


class InstallError(StylizerError):
    """Nijigan cannot be installed."""

    reason = "INSTALL_FAILED"


class StopError(StylizerError):
    """The sidecar cannot be stopped from here."""

    reason = "STOP_FAILED"


class StyleMissingError(StylizerError):
    """No style is known."""

    reason = "STYLE_MISSING"


class SourceError(StylizerError):
    """What shall be drawn is not there, or of a kind that is not drawn."""

    reason = "NO_SOURCE"


class DocumentBusyError(StylizerError):
    """Something is being drawn for this document."""

    reason = "DOCUMENT_BUSY"
