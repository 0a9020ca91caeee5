# SPDX-License-Identifier: GPL-3.0-or-later
"""A small drawing that follows the controls."""

from typing import Any, Callable, Optional

from nijigan.client import Client, Result
from nijigan_host.drawing import Look, Picture, draw_one
from nijigan_host.job import Job, State
from nijigan_krita.qt import QtCore, QtGui

SIDE = 256
_DELAY_MS = 250
_POLL_MS = 30


class LivePreview(QtCore.QObject):
    """Draws the newest of what is asked for, once nothing new has been asked for a moment.

    thumbnail: gives a small picture of what is to be drawn, None where there is nothing. client:
    called on a thread. `drawn` is emitted with the drawing, a QImage.
    """

    drawn = QtCore.pyqtSignal(object)

    def __init__(
        self, thumbnail: Callable[[int], Optional[Any]], client: Callable[[], Client]
    ) -> None:
        super().__init__()
        self._thumbnail = thumbnail
        self._client = client
        self._look: Optional[Look] = None
        self._job: Optional[Job[Result]] = None
        self._delay = QtCore.QTimer(self)
        self._delay.setSingleShot(True)
        self._delay.setInterval(_DELAY_MS)
        self._delay.timeout.connect(self._begin)
        self._poll = QtCore.QTimer(self)
        self._poll.setInterval(_POLL_MS)
        self._poll.timeout.connect(self._take)

    def ask(self, look: Look) -> None:
        """Have it drawn so; what is being drawn otherwise is given up."""
        self._look = look
        self.stop()
        self._delay.start()

    def stop(self) -> None:
        """Ask for nothing."""
        self._delay.stop()
        self._poll.stop()
        if self._job is not None:
            self._job.cancel.set()
            self._job = None

    def _begin(self) -> None:
        image = self._thumbnail(SIDE)
        if image is None or self._look is None:
            return
        picture, look = picture_of(image), self._look

        def work(job: Job[Result]) -> None:
            job.give(draw_one(self._client(), picture, look, job, job.tell))

        self._job = Job(work, "preview")
        self._job.start()
        self._poll.start()

    def _take(self) -> None:
        job = self._job
        if job is None or job.state is State.RUNNING:
            return
        self._poll.stop()
        self._job = None
        for result in job.take():
            self.drawn.emit(image_of(result))


def picture_of(image: Any) -> Picture:
    """Return a QImage's picture."""
    image = image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)  # without padding
    bits = image.constBits()
    bits.setsize(image.sizeInBytes())
    return Picture(bytes(bits), image.width(), image.height(), "BGRA8")


def image_of(result: Result) -> Any:
    """Return a QImage of a drawing, which has its pixels for itself."""
    kind = QtGui.QImage.Format.Format_ARGB32
    line_bytes = 4 * result.width
    return QtGui.QImage(result.pixels, result.width, result.height, line_bytes, kind).copy()


def draft_image(pixels: bytes, width: int, height: int) -> Any:
    """Return a QImage of RGB8."""
    kind = QtGui.QImage.Format.Format_RGB888
    return QtGui.QImage(pixels, width, height, 3 * width, kind).copy()
