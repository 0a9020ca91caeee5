# SPDX-License-Identifier: GPL-3.0-or-later
"""The work of a job that draws one layer. It touches nothing of Krita's."""

from typing import Callable, NamedTuple, Optional, Sequence

from nijigan.client import Client
from nijigan_host.drawing import Look, Picture, draw_one
from nijigan_host.job import Job
from nijigan_krita.area import Area
from nijigan_krita.colors import Pixels, Space, swapped
from nijigan_krita.mask import masked

_DRAFT_SIDE = 256


class Canvas(NamedTuple):
    """What is drawn: pixels as they lie in Krita's memory, and the part that is wanted.

    pixels: in strips of whole rows, which are joined on the job's thread, a strip at a time: Krita
    would have to wait for more. space: one that is drawn in. mask: of that part, a byte a pixel;
    None where all of it counts.
    """

    pixels: Sequence[bytes]
    width: int
    height: int
    space: Space
    part: Area
    mask: Optional[bytes] = None


def layer_drawing(
    client: Callable[[], Client], canvas: Canvas, look: Look
) -> Callable[[Job[Pixels]], None]:
    """Return work that draws the part, and gives its pixels as Krita wants them."""

    def work(job: Job[Pixels]) -> None:
        space = canvas.space
        whole = canvas.part == Area(0, 0, canvas.width, canvas.height)
        picture = Picture(
            swapped(_joined(canvas.pixels), space),
            canvas.width,
            canvas.height,
            space.format,
            None if whole else canvas.part,
        )
        result = draw_one(client(), picture, look, job, job.tell, _DRAFT_SIDE)
        pixels: Pixels = swapped(result.pixels, space)
        if canvas.mask is not None:
            pixels = masked(pixels, canvas.mask, space.depth)
        job.give(pixels)

    return work


def _joined(strips: Sequence[bytes]) -> bytearray:
    pixels = bytearray()
    for strip in strips:
        pixels += strip
    return pixels
