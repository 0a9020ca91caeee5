# SPDX-License-Identifier: GPL-3.0-or-later
"""New images with drawings of pictures."""

from collections.abc import Generator, Sequence

import bpy

from nijigan.client.errors import StylizerError
from nijigan_blender.pixels import Origin, new_image
from nijigan_blender.running import Runs
from nijigan_blender.session import DOCUMENT, session
from nijigan_host.drawing import Drawn, Look, Picture, drawing

_DRAFT_SIDE = 256
Drawings = dict[str, bpy.types.Image]


def drawn_images(
    operator: Runs, look: Look, sources: Sequence[tuple[Picture, Origin]], interactive: bool
) -> Generator[None, None, tuple[Drawings, list[StylizerError]]]:
    """Draw pictures on a job, yielding meanwhile; return new images by their origins' keys.

    Also the errors of those that could not be drawn. Where the operator was cancelled there are no
    images: they are made when all have been drawn, one at a time, for Blender waits for each.

    Raises:
        StylizerError: what no picture would have escaped.
    """
    now = session()
    pictures = [picture for picture, _ in sources]
    side = _DRAFT_SIDE if interactive and len(sources) == 1 else 0
    work = drawing(now.sidecar.client, pictures, look, side)
    job = now.jobs.begin(DOCUMENT, work, f"Drawing {sources[0][1].name}")
    yield from operator.until_done(job)
    pieces: list[Drawn] = [] if operator.cancelled else job.take()
    names, errors = {}, []
    for piece in pieces:
        origin = sources[piece.number][1]
        if piece.result is not None:
            names[origin.key] = new_image(piece.result, origin, look.style).name
            if len(pieces) > 1:
                yield
        elif piece.error is not None:
            errors.append(piece.error)
    now.errors.extend(str(error) for error in errors)
    there = bpy.data.images  # all of them, unless something was undone meanwhile
    return {key: there[name] for key, name in names.items() if name in there}, errors


def show(context: bpy.types.Context, image: bpy.types.Image) -> None:
    """Show an image in the editor that was used, or in one that shows a render, or in the first."""
    windows = context.window_manager.windows
    spaces = [area.spaces.active for window in windows for area in window.screen.areas]
    editors = [s for s in [context.space_data, *spaces] if s and s.type == "IMAGE_EDITOR"]
    renders = [s for s in editors if s.image is not None and s.image.type == "RENDER_RESULT"]
    used = editors[:1] if editors and editors[0] == context.space_data else []
    for space in [*used, *renders, *editors][:1]:
        space.image = image
