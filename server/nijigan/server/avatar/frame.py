"""The square around head and shoulders, and how it is cut out of a picture."""

from dataclasses import dataclass
from math import ceil, cos, floor, radians, sin

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nijigan.core.images import Picture
from nijigan.server.avatar.face import Face, Point

U8 = NDArray[np.uint8]

# Of chin to hair, over the side of the face's square, which ends at the forehead. Hair differs;
# the astronaut's, which is full, makes it 1.6.
_HEAD_PER_FACE = 1.4
# The head's part of the frame's side: where there is room, as in a portrait of head and shoulders;
# and where the photo ends sooner, at most, so that it is not made up of what is not there.
_HEAD = 0.45
_LARGEST_HEAD = 0.65
# Where the eyes are, from the top: a bit above the middle, as portraits have them.
_EYES = 0.42
# How far the frame may leave that place to stay in the photo, in parts of its side.
_SHIFT = 0.06
# Standard deviation, in parts of the side, of what hides that a photo's edge was drawn out.
_EDGE_BLUR = 1 / 24


@dataclass(frozen=True)
class Frame:
    """A square of a picture, which may reach past its edges.

    middle: in pixels from the picture's top left. side: in pixels. roll: how far its upper edge is
    turned clockwise, in degrees.
    """

    middle: Point
    side: float
    roll: float = 0.0


def frame_face(face: Face, width: int, height: int, level_eyes: bool = False) -> Frame:
    """Return the frame of head and shoulders in a picture of `width` × `height` pixels.

    level_eyes: turn it so that the eyes are at one height.
    """
    x, y = face.between_eyes if level_eyes else (face.middle[0], face.between_eyes[1])
    head = _HEAD_PER_FACE * face.side
    room = min(
        x / (0.5 - _SHIFT),
        (width - x) / (0.5 - _SHIFT),
        y / (_EYES - _SHIFT),
        (height - y) / (1 - _EYES - _SHIFT),
        width,
        height,
    )
    side = min(head / _HEAD, max(head / _LARGEST_HEAD, room))
    roll = face.roll if level_eyes else 0.0
    # From the eyes to the frame's middle, which is below them as the frame is turned.
    down = (0.5 - _EYES) * side
    middle_x, middle_y = x - down * sin(radians(roll)), y + down * cos(radians(roll))
    return Frame((_into(middle_x, side, width), _into(middle_y, side, height)), side, roll)


def frame_middle(width: int, height: int) -> Frame:
    """Return the largest square in the middle of a picture."""
    return Frame((width / 2, height / 2), min(width, height))


def cut(picture: Picture, frame: Frame, size: int) -> Picture:
    """Return what is in the frame, at `size` × `size` pixels.

    Past the picture's edges its outermost pixels go on, blurred.
    """
    rate = size / frame.side
    turned = abs(sin(radians(frame.roll))) + abs(cos(radians(frame.roll)))
    # The upright square that the frame is in: a pixel more, for the filter that turns.
    canvas = size if not frame.roll else ceil(size * turned) + 2
    upright = _cut_upright(picture, frame.middle, canvas / rate, canvas)
    if not frame.roll:
        return upright
    return Picture(
        _turned(upright.rgb, frame.roll, size),
        None if upright.alpha is None else _turned(upright.alpha, frame.roll, size),
    )


def _into(middle: float, side: float, length: int) -> float:
    """Move a frame's middle toward where the frame is in the picture, by as much as is allowed."""
    nearest = length / 2 if side > length else min(max(middle, side / 2), length - side / 2)
    return middle + min(max(nearest - middle, -_SHIFT * side), _SHIFT * side)


def _cut_upright(picture: Picture, middle: Point, side: float, size: int) -> Picture:
    left, top = middle[0] - side / 2, middle[1] - side / 2
    columns = _Span.of(left, side, picture.width, size)
    rows = _Span.of(top, side, picture.height, size)
    seen = picture.cut(slice(rows.start, rows.stop), slice(columns.start, columns.stop))
    rgb = _extended(seen.rgb, rows, columns)
    if rows.before or rows.after or columns.before or columns.after:
        rgb = _blurred_outside(rgb, rows, columns)
    alpha = None if seen.alpha is None else _extended(seen.alpha, rows, columns)
    return Picture(rgb, alpha)


@dataclass(frozen=True)
class _Span:
    """What of one axis of a picture is in a frame.

    start, stop: whole pixels of the picture. low, high: exact ends, from `start`. length: pixels
    of the result that they fill; before, after: those that the picture does not reach.
    """

    start: int
    stop: int
    low: float
    high: float
    length: int
    before: int
    after: int

    @classmethod
    def of(cls, first: float, side: float, length: int, size: int) -> "_Span":
        rate = size / side
        before = min(max(0, round(-first * rate)), size - 1)
        after = min(max(0, round((first + side - length) * rate)), size - 1 - before)
        # A face may be at the very edge: then the frame has a pixel of the picture at least.
        low = min(max(first, 0.0), length - 1.0)
        high = max(min(first + side, float(length)), low + min(side, 1.0))
        start, stop = max(floor(low), 0), min(ceil(high), length)
        return cls(start, stop, low - start, high - start, size - before - after, before, after)


def _extended(pixels: U8, rows: _Span, columns: _Span) -> U8:
    """Resize what is in the frame, and repeat its outermost pixels around it."""
    box = (columns.low, rows.low, columns.high, rows.high)
    size = (columns.length, rows.length)
    inside = np.asarray(Image.fromarray(pixels).resize(size, Image.Resampling.LANCZOS, box))
    around = [(rows.before, rows.after), (columns.before, columns.after)]
    return np.pad(inside, around + [(0, 0)] * (pixels.ndim - 2), mode="edge")


def _blurred_outside(rgb: U8, rows: _Span, columns: _Span) -> U8:
    """Blur what is past the picture: outermost pixels that are repeated make streaks."""
    blur = ImageFilter.GaussianBlur(_EDGE_BLUR * rgb.shape[0])
    blurred = np.array(Image.fromarray(rgb).filter(blur))
    inside = (
        slice(rows.before, rows.before + rows.length),
        slice(columns.before, columns.before + columns.length),
    )
    blurred[inside] = rgb[inside]
    return blurred


def _turned(pixels: U8, roll: float, size: int) -> U8:
    """Return the square of `size` in the middle of `pixels`, turned back by `roll`."""
    image = Image.fromarray(pixels).rotate(roll, Image.Resampling.BICUBIC)
    start = (image.width - size) // 2
    return np.asarray(image.crop((start, start, start + size, start + size)))
