"""A field of the page for files: chosen, dropped, or taken with the camera."""

from html import escape
from string import Template

import gradio as gr

from nijigan.studio.theme import asset

MOST_BYTES = 256 << 20
"""Of one file, in bytes, as the sidecar has it. Videos may have `MOST_VIDEO_BYTES`."""

MOST_VIDEO_BYTES = 4 << 30

PICTURES = "image/jpeg,image/png,image/webp,image/tiff,.jpg,.jpeg,.png,.webp,.tif,.tiff"
"""What the browser offers to choose from; what comes is checked all the same."""


def file_field(
    name: str,
    label: str,
    hint: str,
    accept: str = PICTURES,
    multiple: bool = False,
    camera: bool = False,
    most_bytes: int = MOST_BYTES,
) -> gr.HTML:
    """Return the field. Its value is what `nijigan.studio.uploads.read_uploads` reads.

    name: of the element. label, hint: what it is for. accept: as of an HTML input.
    """
    texts = {
        "label": label,
        "hint": hint,
        "pick": "Choose files" if multiple else "Choose a file",
        "accept": accept,
        "multiple": "true" if multiple else "false",
        "camera": "true" if camera else "false",
        "most_bytes": str(most_bytes),
        "multiple_attribute": "multiple" if multiple else "",
        "camera_attribute": "" if camera else "hidden",
    }
    escaped = {key: escape(text) for key, text in texts.items()}
    return gr.HTML(
        value="",
        html_template=Template(asset("file_field.html")).substitute(escaped),
        js_on_load=asset("file_field.js"),
        apply_default_css=False,
        elem_id=name,
    )
