"""The service of the proto: takes requests apart, has them drawn, and sends the results."""
# ruff: noqa: N802 - the methods have the names that the proto gives them

import time
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from importlib.metadata import version

import grpc

from nijigan.core.images import MAX_PIXELS, MIN_SIDE
from nijigan.export.styles import StyleLibrary
from nijigan.server import faces, frames, preview
from nijigan.server.avatar.maker import AvatarMaker
from nijigan.server.calls import Call, Calls
from nijigan.server.cancel import Cancel
from nijigan.server.carried import CarriedStatistics
from nijigan.server.drawing import ChecksAndDraws, Wish
from nijigan.server.exchange import Exchange
from nijigan.server.idle import Limits, Patience
from nijigan.server.jobs import Jobs, Place
from nijigan.server.messages import (
    is_batch,
    quality_from_number,
    settings_from_message,
    style_message,
)
from nijigan.server.order import Order, Received, carry_out, microseconds, timed
from nijigan.server.pixels import ENCODED
from nijigan.server.prefetch import prefetched
from nijigan.server.stylizer import Settings
from nijigan.server.upload import (
    MAX_CHUNK_BYTES,
    MAX_FILE_BYTES,
    MAX_PICTURE_BYTES,
    in_parts,
    receive_bytes,
    receive_chunks,
    receive_settings,
)
from nijigan.server.watched import finished, run_watched
from nijigan.v1 import stylizer_pb2 as pb
from nijigan.v1.stylizer_pb2_grpc import StylizerServiceServicer

API_LEVEL = 1
MAX_MESSAGE_BYTES = 4 << 20
MAX_HEADER_BYTES = 8 << 10
# Calls beside those that hold a picture: those that are soon answered, or refused.
SPARE_CALLS = 8
FEATURES = (
    "stylize",
    "preview",
    "load",
    "deep",
    "priority",
    "region",
    "origin",
    "frames",
    "exchange",
    "picture",
    "faces",
    "steady",
)
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
        limits: Limits,
        exchange: Exchange,
    ) -> None:
        self._stylizer = stylizer
        self._styles = styles
        self._jobs = jobs
        self._calls = calls
        self._engines = engines
        self._patience = patience
        self._limits = limits
        self._exchange = exchange
        self._avatars = AvatarMaker()

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
                    max_frames_ahead=frames.MOST_AHEAD,
                    max_message_bytes=MAX_MESSAGE_BYTES,
                    max_header_bytes=MAX_HEADER_BYTES,
                    max_idle_ms=round(1000 * self._patience.idle),
                    max_upload_ms=round(1000 * self._patience.upload),
                    max_frame_wait_ms=round(1000 * self._patience.frame),
                    max_calls=self._jobs.concurrent + self._jobs.queued + SPARE_CALLS,
                    max_picture_bytes=MAX_PICTURE_BYTES,
                ),
                features=FEATURES,
                exchange_folder=str(self._exchange.folder),
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
            cancel, began = _cancel_of(context), time.monotonic()
            stylizer, name = self._stylizer, request.name
            load: Generator[object, None, object] = run_watched(
                place,
                lambda _: stylizer.load(name, quality, cancel),
                cancel,
                self._patience.hang,
                lambda: stylizer.unload(name),
            )
            finished(load)
            return pb.LoadStyleResponse(load_us=microseconds(time.monotonic() - began))

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
        patient = self._limits.patiently(requests, context, self._patience.idle)
        yield from self._answer_with_picture("Stylize", patient, context)

    def StylizePicture(
        self, request: pb.StylizePictureRequest, context: grpc.ServicerContext
    ) -> Iterator[pb.StylizePictureResponse]:
        """Draw one picture that has come whole."""
        drawn = self._answer_with_picture("StylizePicture", in_parts(request), context)
        with closing(drawn) as responses:
            for response in responses:
                parts = {field.name: value for field, value in response.ListFields()}
                yield pb.StylizePictureResponse(**parts)

    def _answer_with_picture(
        self, method: str, requests: Iterator[pb.StylizeRequest], context: grpc.ServicerContext
    ) -> Generator[pb.StylizeResponse, None, None]:
        answer = self._calls.answer(context, method)
        with answer as call, self._jobs.place(context.peer()) as place:
            for response in self._stylize(requests, context, call, place):
                with self._limits.limit(context, self._patience.idle):
                    yield response

    def _stylize(
        self,
        requests: Iterator[pb.StylizeRequest],
        context: grpc.ServicerContext,
        call: Call,
        place: Place,
    ) -> Iterator[pb.StylizeResponse]:
        timings = pb.Timings()
        with self._limits.limit(context, self._patience.upload), timed(timings, "receive_us"):
            sent = receive_settings(requests)
            self._keep_file_for_call(sent.exchange_file, context)
            settings = settings_from_message(sent)
            preview.check_side(sent.preview_short_side_px)
            wish = Wish(sent.preview_short_side_px, is_batch(sent.priority))
            call.about = f"{settings.style!r} {sent.width_px}x{sent.height_px} {settings.quality}"
            # Refused before the pixels come. The size of an encoded picture is checked after.
            if sent.format == ENCODED:
                self._check_style(settings)
            else:
                self._stylizer.check(settings, sent.width_px, sent.height_px)
            data = receive_bytes(requests, sent, self._exchange)
        picture = Received(0, sent.width_px, sent.height_px, data)
        order = Order(sent, settings, wish, place, _cancel_of(context), self._patience.hang)
        sending = yield from carry_out(self._stylizer, order, picture, timings)
        if sent.exchange_file:
            self._exchange.write(sent.exchange_file, sending.data)
        else:
            for chunk in sending.chunks():
                yield pb.StylizeResponse(chunk=chunk)
        yield pb.StylizeResponse(done=sending.done(call))
        call.drew(sending.drawing(settings))

    def _keep_file_for_call(self, name: str, context: grpc.ServicerContext) -> None:
        """Have the file, if there is one, taken away when the call is over, however it ends."""
        if name:
            self._exchange.claim(name)
            if not context.add_callback(lambda: self._exchange.drop(name)):  # it is over already
                self._exchange.drop(name)

    def StylizeFrames(
        self, requests: Iterator[pb.StylizeFramesRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.StylizeFramesResponse]:
        """Draw the frames of one animation."""
        answer = self._calls.answer(context, "StylizeFrames")
        with answer as call, self._jobs.place(context.peer()) as place:
            patient = self._limits.patiently(requests, context, self._patience.frame)
            sent = frames.receive_settings(patient)
            settings = settings_from_message(sent.each)
            self._check_style(settings)
            carried = CarriedStatistics.from_state(sent.state)
            wish = Wish(batch=is_batch(sent.each.priority), carried=carried)
            cancel = _cancel_of(context)
            order = Order(sent.each, settings, wish, place, cancel, self._patience.hang)
            coming = frames.receive_frames(patient, sent)
            for frame in prefetched(coming, frames.MOST_AHEAD):
                call.about = f"{settings.style!r} frame {frame.number} {settings.quality}"
                for response in self._frame(frame, order, call):
                    with self._limits.limit(context, self._patience.idle):
                        yield response

    def _frame(
        self, frame: Received, order: Order, call: Call
    ) -> Iterator[pb.StylizeFramesResponse]:
        try:
            sending = finished(carry_out(self._stylizer, order, frame, pb.Timings()))
        except frames.OF_ONE_FRAME as error:
            yield pb.StylizeFramesResponse(failed=frames.failed(frame.number, error))
            return
        for chunk in sending.chunks():
            yield pb.StylizeFramesResponse(chunk=chunk)
        state = order.wish.carried.state() if order.wish.carried else b""
        yield pb.StylizeFramesResponse(
            done=pb.FrameDone(number=frame.number, done=sending.done(call), state=state)
        )
        call.drew(sending.drawing(order.settings))

    def FrameFace(
        self, requests: Iterator[pb.FrameFaceRequest], context: grpc.ServicerContext
    ) -> Iterator[pb.FrameFaceResponse]:
        """Find the face in one picture, and cut out head and shoulders."""
        patient = self._limits.patiently(requests, context, self._patience.idle)
        answer = self._calls.answer(context, "FrameFace")
        with answer as call, self._jobs.place(context.peer()) as place:
            for response in self._frame_face(patient, context, call, place).responses():
                with self._limits.limit(context, self._patience.idle):
                    yield response

    def _frame_face(
        self,
        requests: Iterator[pb.FrameFaceRequest],
        context: grpc.ServicerContext,
        call: Call,
        place: Place,
    ) -> faces.Answer:
        timings = pb.Timings()
        with self._limits.limit(context, self._patience.upload), timed(timings, "receive_us"):
            sent = faces.receive_settings(requests)
            call.about = f"{sent.width_px}x{sent.height_px}"
            data = receive_chunks(requests, sent.width_px, sent.height_px, sent.format)
        cancel, hang = _cancel_of(context), self._patience.hang
        answer = faces.frame_face(self._avatars, sent, data, place, cancel, hang, timings)
        answer.done.request = str(call.number)
        return answer

    def _check_style(self, settings: Settings) -> None:
        """Check all of a request that does not hang on the size of the picture."""
        self._stylizer.check(replace(settings, region=None), MIN_SIDE, MIN_SIDE)


def _cancel_of(context: grpc.ServicerContext) -> Cancel:
    """Return what is set when the call is over, however it ends."""
    cancel = Cancel()
    if not context.add_callback(cancel.set):  # it is over already
        cancel.set()
    return cancel
