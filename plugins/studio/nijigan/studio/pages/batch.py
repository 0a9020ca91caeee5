"""The view that draws several photos."""

import gradio as gr

from nijigan.studio import markup
from nijigan.studio.batches import Row, draw_batch
from nijigan.studio.doing import Doing, Updates
from nijigan.studio.drawing import Look
from nijigan.studio.fields import chosen, quality_field, strength_field, style_field
from nijigan.studio.file_field import file_field
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import read_uploads
from nijigan.studio.work import Work

VIEW = "batch"
_EMPTY = markup.empty(
    "Your drawings appear here", "They come as one zip file, with the names of the photos."
)


class BatchPage:
    """Photos in, a zip file out."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                photos = file_field(
                    f"{VIEW}-photos", "Photos", "Drop several photos here.", multiple=True
                )
                self.style = style_field(VIEW)
                strength, quality = strength_field(VIEW), quality_field(VIEW)
                with gr.Row(elem_classes="buttons"):
                    go = gr.Button("Draw all", variant="primary", elem_id=f"{VIEW}-go")
                doing = Doing(studio, VIEW)
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        doing.begins(go, self._draw, [photos, self.style, strength, quality])
        doing.shows([result])

    def _draw(
        self,
        work: Work[Updates],
        session: Session,
        photos: object,
        style: str | None,
        strength: float,
        quality: str,
    ) -> Updates:
        uploads = read_uploads(photos, self._studio.workspace)
        shelf = session.shelf(VIEW)
        target = shelf.folder / "drawings.zip"
        client = self._studio.sidecar.client()
        rows = draw_batch(client, uploads, Look(chosen(style), strength, quality), target, work)
        drawn = sum(bool(row.drawn) for row in rows)
        saves = [markup.Save(shelf.url(target), f"drawings-{style}.zip", "Save zip")] * bool(drawn)
        caption = f"{drawn} of {len(rows)} drawn"
        return [markup.saving(caption, saves) + _table(rows)]


def _table(rows: list[Row]) -> str:
    cells = [(row.name, row.drawn or "–", str(row.error or "drawn")) for row in rows]
    return markup.table(("photo", "in the zip file", "what came of it"), cells, "Photos")
