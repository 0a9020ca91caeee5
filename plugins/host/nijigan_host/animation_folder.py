"""The folder of an animation's drawn frames, and what is needed to go on with it."""

import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Dict, List, Sequence

from nijigan_host.drawing import Look

_NOTES = "nijigan.json"


class AnimationFolder:
    """Frames as files by number, and beside them notes: which ones were drawn, of what, and how.

    Frames of something else, those that were drawn otherwise, and those that others have put there
    count as missing. Its methods may be called by any one thread at a time.

    of: what is drawn, in words that nothing else has.
    """

    def __init__(self, path: Path, of: str, look: Look, steady: bool, suffix: str = ".png") -> None:
        self.path = path
        self._suffix = suffix
        asked = {"of": of, "look": [*look, steady, suffix]}
        self._notes: Dict[str, Any] = {**asked, "drawn": []}
        with suppress(OSError, ValueError):
            notes = json.loads((path / _NOTES).read_text(encoding="utf-8"))
            if isinstance(notes, dict) and asked.items() <= notes.items():
                self._notes.update(notes)

    def frame_path(self, frame: int) -> Path:
        """Return where a frame is, or will be."""
        return self.path / f"{frame:04d}{self._suffix}"

    def missing(self, frames: Sequence[int]) -> List[int]:
        """Return the frames that are still to be drawn."""
        drawn = set(self._notes["drawn"])
        return [f for f in frames if f not in drawn or not self.frame_path(f).is_file()]

    def state_after(self, frame: int) -> bytes:
        """Return what a drawing goes on with after this frame; nothing, if it was not drawn."""
        if frame in self._notes["drawn"]:
            with suppress(OSError):
                return self._state_path(frame).read_bytes()
        return b""

    def write(self, frame: int, content: bytes, state: bytes) -> None:
        """Write a frame's file, whole or not at all, and note it.

        Raises:
            OSError: it cannot be written.
        """
        self.path.mkdir(parents=True, exist_ok=True)
        _replace(self.frame_path(frame), content)
        self.note(frame, state)

    def note(self, frame: int, state: bytes) -> None:
        """Note that a frame is there now, and the state that came with it.

        Raises:
            OSError: it cannot be written.
        """
        if state:
            self._state_path(frame).parent.mkdir(exist_ok=True)
            self._state_path(frame).write_bytes(state)
        self._notes["drawn"] = sorted({*self._notes["drawn"], frame})
        _replace(self.path / _NOTES, json.dumps(self._notes).encode())

    def _state_path(self, frame: int) -> Path:
        return self.path / "states" / f"{frame:04d}"


def _replace(path: Path, content: bytes) -> None:
    part = path.with_name(f"{path.name}.part")
    part.write_bytes(content)
    part.replace(path)
