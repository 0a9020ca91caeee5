# SPDX-License-Identifier: GPL-3.0-or-later
"""How to draw, remembered in the file."""

import bpy

from nijigan_blender.session import session
from nijigan_host.drawing import Look
from nijigan_host.errors import StyleMissingError

QUALITIES = [
    ("draft", "Draft", "Fastest"),
    ("normal", "Normal", "What styles are made for"),
    ("fine", "Fine", "Most exact, and slowest"),
]
_items: list[tuple[str, str, str, int, int]] = []  # Blender needs the words to stay


def _styles(self: "NijiganSettings", _context: object) -> list[tuple[str, str, str, int, int]]:
    now = session()
    _items[:] = [
        (
            style.name,
            style.title or style.name,
            style.description,
            now.thumbnails.style(style.name, style.version, now.sidecar.previews),
            number,
        )
        for number, style in enumerate(now.sidecar.condition.styles)
    ]
    names = [item[0] for item in _items]
    name = self.style_name
    if name and name not in names:
        known = name.partition(":")[0] in names  # "cel:int8" is cel's
        title = name if known else f"{name} (not installed)"
        _items.append((name, title, "Remembered in the file", 0, len(names)))
    return _items


def _style_number(self: "NijiganSettings") -> int:
    names = [style.name for style in session().sidecar.condition.styles]
    if self.style_name in names:
        return names.index(self.style_name)
    return len(names) if self.style_name else 0  # what is not installed is the last item


def _choose_style(self: "NijiganSettings", number: int) -> None:
    styles = session().sidecar.condition.styles
    if number < len(styles):
        self.style_name = styles[number].name


class NijiganSettings(bpy.types.PropertyGroup):
    """`Scene.nijigan`.

    The name of the style is what is remembered: which styles there are, the sidecar says, and it
    may not be running.
    """

    style_name: bpy.props.StringProperty(
        name="Style", description="The style's name; the first one where empty"
    )
    style: bpy.props.EnumProperty(
        name="Style",
        description="What it is drawn like",
        items=_styles,
        get=_style_number,
        set=_choose_style,
    )
    strength: bpy.props.FloatProperty(
        name="Strength",
        description="From the picture as it is to fully drawn",
        default=1.0,
        min=0.0,
        max=1.0,
        subtype="FACTOR",
    )
    quality: bpy.props.EnumProperty(
        name="Quality",
        items=QUALITIES,
        default="normal",
    )
    scale: bpy.props.EnumProperty(
        name="Scale",
        description="At which size lines and regions are drawn",
        items=[
            ("auto", "Automatic", "What suits the style"),
            ("native", "Native", "At the picture's own size: finer lines in larger pictures"),
            ("pixels", "Pixels", "At a short side of so many pixels"),
        ],
        default="auto",
    )
    short_side: bpy.props.IntProperty(
        name="Short Side", default=720, min=16, max=8192, subtype="PIXEL"
    )
    colors: bpy.props.EnumProperty(
        name="Colors",
        description="What of a render is drawn",
        items=[
            ("seen", "As Seen", "With the view transform; the drawing is as it will be shown"),
            ("linear", "Scene Linear", "Before the view transform, which then shows the drawing"),
        ],
        default="seen",
    )
    after_render: bpy.props.BoolProperty(
        name="Draw Each Render",
        description="Show each render (F12) drawn, and draw what is rendered to files into the "
        "folder",
    )
    folder: bpy.props.StringProperty(
        name="Folder",
        description="Where drawings go, in a folder for each file and scene; Stylize Animation "
        "uses one in that, named after the style",
        default="//nijigan/",
        subtype="DIR_PATH",
    )
    steady: bpy.props.BoolProperty(
        name="Steady",
        description="Draw each frame four times for the mean, and by statistics that all frames "
        "share, so that nothing shimmers or flickers; takes four times as long",
        default=True,
    )
    anew: bpy.props.BoolProperty(
        name="All Anew", description="Draw frames again that are in the folder already"
    )

    def look(self, style: str = "") -> Look:
        """Return how to draw, in the style of that name, or in the one that was chosen.

        Raises:
            StyleMissingError: none was chosen, and none is known.
        """
        styles = session().sidecar.condition.styles
        name = style or self.style_name or (styles[0].name if styles else "")
        if not name:
            raise StyleMissingError("No style is known.", "Start the sidecar, or name a style.")
        scale = self.short_side if self.scale == "pixels" else self.scale
        return Look(name, self.strength, self.quality, scale)
