"""The view that shows how fast styles are."""

import gradio as gr

from nijigan.core.errors import DataError
from nijigan.server.bench.plot import draw_plot
from nijigan.server.bench.report import Report, read_report
from nijigan.studio import markup
from nijigan.studio.doing import Doing, Updates
from nijigan.studio.fields import chosen, style_field
from nijigan.studio.file_field import file_field
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.timing import time_style
from nijigan.studio.uploads import read_uploads
from nijigan.studio.work import Work

VIEW = "bench"
_EMPTY = markup.empty(
    "Times appear here",
    "Of a report that nijigan bench --json wrote, or of a style that is timed now.",
)


class BenchPage:
    """A report as a table and a plot."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                self.style = style_field(VIEW)
                with gr.Row(elem_classes="buttons"):
                    go = gr.Button("Time it here", variant="primary", elem_id=f"{VIEW}-go")
                report = file_field(
                    f"{VIEW}-report",
                    "A report",
                    "Drop what nijigan bench --json wrote.",
                    accept=".json,application/json",
                )
                with gr.Row(elem_classes="buttons"):
                    show = gr.Button("Show the report", elem_id=f"{VIEW}-show")
                doing = Doing(studio, VIEW)
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        doing.begins(go, self._time, [self.style])
        doing.begins(show, self._show, [report])
        doing.shows([result])

    def _time(self, work: Work[Updates], session: Session, style: str | None) -> Updates:
        shelf = session.shelf(VIEW)
        target = shelf.folder / "report.json"
        report = time_style(chosen(style), target, work)
        saves = [markup.Save(shelf.url(target), f"bench-{style}.json", "Save the report")]
        return [_shown(report) + markup.saving("bench diff compares reports", saves)]

    def _show(self, _work: Work[Updates], _session: Session, report: object) -> Updates:
        (upload, *_) = read_uploads(report, self._studio.workspace)
        try:
            return [_shown(read_report(upload.path))]
        except DataError as error:
            told = error.message.replace(str(upload.path), upload.name)
            raise DataError(told, error.remedy) from error


def _shown(report: Report) -> str:
    rows = [
        (
            row.style,
            row.size,
            row.quality,
            row.engine if row.precision == "fp32" else f"{row.engine} {row.precision}",
            f"{row.p50_ms:.1f}",
            f"{row.p90_ms:.1f}",
            f"{row.p99_ms:.1f}",
            f"{row.conv_ratio:.2f}",
            "–" if row.parity_psnr_db is None else f"{row.parity_psnr_db:.1f}",
        )
        for row in report.rows
    ]
    headings = ("style", "size", "quality", "engine", "p50 ms", "p90 ms", "p99 ms", "ratio",
                "PSNR dB")  # fmt: skip
    shown = markup.table(headings, rows, "Milliseconds for a picture, the network alone")
    if any(row.parity_psnr_db is not None for row in report.rows):
        shown += f'<div class="plot">{draw_plot(report)}</div>'
    return shown + markup.note(report.about())
