# SPDX-License-Identifier: GPL-3.0-or-later
"""The animated layer that drawn frames become."""

from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Callable, Iterator, Sequence, Tuple

from krita import Krita

from nijigan.client.errors import CancelledError
from nijigan_host.animation_folder import AnimationFolder
from nijigan_host.errors import SourceError
from nijigan_host.job import Job
from nijigan_krita.animated_document import write_animated_document
from nijigan_krita.qt import QtGui


def layer_writing(
    path: Path, folder: AnimationFolder, frames: Sequence[Tuple[int, int]], width: int, height: int
) -> Callable[[Job[None]], None]:
    """Return work that writes the frames of a folder into a document of one animated layer.

    frames: at which time each begins, in order, and its number. It touches nothing of Krita's.
    """

    def pictures(job: Job[None]) -> Iterator[Tuple[int, bytes]]:
        for done, (time, number) in enumerate(frames):
            if job.cancel.is_set():
                raise CancelledError("Stopped before the layer was written.")
            job.tell(done / len(frames), f"layer, frame {done + 1} of {len(frames)}")
            yield time, _read(folder.frame_path(number), width, height)

    def work(job: Job[None]) -> None:
        try:
            write_animated_document(path, width, height, pictures(job))
        except BaseException as error:
            with suppress(OSError):
                path.unlink()
            if isinstance(error, OSError):
                raise SourceError(
                    f"{path} cannot be written ({error}).", "Is there room on the disk?"
                ) from error
            raise

    return work


def _read(path: Path, width: int, height: int) -> bytes:
    image = QtGui.QImage(str(path))
    if (image.width(), image.height()) != (width, height):
        raise SourceError(
            f"{path} is no picture of {width}x{height} pixels.", "Delete it, and draw again."
        )
    image = image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)  # BGRA in memory
    bits = image.constBits()
    bits.setsize(4 * width * height)
    return bytes(bits)


@contextmanager
def written_layer(path: Path) -> Iterator[Any]:
    """Open such a document, give its layer, and take the file away.

    Raises:
        SourceError: Krita does not open it.
    """
    krita = Krita.instance()
    was_batch = krita.batchmode()
    krita.setBatchmode(True)  # no window, and nobody is asked anything
    try:
        document = krita.openDocument(str(path))
    finally:
        krita.setBatchmode(was_batch)
        with suppress(OSError):
            path.unlink()
    if document is None:
        raise SourceError(f"Krita does not open {path}.", "Copy diagnostics.")
    document.waitForDone()
    try:
        yield document.topLevelNodes()[0].clone()
    finally:
        document.close()
