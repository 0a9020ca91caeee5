# SPDX-License-Identifier: GPL-3.0-or-later
"""The folder of an animation's drawn frames, and what is needed to go on with it."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

from nijigan_host.drawing import Look

_NOTES = "nijigan.json"


class AnimationFolder:
    """Frames as files by number, and beside them notes: which ones were drawn, and how.

    Frames that were drawn otherwise, or that others have put there, count as missing.
    """

    def __init__(self, path: Path, look: Look, steady: bool, suffix: str) -> None:
        self.path = path
        self._suffix = suffix
        self._notes: dict[str, Any] = {"look": [*look, steady, suffix], "drawn": []}
        with suppress(OSError, ValueError):
            notes = json.loads((path / _NOTES).read_text(encoding="utf-8"))
            if isinstance(notes, dict) and notes.get("look") == self._notes["look"]:
                self._notes.update(notes)

    def frame_path(self, frame: int) -> Path:
        """Return where a frame is, or will be."""
        return self.path / f"{frame:04d}{self._suffix}"

    def missing(self, frames: range) -> list[int]:
        """Return the frames that are still to be drawn."""
        drawn = set(self._notes["drawn"])
        return [f for f in frames if f not in drawn or not self.frame_path(f).is_file()]

    def state_after(self, frame: int) -> bytes:
        """Return what a drawing goes on with after this frame; nothing, if it was not drawn."""
        if frame in self._notes["drawn"]:
            with suppress(OSError):
                return self._state_path(frame).read_bytes()
        return b""

    def note(self, frame: int, state: bytes) -> None:
        """Note that a frame is there now, and the state that came with it.

        Raises:
            OSError: it cannot be written.
        """
        if state:
            self._state_path(frame).parent.mkdir(exist_ok=True)
            self._state_path(frame).write_bytes(state)
        self._notes["drawn"] = sorted({*self._notes["drawn"], frame})
        part = self.path / f"{_NOTES}.part"
        part.write_text(json.dumps(self._notes), encoding="utf-8")
        part.replace(self.path / _NOTES)

    def _state_path(self, frame: int) -> Path:
        return self.path / "states" / f"{frame:04d}"
