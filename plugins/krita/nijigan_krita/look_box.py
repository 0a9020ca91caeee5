# SPDX-License-Identifier: GPL-3.0-or-later
"""The controls of how to draw and what."""

from nijigan_krita.controls import choice, choose, message, named, show_text
from nijigan_krita.gallery import Gallery
from nijigan_krita.qt import QtCore, QtWidgets
from nijigan_krita.settings import LEAST_SIDE, MOST_SIDE, Settings
from nijigan_krita.translation import Translation

_PIXELS = "pixels"
_DEFAULT_SIDE = 720


class LookBox(QtWidgets.QWidget):
    """Gallery, strength, quality, scale and source. `changed` is emitted when a hand has."""

    changed = QtCore.pyqtSignal()

    def __init__(self, say: Translation) -> None:
        super().__init__()
        self.gallery = Gallery(say)
        self.missing = message(say("Message"))
        self._make_strength(say)
        self._make_choices(say)
        form = QtWidgets.QFormLayout(self)
        form.setContentsMargins(0, 0, 0, 0)
        form.setRowWrapPolicy(QtWidgets.QFormLayout.RowWrapPolicy.WrapLongRows)
        form.addRow(self.gallery)
        form.addRow(self.missing)
        strength = QtWidgets.QHBoxLayout()
        strength.addWidget(self.slider, 1)
        strength.addWidget(self.percent)
        form.addRow(say("Strength"), strength)
        form.addRow(say("Quality"), self.quality)
        scale = QtWidgets.QVBoxLayout()
        scale.addWidget(self.scale)
        scale.addWidget(self.short_side)
        form.addRow(say("Scale"), scale)
        form.addRow(say("Source"), self.source)
        self.gallery.chosen.connect(self.changed)
        self.gallery.missing.connect(self._tell_missing)
        self._say = say
        self.show_settings(Settings())

    def _make_strength(self, say: Translation) -> None:
        tip = say("From the picture as it is to fully drawn")
        self.slider = named(
            QtWidgets.QSlider(QtCore.Qt.Orientation.Horizontal), say("Strength"), tip
        )
        self.slider.setRange(0, 100)
        self.slider.setPageStep(10)
        self.percent = named(QtWidgets.QSpinBox(), say("Strength in percent"), tip)
        self.percent.setRange(0, 100)
        self.percent.setSuffix(" %")
        self.slider.valueChanged.connect(self.percent.setValue)
        self.percent.valueChanged.connect(self.slider.setValue)
        self.slider.valueChanged.connect(self.changed)

    def _make_choices(self, say: Translation) -> None:
        self.quality = choice(
            say("Quality"),
            say("How exactly it is drawn"),
            [("draft", say("Draft")), ("normal", say("Normal")), ("fine", say("Fine"))],
        )
        self.scale = choice(
            say("Scale"),
            say("At which size lines and regions are drawn"),
            [
                ("auto", say("As suits the style")),
                ("native", say("The picture's own")),
                (_PIXELS, say("A short side of …")),
            ],
        )
        self.short_side = named(QtWidgets.QSpinBox(), say("Short side in pixels"))
        self.short_side.setRange(LEAST_SIDE, MOST_SIDE)
        self.short_side.setSuffix(" px")
        self.source = choice(
            say("Source"),
            say("What is drawn"),
            [
                ("layer", say("The layer, as it looks")),
                ("group", say("The layer's group")),
                ("canvas", say("The whole canvas")),
            ],
        )
        for box in (self.quality, self.scale, self.source):
            box.currentIndexChanged.connect(self._choose)
        self.short_side.valueChanged.connect(self.changed)

    @property
    def settings(self) -> Settings:
        """What the controls say; `steady` is not one of them."""
        scale = self.scale.currentData()
        return Settings(
            self.gallery.style_name,
            self.slider.value(),
            self.quality.currentData(),
            self.short_side.value() if scale == _PIXELS else scale,
            self.source.currentData(),
        )

    def show_settings(self, settings: Settings) -> None:
        """Have the controls say that. Emits nothing."""
        self.blockSignals(True)
        self.gallery.choose(settings.style)
        self.slider.setValue(settings.strength)
        choose(self.quality, settings.quality)
        choose(self.source, settings.source)
        is_number = isinstance(settings.scale, int)
        choose(self.scale, _PIXELS if is_number else str(settings.scale))
        self.short_side.setValue(int(settings.scale) if is_number else _DEFAULT_SIDE)
        self.short_side.setVisible(is_number)
        self.blockSignals(False)

    def _tell_missing(self, name: str) -> None:
        text = self._say("The style “{name}” is not installed.", name=name) if name else ""
        show_text(self.missing, text)

    def _choose(self) -> None:
        self.short_side.setVisible(self.scale.currentData() == _PIXELS)
        self.changed.emit()
