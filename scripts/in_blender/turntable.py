"""Renders a camera's way around the meadow, and what its motion is.

    python scripts/in_blender/turntable.py '{"folder": "out", "frames": 24, "size": [640, 360]}'

In the folder: `source/0001.png` and so on; `views.npz` with `depth` `(N, H, W)`, the distance of
what each pixel shows at its middle from the camera's plane, 0 where that is the sky; `cameras`
`(N, 4, 4)`, from the camera's axes to the world's; and `focal`, in pixels. Needs bpy.
"""

import json
import sys
from math import radians
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

sys.path.append(str(Path(__file__).parents[1]))

from in_blender.meadow import bpy, build_meadow

DEGREES = 0.75  # from a frame to the next: a turn in 20 s
CENTER = (0.0, 0.0, 0.9)
SAMPLES = 24


def hang_camera(scene: Any, frames: int) -> None:
    """Let the camera turn around Suzanne, as far to one side as to the other."""
    pivot = bpy.data.objects.new("Pivot", None)
    scene.collection.objects.link(pivot)
    pivot.location = CENTER
    camera = scene.camera
    camera.parent = pivot
    camera.location, camera.rotation_euler = (0, -7, 1.6), (radians(77), 0, 0)
    camera.data.lens = 42
    for frame in range(1, frames + 1):
        pivot.rotation_euler.z = radians(DEGREES * (frame - (frames + 1) / 2))
        pivot.keyframe_insert("rotation_euler", frame=frame)


def depth_material() -> Any:
    """Return one whose light is its distance from the camera's plane."""
    material = bpy.data.materials.new("Depth")
    material.use_nodes = True
    nodes, links = material.node_tree.nodes, material.node_tree.links
    nodes.clear()
    camera, light = nodes.new("ShaderNodeCameraData"), nodes.new("ShaderNodeEmission")
    links.new(camera.outputs["View Z Depth"], light.inputs["Strength"])
    links.new(light.outputs["Emission"], nodes.new("ShaderNodeOutputMaterial").inputs["Surface"])
    light.inputs["Color"].default_value = (1, 1, 1, 1)
    return material


def render(scene: Any, path: Path, file_format: str, depth: str) -> None:
    """Render the frame that the scene is at."""
    settings = scene.render.image_settings
    settings.file_format, settings.color_mode, settings.color_depth = file_format, "RGB", depth
    scene.render.filepath = str(path)
    bpy.ops.render.render(write_still=True)


def render_frames(scene: Any, folder: Path) -> None:
    """Render what is drawn, without the noise that would be drawn too; go on with what is there."""
    scene.cycles.samples, scene.cycles.use_denoising = SAMPLES, True
    scene.view_settings.view_transform = "Standard"
    folder.mkdir(parents=True, exist_ok=True)
    for frame in range(scene.frame_start, scene.frame_end + 1):
        target = folder / f"{frame:04}.png"
        if not target.is_file():
            scene.frame_set(frame)
            render(scene, folder.parent / "part.png", "PNG", "8")
            (folder.parent / "part.png").replace(target)


def render_depth(scene: Any, folder: Path) -> npt.NDArray[np.float32]:
    """Render the depth of all frames: one ray for each pixel, through its middle."""
    scene.view_layers[0].material_override = depth_material()
    scene.world.node_tree.nodes["Background"].inputs["Strength"].default_value = 0
    scene.cycles.samples, scene.cycles.use_denoising, scene.cycles.max_bounces = 1, False, 0
    scene.cycles.pixel_filter_type, scene.cycles.filter_width = "BOX", 0.01
    frames = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        path = folder / "depth.exr"
        render(scene, path, "OPEN_EXR", "32")
        image = bpy.data.images.load(str(path))
        width, height = image.size
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
        frames.append(values.reshape(height, width, -1)[::-1, :, 0])  # rows from the top
        bpy.data.images.remove(image)
        path.unlink()
    return np.stack(frames)


def main() -> None:
    config = json.loads(sys.argv[-1])
    folder = Path(config["folder"]).absolute()
    scene = bpy.context.scene
    build_meadow(scene)
    hang_camera(scene, config["frames"])
    scene.frame_start, scene.frame_end = 1, config["frames"]
    scene.render.engine, scene.cycles.device = "CYCLES", "CPU"
    scene.render.resolution_x, scene.render.resolution_y = config["size"]
    render_frames(scene, folder / "source")
    cameras = []
    for frame in range(scene.frame_start, scene.frame_end + 1):
        scene.frame_set(frame)
        cameras.append(np.array(scene.camera.matrix_world))
    lens = scene.camera.data
    focal = lens.lens / lens.sensor_width * max(config["size"])
    depth = render_depth(scene, folder)
    np.savez_compressed(folder / "views.npz", depth=depth, cameras=np.stack(cameras), focal=focal)


if __name__ == "__main__":
    main()
