# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws a layer, a group or the canvas as a new layer."""

from typing import Any

from nijigan_krita.colors import drawn_space
from nijigan_krita.conversion import conversion
from nijigan_krita.documents import document_key, space_of, until_idle
from nijigan_krita.layer import add_layer, filled_layer
from nijigan_krita.layer_drawing import Canvas, layer_drawing
from nijigan_krita.onion_skins import refuse_onion_skins
from nijigan_krita.remembered import remember
from nijigan_krita.run import Run, Steps
from nijigan_krita.session import Session
from nijigan_krita.settings import Settings
from nijigan_krita.source import canvas_of, covered, find_node, read_pixels, read_selected


def stylize(run: Run, session: Session, document: Any, settings: Settings) -> Steps:
    """Draw what the settings say; the steps of a run."""
    yield from until_idle(document)
    source = find_node(document, settings.source)
    yield from refuse_onion_skins(document, source, [document.currentTime()])
    part, mask = read_selected(document, covered(document, source))
    space = drawn_space(source.space)
    if space != source.space:
        run.note = session.say(
            "{space} is converted to sRGB to be drawn, and back.", space=source.space.words
        )
    with conversion(source.space, space) as convert:
        pixels = yield from read_pixels(document, source, convert)
    _, _, width, height = canvas_of(document)
    canvas = Canvas(pixels, width, height, space, part, mask)
    work = layer_drawing(session.sidecar.client, canvas, settings.look)
    job = session.jobs.begin(document_key(document), work, source.name)
    yield from run.until_done(job)
    (drawn,) = job.take()
    name = f"{session.title(settings.style)} ({settings.words})"
    with conversion(space, space_of(document)) as convert:
        layer = yield from filled_layer(document, name, drawn, part, convert)
    run.commit()
    remember(document, settings)
    yield from add_layer(document, source.place, layer)
