"""Requests and styles as the interface says them, and as the rest of the sidecar does."""

from math import isfinite
from typing import Literal

from nijigan.core.errors import RequestError
from nijigan.export.style import Style
from nijigan.server.region import Region
from nijigan.server.stylizer import Settings
from nijigan.v1 import stylizer_pb2 as pb

_QUALITIES = {
    pb.QUALITY_UNSPECIFIED: "normal",
    pb.QUALITY_DRAFT: "draft",
    pb.QUALITY_NORMAL: "normal",
    pb.QUALITY_FINE: "fine",
}
_QUALITY_NUMBERS = {name: number for number, name in _QUALITIES.items()}
_SCALES: dict[int, Literal["auto", "native"]] = {
    pb.SCALE_MODE_UNSPECIFIED: "auto",
    pb.SCALE_MODE_AUTO: "auto",
    pb.SCALE_MODE_NATIVE: "native",
}
_STRENGTHS = {
    "ode": pb.STRENGTH_KIND_ODE,
    "style": pb.STRENGTH_KIND_STYLE,
    "blend": pb.STRENGTH_KIND_BLEND,
}


def settings_from_message(message: pb.StylizeSettings) -> Settings:
    """Return what `message` asks for.

    Raises:
        RequestError: an enum has a number that this version does not know, or a place is infinite.
    """
    quality = quality_from_number(message.quality)
    if message.scale_mode not in _SCALES:
        raise RequestError(f"The scale is number {message.scale_mode}.", "Ask for a known one.")
    is_number = message.WhichOneof("scale") == "short_side_px"
    return Settings(
        style=message.style,
        strength=message.strength if message.HasField("strength") else 1.0,
        quality=quality,
        scale=message.short_side_px if is_number else _SCALES[message.scale_mode],
        region=_region(message.region) if message.HasField("region") else None,
        origin=_origin(message.origin),
        steady=message.steady,
    )


def _origin(message: pb.Point) -> tuple[float, float]:
    if not (isfinite(message.x_px) and isfinite(message.y_px)):
        raise RequestError(
            f"The origin is {message.x_px}, {message.y_px}.", "Give finite numbers of pixels."
        )
    return message.x_px, message.y_px


def _region(message: pb.Region) -> Region:
    return Region(message.left_px, message.top_px, message.width_px, message.height_px)


def is_batch(priority: pb.Priority) -> bool:
    """Whether nobody waits.

    Raises:
        RequestError: this version does not know the number.
    """
    if priority not in pb.Priority.values():
        raise RequestError(f"The priority is number {priority}.", "Ask for a known one.")
    return priority == pb.PRIORITY_BATCH


def quality_from_number(number: pb.Quality) -> str:
    """Return the name of a quality.

    Raises:
        RequestError: this version does not know the number.
    """
    if number not in _QUALITIES:
        raise RequestError(f"The quality is number {number}.", "Ask for a known one.")
    return _QUALITIES[number]


def style_message(style: Style) -> pb.Style:
    """Return what a client is told of a style."""
    return pb.Style(
        name=style.name,
        title=style.title,
        description=style.description,
        version=style.version,
        license=style.license,
        method=style.method,
        strength_kind=_STRENGTHS[style.strength],
        working_short_side_px=style.scale.working_short_side,
        qualities=[
            pb.StyleQuality(
                quality=_QUALITY_NUMBERS[name],
                solver=quality.solver,
                steps=quality.steps,
                evaluations=quality.evaluations,
                radius_px=quality.radius_px,
            )
            for name, quality in style.qualities.items()
        ],
        limits=style.limits,
        fixed_size_px=style.fixed_size or 0,
        content=style.content,
    )
