"""Draws with a teacher."""

import numpy as np

from nijigan.core import teachers
from nijigan.core.drawers import Drawer, Pixels, check_strength, mixed


class TeacherDrawer(Drawer):
    """Draws with the teacher of a name, with its default settings; strength mixes.

    Raises:
        UsageError: no teacher has that name.
    """

    def __init__(self, name: str) -> None:
        self.name = f"teacher:{name}"
        self._teacher = teachers.create(name)

    def draw(self, pixels: Pixels, strength: float = 1.0) -> Pixels:
        """See `Drawer.draw`."""
        check_strength(strength)
        drawn = self._teacher(np.divide(pixels, 255, dtype=np.float32))
        return mixed(pixels, np.rint(drawn * 255).astype(np.uint8), strength)
