# SPDX-License-Identifier: GPL-3.0-or-later
"""The color management that an artist gives to files instead of the scene's."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import bpy

# In an order in which they can be set. Those that a Blender does not have are left out.
_DISPLAY = ("display_device", "emulation")
_VIEW = (
    *("view_transform", "look", "exposure", "gamma", "use_curve_mapping", "use_hdr_view"),
    *("use_white_balance", "white_balance_temperature", "white_balance_tint"),
)
_CURVES = (
    *("tone", "extend", "black_level", "white_level"),
    *("use_clip", "clip_min_x", "clip_min_y", "clip_max_x", "clip_max_y"),
)


@contextmanager
def without_override(settings: bpy.types.ImageFormatSettings) -> Iterator[None]:
    """Have files follow the scene while the body runs.

    Where an override is switched on again, Blender copies the scene's values into it: all that the
    artist had chosen is put back here.
    """
    if settings.color_management == "FOLLOW_SCENE":
        yield
        return
    chosen = _chosen(settings)
    curves = [_points(curve) for curve in settings.view_settings.curve_mapping.curves]
    settings.color_management = "FOLLOW_SCENE"
    try:
        yield
    finally:
        settings.color_management = "OVERRIDE"
        for owner, name, value in chosen:
            setattr(owner, name, value)
        mapping = settings.view_settings.curve_mapping
        for curve, points in zip(mapping.curves, curves, strict=True):
            _put_points(curve, points)
        mapping.update()


def _chosen(settings: bpy.types.ImageFormatSettings) -> list[tuple[Any, str, Any]]:
    """Return each value, with whose it is and its name."""
    view: Any = settings.view_settings
    owners = (
        (settings.display_settings, _DISPLAY),
        (view, _VIEW),
        (view.curve_mapping, _CURVES),
        (settings.linear_colorspace_settings, ("name",)),
    )
    return [
        (owner, name, _value(getattr(owner, name)))
        for owner, names in owners
        for name in names
        if hasattr(owner, name)
    ]


def _value(value: Any) -> Any:
    """As it is now: Blender's colors change with what they are of."""
    return value if isinstance(value, str | float | int) else tuple(value)


def _points(curve: bpy.types.CurveMap) -> list[tuple[tuple[float, ...], Any]]:
    return [(tuple(point.location[:]), point.handle_type) for point in curve.points]


def _put_points(curve: bpy.types.CurveMap, points: list[tuple[tuple[float, ...], Any]]) -> None:
    while len(curve.points) > len(points):
        curve.points.remove(curve.points[-1])
    while len(curve.points) < len(points):
        curve.points.new(0.0, 0.0)
    for point, (location, handle_type) in zip(curve.points, points, strict=True):
        point.location, point.handle_type = location, handle_type
