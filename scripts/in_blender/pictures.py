"""Shots of the extension, for its README. `picture_blender.py` runs it, and writes the files."""

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))

from in_blender.meadow import build_meadow
from in_blender.window import (
    MODULE,
    Place,
    Shot,
    Steps,
    become,
    bpy,
    buttons,
    click,
    drive,
    open_output_panel,
    open_sidebar,
    panel_headers,
    point,
    region,
    scroll_down,
    settle,
    shot,
    tick,
    window,
)

CONFIG = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
MARGIN = 24
SIZE = (640, 480)


def use(home: str, expected: str) -> Steps:
    """Have the sidecar of that data directory."""
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]
    bpy.ops.preferences.addon_enable(module=MODULE)
    sidecar = importlib.import_module(f"{MODULE}.session").session().sidecar
    sidecar.look()
    yield lambda: sidecar.condition.kind.value == expected


def render() -> None:
    scene = window().scene
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 96
    scene.cycles.use_denoising = False
    scene.view_settings.view_transform = "Standard"
    scene.render.resolution_x, scene.render.resolution_y = SIZE
    bpy.ops.render.render()


def keep(name: str, picture: Shot) -> None:
    np.save(Path(CONFIG["folder"], f"{name}.npy"), picture)


def away() -> Place:
    """Where the mouse lights up nothing: the lower edge."""
    return Place(400, window().height - 10, 0)


def rows(picture: Shot, of: Any, first: int, last: int) -> Shot:
    """What is in a region from one row of the window to another."""
    top = window().height - of.y - of.height
    return picture[max(first - top, 0) : last - top]


def steps() -> Steps:
    bpy.context.preferences.system.use_region_overlap = False  # nothing covers the picture
    with bpy.context.temp_override(window=window()):
        build_meadow(window().scene)
        render()
    yield from use("running", "ready")
    area = become("IMAGE_EDITOR")
    yield from open_sidebar(area)
    space, sidebar = area.spaces.active, region(area, "UI")
    space.image = render_result = bpy.data.images["Render Result"]
    yield from click(buttons(sidebar)[-1])
    yield lambda: space.image != render_result
    with bpy.context.temp_override(area=area, region=region(area, "WINDOW")):
        bpy.ops.image.view_zoom_ratio(ratio=1.0)
    yield from point(away())
    keep("image-editor", shot(area))

    bpy.ops.preferences.addon_disable(module=MODULE)
    yield from use("none", "not running")
    yield from open_sidebar(area)
    yield from point(away())
    keep("no-sidecar", rows(shot(sidebar), sidebar, 0, buttons(sidebar)[-1].y + 2 * MARGIN))

    bpy.ops.preferences.addon_disable(module=MODULE)
    yield from use("running", "ready")
    area = become("PROPERTIES")
    with bpy.context.temp_override(area=area, region=region(area, "WINDOW")):
        bpy.ops.screen.area_split(direction="VERTICAL", factor=0.45)
    area = become("PROPERTIES")
    yield from tick()
    yield from open_output_panel(area)
    panels = region(area, "WINDOW")
    yield from scroll_down(panel_headers(panels)[-1])
    yield from point(away())
    yield from settle(panels)
    first, last = panel_headers(panels)[-1].y - MARGIN // 2, buttons(panels)[-1].y + MARGIN
    keep("output", rows(shot(panels), panels, first, last))


drive(steps())
