# SPDX-License-Identifier: GPL-3.0-or-later
"""What Blender calls as it renders."""

from typing import Any

import bpy
from bpy.app.handlers import persistent

from nijigan_blender.session import session


def begin() -> None:
    """Have Blender call."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).append(handler)


def end() -> None:
    """Have it call no more."""
    for name, handler in _HANDLERS.items():
        getattr(bpy.app.handlers, name).remove(handler)


@persistent
def _begun(scene: bpy.types.Scene, *_: Any) -> None:
    session().after_render.note_begin(scene)


@persistent
def _written_file(scene: bpy.types.Scene, *_: Any) -> None:
    session().after_render.note_file(scene)


@persistent
def _done(scene: bpy.types.Scene, *_: Any) -> None:
    session().after_render.note_end(scene, done=True)


@persistent
def _cancelled(scene: bpy.types.Scene, *_: Any) -> None:
    session().after_render.note_end(scene, done=False)


_HANDLERS = {
    "render_init": _begun,
    "render_write": _written_file,
    "render_complete": _done,
    "render_cancel": _cancelled,
}
