"""As much of Krita's module as the plugin needs to begin, for a Qt whose Krita is not at hand."""

from enum import Enum
from types import SimpleNamespace

from nijigan_krita.qt import QtCore, QtWidgets


class Notifier(QtCore.QObject):
    applicationClosing = QtCore.pyqtSignal()  # noqa: N815 - Krita's name

    def setActive(self, active):  # noqa: N802 - Krita's name
        self.active = active


class DockWidget(QtWidgets.QDockWidget):
    pass


class Extension(QtCore.QObject):
    pass


class DockWidgetFactoryBase:
    class DockPosition(Enum):
        DockRight = 3


class DockWidgetFactory:
    def __init__(self, name, place, make):
        self.name, self.place, self.make = name, place, make


class Krita(QtCore.QObject):
    """One without windows and documents."""

    def __init__(self):
        super().__init__()
        self.extensions, self.factories, self.settings = [], [], {}
        self._notifier = Notifier()

    @staticmethod
    def instance():
        return KRITA

    def notifier(self):
        return self._notifier

    def version(self):
        return "6.0.0"

    def addExtension(self, extension):  # noqa: N802 - Krita's name
        self.extensions.append(extension)
        extension.setup()

    def addDockWidgetFactory(self, factory):  # noqa: N802 - Krita's name
        self.factories.append(factory)

    def activeDocument(self):  # noqa: N802 - Krita's name
        return None

    def activeWindow(self):  # noqa: N802 - Krita's name
        return None

    def documents(self):
        return []

    def dockers(self):
        return []

    def readSetting(self, group, name, default):  # noqa: N802 - Krita's name
        return self.settings.get((group, name), default)

    def writeSetting(self, group, name, value):  # noqa: N802 - Krita's name
        self.settings[group, name] = value


class Window:
    """Remembers the actions that are made for it."""

    def __init__(self):
        self.actions = {}

    def createAction(self, name, text, _menu):  # noqa: N802 - Krita's name
        heard = []
        action = SimpleNamespace(text=text, heard=heard)
        action.triggered = SimpleNamespace(connect=heard.append)
        self.actions[name] = action
        return action


KRITA = Krita()
