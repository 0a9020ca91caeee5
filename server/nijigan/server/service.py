"""The service of the proto: takes requests apart, has them drawn, and sends the results."""
# ruff: noqa: N802 - the methods have the names that the proto gives them

import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from importlib.metadata import version

import grpc

from nijigan.core.images import MAX_PIXELS, MIN_SIDE
from nijigan.export.styles import StyleLibrary
from nijigan.server import preview
from nijigan.server.calls import Call, Calls
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import deep
from nijigan.server.drawing import ChecksAndDraws, Drawn, Wish, draw
from nijigan.server.idle import Patience, limit, patiently
from nijigan.server.jobs import Jobs, Place
from nijigan.server.messages import (
    is_batch,
    quality_from_number,
    settings_from_message,
    style_message,
)
from nijigan.server.metrics import Drawing
from nijigan.server.pixels import DEEP, ENCODED, bytes_from_picture, picture_from_bytes
from nijigan.server.stylizer import Settings
from nijigan.server.upload import (
    MAX_CHUNK_BYTES,
    MAX_FILE_BYTES,
    receive_bytes,
    receive_settings,
)
from nijigan.server.watched import run_watched
from nijigan.v1 import stylizer_pb2 as pb
from nijigan.v1.stylizer_pb2_grpc import StylizerServiceServicer

API_LEVEL = 1
FEATURES = ("stylize", "preview", "load", "deep", "priority", "region")
_MAX_PREVIEW_BYTES = 3 << 20  # a stock client takes 4 MiB in one message


class StylizerService(StylizerServiceServicer):
    """Answers the calls.

    engines: those to tell of.
    """

    def __init__(
        self,
        stylizer: ChecksAndDraws,
        styles: StyleLibrary,
        jobs: Jobs,
        calls: Calls,
        engines: Sequence[str],
        patience: Patience,
    ) -> None:
        self._stylizer = stylizer
        self._styles = styles
        self._jobs = jobs
        self._calls = calls
        self._engines = engines
        self._patience = patience

    def GetServerInfo(
        self, _: pb.GetServerInfoRequest, context: grpc.ServicerContext
    ) -> pb.GetServerInfoResponse:
        """Say what this sidecar is and what it can take."""
        with self._calls.answer(context, "GetServerInfo"):
            return pb.GetServerInfoResponse(
                version=version("nijigan"),
                api_level=API_LEVEL,
                engines=self._engines,
                limits=pb.Limits(
                    max_pixels=MAX_PIXELS,
                    min_side_px=MIN_SIDE,
                    max_chunk_bytes=MAX_CHUNK_BYTES,
                    max_file_bytes=MAX_FILE_BYTES,
                    max_concurrent=self._jobs.concurrent,
                    max_queued=self._jobs.queued,
                    max_preview_side_px=preview.MAX_SIDE,
                ),
                features=FEATURES,
            )

    def ListStyles(
        self, _: pb.ListStylesRequest, context: grpc.ServicerContext
    ) -> pb.ListStylesResponse:
        """List the styles that are installed."""
        with self._calls.answer(context, "ListStyles"):
            return pb.ListStylesResponse(styles=map(style_message, self._styles.all()))

    def GetStyle(
        self, request: pb.GetStyleRequest, context: grpc.ServicerContext
    ) -> pb.GetStyleResponse:
        """Describe one style."""
        with self._calls.answer(context, "GetStyle") as call:
            call.about = repr(request.name)
            style = self._styles.get(request.name)
            shown = b""
            if request.include_preview:
                shown = (style.folder / "preview.png").read_bytes()
            return pb.GetStyleResponse(
                style=style_message(style),
                preview_png=shown if len(shown) <= _MAX_PREVIEW_BYTES else b"",
            )

    def LoadStyle(
        self, request: pb.LoadStyleRequest, context: grpc.ServicerContext
    ) -> pb.LoadStyleResponse:
        """Get a style ready."""
        answer = self._calls.answer(context, "LoadStyle")
        with answer as call, self._jobs.place(context.peer()) as place:
            quality = quality_from_number(request.quality)
            call.about = f"{request.name!r} {quality}"
            cancel, began = Cancel(), time.monotonic()
            if not context.add_callback(cancel.set):
                cancel.set()
            stylizer, name = self._stylizer, request.name
            loading: Iterator[object] = run_watched(
                place,
                lambda _tell: stylizer.load(name, quality, cancel),
                cancel,
                self._patience.hang,
                lambda: stylizer.unload(name),
            )
            deque(loading, maxlen=0)
            return pb.LoadStyleResponse(load_us=_microseconds(time.monotonic() - began))

    def UnloadStyle(
        self, request: pb.UnloadStyleRequest, context: grpc.ServicerContext
    ) -> pb.UnloadStyleResponse:
        """Give back the memory of a style."""
        with self._calls.answer(context, "UnloadStyle") as call:
            call.about = repr(request.name)
            return pb.UnloadStyleResponse(unloaded=self._stylizer.unload(request.name))

    def Stylize(
        self, requests: Iterator[pb.StylizeRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.StylizeResponse]:
        """Draw one picture."""
        answer = self._calls.answer(context, "Stylize")
        with answer as call, self._jobs.place(context.peer()) as place:
            patient = patiently(requests, context, self._patience.idle)
            for response in self._stylize(patient, context, call, place):
                with limit(context, self._patience.idle):
                    yield response

    def _stylize(
        self,
        requests: Iterator[pb.StylizeRequest],
        context: grpc.ServicerContext,
        call: Call,
        place: Place,
    ) -> Iterator[pb.StylizeResponse]:
        cancel = Cancel()
        if not context.add_callback(cancel.set):  # the call is over
            cancel.set()
        timings = pb.Timings()
        with limit(context, self._patience.upload), _timed(timings, "receive_us"):
            sent = receive_settings(requests)
            settings = settings_from_message(sent)
            preview.check_side(sent.preview_short_side_px)
            wish = Wish(sent.preview_short_side_px, is_batch(sent.priority))
            call.about = f"{settings.style!r} {sent.width_px}x{sent.height_px} {settings.quality}"
            # Refused before the pixels come. The size of an encoded picture is checked after.
            encoded = sent.format == ENCODED
            result_format = sent.result_format or sent.format
            if encoded:
                self._stylizer.check(replace(settings, region=None), MIN_SIDE, MIN_SIDE)
            else:
                self._stylizer.check(settings, sent.width_px, sent.height_px)
            data = receive_bytes(requests, sent)
        with _timed(timings, "decode_us"):
            picture = picture_from_bytes(data, sent.width_px, sent.height_px, sent.format)
            if result_format in DEEP:
                picture = deep(picture)
        self._stylizer.check(settings, picture.width, picture.height)
        drawn = yield from draw(
            self._stylizer, place, picture, settings, cancel, self._patience.hang, wish
        )
        timings.queue_us = _microseconds(drawn.waited)
        timings.compute_us = _microseconds(drawn.took)
        with _timed(timings, "encode_us"):
            result = bytes_from_picture(drawn.picture, result_format)
        sending = time.monotonic()
        for start in range(0, len(result), MAX_CHUNK_BYTES):
            yield pb.StylizeResponse(chunk=bytes(result[start : start + MAX_CHUNK_BYTES]))
        yield pb.StylizeResponse(
            done=pb.StylizeDone(
                width_px=drawn.picture.width,
                height_px=drawn.picture.height,
                format=result_format,
                timings=timings,
                request=str(call.number),
            )
        )
        call.drawing = _drawing(settings, drawn, timings, time.monotonic() - sending)


@contextmanager
def _timed(timings: pb.Timings, field: str) -> Iterator[None]:
    """Write into a field how long the body took."""
    began = time.monotonic()
    yield
    setattr(timings, field, _microseconds(time.monotonic() - began))


def _drawing(settings: Settings, drawn: Drawn, timings: pb.Timings, sending: float) -> Drawing:
    parts = ("receive", "decode", "queue", "compute", "encode")
    stages = {part: getattr(timings, f"{part}_us") / 1e6 for part in parts}
    pixels = drawn.picture.width * drawn.picture.height
    return Drawing(settings.style, settings.quality, pixels, {**stages, "send": sending})


def _microseconds(seconds: float) -> int:
    return round(seconds * 1_000_000)
