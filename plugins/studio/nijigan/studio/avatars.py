"""Makes avatars by the sidecar: the same pixels as `nijigan avatar` writes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from nijigan.client import Client
from nijigan.client.result import FramedFace
from nijigan.core.images import Picture
from nijigan.server.avatar.background import Background
from nijigan.server.avatar.sheet import Variant
from nijigan.studio.drawing import Look, draw, format_of, picture_from, pixels_of
from nijigan.studio.work import Work

KEPT = Background("keep")
DRAWN_SIDE = 512
"""The side that avatars are drawn at, in pixels, as `nijigan avatar` does."""


@dataclass(frozen=True)
class Wish:
    """Which face, see `Client.frame_face`; what is behind it; size: of the square, in pixels."""

    size: int = 512
    face: int = 0
    anyway: bool = False
    background: Background = KEPT


def make_avatars(
    client: Client,
    photo: Picture,
    wish: Wish,
    drawn_as: Sequence[Variant],
    quality: str,
    work: Work[Any],
) -> tuple[Picture, list[Picture]]:
    """Return the square of the photo, and its drawings with the background behind them.

    They are `wish.size` square, and `DRAWN_SIDE` at least.

    Raises:
        StylizerError: as `Client.frame_face` and `Client.stylize`.
    """
    work.tell(0.0, "looking for the face")
    framed = _frame(client, photo, wish, False, work)
    # The person is looked for in the photo: the network that finds people learned from photos.
    seen = None if wish.background.kind == "keep" else _frame(client, photo, wish, True, work)
    drawings = []
    for number, variant in enumerate(drawn_as):

        def tell(fraction: float, stage: str, number: int = number) -> None:
            work.tell((number + fraction) / len(drawn_as), stage)

        look = Look(variant.style, variant.strength, quality, DRAWN_SIDE)
        drawn = draw(client, framed, look, work, tell)
        if seen is not None and seen.alpha is not None:
            drawn = wish.background.behind(drawn, seen.alpha)
        drawings.append(drawn)
    return framed, drawings


def _frame(
    client: Client, photo: Picture, wish: Wish, transparent: bool, work: Work[Any]
) -> Picture:
    name = "RGBA8" if transparent else format_of(photo)
    framed: FramedFace = client.frame_face(
        pixels_of(photo),
        photo.width,
        photo.height,
        size=max(wish.size, DRAWN_SIDE),
        face=wish.face,
        anyway=wish.anyway,
        transparent=transparent,
        format=format_of(photo),
        result_format=name,
        cancel=work.cancel,
    )
    return picture_from(framed.pixels, framed.size, framed.size, framed.format)
