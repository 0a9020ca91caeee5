# SPDX-License-Identifier: GPL-3.0-or-later
"""What Krita loads: a docker in each window, and actions with shortcuts."""

import os
from typing import Any

from krita import DockWidgetFactory, DockWidgetFactoryBase, Extension, Krita

from nijigan_krita.commands import DOCKER, Commands
from nijigan_krita.docker import NijiganDocker
from nijigan_krita.qt import QtCore
from nijigan_krita.session import Session
from nijigan_krita.translation import translation

_MENU = "tools/scripts"


class NijiganExtension(Extension):
    """Begins with Krita and ends with it."""

    def __init__(self, parent: Any) -> None:
        super().__init__(parent)
        languages = os.environ.get("LANGUAGE", "").split(":")  # what was chosen in Krita
        self.session = Session(translation([*filter(None, languages), QtCore.QLocale().name()]))
        self.commands = Commands(self.session)

    def setup(self) -> None:
        """Krita calls it once."""
        self._notifier = Krita.instance().notifier()  # it must be kept, or it tells nothing
        self._notifier.setActive(True)
        self._notifier.applicationClosing.connect(self.session.close)

    def createActions(self, window: Any) -> None:  # noqa: N802 - Krita's name
        """Krita calls it for each window."""
        say, commands = self.session.say, self.commands
        for name, text, do in (  # the file nijigan_krita.action has their shortcuts
            ("nijigan_apply", say("nijigan: Apply"), commands.apply),
            ("nijigan_animate", say("nijigan: Draw Animation"), commands.animate),
            ("nijigan_cancel", say("nijigan: Cancel"), commands.cancel),
            ("nijigan_show", say("nijigan: Show Docker"), commands.show_docker),
        ):
            action = window.createAction(name, text, _MENU)
            action.triggered.connect(lambda _checked=False, do=do: do())


def begin() -> NijiganExtension:
    """Add all of it to the running Krita."""
    krita = Krita.instance()
    extension = NijiganExtension(krita)
    krita.addExtension(extension)
    place = DockWidgetFactoryBase.DockPosition.DockRight
    make = DockWidgetFactory(DOCKER, place, lambda: NijiganDocker(extension.commands))
    krita.addDockWidgetFactory(make)
    return extension
