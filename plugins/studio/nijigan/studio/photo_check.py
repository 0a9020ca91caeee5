"""Says at once what is wrong with a photo that was chosen."""

import gradio as gr

from nijigan.core.errors import NijiganError
from nijigan.studio import markup
from nijigan.studio.events import DIRECT
from nijigan.studio.pictures import check_upload
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import read_uploads


def checks_photos(studio: Studio, field: gr.HTML, line: gr.HTML) -> None:
    """Let `line` say what is wrong with the photo of a field, or how large it is."""

    def check(value: str) -> str:
        try:
            (upload, *_) = read_uploads(value, studio.workspace)
            width, height = check_upload(upload)
        except NijiganError as error:
            return markup.problem(error)
        return markup.note(f"{upload.name}, {width} × {height} px")

    field.change(check, field, line, **DIRECT)
