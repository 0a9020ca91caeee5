# SPDX-License-Identifier: GPL-3.0-or-later
"""The styles, each with a picture."""

from typing import Any, Mapping, Sequence, Tuple

from nijigan_krita.controls import named
from nijigan_krita.qt import QtCore, QtGui, QtWidgets
from nijigan_krita.translation import Translation

_SIDE = 72
_ROW = _SIDE + 40  # with a line of words
_FEW = 3  # that one row has room for
_NAME = QtCore.Qt.ItemDataRole.UserRole


class Gallery(QtWidgets.QListWidget):
    """A list of icons; arrow keys move in it.

    `chosen` is emitted where another style is chosen by hand; `missing` with the name of the one
    that should be and is not there, "" where all is well.
    """

    chosen = QtCore.pyqtSignal()
    missing = QtCore.pyqtSignal(str)

    def __init__(self, say: Translation) -> None:
        super().__init__()
        named(self, say("Style"), say("What it is drawn like"))
        self.setViewMode(QtWidgets.QListView.ViewMode.IconMode)
        self.setMovement(QtWidgets.QListView.Movement.Static)
        self.setResizeMode(QtWidgets.QListView.ResizeMode.Adjust)
        self.setIconSize(QtCore.QSize(_SIDE, _SIDE))
        self.setFixedHeight(_ROW)
        self._shown: Tuple[Any, ...] = ()
        self._wanted = ""
        self.currentItemChanged.connect(lambda *_: self._choose_by_hand())

    @property
    def style_name(self) -> str:
        """The style that is chosen; while it is not there, the one that was asked for."""
        item = self.currentItem()
        return self._wanted if item is None else str(item.data(_NAME))

    def choose(self, name: str) -> None:
        """Choose a style, the first one where the name is ""; none where it is not there."""
        self._wanted = name
        names = [self.item(row).data(_NAME) for row in range(self.count())]
        self.blockSignals(True)
        self.setCurrentRow(names.index(name) if name in names else -1 if name else 0)
        self.blockSignals(False)
        is_missing = names and name and name.partition(":")[0] not in names  # "cel:int8" is cel's
        self.missing.emit(name if is_missing else "")

    def _choose_by_hand(self) -> None:
        self.missing.emit("")
        self.chosen.emit()

    def show_styles(self, styles: Sequence[Any], previews: Mapping[Tuple[str, str], bytes]) -> None:
        """Show styles, with the previews that there are by their names and versions."""
        shown = tuple((style, (style.name, style.version) in previews) for style in styles)
        if shown == self._shown:
            return
        self._shown = shown
        before = self.style_name
        self.blockSignals(True)
        self.clear()
        for style in styles:
            title = style.title or style.name
            item = QtWidgets.QListWidgetItem(title)
            item.setData(_NAME, style.name)
            item.setIcon(_icon(previews.get((style.name, style.version), b"")))
            item.setToolTip("\n".join([style.description, *style.limits]))
            item.setData(QtCore.Qt.ItemDataRole.AccessibleTextRole, title)
            item.setData(QtCore.Qt.ItemDataRole.AccessibleDescriptionRole, style.description)
            self.addItem(item)
        self.setFixedHeight(_ROW if len(styles) <= _FEW else 2 * _ROW)
        self.blockSignals(False)
        self.choose(before)


def _icon(png: bytes) -> Any:
    """The middle of the drawing: a preview has before and after, side by side."""
    picture = QtGui.QImage.fromData(png)
    if picture.isNull():
        return QtGui.QIcon()
    width, height = picture.width(), picture.height()
    side = min(width // 2, height)
    after = picture.copy(width // 2 + (width // 2 - side) // 2, (height - side) // 2, side, side)
    mode = QtCore.Qt.TransformationMode.SmoothTransformation
    return QtGui.QIcon(QtGui.QPixmap.fromImage(after.scaledToHeight(2 * _SIDE, mode)))
