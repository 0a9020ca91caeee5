"""The view that shows the cards of the styles."""

import json
import re
from base64 import b64encode
from html import escape

import gradio as gr

from nijigan.core.errors import StyleError, StyleNotFoundError
from nijigan.export.style import Style
from nijigan.export.styles import StyleLibrary, default_folders
from nijigan.studio import markup
from nijigan.studio.events import DIRECT
from nijigan.studio.fields import style_field
from nijigan.studio.studio import Studio

VIEW = "styles"
# What is for the machines of model hubs, and the preview, whose address is of the style's folder.
_FRONT_MATTER = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_PICTURE = re.compile(r"^!\[.*\]\(.*\)$", re.MULTILINE)


class StylesPage:
    """What each style is, what was measured, and what its files are."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Column(elem_classes="wide"):
            self.style = style_field(VIEW)
            facts = gr.HTML("", elem_id=f"{VIEW}-facts")
            card = gr.Markdown("", elem_id=f"{VIEW}-card", elem_classes="card")
        self.style.change(self._show, self.style, [facts, card], **DIRECT)

    def _show(self, name: str | None) -> tuple[str, str]:
        if name is None:
            return markup.empty("No style is installed", "nijigan styles list says more."), ""
        try:
            style = StyleLibrary(default_folders()).get(name)
        except (StyleError, StyleNotFoundError) as error:
            return markup.problem(error), ""
        return _preview(style) + _facts(style), _card(style)


def _card(style: Style) -> str:
    path = style.folder / "README.md"
    text = path.read_text(encoding="utf-8") if path.is_file() else ""
    return _PICTURE.sub("", _FRONT_MATTER.sub("", text))


def _preview(style: Style) -> str:
    path = style.folder / "preview.png"
    if not path.is_file():
        return ""
    url = f"data:image/png;base64,{b64encode(path.read_bytes()).decode()}"
    return f'<img class="preview" src="{url}" alt="A photo and its drawing">'


def _facts(style: Style) -> str:
    said = json.loads((style.folder / "style.json").read_bytes())
    rows = [
        (
            name,
            f"{quality.solver} × {quality.steps}",
            f"{quality.radius_px} px",
            _worst(style, name),
        )
        for name, quality in style.qualities.items()
    ]
    files = [
        (name, _size((style.folder / name).stat().st_size), digest)
        for name, digest in said["sha256"].items()
    ]
    facts = {
        "Version": style.version,
        "License of its weights": style.license,
        "Strength": {"ode": "time of the ODE", "blend": "blend with the photo"}.get(
            style.strength, style.strength
        ),
        "Drawn for": f"a short side of {style.scale.working_short_side} px",
        "Weights": f"{style.generator.get('parameters', 0):,}",
    }
    listed = "".join(f"<dt>{escape(k)}</dt><dd>{escape(v)}</dd>" for k, v in facts.items())
    return (
        f'<p class="lead">{escape(style.description)}</p><dl class="facts">{listed}</dl>'
        + markup.table(("quality", "solver", "looks around by", "worst PSNR"), rows, "Qualities")
        + markup.table(("file", "size", "sha256"), files, "Files, each checked just now")
    )


def _worst(style: Style, quality: str) -> str:
    found = [row.psnr_db for row in style.parity_of(quality)]
    return f"{min(found):.1f} dB" if found else "–"


def _size(count: int) -> str:
    return f"{count / 1024:,.0f} KB"
