# SPDX-License-Identifier: GPL-3.0-or-later
"""Settings that a document remembers: Krita saves annotations with it."""

from typing import Any, Optional

from nijigan_krita.qt import QtCore
from nijigan_krita.settings import Settings

_TYPE = "nijigan"


def remember(document: Any, settings: Settings) -> None:
    """Keep settings with the document."""
    content = QtCore.QByteArray(settings.to_json())
    document.setAnnotation(_TYPE, "How nijigan has drawn last", content)


def remembered(document: Any) -> Optional[Settings]:
    """Return the settings that it was drawn with last."""
    if _TYPE not in document.annotationTypes():
        return None
    return Settings.from_json(document.annotation(_TYPE).data())
