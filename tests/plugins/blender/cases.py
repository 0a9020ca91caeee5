"""What the extension does in a Blender without windows. `test_blender.py` runs it there.

    python cases.py CONFIG.json

Prints a line for each case: its name, and "ok" or where it failed, as JSON.
"""

import importlib
import json
import os
import sys
import threading
import time
import traceback
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import MagicMock

import bpy
import numpy as np

addon_utils = importlib.import_module("addon_utils")  # there is one once bpy is loaded
MODULE = "bl_ext.user_default.nijigan_blender"
SECONDS = 60
CONFIG = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))


def part(name):
    """A module of the extension."""
    return importlib.import_module(f"{MODULE}.{name}")


def session():
    return part("session").session()


def use(home, style="toy", **settings):
    """Have the sidecar of that data directory draw, in that style."""
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]
    scene = bpy.context.scene
    scene.nijigan.style_name = style
    for name, value in settings.items():
        setattr(scene.nijigan, name, value)


def wait_until(true):
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end, session().sidecar.condition
        time.sleep(0.01)


def look():
    session().sidecar.look()
    wait_until(lambda: not session().sidecar.busy)
    return session().sidecar.condition


def fails(operator, text, **options):
    """Run an operator that must fail so."""
    try:
        operator(**options)
    except RuntimeError as error:
        said = str(error)
    else:
        said = "it went well"
    assert text in said, said


def pixels(image):
    values = np.empty(image.size[0] * image.size[1] * image.channels, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(image.size[1], image.size[0], image.channels)


def load(name):
    return bpy.data.images.load(CONFIG["files"][name])


def float_image(width=40, height=24):
    """Scene linear, with light brighter than white, and half and wholly transparent places."""
    image = bpy.data.images.new("hdr", width, height, alpha=True, float_buffer=True)
    values = np.random.default_rng(1).random((height, width, 4), np.float32)
    values[..., :3] *= 4
    values[:8, :, 3], values[8:, :, 3] = 0.5, 1
    values[:2, :, 3] = 0
    values[..., :3] *= values[..., 3:]
    image.alpha_mode = "PREMUL"
    image.pixels.foreach_set(values.ravel())
    return image, values


def case_lifecycle():
    """Disabling leaves nothing; enabling again works."""
    assert hasattr(bpy.types, "NIJIGAN_OT_stylize_image")
    use("toy")
    look()
    addon_utils.disable(MODULE)
    assert not [name for name in dir(bpy.types) if name.startswith("NIJIGAN")]
    assert not hasattr(bpy.types.Scene, "nijigan")
    wait_until(lambda: not [t for t in threading.enumerate() if t.name.startswith("nijigan")])
    addon_utils.enable(MODULE)
    assert look().kind.value == "ready"


def case_image_is_what_the_command_line_draws():
    use("toy", strength=0.7, quality="fine")
    source, expected = load("source"), load("drawn")
    before = pixels(source)
    assert bpy.ops.nijigan.stylize_image(name=source.name) == {"FINISHED"}
    drawn = bpy.data.images[f"toy {source.name}"]
    assert np.abs(pixels(drawn) - pixels(expected)).max() <= 1.001 / 255
    assert (pixels(drawn)[..., 3] == before[..., 3]).all()
    assert (pixels(source) == before).all()
    assert drawn.colorspace_settings.name == source.colorspace_settings.name
    assert drawn.packed_file is not None
    assert not drawn.is_float


def case_scripts_say_all_in_one_call():
    """What they do not say, the scene does."""
    use("toy", style="even", strength=0.2, quality="fine")
    source, expected = load("source"), load("drawn")
    path = Path(CONFIG["folder"], "scripts", "drawn.png")
    options = {"style": "toy", "strength": 0.7, "filepath": str(path)}
    assert bpy.ops.nijigan.stylize(image=source.name, **options) == {"FINISHED"}
    drawn = bpy.data.images[f"toy {source.name}"]
    assert np.abs(pixels(drawn) - pixels(expected)).max() <= 1.001 / 255
    assert (pixels(bpy.data.images.load(str(path))) == pixels(drawn)).all()
    stylize = part("stylize").NIJIGAN_OT_stylize
    given = {"quality", "short_side"}
    stand_in = SimpleNamespace(
        style="", quality="draft", short_side=0,
        properties=SimpleNamespace(is_property_set=lambda name: name in given),
    )  # fmt: skip
    look = stylize._look(stand_in, bpy.context.scene)
    assert look == ("even", bpy.context.scene.nijigan.strength, "draft", "native")
    fails(bpy.ops.nijigan.stylize, "There is no image 'none'", image="none")
    fails(bpy.ops.nijigan.stylize, "There is no render")


def case_a_big_image():
    """It passes to and fro as a small one does."""
    use("toy", strength=0.0, scale="native", quality="draft")
    source = bpy.data.images.new("big", 4096, 2160, alpha=True)
    row = np.linspace(0, 1, 4096, dtype=np.float32)
    values = np.dstack([np.tile(row, (2160, 1))] * 4)
    values[..., 1] = np.linspace(0, 1, 2160, dtype=np.float32)[:, None]
    source.pixels.foreach_set(values.ravel())
    assert bpy.ops.nijigan.stylize_image(name=source.name) == {"FINISHED"}
    assert np.abs(pixels(bpy.data.images["toy big"]) - pixels(source)).max() <= 1.001 / 255


def case_floats_stay_linear_and_alpha_is_kept():
    """Also once the file has been saved and opened again."""
    use("toy", strength=0.0)
    image, values = float_image()
    bpy.ops.nijigan.stylize_image(name=image.name)
    drawn = bpy.data.images["toy hdr"]
    assert drawn.is_float
    np.testing.assert_allclose(pixels(drawn), values, rtol=1e-3, atol=1e-4)
    drawn.use_fake_user = True
    path = Path(CONFIG["folder"], "floats.blend")
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    again = bpy.data.images["toy hdr"]
    np.testing.assert_allclose(pixels(again), values, rtol=1e-2, atol=1e-3)
    path.unlink()


def case_16_bits():
    """Blender has them as floats, whatever their file says."""
    use("toy", strength=0.0)
    scene = bpy.context.scene
    scene.view_settings.view_transform = "Standard"
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "16"
    path = Path(CONFIG["folder"], "16.png")
    float_image()[0].save_render(str(path), scene=scene)
    source = bpy.data.images.load(str(path))
    assert source.is_float
    bpy.ops.nijigan.stylize_image(name=source.name)
    drawn = bpy.data.images["toy 16.png"]
    np.testing.assert_allclose(pixels(drawn), pixels(source), rtol=1e-3, atol=1e-4)
    drawn.use_fake_user = True
    path = Path(CONFIG["folder"], "16.blend")
    before = pixels(drawn)
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.open_mainfile(filepath=str(path))
    np.testing.assert_allclose(pixels(bpy.data.images["toy 16.png"]), before, rtol=1e-2, atol=1e-3)


def case_undo_takes_all_of_it_away():
    use("toy")
    source = load("source")
    source.use_fake_user = True
    bpy.ops.ed.undo_push(message="before")
    names = set(bpy.data.images.keys())
    bpy.ops.nijigan.stylize_image("EXEC_DEFAULT", True, name=source.name)
    assert len(bpy.data.images) == len(names) + 1
    bpy.ops.ed.undo()
    assert set(bpy.data.images.keys()) == names


def textured(name, *images):
    """A material with these images, the last one in a group of nodes."""
    material = bpy.data.materials.new(name)
    material.use_nodes = True
    group = bpy.data.node_groups.new("group", "ShaderNodeTree")
    nested = material.node_tree.nodes.new("ShaderNodeGroup")
    nested.node_tree = group
    for number, image in enumerate(images):
        tree = group if number == len(images) - 1 else material.node_tree
        tree.nodes.new("ShaderNodeTexImage").image = image
    return material


def cube(material):
    bpy.ops.mesh.primitive_cube_add()
    bpy.context.object.data.materials.append(material)
    return bpy.context.object


def images_of(item):
    found = part("materials")._texture_nodes(item.material_slots[0].material.node_tree)
    return {node.image.name for node in found}


def case_textures_of_the_selected_object():
    use("toy")
    first, second, normals = load("source"), load("small"), load("other")
    first.name, second.name, normals.name = "first", "second", "normals"
    normals.colorspace_settings.name = "Non-Color"
    material = textured("wood", first, normals, second)
    other, item = cube(material), cube(material)
    assert list(bpy.context.selected_objects) == [item]
    assert bpy.ops.nijigan.stylize_textures() == {"FINISHED"}
    assert images_of(item) == {"toy first", "toy second", "normals"}
    assert images_of(other) == {"first", "second", "normals"}
    assert item.material_slots[0].material.name == "toy wood"
    bpy.ops.ed.undo_push(message="before")
    materials, images = len(bpy.data.materials), len(bpy.data.images)
    bpy.ops.nijigan.stylize_textures("EXEC_DEFAULT", True)
    assert len(bpy.data.materials) == materials + 1
    bpy.ops.ed.undo()
    assert (len(bpy.data.materials), len(bpy.data.images)) == (materials, images)
    assert images_of(bpy.context.object) == {"toy first", "toy second", "normals"}
    bpy.ops.object.select_all(action="DESELECT")
    fails(bpy.ops.nijigan.stylize_textures, "have no image texture with colors")


def case_textures_of_files_that_call_them_alike():
    """What is linked has the name of what is here: each gets its own drawing."""
    use("toy")
    library = Path(CONFIG["folder"], "library.blend")
    for name in ("source", "small"):
        image = load(name)
        image.name = "wood"
        image.pack()
        textured("wood", image).use_fake_user = True
        if name == "source":
            bpy.ops.wm.save_as_mainfile(filepath=str(library))
            bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    item = cube(bpy.data.materials["wood"])
    with bpy.data.libraries.load(str(library), link=True) as (_, wanted):
        wanted.materials = ["wood"]
    item.data.materials.append(wanted.materials[0])
    use("toy")
    assert bpy.ops.nijigan.stylize_textures() == {"FINISHED"}
    sizes = []
    for slot in item.material_slots:
        (node,) = part("materials")._texture_nodes(slot.material.node_tree)
        assert node.image.name.startswith("toy wood"), node.image
        sizes.append(tuple(node.image.size))
    assert sizes == [(16, 32), (96, 72)]


def case_data_are_no_colors_whatever_their_space_is_called():
    def texture(**space):
        return SimpleNamespace(source="FILE", colorspace_settings=SimpleNamespace(**space))

    assert not part("materials")._is_color(texture(name="Utility - Raw", is_data=True))
    assert part("materials")._is_color(texture(name="Non-Color", is_data=False))


def case_a_texture_that_cannot_be_drawn_stops_no_other():
    """And Blender goes on between any two, as they are read and as they are made."""
    use("toy")
    good = [load("source"), load("small")]
    tiny = bpy.data.images.new("tiny", 8, 8)
    lost = bpy.data.images.load(CONFIG["files"]["other"])
    lost.filepath = str(Path(CONFIG["folder"], "gone.png"))
    lost.name = "lost"
    lost.reload()
    item = cube(textured("mixed", tiny, good[0], lost, good[1]))
    operator = Interactive(part("stylize_textures").NIJIGAN_OT_stylize_textures.steps)
    operator.context.selected_objects = [item]
    made = [len(bpy.data.images)]
    operator.invoke(operator.context, None)
    while operator.event("TIMER") == {"PASS_THROUGH"}:
        made.append(len(bpy.data.images))
        time.sleep(0.01)
    assert images_of(item) == {"tiny", "toy source.png", "lost", "toy small.png"}
    told = [call.args[1] for call in operator.report.call_args_list]
    assert ["tiny" in told[0], "lost" in told[1], len(told)] == [True, True, 2], told
    assert "has 8x8 pixels" in session().diagnostics()
    assert {made[0], made[0] + 1, made[0] + 2} == set(made), made
    steps = part("stylize_textures")._read(["tiny", "lost"])
    assert len(list(steps)) == 2


def case_tiles_of_a_texture():
    """From files and from what is packed; one that cannot be read is told."""
    use("toy")
    folder = Path(CONFIG["folder"], "tiles")
    folder.mkdir()
    for number, name in ((1001, "source"), (1012, "small")):
        (folder / f"skin.{number}.png").write_bytes(Path(CONFIG["files"][name]).read_bytes())
    skin = bpy.data.images.load(str(folder / "skin.1001.png"))
    skin.source = "TILED"
    skin.filepath = str(folder / "skin.<UDIM>.png")
    skin.tiles.new(tile_number=1012)
    skin.name = "skin"
    item = cube(textured("skin", skin))
    assert bpy.ops.nijigan.stylize_textures() == {"FINISHED"}
    assert images_of(item) == {"toy skin"}
    drawn = bpy.data.images["toy skin"]
    assert drawn.source == "TILED"
    packed = {one.tile_number: one.packed_file.data for one in drawn.packed_files}
    assert set(packed) == {1001, 1012}
    bpy.ops.nijigan.stylize_image(name=load("source").name)
    alone = bpy.data.images["toy source.png"]
    tile = folder / "drawn.png"
    tile.write_bytes(packed[1001])
    assert np.abs(pixels(bpy.data.images.load(str(tile))) - pixels(alone)).max() <= 1.001 / 255
    assert not [image.name for image in bpy.data.images if image.name.startswith("toy skin ")]
    for path in folder.iterdir():
        path.unlink()
    bpy.ops.nijigan.stylize_textures()  # of what is packed
    assert images_of(item) == {"toy toy skin"}
    item.material_slots[0].material = bpy.data.materials["skin"]
    fails(bpy.ops.nijigan.stylize_textures, "Tile 1001 of 'skin' cannot be read")


def case_no_sidecar():
    use("none")
    source = load("source")
    before = len(bpy.data.images)
    fails(bpy.ops.nijigan.stylize_image, "No sidecar is running", name=source.name)
    condition = look()
    assert condition.mend.name == "START"
    assert len(bpy.data.images) == before
    assert "No sidecar is running" in session().diagnostics()
    use("none", style="")
    fails(bpy.ops.nijigan.stylize_image, "No style is known", name=source.name)


def case_a_sidecar_of_another_age():
    use("old")
    source = load("source")
    fails(bpy.ops.nijigan.stylize_image, "Update nijigan, and restart", name=source.name)
    assert look().mend.name == "RESTART"


def case_no_style_is_installed():
    use("held")
    assert look().mend.name == "STYLES_FOLDER"


def case_what_cannot_be_drawn():
    use("toy")
    tiny = bpy.data.images.new("tiny", 8, 8)
    fails(bpy.ops.nijigan.stylize_image, "has 8x8 pixels", name=tiny.name)
    fails(bpy.ops.nijigan.stylize_image, "There is no image 'none'", name="none")
    fails(bpy.ops.nijigan.stylize_render, "There is no render")
    fails(bpy.ops.nijigan.stylize_animation, "has not been saved")
    use("toy", folder=CONFIG["folder"])
    fails(bpy.ops.nijigan.stylize_animation, "no camera")
    wait_until(lambda: session().job is None)
    use("toy", style="toi")
    fails(bpy.ops.nijigan.stylize_image, "Did you mean 'toy'?", name=load("source").name)


def case_cancelling_leaves_nothing():
    use("held")
    source = load("source")
    before = len(bpy.data.images)

    def cancel():
        wait_until(lambda: session().job is not None and session().job.progress.stage == "drawing")
        cancelled.append(time.monotonic())
        session().jobs.cancel_all()

    cancelled = []
    thread = threading.Thread(target=cancel)
    thread.start()
    assert bpy.ops.nijigan.stylize_image(name=source.name) == {"CANCELLED"}
    assert time.monotonic() - cancelled[0] < 1  # half a second, and as much for a busy machine
    thread.join()
    assert len(bpy.data.images) == before
    assert session().job is None


def start_own_sidecar():
    bpy.context.preferences.addons[MODULE].preferences.command = CONFIG["python"]
    use("own")
    session().sidecar.start()
    assert session().sidecar.condition.kind.value == "starting"
    wait_until(lambda: session().sidecar.condition.kind.value == "ready")
    return json.loads(Path(CONFIG["homes"]["own"], "sidecar.json").read_text())["pid"]


def case_the_sidecar_is_started_used_and_stopped():
    pid = start_own_sidecar()
    use("own", style="")  # the first of those that it has
    source = load("source")
    bpy.ops.nijigan.stylize_image(name=source.name)
    assert f"cel {source.name}" in bpy.data.images
    bpy.ops.nijigan.sidecar(action="RESTART")
    wait_until(lambda: session().sidecar.condition.kind.value == "ready")
    assert json.loads(Path(CONFIG["homes"]["own"], "sidecar.json").read_text())["pid"] != pid
    bpy.ops.nijigan.sidecar(action="STOP")
    wait_until(lambda: session().sidecar.condition.kind.value == "not running")
    assert session().sidecar.condition.line == "The sidecar is stopped"


def case_the_sidecar_is_killed_meanwhile():
    pid = start_own_sidecar()
    use("own", style="cel", scale="native", quality="fine")
    image = bpy.data.images.new("large", 2048, 2048)
    before = len(bpy.data.images)

    def kill():
        wait_until(lambda: session().job is not None and session().job.progress.fraction > 0)
        os.kill(pid, 9)

    thread = threading.Thread(target=kill)
    thread.start()
    fails(bpy.ops.nijigan.stylize_image, "The connection to", name=image.name)
    thread.join()
    assert len(bpy.data.images) == before
    wait_until(lambda: session().sidecar.condition.kind.value == "not running")
    assert session().sidecar.condition.mend.name == "START"
    bpy.ops.nijigan.sidecar(action="START")
    wait_until(lambda: session().sidecar.condition.kind.value == "ready")
    bpy.ops.nijigan.sidecar(action="STOP")
    wait_until(lambda: session().sidecar.condition.kind.value == "not running")


def case_styles_have_thumbnails_and_are_remembered_by_name():
    use("toy", style="")
    look()
    settings = bpy.context.scene.nijigan
    assert settings.style == "even"  # the first one
    settings.style = "toy"
    assert settings.style_name == "toy"
    items = part("settings")._styles(settings, bpy.context)
    assert [item[0] for item in items] == ["even", "toy"]
    settings.style_name = "gone"  # from another computer
    items = part("settings")._styles(settings, bpy.context)
    assert items[2][:2] == ("gone", "gone (not installed)")
    assert settings.style == "gone"
    settings.style = "even"
    assert settings.style_name == "even"
    icon = session().thumbnails._icons["style toy 1.0.0"]  # its number is 0 without a window
    assert tuple(icon.image_size) == (32, 16)


def buttons(panel, context):
    """What a panel shows: words, and the operators of its buttons."""
    layout = MagicMock()
    for name in ("row", "column"):
        getattr(layout, name).return_value = layout
    stand_in = SimpleNamespace(layout=layout)
    stand_in.draw_buttons = lambda *args: panel.draw_buttons(stand_in, *args)
    panel.draw(stand_in, context)
    return {call.args[0] for call in layout.operator.call_args_list}, str(layout.mock_calls)


def case_panels_show_how_things_stand():
    panels = part("panels")
    image = SimpleNamespace(type="IMAGE")
    context = SimpleNamespace(
        scene=bpy.context.scene,
        preferences=SimpleNamespace(system=SimpleNamespace(ui_scale=1.0)),
        region=None,
        space_data=SimpleNamespace(image=image),
    )
    use("none")
    look()
    operators, shown = buttons(panels.NIJIGAN_PT_image, context)
    assert "nijigan.sidecar" in operators
    assert "No sidecar is running" in shown
    use("toy")
    assert session().panel_seen
    session().sidecar._looked -= 60  # when a panel is shown and nobody has looked for long
    part("pump")._pump()
    wait_until(lambda: session().sidecar.condition.kind.value == "ready")
    for panel, expected in (
        (panels.NIJIGAN_PT_image, {"nijigan.stylize_image"}),
        (panels.NIJIGAN_PT_view, {"nijigan.stylize_textures", "nijigan.stylize_render"}),
        (panels.NIJIGAN_PT_output, {"nijigan.stylize_animation", "nijigan.stylize_render"}),
    ):
        operators, shown = buttons(panel, context)
        assert operators == expected | {"nijigan.sidecar", "nijigan.copy_diagnostics"}
        assert "2 styles" in shown
        assert session().sidecar.condition.address in shown


class Interactive:
    """Stands for an operator that Blender runs by a timer, which needs a window."""

    def __init__(self, steps):
        runs = part("running").Runs
        for name in ("invoke", "modal", "cancel", "_step", "_end", "_fail", "until_done"):
            function = getattr(runs, name)
            setattr(self, name, function.__get__(self))
        self.cancelled = False
        self.report = MagicMock()
        self.steps = lambda context, interactive: steps(self, context, interactive)
        self.context = MagicMock()
        self.context.scene = bpy.context.scene
        self.context.window_manager.windows = []

    def event(self, kind):
        return self.modal(self.context, SimpleNamespace(type=kind, value="PRESS"))


def case_a_timer_goes_on_and_shows_a_draft():
    use("toy")
    source = bpy.data.images.new("large", 640, 480)  # others are smaller than a draft
    stylize = part("stylize_image").NIJIGAN_OT_stylize_image
    operator = Interactive(stylize.steps)
    operator.name = source.name
    operator._image = lambda context: source
    assert operator.invoke(operator.context, None) == {"RUNNING_MODAL"}
    assert operator.event("MOUSEMOVE") == {"PASS_THROUGH"}
    thumbnails = session().thumbnails
    thumbnails.show_draft = MagicMock(wraps=thumbnails.show_draft)
    result = {"PASS_THROUGH"}
    while result == {"PASS_THROUGH"}:
        result = operator.event("TIMER")
        time.sleep(0.01)
    assert result == {"FINISHED"}
    (draft,) = thumbnails.show_draft.call_args.args
    assert (draft.width, draft.height) == (341, 256)
    assert "draft" not in thumbnails._icons
    operator.context.workspace.status_text_set.assert_called_with(None)
    assert f"toy {source.name}" in bpy.data.images


def case_a_fault_of_ours_ends_the_timer():
    def steps(operator, context, interactive):
        yield
        raise ReferenceError("the scene is gone")

    operator = Interactive(steps)
    operator.invoke(operator.context, None)
    assert operator.event("TIMER") == {"CANCELLED"}
    assert operator.context.window_manager.event_timer_remove.called
    assert "the scene is gone" in session().diagnostics()


def case_esc_cancels():
    use("held")
    source = load("source")
    before = len(bpy.data.images)
    operator = Interactive(part("stylize_image").NIJIGAN_OT_stylize_image.steps)
    operator._image = lambda context: source
    operator.invoke(operator.context, None)
    assert operator.event("ESC") == {"RUNNING_MODAL"}
    result = {"PASS_THROUGH"}
    end = time.monotonic() + 1  # half a second, and as much for a busy machine
    while result == {"PASS_THROUGH"} and time.monotonic() < end:
        result = operator.event("TIMER")
    assert result == {"CANCELLED"}
    assert len(bpy.data.images) == before


def case_closing_the_file_meanwhile():
    use("held")
    source = load("source")
    operator = Interactive(part("stylize_image").NIJIGAN_OT_stylize_image.steps)
    operator._image = lambda context: source
    operator.invoke(operator.context, None)
    job = session().job
    operator.cancel(operator.context)
    job.wait(SECONDS)
    assert job.state.value == "cancelled"


def own_folder(folder, file="untitled", scene="Scene"):
    """Where a scene's drawings go, in the folder that it names."""
    return Path(folder, file, scene)


def save_as(name):
    bpy.ops.wm.save_as_mainfile(filepath=str(Path(CONFIG["folder"], f"{name}.blend")))


def scene_with_a_cube(frames=8):
    scene = bpy.context.scene
    cube(bpy.data.materials.new("plain"))
    item = bpy.context.object
    item.keyframe_insert("rotation_euler", frame=1)
    item.rotation_euler[2] = 1
    item.keyframe_insert("rotation_euler", frame=frames)
    bpy.ops.object.camera_add(location=(5, -5, 4), rotation=(1.1, 0, 0.785))
    scene.camera = bpy.context.object
    bpy.ops.object.light_add(type="SUN")
    scene.render.engine = "CYCLES"
    scene.cycles.samples = 1
    scene.cycles.use_denoising = False
    scene.render.threads_mode, scene.render.threads = "FIXED", 1
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.render.film_transparent = True
    scene.frame_start, scene.frame_end = 1, frames
    return scene


def case_render_as_it_is_seen():
    """With the view transform in it, once; and nothing of the scene is changed."""
    scene = scene_with_a_cube()
    use("toy", strength=0.0)
    scene.render.image_settings.file_format = "OPEN_EXR"
    bpy.ops.render.render()
    bpy.ops.nijigan.stylize_render()
    assert scene.render.image_settings.file_format == "OPEN_EXR"
    assert scene.render.dither_intensity == 1
    drawn = bpy.data.images["toy Render"]
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.image_settings.color_depth = "8"
    scene.render.dither_intensity = 0
    path = Path(CONFIG["folder"], "render.png")
    bpy.data.images["Render Result"].save_render(str(path), scene=scene)
    expected = bpy.data.images.load(str(path))
    assert np.abs(pixels(drawn) - pixels(expected)).max() <= 1.001 / 255
    assert 0 < pixels(drawn)[..., 3].mean() < 1
    assert drawn.colorspace_settings.name == "sRGB"
    drawn.save(filepath=str(path))  # what an artist gets who saves it
    saved = bpy.data.images.load(str(path))
    assert np.abs(pixels(saved) - pixels(expected)).max() <= 1.001 / 255


def values_of(settings, path=""):
    """All of them, with those of what they are made of, by where they are."""
    found = {}
    for each in settings.bl_rna.properties:
        value, place = getattr(settings, each.identifier), f"{path}.{each.identifier}"
        if each.type == "COLLECTION":
            for number, item in enumerate(value):
                found.update(values_of(item, f"{place}[{number}]"))
        elif each.type != "POINTER":
            found[place] = str(value[:]) if getattr(each, "is_array", False) else value
        elif each.identifier != "rna_type" and value is not None:
            found.update(values_of(value, place))
    return found


def case_the_color_management_of_files_stays_as_it_was_chosen():
    """And is not that of the drawing, which is as the scene is seen."""
    scene = scene_with_a_cube()
    use("toy", strength=0.0)
    bpy.ops.render.render()
    bpy.ops.nijigan.stylize_render()
    settings = scene.render.image_settings
    settings.color_management = "OVERRIDE"
    view = settings.view_settings
    view.view_transform, view.exposure, view.gamma = "Raw", 2.5, 1.5
    view.use_curve_mapping = True
    view.curve_mapping.black_level = (0.1, 0.2, 0.3)
    view.curve_mapping.curves[0].points[0].handle_type = "VECTOR"
    for place in (0.3, 0.6):
        view.curve_mapping.curves[3].points.new(place, 0.9)
    view.curve_mapping.update()
    settings.linear_colorspace_settings.name = "ACEScg"
    before = values_of(settings)
    for colors in ("seen", "linear"):
        use("toy", strength=0.0, colors=colors)
        bpy.ops.nijigan.stylize_render()
        changed = values_of(settings).items() ^ before.items()
        assert not changed, sorted(changed)
    seen, again, linear = (bpy.data.images[f"toy Render{n}"] for n in ("", ".001", ".002"))
    assert (pixels(again) == pixels(seen)).all()
    assert linear.is_float


def case_render_scene_linear():
    """Shown through the view transform, a drawing of strength 0 is the render."""
    scene = scene_with_a_cube()
    use("toy", strength=0.0, colors="linear")
    bpy.ops.render.render()
    bpy.ops.nijigan.stylize_render()
    drawn = bpy.data.images["toy Render"]
    assert drawn.is_float
    scene.render.dither_intensity = 0
    scene.render.image_settings.color_mode = "RGBA"
    shown = []
    for image in (drawn, bpy.data.images["Render Result"]):
        path = Path(CONFIG["folder"], f"shown{len(shown)}.png")
        image.save_render(str(path), scene=scene)
        shown.append(pixels(bpy.data.images.load(str(path))))
    opaque = shown[1][..., 3] == 1
    assert opaque.any()
    assert np.abs(shown[0] - shown[1])[opaque].max() <= 2.001 / 255


def case_an_animation_goes_on_where_it_was_left():
    scene = scene_with_a_cube()
    scene.frame_set(3)
    use("toy", style="even", folder=CONFIG["folder"])
    save_as("shot")
    folder = own_folder(CONFIG["folder"], "shot") / "even"
    assert bpy.ops.nijigan.stylize_animation() == {"FINISHED"}
    names = [f"{frame:04d}.png" for frame in range(1, 9)]
    assert sorted(path.name for path in folder.glob("*.png")) == names
    assert scene.frame_current == 3
    assert bpy.data.images["even Scene"].source == "SEQUENCE"
    first = {name: (folder / name).read_bytes() for name in names}
    assert len(set(first.values())) == 8
    for name in names[5:]:
        (folder / name).unlink()
    kept = (folder / names[0]).stat().st_mtime_ns
    bpy.ops.nijigan.stylize_animation()
    assert (folder / names[0]).stat().st_mtime_ns == kept
    assert {name: (folder / name).read_bytes() for name in names} == first
    use("toy", style="even", strength=0.5)  # drawn otherwise
    bpy.ops.nijigan.stylize_animation()
    assert (folder / names[0]).read_bytes() != first[names[0]]


def case_files_and_scenes_have_frames_of_their_own():
    """Also where they name one folder; what has no name yet is drawn anew each time."""
    scene_with_a_cube(1)
    use("toy", folder=CONFIG["folder"])
    drawn = []
    for file, name in (("shot010", "Scene"), ("shot020", "Scene"), ("shot020", "Day/2")):
        bpy.context.scene.name = name
        save_as(file)
        bpy.ops.nijigan.stylize_animation()
        folder = own_folder(CONFIG["folder"], file, name.replace("/", "_")) / "toy"
        drawn.append(folder / "0001.png")
        assert drawn[-1].is_file()
    times = [path.stat().st_mtime_ns for path in drawn]
    (drawn[1].parent / "nijigan.json").write_bytes((drawn[0].parent / "nijigan.json").read_bytes())
    bpy.context.scene.name = "Scene"
    bpy.ops.nijigan.stylize_animation()  # of notes that are another's
    again = [path.stat().st_mtime_ns for path in drawn]
    assert [a == b for a, b in zip(times, again, strict=True)] == [True, False, True]
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    scene_with_a_cube(1)
    use("toy", folder=CONFIG["folder"])
    unnamed = own_folder(CONFIG["folder"]) / "toy" / "0001.png"
    bpy.ops.nijigan.stylize_animation()
    before = unnamed.stat().st_mtime_ns
    bpy.ops.nijigan.stylize_animation()
    assert unnamed.stat().st_mtime_ns != before


def case_an_animation_of_floats():
    scene = scene_with_a_cube(2)
    use("toy", folder=CONFIG["folder"], colors="linear", strength=0.0)
    bpy.ops.nijigan.stylize_animation()
    drawn = bpy.data.images.load(str(own_folder(CONFIG["folder"]) / "toy" / "0002.exr"))
    assert drawn.is_float
    drawn.colorspace_settings.name = "Non-Color"  # what is in the file
    drawn.reload()
    scene.frame_set(2)
    bpy.ops.render.render()
    bpy.ops.nijigan.stylize_render()
    np.testing.assert_allclose(
        pixels(drawn), pixels(bpy.data.images["toy Render"]), rtol=1e-4, atol=1e-6
    )


def case_frames_that_fail_are_told_and_others_drawn():
    scene_with_a_cube(3)
    use("failing", style="any", folder=CONFIG["folder"])
    assert bpy.ops.nijigan.stylize_animation() == {"FINISHED"}
    assert [error.split(":")[0] for error in session().frame_errors] == [
        "Frame 1",
        "Frame 2",
        "Frame 3",
    ]


def case_an_animation_is_cancelled():
    scene_with_a_cube(4)
    use("held", style="held", folder=CONFIG["folder"])

    def cancel():
        wait_until(lambda: session().job is not None)
        session().jobs.cancel_all()

    thread = threading.Thread(target=cancel)
    thread.start()
    assert bpy.ops.nijigan.stylize_animation() == {"CANCELLED"}
    thread.join()
    assert not list(own_folder(CONFIG["folder"]).joinpath("held").glob("*.png"))


def rendered_to_files(folder, frames=3):
    """Render an animation to files, as Blender does by itself."""
    scene = scene_with_a_cube(frames)
    scene.render.image_settings.file_format = "PNG"
    scene.render.image_settings.color_mode = "RGBA"
    scene.render.filepath = str(folder / "rendered####")
    scene.nijigan.after_render = True
    bpy.ops.render.render(animation=True)
    return scene


def case_what_is_rendered_to_files_is_drawn_beside_them():
    """All is drawn when the render ends, by the statistics that frames of an animation share."""
    folder = Path(CONFIG["folder"], "beside")
    use("toy", style="even", folder=str(folder / "drawn"))
    scene = rendered_to_files(folder)
    names = ["0001.png", "0002.png", "0003.png"]
    written = own_folder(folder / "drawn")
    assert sorted(path.name for path in written.iterdir()) == names
    assert session().frame_errors == []
    assert session().job is None
    frames = [pixels(bpy.data.images.load(str(folder / f"rendered{name}"))) for name in names]
    drawn = [pixels(bpy.data.images.load(str(written / name))) for name in names]
    for before, after in zip(frames, drawn, strict=True):
        assert (after[..., 3] == before[..., 3]).all()
        assert (after[..., :3] != before[..., :3]).any()
    shared = [np.rint(frame[::-1] * 255).astype(np.uint8).tobytes() for frame in frames]
    client = session().sidecar.client()
    expected = client.stylize_frames(((frame, 64, 64) for frame in shared), style="even")
    for frame, after in zip(expected, drawn, strict=True):
        rgba = np.frombuffer(frame.result.pixels, np.uint8).reshape(64, 64, 4)[::-1]
        assert np.abs(rgba / 255 - after).max() <= 1.001 / 255
    scene.nijigan.after_render = False
    (written / "0001.png").unlink()
    bpy.ops.render.render(animation=True)
    assert not (written / "0001.png").exists()


def case_files_that_cannot_be_drawn_are_told():
    folder = Path(CONFIG["folder"], "told")
    use("none", folder=str(folder / "drawn"))
    scene = rendered_to_files(folder, frames=2)
    errors = session().frame_errors
    assert "No sidecar is running" in errors[-1]
    use("toy", folder="//nijigan/")
    bpy.ops.render.render(animation=True)
    assert len(errors) == 2
    assert "has not been saved" in errors[0]
    use("toy", folder=str(folder / "drawn"))
    if hasattr(scene.render.image_settings, "media_type"):
        scene.render.image_settings.media_type = "IMAGE"
    scene.render.image_settings.file_format = "OPEN_EXR"
    bpy.ops.render.render(animation=True)
    assert ".exr is not drawn" in errors[0]
    assert not (folder / "drawn").exists()


def case_what_is_shown_is_drawn_when_it_is_rendered():
    """In a window, where a timer goes on; here the test is the timer."""
    scene = scene_with_a_cube(1)
    scene.frame_set(7)
    use("toy", strength=0.0, folder=CONFIG["folder"], after_render=True)
    after = session().after_render
    bpy.ops.render.render()
    after._draw_shown = MagicMock()
    after.take_up()
    after._draw_shown.assert_called_once_with(("Scene", 7))
    bpy.ops.nijigan.stylize_render(write=True)
    saved = bpy.data.images.load(str(own_folder(CONFIG["folder"]) / "0007.png"))
    drawn = bpy.data.images["toy Render"]
    assert np.abs(pixels(saved) - pixels(drawn)).max() <= 1.001 / 255
    assert drawn.packed_file is not None
    scene.nijigan.colors = "linear"
    bpy.ops.nijigan.stylize_render(write=True)
    saved = bpy.data.images.load(str(own_folder(CONFIG["folder"]) / "0007.exr"))
    saved.colorspace_settings.name = "Non-Color"
    np.testing.assert_allclose(
        pixels(saved), pixels(bpy.data.images["toy Render.001"]), rtol=1e-4, atol=1e-6
    )
    scene.nijigan.folder = str(Path(CONFIG["files"]["source"], "no_folder"))
    fails(bpy.ops.nijigan.stylize_render, "cannot be written", write=True)


def case_what_is_rendered_meanwhile_is_drawn_in_its_turn():
    """By the number of the frame that was rendered, wherever people are by then."""
    scene = scene_with_a_cube(1)
    use("toy", after_render=True, folder=CONFIG["folder"])
    after = session().after_render
    after._draw_shown = MagicMock()
    job = session().jobs.begin("blend", lambda job: job.cancel.wait(SECONDS), "Drawing Render")
    for frame in (7, 8):
        scene.frame_set(frame)
        bpy.ops.render.render()
        after.take_up()
    scene.frame_set(9)
    assert session().frame_errors == ["Frame 7: not drawn, for another one was rendered."]
    after._draw_shown.assert_not_called()
    job.cancel.set()
    job.wait(SECONDS)
    after.take_up()
    after.take_up()
    after._draw_shown.assert_called_once_with(("Scene", 8))
    bpy.ops.nijigan.stylize_render(write=True, frame=8)
    assert (own_folder(CONFIG["folder"]) / "0008.png").is_file()


def case_a_drawing_does_not_hide_what_was_rendered_since():
    scene_with_a_cube(1)
    use("toy")
    bpy.ops.render.render()
    stylize_render = part("stylize_render")
    shown = []
    stylize_render.show = lambda context, image: shown.append(image)
    for renders in (0, 1):
        operator = Interactive(stylize_render.NIJIGAN_OT_stylize_render.steps)
        operator.write, operator.frame, operator.properties = False, 1, MagicMock()
        assert operator.invoke(operator.context, None) == {"RUNNING_MODAL"}
        for _ in range(renders):
            bpy.ops.render.render()
        while operator.event("TIMER") == {"PASS_THROUGH"}:
            time.sleep(0.01)
    assert shown == [bpy.data.images["toy Render"]]
    assert "toy Render.001" in bpy.data.images


def case_files_of_two_renders_are_two_animations():
    """That of the first is drawn to its end, and nothing of it goes on in the second."""
    after, renders = session().after_render, []
    for name in ("first", "second"):
        after.note_begin(bpy.context.scene)
        renders.append(after._renders[-1])
        renders[-1].waiting.put(name)
    assert after._next() is renders[0]
    assert list(renders[0].waiting.take()) == ["first"]
    assert after._next() is renders[1]


def case_the_frames_of_an_animation_are_not_drawn_as_renders_too():
    """Nor do they end what was told of those before."""
    scene_with_a_cube(8)
    use("failing", style="any", folder=CONFIG["folder"], after_render=True)
    bpy.ops.nijigan.stylize_animation()
    assert len(session().frame_errors) == 8
    after = session().after_render
    after._draw_shown = MagicMock()
    after.take_up()
    after._draw_shown.assert_not_called()


def case_a_render_that_cannot_be_drawn_is_told_and_others_are():
    """An error of the operator's, or of our own, does not end the timer."""
    use("toy", folder="//nijigan/", after_render=True)  # beside a file that has no place
    after, pump = session().after_render, part("pump")._pump
    after._shown = part("after_render")._Shown(bpy.context.scene.name, 1)
    assert pump() == 0.5
    (told,) = session().frame_errors
    assert told.startswith("The folder //nijigan/ is beside a file"), told
    after.take_up = MagicMock(side_effect=ReferenceError("the scene is gone"))
    assert pump() == 0.5
    assert "the scene is gone" in session().diagnostics()


def case_a_frame_is_rendered_once_nobody_else_renders():
    """Else it would be of another frame or scene, or be somebody else's picture."""
    module, scene, job = part("render_frame"), bpy.context.scene, MagicMock()
    job.cancel.is_set = lambda: False
    running = []
    handlers = SimpleNamespace(render_cancel=[])
    app = SimpleNamespace(is_job_running=lambda kind: bool(running), handlers=handlers)
    render = MagicMock(return_value={"RUNNING_MODAL"})
    ops = SimpleNamespace(render=SimpleNamespace(render=render))
    module.bpy = SimpleNamespace(app=app, ops=ops)
    running.append("people's own")
    steps = module.render_frame(scene, 3, job, True)
    next(steps)
    assert (scene.frame_current, render.called) == (1, False)
    running.clear()
    assert list(steps) == []
    assert scene.frame_current == 3
    render.assert_called_once_with("INVOKE_DEFAULT", scene="Scene")

    def between(*_, **__):
        session().after_render.begun += 2
        return {"RUNNING_MODAL"}

    for how, text in (
        (lambda *_, **__: {"CANCELLED"}, "Blender does not begin"),
        (between, "Another render came between"),
    ):
        render.side_effect = how
        try:
            said = str(list(module.render_frame(scene, 3, job, True)))
        except part("_carried.client.errors").StylizerError as error:
            said = str(error)
        assert text in said, said
    assert handlers.render_cancel == []


def case_scripts_start_the_sidecar_and_wait_for_it():
    bpy.context.preferences.addons[MODULE].preferences.command = "/no/such/command"
    use("own")
    fails(bpy.ops.nijigan.sidecar, "There is no /no/such/command", action="START")
    bpy.context.preferences.addons[MODULE].preferences.command = CONFIG["python"]
    assert bpy.ops.nijigan.sidecar(action="START") == {"FINISHED"}
    assert session().sidecar.condition.kind.value == "ready"
    assert bpy.ops.nijigan.sidecar(action="STOP") == {"FINISHED"}


def case_installing_asks_blender_for_the_network():
    use("own")
    addon = bpy.context.preferences.addons[MODULE].preferences
    addon.package = str(Path(CONFIG["folder"], "no.whl"))
    system = bpy.context.preferences.system
    system.use_online_access = False
    fails(bpy.ops.nijigan.sidecar, "Allow Online Access", action="INSTALL")
    system.use_online_access = True
    fails(bpy.ops.nijigan.sidecar, "nijigan was not installed", action="INSTALL")
    assert session().sidecar.condition.mend.name == "INSTALL"
    system.use_online_access = False


def result_of(case):
    bpy.ops.wm.read_homefile(use_factory_startup=True, use_empty=True)
    addon_utils.enable(MODULE)
    try:
        case()
    except BaseException:
        return traceback.format_exc()
    finally:
        addon_utils.disable(MODULE)
    return "ok"


def main():
    installed = bpy.ops.extensions.package_install_files(
        filepath=CONFIG["extension"], repo="user_default", enable_on_install=True
    )
    assert installed == {"FINISHED"}
    addon_utils.disable(MODULE)
    for name, case in list(globals().items()):
        if name.startswith("case_") and name[5:] in CONFIG["cases"]:
            print(json.dumps({"case": name[5:], "result": result_of(case)}), flush=True)
    repos = [repo.module for repo in bpy.context.preferences.extensions.repos]
    bpy.ops.extensions.package_uninstall(
        repo_index=repos.index("user_default"), pkg_id="nijigan_blender"
    )
    left = Path(os.environ["BLENDER_USER_RESOURCES"]).rglob("nijigan_blender/*.py")
    print(json.dumps({"case": "uninstalled", "result": "ok" if not list(left) else "left"}))


main()
