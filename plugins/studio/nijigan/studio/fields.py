"""Fields of the page that several views have."""

import gradio as gr

from nijigan.client._messages import Style
from nijigan.core.errors import UsageError

QUALITIES = (("Draft", "draft"), ("Normal", "normal"), ("Fine", "fine"))


def style_field(view: str) -> gr.Radio:
    """Return the choice of a style; `style_choices` fills it."""
    return gr.Radio(
        [], label="Style", elem_id=f"{view}-style", elem_classes="style-cards", interactive=True
    )


def style_choices(styles: tuple[Style, ...]) -> gr.Radio:
    """Return the update of a `style_field` that offers the styles."""
    choices = [(style.title or style.name, style.name) for style in styles]
    return gr.Radio(choices=choices, value=choices[0][1] if choices else None)


def chosen(style: str | None) -> str:
    """Return the name of the style that a `style_field` says.

    Raises:
        UsageError: none is chosen.
    """
    if style is None:
        raise UsageError(
            "No style is chosen.",
            "Choose one. Where there is none: nijigan doctor says more.",
        )
    return style


def strength_field(view: str) -> gr.Slider:
    """Return the choice of how far a photo is drawn."""
    return gr.Slider(
        0,
        1,
        value=1,
        step=0.05,
        label="Strength",
        info="0 is the photo, 1 is fully drawn.",
        buttons=[],
        elem_id=f"{view}-strength",
        interactive=True,
    )


def quality_field(view: str) -> gr.Radio:
    """Return the choice of how exactly it is drawn."""
    return gr.Radio(
        list(QUALITIES),
        value="normal",
        label="Quality",
        elem_id=f"{view}-quality",
        elem_classes="segments",
        interactive=True,
    )
