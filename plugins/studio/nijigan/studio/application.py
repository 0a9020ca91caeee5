"""The page as an ASGI application."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

import gradio as gr
from fastapi import FastAPI
from starlette.staticfiles import StaticFiles

from nijigan.client import Client
from nijigan.client._messages import Style
from nijigan.client.errors import StylizerError
from nijigan.studio import markup
from nijigan.studio.events import DIRECT
from nijigan.studio.fields import style_choices
from nijigan.studio.file_field import MOST_VIDEO_BYTES
from nijigan.studio.pages.avatar import AvatarPage
from nijigan.studio.pages.batch import BatchPage
from nijigan.studio.pages.bench import BenchPage
from nijigan.studio.pages.draw import DrawPage
from nijigan.studio.pages.runs import RunsPage
from nijigan.studio.pages.styles import StylesPage
from nijigan.studio.pages.vae import VAEPage
from nijigan.studio.pages.video import VideoPage
from nijigan.studio.studio import Studio
from nijigan.studio.style_previews import style_previews
from nijigan.studio.theme import asset, studio_theme
from nijigan.studio.workspace import SHOWN

_STARTING = "Looking for the sidecar, which draws; a first start takes some seconds."
_DAY = 86400


def build_application(studio: Studio, path: str) -> FastAPI:
    """Return the page, mounted at `path`, and what it shows, below that."""
    application = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    shown = StaticFiles(directory=studio.workspace.shown)
    application.mount(f"{path}/{SHOWN}", shown)
    gr.mount_gradio_app(
        application,
        _build_blocks(studio),
        path=path,
        server_name="127.0.0.1",
        footer_links=[],
        run_history=False,
        allowed_paths=[],
        show_error=False,
        max_file_size=MOST_VIDEO_BYTES,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=studio_theme(),
        css=asset("studio.css"),
        head=asset("head.html"),
    )
    return application


def _build_blocks(studio: Studio) -> gr.Blocks:
    blocks: gr.Blocks
    with gr.Blocks(
        title="nijigan studio",
        analytics_enabled=False,
        fill_width=True,
        delete_cache=(_DAY // 24, _DAY),
    ) as blocks:
        with gr.Row(elem_classes="masthead"):
            gr.HTML(asset("masthead.html"), apply_default_css=False)
            state = gr.HTML(markup.note(_STARTING), elem_id="sidecar", apply_default_css=False)
            retry = gr.Button("Try again", visible=False, size="sm", scale=0, elem_id="retry")
        previews = gr.HTML("", elem_classes="previews")
        with gr.Tabs(elem_id="views"):
            with gr.Tab("Draw", id="draw"):
                draw = DrawPage(studio)
            with gr.Tab("Avatar", id="avatar"):
                avatar = AvatarPage(studio)
            with gr.Tab("Batch", id="batch"):
                batch = BatchPage(studio)
            with gr.Tab("Video", id="video"):
                video = VideoPage(studio)
            with gr.Tab("Runs", id="runs") as runs_tab:
                runs = RunsPage(studio)
            with gr.Tab("VAE", id="vae") as vae_tab:
                vae = VAEPage(studio)
            with gr.Tab("Styles", id="styles"):
                styles = StylesPage(studio)
            with gr.Tab("Bench", id="bench"):
                bench = BenchPage(studio)
        fields = [page.style for page in (draw, avatar, batch, video, styles, bench)]
        _greets(blocks, retry, studio, [state, retry, draw.by_style, previews, *fields])
        runs_tab.select(lambda: gr.Timer(active=True), None, runs.timer, **DIRECT)
        vae_tab.select(vae.look, None, vae.run_field, **DIRECT)
        _ends(blocks, studio)
    return blocks


def _ends(blocks: gr.Blocks, studio: Studio) -> None:
    """Forget a page that is closed."""

    def end(request: gr.Request) -> None:
        studio.sessions.end(request.session_hash)

    blocks.unload(end)


def _previews(client: Client, styles: Sequence[Style]) -> dict[str, bytes]:
    """Return the previews of the styles, but for those that are damaged."""
    found = {}
    for style in styles:
        with suppress(StylizerError):
            found[style.name] = client.get_preview(style.name)
    return found


def _greets(
    blocks: gr.Blocks, retry: gr.Button, studio: Studio, outputs: Sequence[gr.components.Component]
) -> None:
    """Find or start the sidecar when the page is opened, and when it is asked for."""
    untouched = [gr.skip()] * (len(outputs) - 2)

    def begin() -> Sequence[Any]:
        return markup.note(_STARTING), gr.Button(visible=False)

    def greet() -> Sequence[Any]:
        try:
            client = studio.sidecar.client()
            info, styles = client.server_info(), client.list_styles()
            previews = style_previews(_previews(client, styles))
        except StylizerError as error:
            return markup.problem(error), gr.Button(visible=True), *untouched
        line = f"nijigan {info.version}, {', '.join(info.engines[:1])}"
        choices = [style_choices(styles) for _ in outputs[4:]]
        several = gr.Button(visible=len(styles) > 1)
        return markup.note(line), gr.Button(visible=False), several, previews, *choices

    blocks.load(greet, None, list(outputs), **DIRECT)
    retry.click(begin, None, outputs[:2], **DIRECT).then(greet, None, list(outputs), **DIRECT)
