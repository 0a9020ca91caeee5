# SPDX-License-Identifier: GPL-3.0-or-later
"""How far a drawing is, with Cancel."""

from nijigan_host.job import Progress
from nijigan_krita.controls import button, named
from nijigan_krita.qt import QtCore, QtWidgets
from nijigan_krita.translation import Translation


class ProgressBox(QtWidgets.QWidget):
    """A bar and a button. `cancelled` is emitted when that is pressed."""

    cancelled = QtCore.pyqtSignal()

    def __init__(self, say: Translation) -> None:
        super().__init__()
        self._say = say
        self.bar = named(QtWidgets.QProgressBar(), say("Progress"))
        self.bar.setRange(0, 100)
        self.cancel = button(say("Cancel"), say("Stop drawing; nothing is left of it"))
        self.cancel.clicked.connect(self.cancelled)
        layout = QtWidgets.QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.bar, 1)
        layout.addWidget(self.cancel)

    def show_progress(self, progress: Progress) -> None:
        """Show how far it is."""
        stage = self._say.sentence(progress.stage)
        percent = round(100 * progress.fraction)
        self.bar.setValue(percent)
        self.bar.setFormat(f"{stage} {percent} %")
        self.bar.setAccessibleDescription(stage)
