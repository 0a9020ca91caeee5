# SPDX-License-Identifier: GPL-3.0-or-later
"""How things stand with the sidecar, and what can be done about it."""

from typing import Any

from nijigan_host.condition import Condition, Kind
from nijigan_krita.controls import button, message, named, show_text
from nijigan_krita.qt import QtCore, QtWidgets
from nijigan_krita.translation import Translation

_LOGGED = (Kind.INSTALLING, Kind.NOT_RUNNING, Kind.TROUBLE)  # where the log may say more


class SidecarBox(QtWidgets.QWidget):
    """A line, the button that mends it, and a menu. `wanted` is emitted with one of `ACTIONS`."""

    wanted = QtCore.pyqtSignal(str)

    def __init__(self, say: Translation) -> None:
        super().__init__()
        self._say = say
        self._action = ""
        self.line = message(say("The sidecar"))
        self.mend = button("")
        self.mend.clicked.connect(lambda: self.wanted.emit(self._action))
        self.log = button(say("Log"), say("Open what was said last"))
        self.log.clicked.connect(lambda: self.wanted.emit("LOG"))
        self.menu = named(QtWidgets.QToolButton(), say("More"), say("All about the sidecar"))
        self.menu.setText("…")
        self.menu.setPopupMode(QtWidgets.QToolButton.ToolButtonPopupMode.InstantPopup)
        self.menu.setMenu(self._make_menu())
        self._lay_out()

    def _lay_out(self) -> None:
        """The line beside the menu, and buttons below it, for dockers are narrow."""
        layout = QtWidgets.QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setColumnStretch(0, 1)
        layout.setColumnStretch(1, 1)
        layout.addWidget(self.line, 0, 0, 1, 2)
        layout.addWidget(self.menu, 0, 2)
        layout.addWidget(self.mend, 1, 0)
        layout.addWidget(self.log, 1, 1)

    def _make_menu(self) -> Any:
        menu = QtWidgets.QMenu(self)
        for action, text in actions(self._say).items():
            entry = menu.addAction(text)
            entry.triggered.connect(lambda _checked=False, action=action: self.wanted.emit(action))
        return menu

    def show_condition(self, condition: Condition) -> None:
        """Show how things stand."""
        show_text(self.line, condition_line(condition, self._say))
        self.line.setToolTip(condition.address)
        self.log.setVisible(condition.kind in _LOGGED)
        self.mend.setVisible(condition.mend is not None)
        if condition.mend is not None:
            self._action = condition.mend.name
            words = actions(self._say).get(self._action, condition.mend.value)
            self.mend.setText(self._say(condition.mend.value))
            named(self.mend, self._say(condition.mend.value), words)


def actions(say: Translation) -> "dict[str, str]":
    """What can be wanted, and its words in the menu."""
    return {
        "START": say("Start the sidecar"),
        "RESTART": say("Restart the sidecar"),
        "STOP": say("Stop the sidecar, for all programs"),
        "LOOK": say("Look how things stand"),
        "INSTALL": say("Install nijigan (about 250 MB from the network)"),
        "SETTINGS": say("Choose nijigan's command …"),
        "STYLES_FOLDER": say("Open the folder of styles"),
        "LOG": say("Open the log"),
        "DIAGNOSTICS": say("Copy diagnostics"),
    }


def condition_line(condition: Condition, say: Translation) -> str:
    """The line that people read."""
    if condition.kind is not Kind.READY:
        said = say.sentences(condition.line)
        return said if said != condition.line else say.sentences(f"{said}.").rstrip(".。")
    count = len(condition.styles)
    if count == 1:
        return say("nijigan {version}, 1 style", version=condition.version)
    return say("nijigan {version}, {count} styles", version=condition.version, count=count)
