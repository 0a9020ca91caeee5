"""The view that draws a video."""

import shutil
from html import escape
from pathlib import Path

import gradio as gr

from nijigan.studio import markup
from nijigan.studio.doing import Doing, Updates
from nijigan.studio.drawing import Look
from nijigan.studio.fields import chosen, quality_field, strength_field, style_field
from nijigan.studio.file_field import MOST_VIDEO_BYTES, file_field
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import read_uploads
from nijigan.studio.videos import draw_video
from nijigan.studio.work import Work

VIEW = "video"
_EMPTY = markup.empty(
    "Your video appears here", "Frames are drawn in order; sound and times are kept."
)


class VideoPage:
    """Video in, video out."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                clip = file_field(
                    f"{VIEW}-clip",
                    "Video",
                    "Drop an MP4, MOV, MKV or WebM here.",
                    accept="video/*,.mkv",
                    most_bytes=MOST_VIDEO_BYTES,
                )
                self.style = style_field(VIEW)
                strength, quality = strength_field(VIEW), quality_field(VIEW)
                steady = gr.Checkbox(
                    True,
                    label="Steady",
                    info="Draws each frame four times, for the mean, so that nothing shimmers.",
                    elem_id=f"{VIEW}-steady",
                )
                with gr.Row(elem_classes="buttons"):
                    go = gr.Button("Draw the video", variant="primary", elem_id=f"{VIEW}-go")
                doing = Doing(studio, VIEW)
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        doing.begins(go, self._draw, [clip, self.style, strength, quality, steady])
        doing.shows([result])

    def _draw(
        self,
        work: Work[Updates],
        session: Session,
        clip: object,
        style: str | None,
        strength: float,
        quality: str,
        steady: bool,
    ) -> Updates:
        (upload, *_) = read_uploads(clip, self._studio.workspace)
        look = Look(chosen(style), strength, quality)
        info = self._studio.sidecar.client().server_info()  # starts it where none runs any more
        content = {style.name: style.content for style in self._studio.styles()}.get(look.style)
        folder = session.unfinished(
            str(upload.path), look, steady, content, info.version, list(info.engines)
        )
        drawn, notes = draw_video(upload, look, steady, folder, work)
        shelf = session.shelf(VIEW)
        target = drawn.replace(shelf.folder / drawn.name)
        shutil.rmtree(folder, ignore_errors=True)
        url = shelf.url(target)
        name = f"{Path(upload.name).stem}-{look.style}{target.suffix}"
        seen = (
            f'<video class="drawn-video" controls src="{escape(url)}" '
            'aria-label="The drawn video"></video>'
        )
        told = "".join(map(markup.note, notes))
        return [seen + markup.saving(name, [markup.Save(url, name, "Save the video")]) + told]
