# SPDX-License-Identifier: GPL-3.0-or-later
"""What buttons, menu entries and shortcuts do."""

from pathlib import Path
from typing import Any, Callable

from krita import Krita

from nijigan.client.discovery import data_dir
from nijigan_host.logs import last_log
from nijigan_krita.documents import document_key
from nijigan_krita.preferences import choose_command, command, package
from nijigan_krita.qt import QtCore, QtGui, QtWidgets
from nijigan_krita.run import Run, Steps
from nijigan_krita.session import Session
from nijigan_krita.settings import Settings
from nijigan_krita.stylize import stylize
from nijigan_krita.stylize_animation import stylize_animation

_MESSAGE_MS = 5000
_PRIORITY = 1
_SIDECAR = ("START", "RESTART", "STOP", "LOOK")  # methods of the same name
Draw = Callable[[Run, Session, Any, Settings], Steps]


class Commands:
    """Acts on the document that is active, for all windows."""

    def __init__(self, session: Session) -> None:
        self.session = session
        session.tell = self._tell

    def apply(self) -> None:
        """Draw what the docker says, as a new layer."""
        self._begin(stylize)

    def animate(self) -> None:
        """Draw the frames of the timeline, as a new animated layer."""
        self._begin(stylize_animation)

    def cancel(self) -> None:
        """Stop what is being drawn for the document."""
        document = Krita.instance().activeDocument()
        run = None if document is None else self.session.run_of(document_key(document))
        if run is not None:
            run.cancel()

    def show_docker(self) -> None:
        """Bring the docker to the front, in all windows."""
        for docker in Krita.instance().dockers():
            if docker.objectName() == DOCKER:
                docker.setVisible(True)
                docker.raise_()

    def do(self, action: str) -> None:
        """Do something about the sidecar; one of `sidecar_box.actions`."""
        sidecar = self.session.sidecar
        if action in _SIDECAR:
            getattr(sidecar, action.lower())()
        elif action == "INSTALL":
            sidecar.install(package())
        elif action == "SETTINGS":
            self._choose_command()
        elif action == "STYLES_FOLDER":
            folder = data_dir() / "styles"
            folder.mkdir(parents=True, exist_ok=True)
            _open(folder)
        elif action == "LOG":
            _open(last_log())
        elif action == "DIAGNOSTICS":
            QtWidgets.QApplication.clipboard().setText(self.session.diagnostics())
            self._tell("Diagnostics are in the clipboard")

    def _begin(self, draw: Draw) -> None:
        session, document = self.session, Krita.instance().activeDocument()
        if document is None:
            self._tell("No document is open.")
            return
        session.turn_to(document)  # no docker may be seen, which does so too
        chosen = session.settings

        def steps(run: Run) -> Steps:
            settings = yield from session.with_style(chosen)
            yield from draw(run, session, document, settings)

        session.begin(document_key(document), document.name(), steps)

    def _choose_command(self) -> None:
        window = Krita.instance().activeWindow()
        parent = None if window is None else window.qwindow()
        title = self.session.say("Choose nijigan's command …")
        path, _ = QtWidgets.QFileDialog.getOpenFileName(parent, title, command())
        if path:
            choose_command(path)
            self.session.sidecar.look()

    def _tell(self, text: str) -> None:
        """Show a text over the canvas, for the docker may be hidden."""
        window = Krita.instance().activeWindow()
        view = None if window is None else window.activeView()
        if view is not None:
            view.showFloatingMessage(
                self.session.say.sentences(text), QtGui.QIcon(), _MESSAGE_MS, _PRIORITY
            )


DOCKER = "nijigan_docker"


def _open(path: Path) -> None:
    QtGui.QDesktopServices.openUrl(QtCore.QUrl.fromLocalFile(str(path)))
