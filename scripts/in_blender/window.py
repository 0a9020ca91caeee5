"""A hand and an eye for a Blender that has a window: clicks, keys, screenshots.

Runs in Blender, on its timer, so that all of Blender goes on meanwhile. Redraws take long where
there is no GPU, so what is waited for is a state, not a time.
"""

import importlib
import os
import subprocess
import tempfile
import time
import traceback
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

bpy: Any = importlib.import_module("bpy")  # of several versions, so that types say little
Shot = npt.NDArray[np.uint8]  # rows from the top, RGB
Mask = npt.NDArray[np.bool_]
Steps = Generator[Callable[[], bool], None, None]  # yields what it waits for
MODULE = "nijigan_blender"
MARK = (255, 0, 255)  # a color that Blender's own things do not have
progress_shown: list[float] = []  # by panels, where this Blender has no progress bars
_SECONDS = 60
_TICK_SECONDS = 0.05
_LEAST_SIDE = 6  # of what can be clicked
_EDGE = 4  # of a widget, above what is written on it
_CLOSED_PANEL = 40  # from its header to the next one, at most


class Place(NamedTuple):
    """Of a widget, in the window: its middle, from the top left, and its width."""

    x: int
    y: int
    width: int


def drive(steps: Steps) -> None:
    """Take steps on a timer, then leave Blender."""
    bpy.context.preferences.view.show_splash = False
    bpy.context.preferences.view.use_save_prompt = False
    bpy.context.preferences.view.render_display_type = "NONE"  # no window of its own
    if not hasattr(bpy.types.UILayout, "progress"):  # before 4.0
        bpy.types.UILayout.progress = _progress
    true, since = _at_once, time.monotonic()

    def tick() -> float | None:
        nonlocal true, since
        try:
            try:
                if not true():
                    if time.monotonic() - since < _SECONDS:
                        return _TICK_SECONDS
                    raise TimeoutError(f"waited {_SECONDS} s for it in vain")
            except Exception as error:
                true = steps.throw(error)
            else:
                true = next(steps)
            since = time.monotonic()
        except StopIteration:
            bpy.ops.wm.quit_blender()
            return None
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        return _TICK_SECONDS

    bpy.app.timers.register(tick, first_interval=1.0)


def _at_once() -> bool:
    return True


def _progress(layout: Any, factor: float = 0.0, text: str = "") -> None:
    progress_shown.append(factor)
    layout.label(text=f"{text} {factor:.0%}")


def window() -> Any:
    """The one that there is."""
    return bpy.context.window_manager.windows[0]


def become(kind: str) -> Any:
    """Make the largest area an editor of that kind; return the area."""
    area = max(window().screen.areas, key=lambda each: each.width * each.height)
    area.type = kind
    return area


def region(area: Any, kind: str) -> Any:
    """The region of that kind that the area has."""
    return next(each for each in area.regions if each.type == kind)


def shot(of: Any) -> Shot:
    """Look at a region or an area of the window as it is now."""
    with tempfile.TemporaryDirectory(prefix="nijigan-") as folder:
        path = Path(folder, "shot.png")
        with bpy.context.temp_override(window=window()):
            for area in window().screen.areas:
                area.tag_redraw()
            bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)
            bpy.ops.screen.screenshot(filepath=str(path))
        image = bpy.data.images.load(str(path))
        width, height = image.size  # now it reads the file
        values = np.empty(width * height * image.channels, np.float32)
        image.pixels.foreach_get(values)
        bpy.data.images.remove(image)
    rgb = values.reshape(height, width, -1)[::-1, :, :3]
    rows: Shot = np.rint(rgb * 255).astype(np.uint8)
    return rows[height - of.y - of.height : height - of.y, of.x : of.x + of.width]


def has(picture: Shot, color: tuple[int, int, int]) -> Mask:
    """Where a picture has a color."""
    return np.asarray(np.abs(picture.astype(int) - color).max(axis=2) <= 1)


def find(of: Any, colors: Any, name: str) -> list[Place]:
    """Find the widgets of a kind in a region, from above down, those of a row from the left.

    By a color of the theme that they alone have: it is another one while this looks.
    """
    mark = (*(value / 255 for value in MARK), 1.0)
    before = tuple(getattr(colors, name))
    setattr(colors, name, mark[: len(before)])
    try:
        mask = has(shot(of), MARK)
    finally:
        setattr(colors, name, before)
    top = window().height - of.y - of.height
    places = []
    for begin, end in _runs(mask.any(axis=1)):
        for left, right in _runs(mask[begin : begin + _EDGE].any(axis=0)):
            if min(end - begin, right - left) >= _LEAST_SIDE:
                middle = of.x + (left + right) // 2, top + (begin + end) // 2
                places.append(Place(*middle, right - left))
    return places


def buttons(of: Any) -> list[Place]:
    """Find buttons in a region."""
    return find(of, _theme().user_interface.wcol_tool, "inner")


def menus(of: Any) -> list[Place]:
    """Find what is chosen from a list."""
    return find(of, _theme().user_interface.wcol_menu, "inner")


def sliders(of: Any) -> list[Place]:
    """Find sliders that are not at 0."""
    return find(of, _theme().user_interface.wcol_numslider, "item")


def tick(times: int = 3) -> Steps:
    """Let Blender go around a few times, so that it has noticed what there is to be noticed."""
    for _ in range(times):
        yield _at_once


def settle(of: Any) -> Steps:
    """Wait until a region looks the same twice: panels are moved when others open."""
    before = shot(of)

    def is_still() -> bool:
        nonlocal before
        last, before = before, shot(of)
        return bool(np.array_equal(last, before))

    yield is_still


def point(place: Place) -> Steps:
    """Move the mouse there."""
    _xdotool("mousemove", place.x, place.y)
    yield from tick()


def click(place: Place) -> Steps:
    """Move there and click."""
    yield from point(place)
    _xdotool("click", 1)
    yield from tick()


def scroll_down(place: Place) -> Steps:
    """Scroll to the end of what is there."""
    yield from point(place)
    _xdotool("click", "--repeat", 20, 5)
    yield from tick()


def press(key: str) -> Steps:
    """Press a key."""
    _xdotool("key", key)
    yield from tick()


def open_sidebar(area: Any) -> Steps:
    """Show the sidebar of an Image Editor, and in it the extension's tab, which is the last one."""
    area.spaces.active.show_region_ui = True
    sidebar = region(area, "UI")
    yield lambda: sidebar.width > 1
    yield from tick()
    colors = _theme().image_editor.space
    shown, others = (find(sidebar, colors, f"tab_{each}") for each in ("active", "inactive"))
    if others[-1].y > shown[0].y:
        yield from click(others[-1])


def panel_headers(of: Any) -> list[Place]:
    """Find the headers of panels in properties."""
    return find(of, _theme().properties.space.panelcolors, "header")


def open_output_panel(area: Any) -> Steps:
    """Show the output properties, and open the extension's panel, the last one, and no other."""
    yield from tick()  # an area that has just become one has no properties yet
    area.spaces.active.context = "OUTPUT"
    yield from tick()
    panels = region(area, "WINDOW")
    headers = panel_headers(panels)
    below = [*(each.y for each in headers[1:]), window().height - panels.y]
    for header, end in reversed(list(zip(headers, below, strict=True))):
        if end - header.y > _CLOSED_PANEL:
            yield from click(header)
            yield from settle(panels)
    yield from click(panel_headers(panels)[-1])
    yield from settle(panels)


def _theme() -> Any:
    return bpy.context.preferences.themes[0]


def _xdotool(*words: object) -> None:
    subprocess.run(["xdotool", *(str(word) for word in words)], check=True, timeout=_SECONDS)


def _runs(row: npt.ArrayLike) -> list[tuple[int, int]]:
    """Where a row is true: the beginning and end of each stretch."""
    changes = np.flatnonzero(np.diff(np.concatenate([[0], np.asarray(row, np.int8), [0]])))
    return [(int(begin), int(end)) for begin, end in changes.reshape(-1, 2)]
