"""Draws pictures in styles, by a sidecar."""

import logging
import os
import ssl
from contextlib import closing
from dataclasses import replace
from enum import IntEnum
from itertools import chain
from pathlib import Path
from threading import Event, Lock
from typing import (
    Callable,
    Generator,
    Iterable,
    Iterator,
    List,
    NamedTuple,
    Optional,
    Sequence,
    Tuple,
    Type,
    TypeVar,
    Union,
)

from nijigan.client import _messages, wire
from nijigan.client._messages import (
    Frame,
    FrameFaceDone,
    FrameFaceRequest,
    FrameFaceResponse,
    FrameFaceSettings,
    FramesSettings,
    GetServerInfoRequest,
    GetServerInfoResponse,
    GetStyleRequest,
    GetStyleResponse,
    ListStylesRequest,
    ListStylesResponse,
    LoadStyleRequest,
    LoadStyleResponse,
    PictureFormat,
    Point,
    Priority,
    Quality,
    Region,
    ScaleMode,
    Style,
    StylizeDone,
    StylizeFramesRequest,
    StylizeFramesResponse,
    StylizeRequest,
    StylizeResponse,
    StylizeSettings,
    UnloadStyleRequest,
    UnloadStyleResponse,
)
from nijigan.client.connection import Connection
from nijigan.client.discovery import Place, check_api_level, find_sidecar, sidecar_at
from nijigan.client.errors import (
    CertificateError,
    Code,
    IncompatibleError,
    SidecarNotRunningError,
    StylizerError,
)
from nijigan.client.exchange import LEAST_BYTES, exchanged
from nijigan.client.feed import Feed
from nijigan.client.result import DrawnFrame, FaceBox, FramedFace, Result, Timings
from nijigan.client.start import StartedSidecar
from nijigan.client.tls import tls_context

_SERVICE = "/nijigan.v1.StylizerService/"
_CHUNK_BYTES = 1 << 20
_SHORT_SECONDS = 10.0
_NO_EXCHANGE = "EXCHANGE_FAILED"
_log = logging.getLogger("nijigan.client")
_LONGEST_MS = 99_999_999  # 8 digits, by the protocol
_M = TypeVar("_M", bound=wire.Message)
Pixels = Union[bytes, bytearray, memoryview]


def connect(
    address: Optional[str] = None,
    token: Optional[str] = None,
    ca: Optional[str] = None,
    certificate: Optional[Tuple[str, str]] = None,
    exchange: Optional[bool] = None,
    start: Optional[Sequence[str]] = None,
) -> "Client":
    """Connect to the sidecar at `address`, or to the one that this user runs.

    Args:
        address: "host:port", or "tls://host:port" where calls are encrypted.
        token: if None `$NIJIGAN_TOKEN`, else that of this user's sidecar where it has that port.
        ca: PEM file of the root that the sidecar's certificate is from; if None `$NIJIGAN_CA`, else
            those that the system trusts.
        certificate: PEM files of this client's own certificate and key, where the sidecar wants it.
        exchange: whether pictures pass through files: None for large ones where both sides can,
            True for all but encoded ones, which raises where they cannot, False never.
        start: the command that starts this user's sidecar where none is running, now or at a later
            call: ["nijigan", "serve", "--exit-with-parent"].

    Raises:
        ValueError: no such address.
        OSError: a PEM file cannot be read or used.
        SidecarNotRunningError: there is none. CertificateError: its certificate is not accepted.
        IncompatibleError: it is of another age.
    """
    return Client(
        lambda: sidecar_at(address, token) if address else find_sidecar(),
        lambda: tls_context(ca, certificate),
        exchange,
        None if address else start,
    )


class Client:
    """A sidecar, seen from here. Any number of threads may call. Close it, or use it in `with`.

    find: says where the sidecar is. tls: makes what encrypts, where it wants that. exchange,
    start: see `connect`.

    A connection that was lost is made anew by the next call, to
    wherever the sidecar is then.

    Every call raises a `StylizerError` (see `nijigan.client.errors`) when it fails.
    """

    def __init__(
        self,
        find: Callable[[], Place],
        tls: Callable[[], ssl.SSLContext] = tls_context,
        exchange: Optional[bool] = None,
        start: Optional[Sequence[str]] = None,
    ) -> None:
        self._start = start
        self._started: Optional[StartedSidecar] = None
        self._exchange = exchange
        self._exchange_folder: Optional[Path] = None
        self._asked: Optional[Connection] = None  # that was asked for the folder
        self._find = find
        self._tls = tls
        self._lock = Lock()  # of the two below
        self._place, self._connection = self._connect()

    def __enter__(self) -> "Client":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """End all calls, and the connection."""
        with self._lock:
            self._connection.close()
            if self._started is not None:
                self._started.let_go()

    def server_info(self) -> GetServerInfoResponse:
        """Return what the sidecar is and what it can take.

        Raises:
            IncompatibleError: it is of another age.
        """
        info = self._ask("GetServerInfo", GetServerInfoRequest(), GetServerInfoResponse)
        check_api_level(info.api_level, info.version)
        return info

    def list_styles(self) -> Tuple[Style, ...]:
        """Return the styles that are installed, by name."""
        return self._ask("ListStyles", ListStylesRequest(), ListStylesResponse).styles

    def get_style(self, name: str) -> Style:
        """Return one style."""
        return self._ask("GetStyle", GetStyleRequest(name), GetStyleResponse).style or Style()

    def get_preview(self, name: str) -> bytes:
        """Return a style's preview, a PNG file: before and after, side by side."""
        request = GetStyleRequest(name, include_preview=True)
        return self._ask("GetStyle", request, GetStyleResponse).preview_png

    def load_style(
        self, name: str, quality: str = "normal", timeout: Optional[float] = 600.0
    ) -> float:
        """Get a style ready, so that its first picture does not wait; return the seconds it took.

        Raises:
            ValueError: no such quality.
        """
        request = LoadStyleRequest(name, _number(Quality, "quality", quality))
        return self._ask("LoadStyle", request, LoadStyleResponse, timeout).load_us / 1e6

    def unload_style(self, name: str) -> int:
        """Give back a style's memory; return how many of its qualities were in memory."""
        return self._ask("UnloadStyle", UnloadStyleRequest(name), UnloadStyleResponse).unloaded

    def stylize(
        self,
        pixels: Pixels,
        width: int,
        height: int,
        *,
        style: str,
        strength: float = 1.0,
        quality: str = "normal",
        scale: Union[str, int] = "auto",
        format: str = "RGBA8",
        result_format: Optional[str] = None,
        on_progress: Optional[Callable[[float, str], None]] = None,
        on_preview: Optional[Callable[[bytes, int, int], None]] = None,
        preview_side: int = 256,
        region: Optional[Tuple[int, int, int, int]] = None,
        origin: Optional[Tuple[float, float]] = None,
        steady: bool = False,
        batch: bool = False,
        cancel: Optional[Event] = None,
        timeout: Optional[float] = 600.0,
    ) -> Result:
        """Draw one picture, and wait for it.

        Args:
            pixels: rows from the top, without padding; straight alpha; or a file of the format
                "ENCODED" (JPEG, PNG, WebP, TIFF), for which `width` and `height` are not used.
            width: in pixels.
            height: in pixels.
            style: its name.
            strength: 0 (as it was) to 1 (fully drawn).
            quality: "draft", "normal" or "fine".
            scale: "auto", "native", or the short side to draw at, in pixels.
            format: "RGBA8", "BGRA8", "RGB8", "ENCODED", or of sidecars with the feature "deep"
                "RGBA16" (little-endian) or "RGBA32F" (linear light, little-endian, 1 is white).
            result_format: the same; `format` where None.
            on_progress: called in this thread with what is done, 0 to 1, and what is being done.
            on_preview: called in this thread with a small draft before the result is there: its
                pixels (RGB8), width and height. Not called where the picture is not larger, or the
                sidecar has not the feature "preview".
            preview_side: the draft's short side, 16 to 512 pixels.
            region: left, top, width and height of the part that is wanted, in pixels; the result is
                that part. For sidecars with the feature "region".
            origin: where left and top of the picture are in the document that it is a part of, in
                pixels: halftone dots stay where they are in that. Of the feature "origin".
            steady: draw it four times, moved by some pixels, and take the mean: for animations, so
                that they do not shimmer. It takes four times as long. Of the feature "steady".
            batch: nobody waits for it, so what somebody waits for comes first.
            cancel: setting it ends the call within a tenth of a second.
            timeout: seconds that all of it may take.

        Raises:
            ValueError: a name or number that the interface does not have.
            CancelledError, DeadlineError, BusyError, StylizerError: see there.
        """
        asked = _settings(
            style, strength, quality, scale, format, result_format, region, origin, steady, batch
        )
        settings = replace(
            asked,
            width_px=width,
            height_px=height,
            preview_short_side_px=0 if on_preview is None else preview_side,
        )
        content = memoryview(pixels).cast("B")
        tell = _Tell(on_progress, on_preview)
        folder = self._folder(content, settings, timeout, cancel)
        if folder is not None:
            try:
                with exchanged(folder, content) as file:
                    asked = replace(settings, exchange_file=file.name)
                    done, _ = self._stylize(asked, content[:0], tell, timeout, cancel)
                    return _result(done, file.read())
            except (OSError, StylizerError) as error:
                if self._exchange or getattr(error, "reason", _NO_EXCHANGE) != _NO_EXCHANGE:
                    raise
                _log.warning("the picture goes by the wire, not through a file: %s", error)
                self._exchange_folder = None
        done, data = self._stylize(settings, content, tell, timeout, cancel)
        return _result(done, data)

    def _stylize(
        self,
        settings: StylizeSettings,
        content: memoryview,
        tell: "_Tell",
        timeout: Optional[float],
        cancel: Optional[Event],
    ) -> Tuple[StylizeDone, bytes]:
        requests = _requests(settings, content)
        chunks: List[bytes] = []
        done = None
        responses = self._call("Stylize", requests, StylizeResponse, timeout, cancel)
        with closing(responses):  # so that an error in on_progress ends the call
            for response in responses:
                if response.chunk is not None:
                    chunks.append(response.chunk)
                elif response.done is not None:
                    done = response.done
                else:
                    tell.what_came(response)
        if done is None:
            raise StylizerError("The sidecar sent no result.", "Retry.", Code.INTERNAL)
        return done, b"".join(chunks)

    def _folder(
        self,
        content: memoryview,
        settings: StylizeSettings,
        timeout: Optional[float],
        cancel: Optional[Event],
    ) -> Optional[Path]:
        """Return the folder for the file that a picture goes through; None: it goes by the wire.

        Raises:
            StylizerError: it must go through a file, and cannot.
        """
        encoded = settings.format == PictureFormat.ENCODED
        small = len(content) < LEAST_BYTES and not self._exchange
        if self._exchange is False or encoded or small:
            return None
        connection, _ = self._connected()
        if connection is not self._asked:
            seconds = _SHORT_SECONDS if timeout is None else min(timeout, _SHORT_SECONDS)
            request = GetServerInfoRequest()
            info = self._ask("GetServerInfo", request, GetServerInfoResponse, seconds, cancel)
            folder = Path(info.exchange_folder)
            offered = bool(info.exchange_folder) and os.access(str(folder), os.W_OK)
            self._exchange_folder = folder if offered else None
            self._asked = connection
        if self._exchange and self._exchange_folder is None:
            raise StylizerError(
                "The sidecar and this process share no folder for files.",
                "Leave `exchange` out.",
                reason=_NO_EXCHANGE,
            )
        return self._exchange_folder

    def stylize_frames(
        self,
        frames: Iterable[Tuple[Pixels, int, int]],
        *,
        style: str,
        strength: float = 1.0,
        quality: str = "normal",
        scale: Union[str, int] = "auto",
        format: str = "RGBA8",
        result_format: Optional[str] = None,
        region: Optional[Tuple[int, int, int, int]] = None,
        origin: Optional[Tuple[float, float]] = None,
        steady: bool = False,
        batch: bool = True,
        first_number: int = 0,
        state: bytes = b"",
        cancel: Optional[Event] = None,
        timeout: Optional[float] = None,
    ) -> Generator[DrawnFrame, None, None]:
        """Draw the frames of one animation, and yield each as it is done, in order.

        A frame that cannot be drawn is yielded with its error, and the next one is drawn. For
        sidecars with the feature "frames".

        Args:
            frames: pixels, width and height of each; iterated in another thread, a few frames ahead
                of what is drawn. An error of theirs is raised here.
            style, strength, quality, scale, format, result_format, region, origin, steady, batch:
                as for `stylize`.
            first_number: of the first of `frames`.
            state: to go on after the frame before it: what that was yielded with.
            cancel: setting it ends the call within a tenth of a second.
            timeout: seconds that all of it may take.

        Raises:
            ValueError: a name or number that the interface does not have.
            CancelledError, DeadlineError, BusyError, StylizerError: see there.
        """
        each = _settings(
            style, strength, quality, scale, format, result_format, region, origin, steady, batch
        )
        requests = _frame_requests(FramesSettings(each, first_number, state), frames)
        return self._drawn_frames(requests, timeout, cancel)

    def _drawn_frames(
        self, requests: Iterator[bytes], timeout: Optional[float], cancel: Optional[Event]
    ) -> Generator[DrawnFrame, None, None]:
        chunks: List[bytes] = []
        responses = self._call(
            "StylizeFrames", requests, StylizeFramesResponse, timeout, cancel, slow=True
        )
        with closing(responses):
            for response in responses:
                if response.chunk is not None:
                    chunks.append(response.chunk)
                elif response.failed is not None:
                    what = response.failed
                    error = StylizerError(what.message, what.remedy, reason=what.reason)
                    yield DrawnFrame(what.number, None, error, b"")
                elif response.done is not None:
                    done = response.done
                    result = _result(done.done or StylizeDone(), b"".join(chunks))
                    chunks.clear()
                    yield DrawnFrame(done.number, result, None, done.state)

    def frame_face(
        self,
        pixels: Pixels,
        width: int,
        height: int,
        *,
        size: int = 512,
        face: int = 0,
        anyway: bool = False,
        level_eyes: bool = False,
        transparent: bool = False,
        format: str = "RGBA8",
        result_format: Optional[str] = None,
        cancel: Optional[Event] = None,
        timeout: Optional[float] = 60.0,
    ) -> FramedFace:
        """Find the face in a picture, and cut out a square with head and shoulders.

        For sidecars with the feature "faces".

        Args:
            pixels, width, height, format, result_format, cancel, timeout: as `stylize`.
            size: side of the square, 16 to 1024 pixels.
            face: which of several, 1 is the first from the left; 0: the only one.
            anyway: take what there is: the largest face, a small or blurred one, or the middle.
            level_eyes: turn the square so that the eyes are level.
            transparent: make what is behind the person transparent.

        Raises:
            ValueError: a name or number that the interface does not have.
            CancelledError, DeadlineError, BusyError: see there.
            StylizerError: with the reason "NO_FACE", "SEVERAL_FACES" (then its metadata `faces` has
                "left,top,width,height; ..."), "FACE_TOO_SMALL" or "FACE_BLURRED", and others.
        """
        settings = FrameFaceSettings(
            width_px=width,
            height_px=height,
            format=_number(PictureFormat, "format", format),
            result_format=_number(PictureFormat, "format", result_format or format),
            size_px=size,
            face=face,
            anyway=anyway,
            level_eyes=level_eyes,
            transparent=transparent,
        )
        first = FrameFaceRequest(settings=settings).encode()
        others = (FrameFaceRequest(chunk=chunk).encode() for chunk in _chunks(pixels))
        requests = chain([first], others)
        chunks: List[bytes] = []
        done = None
        for response in self._call("FrameFace", requests, FrameFaceResponse, timeout, cancel):
            if response.chunk is not None:
                chunks.append(response.chunk)
            elif response.done is not None:
                done = response.done
        if done is None:
            raise StylizerError("The sidecar sent no result.", "Retry.", Code.INTERNAL)
        return _framed_face(done, b"".join(chunks))

    def _connected(self) -> Tuple[Connection, Place]:
        with self._lock:
            if not self._connection.accepting:
                self._place, self._connection = self._connect()
            return self._connection, self._place

    def _connect(self) -> Tuple[Place, Connection]:
        try:
            return self._found()
        except SidecarNotRunningError as error:  # none, or what one left that was killed
            if self._start is None or isinstance(error, CertificateError):
                raise
        self._started = StartedSidecar(self._start)
        return self._found()

    def _found(self) -> Tuple[Place, Connection]:
        place = self._find()
        tls = self._tls() if place.tls else None
        connection = Connection(place.host, place.port, tls)
        if self._start is not None and not connection.is_greeted(_SHORT_SECONDS):
            connection.close()
            raise SidecarNotRunningError(
                f"Nothing answers at {place.host}:{place.port}.", "Start the sidecar."
            )
        return place, connection

    def _ask(
        self,
        method: str,
        request: wire.Message,
        response_class: Type[_M],
        timeout: Optional[float] = _SHORT_SECONDS,
        cancel: Optional[Event] = None,
    ) -> _M:
        messages = iter([request.encode()])
        responses = list(self._call(method, messages, response_class, timeout, cancel))
        if not responses:
            raise StylizerError("The sidecar sent no answer.", "Retry.", Code.INTERNAL)
        return responses[0]

    def _call(
        self,
        method: str,
        messages: Iterator[bytes],
        response_class: Type[_M],
        timeout: Optional[float],
        cancel: Optional[Event] = None,
        slow: bool = False,
    ) -> Generator[_M, None, None]:
        """Make a call; `slow`: the messages take time to make."""
        connection, place = self._connected()
        headers = [
            ("content-type", "application/grpc"),
            ("te", "trailers"),
            ("user-agent", "nijigan-client"),
            ("authorization", f"Bearer {place.token}"),
        ]
        if timeout is not None:
            headers.append(("grpc-timeout", f"{min(max(1, round(timeout * 1000)), _LONGEST_MS)}m"))
        feed = Feed(messages, connection.wake) if slow else None
        sent = messages if feed is None else iter(feed)
        answer = connection.call(_SERVICE + method, sent, headers, timeout, cancel)
        try:
            with closing(answer):
                for message in answer:
                    try:
                        yield response_class.decode(message)
                    except wire.DecodeError as error:
                        raise IncompatibleError(
                            f"An answer cannot be read ({error})", "Update the older of the two."
                        ) from error
        finally:
            if feed is not None:
                feed.stop()
        if feed is not None and feed.error is not None:
            raise feed.error


def _number(names: Type[IntEnum], field: str, name: str) -> int:
    known = [member.name.lower() for member in names if member]
    if name.lower() not in known:
        raise ValueError(f"{field} is {name!r}. Known: {', '.join(known)}.")
    return names[name.upper()]


class _Tell(NamedTuple):
    """Whom to tell what comes before a result."""

    on_progress: Optional[Callable[[float, str], None]]
    on_preview: Optional[Callable[[bytes, int, int], None]]

    def what_came(self, response: StylizeResponse) -> None:
        if response.progress is not None and self.on_progress is not None:
            self.on_progress(response.progress.fraction, response.progress.stage)
        elif response.preview is not None and self.on_preview is not None:
            drawn = response.preview
            self.on_preview(drawn.rgb, drawn.width_px, drawn.height_px)


def _settings(
    style: str,
    strength: float,
    quality: str,
    scale: Union[str, int],
    format: str,
    result_format: Optional[str],
    region: Optional[Tuple[int, int, int, int]],
    origin: Optional[Tuple[float, float]],
    steady: bool,
    batch: bool,
) -> StylizeSettings:
    return StylizeSettings(
        style=style,
        strength=strength,
        quality=_number(Quality, "quality", quality),
        scale_mode=_number(ScaleMode, "scale", scale) if isinstance(scale, str) else None,
        short_side_px=None if isinstance(scale, str) else scale,
        format=_number(PictureFormat, "format", format),
        result_format=_number(PictureFormat, "format", result_format or format),
        priority=Priority.BATCH if batch else Priority.INTERACTIVE,
        region=None if region is None else Region(*region),
        origin=None if origin is None else Point(*origin),
        steady=steady,
    )


def _chunks(pixels: Pixels) -> Iterator[bytes]:
    content = memoryview(pixels).cast("B")  # here, so that its errors are the caller's
    starts = range(0, len(content), _CHUNK_BYTES)
    return (bytes(content[start : start + _CHUNK_BYTES]) for start in starts)


def _frame_requests(
    settings: FramesSettings, frames: Iterable[Tuple[Pixels, int, int]]
) -> Iterator[bytes]:
    first = StylizeFramesRequest(settings=settings).encode()
    others = (
        message.encode()
        for pixels, width, height in frames
        for message in chain(
            [StylizeFramesRequest(frame=Frame(width, height, memoryview(pixels).nbytes))],
            (StylizeFramesRequest(chunk=chunk) for chunk in _chunks(pixels)),
        )
    )
    return chain([first], others)


def _requests(settings: StylizeSettings, pixels: Pixels) -> Iterator[bytes]:
    first = StylizeRequest(settings=settings).encode()  # here, so that its errors are the caller's
    return chain([first], (StylizeRequest(chunk=chunk).encode() for chunk in _chunks(pixels)))


def _framed_face(done: FrameFaceDone, pixels: bytes) -> FramedFace:
    return FramedFace(
        done.size_px,
        PictureFormat(done.format).name,
        pixels,
        tuple(FaceBox(f.left_px, f.top_px, f.width_px, f.height_px, f.score) for f in done.faces),
        done.face,
        (done.frame_middle_x_px, done.frame_middle_y_px),
        done.frame_side_px,
        done.frame_roll_degrees,
        _timings(done.timings),
        done.request,
    )


def _timings(sent: Optional[_messages.Timings]) -> Timings:
    times = sent or _messages.Timings()
    parts = times.receive_us, times.decode_us, times.queue_us, times.compute_us, times.encode_us
    return Timings(*(microseconds / 1000 for microseconds in parts))


def _result(done: StylizeDone, pixels: bytes) -> Result:
    return Result(
        done.width_px,
        done.height_px,
        PictureFormat(done.format).name,
        pixels,
        _timings(done.timings),
        done.request,
        done.tiles,
        done.deviation_db,
    )
