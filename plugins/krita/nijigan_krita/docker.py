# SPDX-License-Identifier: GPL-3.0-or-later
"""The docker "nijigan" of a window."""

from typing import Any, Optional

from krita import DockWidget, Krita

from nijigan.client.errors import StylizerError
from nijigan_krita.commands import Commands
from nijigan_krita.documents import document_key
from nijigan_krita.panel import Panel
from nijigan_krita.preview import LivePreview
from nijigan_krita.preview_look import preview_look, preview_size
from nijigan_krita.qt import QtCore
from nijigan_krita.run import Run
from nijigan_krita.source import covered, find_node

_TICK_MS = 100


class NijiganDocker(DockWidget):
    """Shows how things stand, and hands on what is wanted. Krita makes one for each window."""

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self._commands = commands
        self._session = commands.session
        self._shown: Any = None  # the condition
        self._running: Optional[Run] = None
        self._seen = ("", "")  # the document and its active layer
        self.panel = Panel(self._session.say)
        self.panel.show_settings(self._session.settings)  # of the windows before
        self.preview = LivePreview(self._thumbnail, self._session.sidecar.client)
        self.setWindowTitle("nijigan")
        self.setWidget(self.panel)
        self._connect()
        self._timer = QtCore.QTimer(self)
        self._timer.timeout.connect(self._tick)
        self._timer.start(_TICK_MS)

    def _connect(self) -> None:
        panel, commands = self.panel, self._commands
        panel.apply.connect(commands.apply)
        panel.animate.connect(commands.animate)
        panel.cancel.connect(commands.cancel)
        panel.changed.connect(self._take_settings)
        panel.sidecar.wanted.connect(commands.do)
        self.preview.drawn.connect(panel.preview.show_image)

    def canvasChanged(self, _canvas: Any) -> None:  # noqa: N802 - Krita's name
        """Krita calls it when another document is shown."""
        self._seen = ("", "")

    def _tick(self) -> None:
        if not self.isVisible():
            return
        sidecar = self._session.sidecar
        sidecar.look_if_old()
        if self._shown != sidecar.condition:
            self._shown = sidecar.condition
            self.panel.sidecar.show_condition(self._shown)
            self.panel.look.gallery.show_styles(self._shown.styles, sidecar.previews)
            self._take_settings()
        document = Krita.instance().activeDocument()
        self._show_document(document)
        key = "" if document is None else document_key(document)
        self._show_run(self._session.run_of(key))

    def _show_run(self, run: Optional[Run]) -> None:
        self.panel.show_run(run)
        if run is not None and run.end is None:
            self._running = run
        elif run is not None and run is self._running:
            self._running = None
            self._ask_preview()

    def _show_document(self, document: Any) -> None:
        node = None if document is None else document.activeNode()
        key = "" if document is None else document_key(document)
        seen = (key, "" if node is None else str(node.uniqueId().toString()))
        if seen == self._seen:
            return
        if seen[0] != self._seen[0] and document is not None:
            self._session.turn_to(document)
            self.panel.show_settings(self._session.settings)
        self._seen = seen
        self._ask_preview()

    def _take_settings(self) -> None:
        self._session.settings = self.panel.settings
        self._ask_preview()

    def _ask_preview(self) -> None:
        """Have the preview drawn, where one is wanted and nothing else is being drawn."""
        document = Krita.instance().activeDocument()
        runs = self._running is not None and self._running.end is None
        styles = {style.name: style for style in self._session.sidecar.condition.styles}
        style = styles.get(self.panel.settings.style)
        if document is None or runs or style is None or not self.panel.preview.is_on:
            self.preview.stop()
            return
        short_side = min(document.width(), document.height())
        look = self.panel.settings.look
        self.preview.ask(preview_look(look, style.working_short_side_px, short_side))

    def _thumbnail(self, side: int) -> Any:
        document = Krita.instance().activeDocument()
        if document is None:
            return None
        try:
            source = find_node(document, self._session.settings.source)
            part = covered(document, source)
        except StylizerError:
            self.panel.preview.show_image(None)
            return None
        # The document's own thumbnail would keep Krita waiting; its root has the same at once.
        return source.node.thumbnail(*preview_size(part.width, part.height, side))
