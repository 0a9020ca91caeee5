"""Suzanne on a meadow: a scene made of what Blender has, and of no file."""

import importlib
from collections.abc import Callable
from typing import Any

bpy: Any = importlib.import_module("bpy")  # of several versions, so that types say little


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


def build_meadow(scene: Any) -> None:
    """Build it in the scene that Blender starts with."""
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
