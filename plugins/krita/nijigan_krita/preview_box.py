# SPDX-License-Identifier: GPL-3.0-or-later
"""Where the small drawing is seen."""

from typing import Any

from nijigan_krita.controls import named
from nijigan_krita.qt import QtCore, QtGui, QtWidgets
from nijigan_krita.translation import Translation

_HEIGHT = 180


class PreviewBox(QtWidgets.QWidget):
    """A picture that can be switched off, and is drawn anew when it is pressed (`asked`)."""

    asked = QtCore.pyqtSignal()

    def __init__(self, say: Translation) -> None:
        super().__init__()
        self.switch = named(
            QtWidgets.QCheckBox(say("Preview")),
            say("Preview"),
            say("A small drawing that follows the controls"),
        )
        self.switch.setChecked(True)
        self.picture = named(
            QtWidgets.QPushButton(), say("Preview, draw anew"), say("Press to draw it anew")
        )
        self.picture.setFlat(True)
        self.picture.setFixedHeight(_HEIGHT)
        policy = QtWidgets.QSizePolicy.Policy
        self.picture.setSizePolicy(policy.Ignored, policy.Fixed)
        self._image: Any = None
        self.switch.toggled.connect(self._switch)
        self.picture.clicked.connect(self.asked)
        layout = QtWidgets.QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.switch)
        layout.addWidget(self.picture)

    @property
    def is_on(self) -> bool:
        """Whether a preview is wanted."""
        return bool(self.switch.isChecked()) and bool(self.isVisible())

    def show_image(self, image: Any) -> None:
        """Show a QImage, or nothing where it is None."""
        self._image = image
        self._fit()

    def resizeEvent(self, event: Any) -> None:  # noqa: N802 - Qt's name
        """Qt calls it."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self._image is None:
            self.picture.setIcon(QtGui.QIcon())
            return
        room = QtCore.QSize(max(16, self.width() - 8), _HEIGHT - 8)
        modes = QtCore.Qt.AspectRatioMode, QtCore.Qt.TransformationMode
        pixmap = QtGui.QPixmap.fromImage(self._image).scaled(
            room, modes[0].KeepAspectRatio, modes[1].SmoothTransformation
        )
        self.picture.setIconSize(pixmap.size())
        self.picture.setIcon(QtGui.QIcon(pixmap))

    def _switch(self, on: bool) -> None:
        self.picture.setVisible(on)
        if on:
            self.asked.emit()
