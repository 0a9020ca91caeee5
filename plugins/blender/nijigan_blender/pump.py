# SPDX-License-Identifier: GPL-3.0-or-later
"""What a timer of Blender's does: look at the sidecar, show changes, draw what was rendered."""

import traceback

import bpy

from nijigan_blender.running import redraw
from nijigan_blender.session import session

_SECONDS = 0.5


def begin() -> None:
    """Begin to look. Without a window Blender runs no timers, and nothing is looked at."""
    bpy.app.timers.register(_pump, first_interval=_SECONDS, persistent=True)


def end() -> None:
    """Look no more."""
    if bpy.app.timers.is_registered(_pump):
        bpy.app.timers.unregister(_pump)


_shown: list[object] = []


def _pump() -> float:
    try:
        _look()
    except Exception:  # ours; Blender would end the timer, and nobody would look any more
        session().errors.append(traceback.format_exc())
    return _SECONDS


def _look() -> None:
    now = session()
    now.after_render.take_up()
    if now.panel_seen:
        now.panel_seen = False
        now.sidecar.look_if_old()
    if _shown != [now.sidecar.condition] and not bpy.app.is_job_running("RENDER"):
        _shown[:] = [now.sidecar.condition]
        redraw(bpy.context)
