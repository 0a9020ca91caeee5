"""A request of FrameFace: what comes, what is done, and what is sent."""

import time
from collections.abc import Generator, Iterator
from dataclasses import dataclass

from nijigan.core.errors import RequestError, UsageError
from nijigan.core.images import Picture
from nijigan.server.avatar.background import Background
from nijigan.server.avatar.face import Face
from nijigan.server.avatar.maker import AvatarMaker, Framed, Wish
from nijigan.server.avatar.sheet import LARGEST, LEAST
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import eight_bits
from nijigan.server.jobs import Place
from nijigan.server.order import microseconds, timed
from nijigan.server.pixels import ENCODED, bytes_from_picture, picture_from_bytes
from nijigan.server.sending import in_chunks
from nijigan.server.stylizer import check_size
from nijigan.server.upload import check_formats
from nijigan.server.watched import finished, run_watched
from nijigan.v1 import stylizer_pb2 as pb

_USUAL_SIZE = 512


def receive_settings(requests: Iterator[pb.FrameFaceRequest]) -> pb.FrameFaceSettings:
    """Receive the settings.

    Raises:
        RequestError: something else comes first, or a format is not known.
        UsageError: no such size of an avatar.
        ImageError, ImageTooLargeError: nor of a picture.
    """
    first = next(requests, None)
    if first is None or first.WhichOneof("part") != "settings":
        raise RequestError("The first message is not the settings.", "Send them first.")
    settings = first.settings
    check_formats(settings)
    if not LEAST <= (settings.size_px or _USUAL_SIZE) <= LARGEST:
        raise UsageError(f"The size is {settings.size_px} pixels.", f"Give {LEAST} to {LARGEST}.")
    if settings.format != ENCODED:
        check_size(settings.width_px, settings.height_px)
    return settings


@dataclass(frozen=True)
class Answer:
    """data: the square's bytes. done: what follows on them."""

    data: memoryview
    done: pb.FrameFaceDone

    def responses(self) -> Iterator[pb.FrameFaceResponse]:
        """Yield all that is sent."""
        for chunk in in_chunks(self.data):
            yield pb.FrameFaceResponse(chunk=chunk)
        yield pb.FrameFaceResponse(done=self.done)


def frame_face(
    maker: AvatarMaker,
    settings: pb.FrameFaceSettings,
    data: bytearray,
    place: Place,
    cancel: Cancel,
    hang_seconds: float,
    timings: pb.Timings,
) -> Answer:
    """Frame the face in a picture that came, when it is its turn; `timings` gets how long it took.

    Raises:
        NijiganError: what is wrong with the picture, as `AvatarMaker.frame`, or as `run_watched`.
    """
    with timed(timings, "decode_us"):
        sent = picture_from_bytes(data, settings.width_px, settings.height_px, settings.format)
        picture = eight_bits(sent)
    check_size(picture.width, picture.height)
    size = settings.size_px or _USUAL_SIZE
    background = Background("transparent" if settings.transparent else "keep")
    wish = Wish(settings.face, settings.anyway, settings.level_eyes)
    submitted = time.monotonic()

    def work(_tell: object) -> tuple[Framed, Picture]:
        began = time.monotonic()
        timings.queue_us = microseconds(began - submitted)
        framed = maker.frame(picture, wish, cancel)
        square = maker.cut(picture, framed.frame, size, background)
        timings.compute_us = microseconds(time.monotonic() - began)
        return framed, square

    running: Generator[object, None, tuple[Framed, Picture]] = run_watched(
        place, work, cancel, hang_seconds, lambda: None
    )
    framed, square = finished(running)
    result_format = settings.result_format or settings.format
    with timed(timings, "encode_us"):
        encoded = bytes_from_picture(square, result_format)
    return Answer(encoded, _done(framed, size, result_format, timings))


def _done(
    framed: Framed, size: int, result_format: pb.PictureFormat, timings: pb.Timings
) -> pb.FrameFaceDone:
    chosen = framed.chosen
    return pb.FrameFaceDone(
        size_px=size,
        format=result_format,
        faces=map(_face_message, framed.faces),
        face=0 if chosen is None else list(framed.faces).index(chosen) + 1,
        frame_middle_x_px=framed.frame.middle[0],
        frame_middle_y_px=framed.frame.middle[1],
        frame_side_px=framed.frame.side,
        frame_roll_degrees=framed.frame.roll,
        timings=timings,
    )


def _face_message(face: Face) -> pb.Face:
    return pb.Face(
        left_px=face.left,
        top_px=face.top,
        width_px=face.width,
        height_px=face.height,
        score=face.score,
    )
