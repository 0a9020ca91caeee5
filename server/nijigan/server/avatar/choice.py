"""Which face of a picture an avatar is made of, and whether it is good enough."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import (
    FaceBlurredError,
    FaceTooSmallError,
    NoFaceError,
    SeveralFacesError,
    UsageError,
)
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.sharpness import sharpness

LEAST_SIDE = 40
"""A face's least side, in pixels: below it an eye is 7 wide, and is drawn as a dot."""

LEAST_SHARPNESS = 0.12
"""Portraits have 0.5 to 1.2. A blur of a standard deviation of 2 % of the face's side leaves 0.11
to 0.25, one of 3 % 0.07 to 0.17: those of 3 % are about evenly split (docs/avatars.md)."""


def from_the_left(faces: Sequence[Face]) -> list[Face]:
    """Return faces in the order in which people number them."""
    return sorted(faces, key=lambda face: face.middle)


def choose(
    faces: Sequence[Face], rgb: NDArray[np.uint8], number: int = 0, anyway: bool = False
) -> Face | None:
    """Return the face to make an avatar of; None where there is none, and that is no matter.

    faces: of the picture `rgb` `(H, W, 3)`. number: which one, from the left, 1 the first; 0 where
    nobody chose. anyway: take what there is, the largest face of several.

    Raises:
        NoFaceError, SeveralFacesError, FaceTooSmallError, FaceBlurredError: unless `anyway`.
        UsageError: there is no face of that number.
    """
    if not 0 <= number <= max(len(faces), 1):
        raise UsageError(
            f"The picture has {_count(len(faces))}, and number {number} was asked for.",
            "Give 1 for the first from the left.",
        )
    if number and faces:
        face = from_the_left(faces)[number - 1]
    elif not faces:
        if anyway:
            return None
        raise NoFaceError(
            f"No face was found in the {rgb.shape[1]}x{rgb.shape[0]} picture.",
            "Take one that shows a face from the front, or frame the middle with --any.",
        )
    elif len(faces) > 1 and not anyway:
        raise _several(from_the_left(faces))
    else:
        face = max(faces, key=lambda each: each.side)
    if not anyway:
        _check(face, rgb)
    return face


def _check(face: Face, rgb: NDArray[np.uint8]) -> None:
    if face.side < LEAST_SIDE:
        raise FaceTooSmallError(
            f"The face is {face.side:.0f} pixels wide; {LEAST_SIDE} are needed.",
            "Take a larger picture of it, or --any.",
        )
    if (found := sharpness(rgb, face)) < LEAST_SHARPNESS:
        raise FaceBlurredError(
            f"The face is blurred: its sharpness is {found:.2f}, and {LEAST_SHARPNESS} is needed.",
            "Take a sharper picture of it, or --any.",
        )


def _several(faces: Sequence[Face]) -> SeveralFacesError:
    where = ", ".join(f"{i} at {f.middle[0]:.0f},{f.middle[1]:.0f}" for i, f in enumerate(faces, 1))
    return SeveralFacesError(
        f"There are {len(faces)} faces, from the left: {where}.",
        "Choose one with --face, or the largest with --any.",
        [(round(f.left), round(f.top), round(f.width), round(f.height)) for f in faces],
    )


def _count(number: int) -> str:
    return f"{number or 'no'} face{'' if number == 1 else 's'}"
