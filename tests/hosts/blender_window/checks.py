"""What the extension does in a Blender with a window. `test_blender_window.py` runs it there.

Prints a line for each check: its name, and "ok" or where it failed, as JSON.
"""

import importlib
import json
import os
import sys
import traceback
from pathlib import Path

import bpy
import numpy as np

sys.path.append(str(Path(__file__).parents[3] / "scripts"))

from in_blender.window import (
    MODULE,
    become,
    buttons,
    click,
    drive,
    has,
    menus,
    open_output_panel,
    open_sidebar,
    press,
    progress_shown,
    region,
    shot,
    sliders,
    tick,
)

CONFIG = json.loads(Path(sys.argv[-1]).read_text(encoding="utf-8"))
THUMBNAIL = (0, 255, 128)
TOLERANCE = 1.001 / 255


def session():
    return importlib.import_module(f"{MODULE}.session").session()


def condition():
    return session().sidecar.condition.kind.value


def use(home, expected, style="toy", **settings):
    """Have the extension begin anew, with the sidecar of that data directory."""
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]
    bpy.ops.preferences.addon_enable(module=MODULE)
    bpy.context.preferences.addons[MODULE].preferences.command = CONFIG["python"]
    for name, value in {"style_name": style, **settings}.items():
        setattr(bpy.context.scene.nijigan, name, value)
    session().sidecar.look()
    yield lambda: condition() == expected


def image_editor():
    """With the extension's panel; returns the area and the sidebar."""
    area = become("IMAGE_EDITOR")
    yield from open_sidebar(area)
    return area, region(area, "UI")


def show_source(area):
    """In its own size, so that its pixels are those of the window."""
    source = bpy.data.images.load(CONFIG["source"])
    area.spaces.active.image = source
    with bpy.context.temp_override(area=area, region=region(area, "WINDOW")):
        bpy.ops.image.view_zoom_ratio(ratio=1.0)
    return source


def pixels(image):
    values = np.empty(image.size[0] * image.size[1] * image.channels, np.float32)
    image.pixels.foreach_get(values)
    return values.reshape(image.size[1], image.size[0], image.channels)[..., :3]


def is_in(picture, seen):
    """Whether a part of what is seen is that picture."""
    height, width = picture.shape[:2]

    def alike(part, whole):
        return (np.abs(part.astype(int) - whole) <= 2).all(axis=-1)

    corners = [(y, x) for y in (0, height - 1) for x in (0, width - 1)]
    rows, columns = seen.shape[0] - height + 1, seen.shape[1] - width + 1
    begins = np.all(
        [alike(seen[y : y + rows, x : x + columns], picture[y, x]) for y, x in corners], axis=0
    )
    return any(
        alike(seen[y : y + height, x : x + width], picture).all() for y, x in np.argwhere(begins)
    )


def wide(places):
    """Which ones are as wide as the panel, as buttons are that draw."""
    return [place.width > 150 for place in places]


def check_the_panel_in_the_image_editor():
    """With the style's thumbnail, and all that can be chosen; disabled, none of it is there."""
    yield from use("running", "ready")
    _, sidebar = yield from image_editor()
    assert has(shot(sidebar), THUMBNAIL).sum() > 5000
    assert (len(menus(sidebar)), len(sliders(sidebar))) == (4, 1)
    assert wide(buttons(sidebar)) == [False, False, False, True]
    bpy.ops.preferences.addon_disable(module=MODULE)
    yield from tick()
    assert not has(shot(sidebar), THUMBNAIL).any()
    assert not buttons(sidebar)


def check_the_panel_in_the_output_properties():
    yield from use("running", "ready")
    area = become("PROPERTIES")
    yield from open_output_panel(area)
    panel = region(area, "WINDOW")
    assert has(shot(panel), THUMBNAIL).sum() > 5000
    assert (len(menus(panel)), len(sliders(panel))) == (5, 1)
    assert wide(buttons(panel)) == [False, False, False, True, False, True]
    bpy.ops.preferences.addon_disable(module=MODULE)
    yield from tick()
    assert not has(shot(panel), THUMBNAIL).any()


def check_the_button_starts_a_sidecar():
    yield from use("own", "not running", style="")
    _, sidebar = yield from image_editor()
    start, *others = buttons(sidebar)
    assert wide(others) == [False, False, True]  # Log, Copy Diagnostics, Stylize Image
    assert len(menus(sidebar)) == 2  # no styles are known
    yield from click(start)
    yield lambda: condition() == "ready"
    yield lambda: len(menus(sidebar)) == 4
    bpy.ops.nijigan.sidecar(action="STOP")
    yield lambda: condition() == "not running"


def check_the_button_draws():
    """By Blender's timer, with the progress shown; then the drawing is."""
    yield from use("running", "ready", style="cel", quality="draft", scale="native")
    area, sidebar = yield from image_editor()
    source = show_source(area)
    before = set(bpy.data.images.keys())
    progress_shown.clear()
    yield from click(buttons(sidebar)[-1])
    yield lambda: area.spaces.active.image != source
    assert any(0 < fraction < 1 for fraction in progress_shown), progress_shown
    assert progress_shown == sorted(progress_shown)
    drawn = area.spaces.active.image
    assert set(bpy.data.images.keys()) - before == {drawn.name}
    assert drawn.name == f"cel {source.name}"
    expected = pixels(bpy.data.images.load(CONFIG["drawn"]))
    assert np.abs(pixels(drawn) - expected).max() <= TOLERANCE
    picture = np.rint(expected[::-1] * 255).astype(np.uint8)
    inner = picture[1:-1, 1:-1]  # a frame is drawn on its edge
    assert is_in(inner, shot(region(area, "WINDOW")))


def check_esc_cancels():
    yield from use("held", "ready")
    area, sidebar = yield from image_editor()
    source = show_source(area)
    before = set(bpy.data.images.keys())
    yield from click(buttons(sidebar)[-1])
    yield lambda: session().job is not None
    job = session().job
    assert not any(wide(buttons(sidebar)))  # Cancel is in its place
    yield from press("Escape")
    yield lambda: job.state.value == "cancelled"
    yield lambda: any(wide(buttons(sidebar)))
    assert set(bpy.data.images.keys()) == before
    assert area.spaces.active.image == source


def check_each_render_is_drawn():
    """What F12 renders is drawn by itself, shown in its place, and written beside the file."""
    folder = Path(CONFIG["folder"], "nijigan")
    drawn = folder / "untitled/Scene/0007.exr"
    yield from use("running", "ready", after_render=True, folder=str(folder), colors="linear")
    area, _ = yield from image_editor()
    scene = bpy.context.scene
    scene.render.engine = "BLENDER_WORKBENCH"
    scene.render.resolution_x = scene.render.resolution_y = 64
    scene.frame_set(7)
    bpy.ops.render.render("INVOKE_DEFAULT")
    yield lambda: area.spaces.active.image is not None
    yield lambda: area.spaces.active.image.name == "toy Render"
    yield lambda: session().job is None and drawn.is_file()


def checked(check):
    """Take the steps of a check; return what became of it."""
    try:
        yield from check()
    except Exception:
        return traceback.format_exc()
    finally:
        bpy.ops.preferences.addon_disable(module=MODULE)
    return "ok"


def steps():
    for name, check in list(globals().items()):
        if name.startswith("check_") and name[6:] in CONFIG["checks"]:
            result = yield from checked(check)
            print("\n" + json.dumps({"check": name[6:], "result": result}), flush=True)


drive(steps())
