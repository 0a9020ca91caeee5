"""What a result will look like, drawn fast before the result is."""

from dataclasses import replace

from nijigan.core.errors import RequestError
from nijigan.core.images import MIN_SIDE, Picture, resize
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import DeepPicture, eight_bits
from nijigan.server.pixels import RGB8, bytes_from_picture
from nijigan.server.stylizer import Draws, Settings
from nijigan.v1 import stylizer_pb2 as pb

MAX_SIDE = 512
_MAX_BYTES = 2 << 20  # half of what a stock gRPC client takes in one message


def check_side(side: int) -> None:
    """Refuse a short side that no preview has; 0, which is none, is right.

    Raises:
        RequestError: it is not 0, and outside 16…512.
    """
    if side and not MIN_SIDE <= side <= MAX_SIDE:
        raise RequestError(
            f"The preview's short side is {side} pixels.", f"Ask for {MIN_SIDE} to {MAX_SIDE}."
        )


def preview_size(width: int, height: int, side: int) -> tuple[int, int] | None:
    """Return width and height of the preview of a picture; None where there shall be none.

    There is none where `side` is 0, the picture is not larger, or the preview would not fit into a
    message.
    """
    short = min(width, height)
    if side == 0 or side >= short:
        return None
    size = (max(side, round(width * side / short)), max(side, round(height * side / short)))
    return size if 3 * size[0] * size[1] <= _MAX_BYTES else None


def draw_preview(
    stylizer: Draws,
    picture: Picture | DeepPicture,
    size: tuple[int, int],
    settings: Settings,
    cancel: Cancel,
) -> pb.Preview:
    """Draw `picture` reduced to `size`, as a draft.

    Raises:
        CancelledError: `cancel` was set. NijiganError: whatever the stylizer raises.
    """
    small = Picture(resize(eight_bits(picture).rgb, *size))
    draft = replace(settings, quality="draft", scale="native", region=None, steady=False)
    drawn = stylizer.stylize(small, draft, lambda _done, _stage: None, cancel)
    return pb.Preview(
        width_px=size[0], height_px=size[1], rgb=bytes(bytes_from_picture(drawn, RGB8))
    )
