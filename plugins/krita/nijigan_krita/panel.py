# SPDX-License-Identifier: GPL-3.0-or-later
"""All that the docker shows. It knows Qt, and nothing of Krita."""

from typing import Any, Optional, Sequence

from nijigan_krita.controls import button, message, named, show_text
from nijigan_krita.look_box import LookBox
from nijigan_krita.preview import draft_image
from nijigan_krita.preview_box import PreviewBox
from nijigan_krita.progress_box import ProgressBox
from nijigan_krita.qt import QtCore, QtWidgets
from nijigan_krita.run import Run
from nijigan_krita.settings import Settings
from nijigan_krita.sidecar_box import SidecarBox
from nijigan_krita.translation import Translation


class Panel(QtWidgets.QWidget):
    """Controls from top to bottom, as they are used; what begins and ends a drawing stays in view.

    Signals: `apply`, `animate` and `cancel` when their button is pressed; `changed` when a control
    was changed by hand.
    """

    apply = QtCore.pyqtSignal()
    animate = QtCore.pyqtSignal()
    cancel = QtCore.pyqtSignal()
    changed = QtCore.pyqtSignal()

    def __init__(self, say: Translation) -> None:
        super().__init__()
        self._say = say
        self.sidecar = SidecarBox(say)
        self.look = LookBox(say)
        self.preview = PreviewBox(say)
        self.apply_button = button(say("Apply"), say("Draw it, as a new layer above the source"))
        self.progress = ProgressBox(say)
        self.told = message(say("Message"))
        self._make_animation(say)
        self._lay_out()
        self._connect()
        self.show_run(None)

    def _make_animation(self, say: Translation) -> None:
        self.animate_button = button(
            say("Draw Animation"),
            say("Draw each frame of the timeline, as a new animated layer; goes on where it ended"),
        )
        self.steady = named(
            QtWidgets.QCheckBox(say("Steady")),
            say("Steady"),
            say(
                "Draw each frame four times for the mean, and by statistics that all frames "
                "share, so that nothing shimmers or flickers; takes four times as long"
            ),
        )
        self.steady.setChecked(True)

    def _lay_out(self) -> None:
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(_scrolled([self.sidecar, self.look, self.preview]), 1)
        below = QtWidgets.QVBoxLayout()
        below.setContentsMargins(8, 0, 8, 8)
        animation = QtWidgets.QHBoxLayout()
        animation.addWidget(self.animate_button, 1)
        animation.addWidget(self.steady)
        below.addWidget(self.apply_button)
        below.addLayout(animation)
        below.addWidget(self.progress)
        below.addWidget(self.told)
        layout.addLayout(below)

    def _connect(self) -> None:
        self.apply_button.clicked.connect(self.apply)
        self.animate_button.clicked.connect(self.animate)
        self.progress.cancelled.connect(self.cancel)
        self.look.changed.connect(self.changed)
        self.steady.toggled.connect(self.changed)
        self.preview.asked.connect(self.changed)

    @property
    def settings(self) -> Settings:
        """What the controls say."""
        return self.look.settings._replace(steady=self.steady.isChecked())

    def show_settings(self, settings: Settings) -> None:
        """Have the controls say that. Emits nothing."""
        self.look.show_settings(settings)
        self.steady.blockSignals(True)
        self.steady.setChecked(settings.steady)
        self.steady.blockSignals(False)

    def show_run(self, run: Optional[Run]) -> None:
        """Show how far a run is, or what became of it."""
        runs = run is not None and run.end is None
        self.apply_button.setEnabled(not runs)
        self.animate_button.setEnabled(not runs)
        self.progress.setVisible(runs)
        if run is None:
            self.tell("")
            return
        self.progress.show_progress(run.progress)
        draft = run.take_preview()
        if draft is not None:
            self.preview.show_image(draft_image(*draft))
        self.tell(str(run.error or run.note or ""))

    def tell(self, text: str) -> None:
        """Show what went wrong, or should be known."""
        show_text(self.told, self._say.sentences(text))


def _scrolled(widgets: Sequence[Any]) -> Any:
    """Put widgets below each other, where there may be too little room for them."""
    inside = QtWidgets.QWidget()
    layout = QtWidgets.QVBoxLayout(inside)
    layout.setContentsMargins(8, 8, 8, 0)
    for widget in widgets:
        layout.addWidget(widget)
    layout.addStretch(1)
    area = QtWidgets.QScrollArea()
    area.setWidget(inside)
    area.setWidgetResizable(True)
    area.setFrameShape(QtWidgets.QFrame.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(QtCore.Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    return area
