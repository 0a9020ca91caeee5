"""Shots of the extension, for its README. `picture_blender.py` runs it, and writes the files."""

import importlib
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

sys.path.append(str(Path(__file__).parents[1]))

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


def material(name: str, color: tuple[float, float, float]) -> Any:
    made = bpy.data.materials.new(name)
    made.use_nodes = True
    made.node_tree.nodes["Principled BSDF"].inputs["Base Color"].default_value = (*color, 1)
    return made


def add(
    make: Callable[..., object],
    color: tuple[float, float, float],
    smooth: bool = False,
    **where: object,
) -> Any:
    make(**where)
    made = bpy.context.view_layer.objects.active
    made.data.materials.append(material(made.name, color))
    if smooth:
        for face in made.data.polygons:
            face.use_smooth = True
    return made


def build_scene() -> None:
    """Suzanne on a meadow."""
    scene = window().scene
    for name in ("Cube", "Light"):
        bpy.data.objects.remove(bpy.data.objects[name])
    mesh = bpy.ops.mesh
    add(mesh.primitive_plane_add, (0.16, 0.42, 0.1), size=200)
    suzanne = add(
        mesh.primitive_monkey_add,
        (0.85, 0.3, 0.08),
        smooth=True,
        location=(0, 0, 1.05),
        rotation=(-0.4, 0, 0.45),
        size=2.2,
    )
    suzanne.modifiers.new("Subdivision", "SUBSURF").render_levels = 3
    for x, y, height in ((-4.6, 5, 3.2), (-1.6, 8, 3.6), (2.4, 6, 2.8), (4.9, 8, 3.6), (-8, 10, 4)):
        top, trunk = (x, y, height / 2 + 0.6), (x, y, 0.4)
        add(mesh.primitive_cone_add, (0.03, 0.2, 0.12), radius1=1.1, depth=height, location=top)
        add(mesh.primitive_cylinder_add, (0.2, 0.1, 0.05), radius=0.25, depth=1, location=trunk)
    add(mesh.primitive_cube_add, (0.75, 0.1, 0.12), size=0.9, location=(1.9, 0.6, 0.45))
    ball = (-1.9, -0.2, 0.45)
    add(mesh.primitive_uv_sphere_add, (0.9, 0.75, 0.15), True, radius=0.45, location=ball)
    bpy.ops.object.light_add(type="SUN", rotation=(0.75, 0.25, -0.5))
    sun = bpy.context.view_layer.objects.active.data
    sun.energy, sun.angle = 4, 0.02
    scene.world.use_nodes = True
    background = scene.world.node_tree.nodes["Background"].inputs
    background["Color"].default_value = (0.3, 0.6, 1, 1)
    background["Strength"].default_value = 0.8
    camera = scene.camera
    camera.location, camera.rotation_euler = (0.5, -7, 1.9), (1.45, 0, 0.07)
    camera.data.lens = 42


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
        build_scene()
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
