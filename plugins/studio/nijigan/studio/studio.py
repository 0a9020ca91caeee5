"""What the views of the page share."""

from pathlib import Path

from nijigan.client._messages import Style
from nijigan.studio.sessions import Sessions
from nijigan.studio.sidecar import Sidecar
from nijigan.studio.workspace import Workspace


class Studio:
    """The sidecar, the private folder, the sessions; and the folder of the runs that are shown."""

    def __init__(self, workspace: Workspace, sidecar: Sidecar, runs: Path) -> None:
        self.workspace = workspace
        self.sidecar = sidecar
        self.sessions = Sessions(workspace)
        self.runs = runs

    def styles(self) -> tuple[Style, ...]:
        """Return the styles that the sidecar has, by name.

        Raises:
            StylizerError: it does not answer.
        """
        return self.sidecar.client().list_styles()

    def close(self) -> None:
        """Stop all work, and let go of the sidecar."""
        self.sessions.close()
        self.sidecar.close()
