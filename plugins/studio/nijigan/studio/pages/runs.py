"""The view that watches trainings."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from nijigan.studio import markup
from nijigan.studio.curves import COLORS, panel
from nijigan.studio.events import DIRECT
from nijigan.studio.runs import Run, find_runs, read_run
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio

VIEW = "runs"
_SECONDS = 1.0
_GRIDS = 6
# Shares of the gradient: many, and of use to those who tune weights, who read metrics.jsonl.
_LEFT_OUT = "share/"
_PATTERNS = ("metrics.jsonl", "samples/*.png")


class RunsPage:
    """Curves and sample grids of the runs that are chosen, anew once it was opened."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Column(elem_classes="wide"):
            self._chosen = gr.CheckboxGroup(
                [], label="Runs", elem_id=f"{VIEW}-chosen", elem_classes="chips"
            )
            curves = gr.HTML("", elem_id=f"{VIEW}-curves")
            grids = gr.HTML("", elem_id=f"{VIEW}-grids")
        seen = gr.State(())
        self.timer = gr.Timer(_SECONDS, active=False)
        for event in (self.timer.tick, self._chosen.input):
            event(self._look, [self._chosen, seen], [self._chosen, curves, grids, seen], **DIRECT)

    def _look(
        self, chosen: list[str], seen: Sequence[str], request: gr.Request
    ) -> tuple[Any, Any, Any, Sequence[str]]:
        """Read the folder; nothing is sent where nothing has changed."""
        folders = {_name(self._studio.runs, path): path for path in find_runs(self._studio.runs)}
        names = list(folders)
        kept = [name for name in chosen if name in folders] or names[-1:]
        choice = "|".join([*names, "", *kept])
        state = (choice, *(_stamps(folders, kept, pattern) for pattern in _PATTERNS))
        if state == tuple(seen):
            return gr.skip(), gr.skip(), gr.skip(), state
        boxes = gr.CheckboxGroup(choices=names, value=kept)
        if not names:
            return boxes, _no_runs(self._studio.runs), "", state
        runs = [read_run(folders[name], name) for name in kept]
        grids = gr.skip()  # what was opened there is not closed by every new figure
        if tuple(seen[:1]) != state[:1] or tuple(seen[2:]) != state[2:]:
            session = self._studio.sessions.of(request.session_hash)
            grids = _grids(runs, session)
            session.settle(VIEW, done=True)
        return boxes, _legend(runs) + _curves(runs), grids, state


def _name(root: Path, folder: Path) -> str:
    return folder.name if folder == root else folder.relative_to(root).as_posix()


def _stamps(folders: dict[str, Path], kept: Sequence[str], pattern: str) -> str:
    """Return a text that is another one when one of the files has changed."""
    stamps = []
    for path in (path for name in kept for path in sorted(folders[name].glob(pattern))):
        try:
            stamps.append(f"{path}:{path.stat().st_mtime_ns}:{path.stat().st_size}")
        except OSError:  # gone meanwhile
            continue
    return "|".join(stamps)


def _no_runs(folder: Path) -> str:
    what = "has no run in it" if folder.is_dir() else "is not there"
    return markup.empty(
        f"The folder {folder} {what}",
        "Train with --out in it (nijigan train vae_tiny --out runs/mine …), or start the page "
        "with --runs FOLDER.",
    )


def _legend(runs: Sequence[Run]) -> str:
    lines = []
    for number, run in enumerate(runs):
        of = f" of {run.steps:,}" if run.steps else ""
        what = ", ".join(filter(None, (run.method, run.model, f"step {run.step:,}{of}")))
        trouble = "".join(f'<span class="trouble">{escape(text)}</span>' for text in run.trouble)
        lines.append(
            f'<li><span class="key" style="background: var(--run-{number % COLORS})"></span>'
            f"<strong>{escape(run.name)}</strong> {escape(what)} {trouble}</li>"
        )
    return f'<ul class="legend">{"".join(lines)}</ul>'


def _curves(runs: Sequence[Run]) -> str:
    names = dict.fromkeys(name for run in runs for name in run.figures)
    shown = [name for name in names if not name.startswith(_LEFT_OUT)]
    panels = [
        panel(
            name,
            {n: run.figures[name] for n, run in enumerate(runs) if name in run.figures},
        )
        for name in shown
    ]
    return f'<div class="panels">{"".join(panels)}</div>'


def _grids(runs: Sequence[Run], session: Session) -> str:
    shelf = session.shelf(VIEW)
    parts = []
    for number, run in enumerate(runs):
        figures = []
        for path in reversed(run.samples[-_GRIDS:]):
            try:
                url = shelf.put(f"{number}-{path.name}", path.read_bytes())
            except OSError:  # gone meanwhile
                continue
            step = path.stem.removeprefix("step_").lstrip("0") or "0"
            figures.append(markup.figure(url, f"Samples of {run.name} at step {step}",
                                         f"step {step}"))  # fmt: skip
        if figures:
            first, *earlier = figures
            more = f"<details><summary>Earlier grids</summary>{''.join(earlier)}</details>"
            title = f"<h3>Samples of {escape(run.name)}</h3>"
            parts.append(f'<section class="samples">{title}{first}{more * bool(earlier)}</section>')
    return "".join(parts)
