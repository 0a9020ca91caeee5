"""Draws pictures by a sidecar instead of in this process."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Event
from types import TracebackType
from typing import Self

from nijigan.client import Result, connect
from nijigan.client.errors import (
    BusyError,
    CertificateError,
    Code,
    SidecarNotRunningError,
    StylizerError,
)
from nijigan.core.errors import CancelledError, ImageError, NijiganError, SidecarError, UsageError
from nijigan.core.images import Picture
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import eight_bits
from nijigan.server.pixels import RGB8, RGBA8, bytes_from_picture, picture_from_bytes
from nijigan.server.stylizer import Progress, Settings, check_settings
from nijigan.v1.stylizer_pb2 import PictureFormat

_RETRY_SECONDS = 1.0


class RemoteStylizer:
    """Does what a `Stylizer` does, by the sidecar at `address` ("host:port"), or this user's.

    batch: nobody waits for the pictures one by one. ca, certificate: see `nijigan.client.connect`.

    Raises:
        UsageError: no such address, or a PEM file that is none. SidecarError: no sidecar is there.
    """

    def __init__(
        self,
        address: str | None = None,
        batch: bool = False,
        ca: Path | None = None,
        certificate: tuple[Path, Path] | None = None,
    ) -> None:
        self._batch = batch
        with _core_errors():
            self._client = connect(
                address,
                ca=None if ca is None else str(ca),
                certificate=certificate and (str(certificate[0]), str(certificate[1])),
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._client.close()

    def stylize(
        self,
        picture: Picture,
        settings: Settings,
        progress: Progress = lambda _done, _stage: None,
        cancel: Cancel | None = None,
    ) -> Picture:
        """Draw a picture; the result has its size, and its alpha as it was.

        Where the sidecar has too much to do, it is asked again until it has not.

        Raises:
            NijiganError: what `Stylizer.stylize` raises there. SidecarError: the sidecar is gone.
        """
        stopped = Event()
        with _core_errors(), (cancel or Cancel()).on_set(stopped.set):
            while True:
                try:
                    return self._stylize(picture, settings, progress, stopped)
                except BusyError as error:
                    progress(0.0, "waiting for a turn")
                    if stopped.wait(error.retry_seconds or _RETRY_SECONDS):
                        raise CancelledError("Stopped.") from error

    def _stylize(
        self, picture: Picture, settings: Settings, progress: Progress, stopped: Event
    ) -> Picture:
        opaque = picture.alpha is None
        result = self._client.stylize(
            bytes_from_picture(picture, RGB8 if opaque else RGBA8),
            picture.width,
            picture.height,
            style=settings.style,
            strength=settings.strength,
            quality=settings.quality,
            scale=settings.scale,
            format="RGB8" if opaque else "RGBA8",
            steady=settings.steady,
            batch=self._batch,
            on_progress=progress,
            cancel=stopped,
            timeout=None,
        )
        return _picture(result, RGB8 if opaque else RGBA8)

    def identity(self, settings: Settings) -> dict[str, str]:
        """See `nijigan.server.animation.drawing.DrawsFrames`."""
        check_settings(settings)
        with _core_errors():
            info, style = self._client.server_info(), self._client.get_style(settings.style)
        if "frames" not in info.features:
            raise SidecarError(
                f"The sidecar is nijigan {info.version}, which draws no animations.", "Update it."
            )
        engine = f"{', '.join(info.engines[:1])} of a sidecar {info.version}"
        # What a sidecar that is older does not tell, nothing can hang on.
        known = filter(None, (style.name, style.version, style.content))
        return {"style": " ".join(known), "engine": engine}

    def draw_frames(
        self, pictures: Iterator[Picture], settings: Settings, state: bytes, cancel: Cancel
    ) -> Iterator[tuple[Picture | ImageError, bytes]]:
        """See `nijigan.server.animation.drawing.DrawsFrames`."""
        stopped = Event()
        frames = ((bytes_from_picture(p, RGBA8), p.width, p.height) for p in pictures)
        with _core_errors(), cancel.on_set(stopped.set):
            drawn = self._client.stylize_frames(
                frames,
                style=settings.style,
                strength=settings.strength,
                quality=settings.quality,
                scale=settings.scale,
                steady=settings.steady,
                state=state,
                cancel=stopped,
            )
            with closing(drawn):
                for frame in drawn:
                    if frame.result is not None:
                        state = frame.state
                        yield _picture(frame.result, RGBA8), state
                    elif frame.error is not None:
                        yield _wrong_with_picture(frame.error), state


def _picture(result: Result, picture_format: PictureFormat) -> Picture:
    pixels = bytearray(result.pixels)
    return eight_bits(picture_from_bytes(pixels, result.width, result.height, picture_format))


def _wrong_with_picture(error: StylizerError) -> ImageError:
    """Return what the sidecar says of one picture.

    Raises:
        NijiganError: it says it of something else.
    """
    found = _core_error(error)
    if isinstance(found, ImageError):
        return found
    raise found


@contextmanager
def _core_errors() -> Iterator[None]:
    """Raise the error that the sidecar met, as if it had been met here."""
    try:
        yield
    except CertificateError as error:
        raise SidecarError(
            error.message,
            "Give --address with the certificate's name, as tls://NAME:PORT, and its root with "
            "--ca.",
        ) from error
    except SidecarNotRunningError as error:
        stopped = error.code == Code.CANCELLED  # by one that may still run
        remedy = error.remedy if stopped else "Start it with: nijigan serve"
        raise SidecarError(error.message, remedy) from error
    except StylizerError as error:
        raise _core_error(error) from error
    except OSError as error:
        raise UsageError(
            f"A certificate or key cannot be used ({error}).", "Check the PEM files."
        ) from error
    except ValueError as error:  # an address, or a name that the interface does not have
        raise UsageError(str(error)) from error


def _core_error(error: StylizerError) -> NijiganError:
    kind = _by_reason(NijiganError).get(error.reason, SidecarError)
    return kind(error.message, error.remedy)


def _by_reason(kind: type[NijiganError]) -> dict[str, type[NijiganError]]:
    found = {kind.reason: kind}
    for child in kind.__subclasses__():
        found = {**_by_reason(child), **found}
    return found
