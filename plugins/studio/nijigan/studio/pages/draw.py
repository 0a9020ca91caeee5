"""The view that draws a photo."""

import time
from collections.abc import Sequence
from typing import Any

import gradio as gr

from nijigan.core.images import Picture, encode_picture
from nijigan.server.avatar.sheet import Variant, variants
from nijigan.studio import markup
from nijigan.studio.doing import Doing, Updates
from nijigan.studio.drawing import Look, draw
from nijigan.studio.fields import chosen, quality_field, strength_field, style_field
from nijigan.studio.file_field import file_field
from nijigan.studio.photo_check import checks_photos
from nijigan.studio.pictures import drawn_name, read_upload, shown
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import Upload, read_uploads
from nijigan.studio.work import Work
from nijigan.studio.workspace import Shelf

VIEW = "draw"
_EMPTY = markup.empty("Your drawing appears here", "Choose a photo, a style, and press Draw.")


class DrawPage:
    """Photo in, drawing out, or four variants of it."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                photo = file_field(
                    f"{VIEW}-photo",
                    "Photo",
                    "Drop a JPEG, PNG, WebP or TIFF here.",
                    camera=True,
                )
                self.style = style_field(VIEW)
                strength, quality = strength_field(VIEW), quality_field(VIEW)
                with gr.Row(elem_classes="buttons"):
                    one = gr.Button("Draw", variant="primary", elem_id=f"{VIEW}-go")
                    four = gr.Button("Four strengths", elem_id=f"{VIEW}-strengths")
                    self.by_style = gr.Button("By style", visible=False, elem_id=f"{VIEW}-styles")
                doing = Doing(studio, VIEW)
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        checks_photos(studio, photo, doing.line)
        inputs = [photo, self.style, strength, quality]
        doing.begins(one, self._draw_one, inputs)
        doing.begins(four, self._draw_strengths, inputs)
        doing.begins(self.by_style, self._draw_styles, inputs)
        doing.shows([result])

    def _draw_one(
        self,
        work: Work[Updates],
        session: Session,
        photo: object,
        style: str | None,
        strength: float,
        quality: str,
    ) -> Updates:
        upload, picture = self._read(photo)
        look = Look(chosen(style), strength, quality)
        began = time.monotonic()
        drawn = draw(self._studio.sidecar.client(), picture, look, work, work.tell)
        seconds = time.monotonic() - began
        work.tell(1.0, "writing the files")
        shelf = session.shelf(VIEW)
        before, after = (
            shelf.put(f"{name}.webp", shown(each))
            for name, each in (("before", picture), ("after", drawn))
        )
        saves = _saves(shelf, upload, Variant(look.style, strength), drawn)
        size = f"{drawn.width} × {drawn.height} px"
        caption = f"{look.style}, strength {strength:g}, {quality}, {size}, {seconds:.1f} s"
        return [markup.comparison(before, after, (drawn.width, drawn.height), caption, saves)]

    def _draw_strengths(
        self,
        work: Work[Updates],
        session: Session,
        photo: object,
        style: str | None,
        strength: float,
        quality: str,
    ) -> Updates:
        wanted = variants([chosen(style)], strength)
        return self._draw_variants(work, session, photo, wanted, quality)

    def _draw_styles(
        self,
        work: Work[Updates],
        session: Session,
        photo: object,
        style: str | None,
        strength: float,
        quality: str,
    ) -> Updates:
        first = chosen(style)
        others = [each.name for each in self._studio.styles() if each.name != first]
        wanted = variants([first, *others][:4], strength)
        return self._draw_variants(work, session, photo, wanted, quality)

    def _draw_variants(
        self,
        work: Work[Updates],
        session: Session,
        photo: object,
        wanted: Sequence[Variant],
        quality: str,
    ) -> Updates:
        upload, picture = self._read(photo)
        client = self._studio.sidecar.client()
        shelf, figures = session.shelf(VIEW), []
        for number, variant in enumerate(wanted):

            def tell(fraction: float, stage: str, number: int = number) -> None:
                part = (number + fraction) / len(wanted)
                work.tell(part, f"{stage} {number + 1} of {len(wanted)}")

            look = Look(variant.style, variant.strength, quality)
            drawn = draw(client, picture, look, work, tell)
            url = shelf.put(f"{number}.webp", shown(drawn))
            caption = f"{variant.style}, strength {variant.strength:g}"
            saves = _saves(shelf, upload, variant, drawn)
            figures.append(markup.figure(url, caption, caption, saves))
        return [markup.grid(figures)]

    def _read(self, photo: Any) -> tuple[Upload, Picture]:
        (upload, *_) = read_uploads(photo, self._studio.workspace)
        return upload, read_upload(upload)


def _saves(shelf: Shelf, upload: Upload, variant: Variant, drawn: Picture) -> list[markup.Save]:
    """Write the drawing at its full size, as PNG, and as JPEG where it has no transparency."""
    saves = []
    for suffix, words in ((".png", "Save PNG"), (".jpg", "Save JPEG")):
        if suffix == ".png" or drawn.alpha is None:
            name = drawn_name(upload, variant.style, f"{variant.strength:g}", suffix=suffix)
            file = f"{variant.style}-{variant.strength:g}{suffix}"
            url = shelf.put(file, encode_picture(drawn, suffix))
            saves.append(markup.Save(url, name, words))
    return saves
