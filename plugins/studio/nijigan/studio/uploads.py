"""Files that were chosen on the page."""

import json
from dataclasses import dataclass
from pathlib import Path, PurePath

from nijigan.core.errors import UsageError
from nijigan.studio.workspace import Workspace


@dataclass(frozen=True)
class Upload:
    """A file in the private folder. name: what its owner calls it, without a folder."""

    path: Path
    name: str


def read_uploads(value: object, workspace: Workspace) -> list[Upload]:
    """Return the files that a field of the page names: JSON, a list of `{"path", "name"}`.

    Raises:
        UsageError: nothing was chosen, or it is not there any more.
    """
    try:
        said = json.loads(str(value or "[]"))
        named = [(str(each["path"]), PurePath(str(each["name"])).name) for each in said]
    except (ValueError, TypeError, KeyError):
        named = []
    if not named:
        raise UsageError("Nothing was chosen.", "Choose a file first.")
    return [Upload(workspace.uploaded(path), name or "file") for path, name in named]
