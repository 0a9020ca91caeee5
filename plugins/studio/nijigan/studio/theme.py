"""How the page looks: Gradio's variables, with fonts that the system has."""

from pathlib import Path

import gradio as gr

_ASSETS = Path(__file__).parent / "assets"
_FONTS = ("ui-sans-serif", "system-ui", "Segoe UI", "Roboto", "Noto Sans", "sans-serif")
_MONO = ("ui-monospace", "Cascadia Code", "DejaVu Sans Mono", "monospace")

INK = gr.themes.Color(
    c50="#eef0fb",
    c100="#dfe2f7",
    c200="#c3c8ef",
    c300="#9fa6e3",
    c400="#7b82d4",
    c500="#5b61c0",
    c600="#474ba6",
    c700="#3a3d88",
    c800="#2c2f68",
    c900="#20224b",
    c950="#151632",
    name="ink",
)


def studio_theme() -> gr.themes.Base:
    """Return the theme; it fetches nothing."""
    theme = gr.themes.Base(
        primary_hue=INK,
        secondary_hue=INK,
        neutral_hue=gr.themes.colors.stone,
        radius_size=gr.themes.sizes.radius_md,
        font=_FONTS,
        font_mono=_MONO,
    )
    return theme.set(
        body_background_fill="#f6f5f1",
        body_background_fill_dark="#17171c",
        body_text_color="#1e1f26",
        body_text_color_dark="#ececf1",
        body_text_color_subdued="#575a66",
        body_text_color_subdued_dark="#b3b5c2",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#202027",
        background_fill_secondary="#f1efea",
        background_fill_secondary_dark="#282830",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_label_text_color="#1e1f26",
        block_label_text_color_dark="#ececf1",
        block_title_text_color="#1e1f26",
        block_title_text_color_dark="#ececf1",
        block_title_text_weight="600",
        block_info_text_color="#575a66",
        block_info_text_color_dark="#b3b5c2",
        block_padding="0px",
        border_color_primary="#d8d5cd",
        border_color_primary_dark="#3b3b46",
        button_primary_background_fill="#474ba6",
        button_primary_background_fill_dark="#7b82d4",
        button_primary_background_fill_hover="#3a3d88",
        button_primary_background_fill_hover_dark="#9fa6e3",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#12121a",
        button_secondary_background_fill="#ffffff",
        button_secondary_background_fill_dark="#202027",
        button_secondary_background_fill_hover="#eef0fb",
        button_secondary_background_fill_hover_dark="#2c2f68",
        button_secondary_border_color="#8a8780",
        button_secondary_border_color_dark="#6b6b78",
        button_secondary_text_color="#1e1f26",
        button_secondary_text_color_dark="#ececf1",
        input_background_fill="#ffffff",
        input_background_fill_dark="#202027",
        input_border_color="#8a8780",
        input_border_color_dark="#6b6b78",
        slider_color="#474ba6",
        slider_color_dark="#9fa6e3",
    )


def asset(name: str) -> str:
    """Return the text of a file of the page."""
    return (_ASSETS / name).read_text(encoding="utf-8")
