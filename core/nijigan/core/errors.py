"""Every error that nijigan raises on purpose.

    NijiganError
    ├── UsageError             a value that the caller gave is not allowed
    │   ├── ConfigError        a recipe or an override
    │   ├── RequestError       messages in the wrong order, or fields that contradict each other
    │   └── StrengthError      a strength outside 0…1
    ├── ImageError             not an image, truncated, of a kind we refuse
    │   ├── ImageTooLargeError more pixels than the limit
    │   ├── NoFaceError        nothing in a picture that an avatar could be made of
    │   ├── SeveralFacesError  several faces, and none was chosen
    │   ├── FaceTooSmallError  a face of too few pixels
    │   └── FaceBlurredError   a face without detail
    ├── VideoError             not a video, damaged, of a kind we refuse
    ├── DataError              a folder of photos or pairs
    ├── OutputError            a result could not be written
    ├── ModelNotFoundError     no network of that name
    ├── CheckpointError        a checkpoint that cannot be read
    ├── StyleNotFoundError     no style of that name
    ├── StyleError             a style folder that is not whole
    ├── ExportError            a generator that cannot be exported
    ├── EngineError            an engine that failed or is not there
    │   └── OutOfMemoryError   it found too little memory
    ├── MissingExtraError      a part of nijigan that is not installed
    ├── CheckFailedError       a comparison past its threshold
    ├── TrainingError          a run that cannot go on (NaN, say)
    ├── SidecarError           a sidecar that cannot be reached or started
    │   ├── BusyError          as many pictures as may wait are waiting
    │   ├── AlreadyRunningError the user's sidecar runs already
    │   ├── ExchangeError      a file for a picture that cannot be used; send the picture itself
    │   └── TokenError         a call without the sidecar's token
    └── CancelledError         the caller asked to stop

A message has the fact and the value; `remedy` says what to do about it. `reason` and `grpc_code`
are what a client of the sidecar branches on (AIP-193), `exit_code` is what the shell sees.
"""

from collections.abc import Sequence
from typing import ClassVar

__all__ = [
    "AlreadyRunningError",
    "BusyError",
    "CancelledError",
    "CheckFailedError",
    "CheckpointError",
    "ConfigError",
    "DataError",
    "EngineError",
    "ExchangeError",
    "ExportError",
    "FaceBlurredError",
    "FaceTooSmallError",
    "ImageError",
    "ImageTooLargeError",
    "MissingExtraError",
    "ModelNotFoundError",
    "NijiganError",
    "NoFaceError",
    "OutOfMemoryError",
    "OutputError",
    "RequestError",
    "SeveralFacesError",
    "SidecarError",
    "StrengthError",
    "StyleError",
    "StyleNotFoundError",
    "TokenError",
    "TrainingError",
    "UsageError",
    "VideoError",
]


class NijiganError(Exception):
    """Base of all. `str(error)` is one line: the fact, the value and the remedy."""

    reason: ClassVar[str] = "INTERNAL"
    grpc_code: ClassVar[str] = "INTERNAL"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, remedy: str = "") -> None:
        super().__init__(f"{message} {remedy}".rstrip())
        self.message = message
        self.remedy = remedy


class UsageError(NijiganError):
    """A value that the caller gave is not allowed."""

    reason = "INVALID_ARGUMENT"
    grpc_code = "INVALID_ARGUMENT"
    exit_code = 2


class ConfigError(UsageError):
    """A recipe or an override has an unknown key or a value that is not allowed."""

    reason = "INVALID_CONFIG"


class RequestError(UsageError):
    """A request breaks the rules of the interface; a client that does so has a bug."""

    reason = "INVALID_REQUEST"


class StrengthError(UsageError):
    """A strength outside 0…1."""

    reason = "INVALID_STRENGTH"


class ImageError(NijiganError):
    """Not an image, truncated, or of a kind that we refuse rather than get silently wrong."""

    reason = "INVALID_IMAGE"
    grpc_code = "INVALID_ARGUMENT"
    exit_code = 3


class ImageTooLargeError(ImageError):
    """More pixels than the published limit."""

    reason = "IMAGE_TOO_LARGE"


class NoFaceError(ImageError):
    """No face is in a picture that shall become an avatar."""

    reason = "NO_FACE"


class SeveralFacesError(ImageError):
    """Several faces are, and none was chosen; metadata `faces` says where, from the left.

    faces: left, top, width and height of each, in pixels.
    """

    reason = "SEVERAL_FACES"

    def __init__(
        self, message: str, remedy: str = "", faces: Sequence[tuple[int, int, int, int]] = ()
    ) -> None:
        super().__init__(message, remedy)
        self.faces = faces


class FaceTooSmallError(ImageError):
    """The face has too few pixels for a drawing of it."""

    reason = "FACE_TOO_SMALL"


class FaceBlurredError(ImageError):
    """The face is out of focus, shaken, or enlarged from very few pixels."""

    reason = "FACE_BLURRED"


class VideoError(NijiganError):
    """Not a video, damaged, or of a kind that we refuse rather than get silently wrong."""

    reason = "INVALID_VIDEO"
    grpc_code = "INVALID_ARGUMENT"
    exit_code = 3


class DataError(NijiganError):
    """A folder of photos or pairs is missing, empty or does not match."""

    reason = "INVALID_DATA"
    grpc_code = "INVALID_ARGUMENT"
    exit_code = 3


class OutputError(NijiganError):
    """A result could not be written; nothing partial is left behind."""

    reason = "OUTPUT_FAILED"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 3


class ModelNotFoundError(NijiganError):
    """No network of that name is registered."""

    reason = "MODEL_NOT_FOUND"
    grpc_code = "NOT_FOUND"
    exit_code = 2


class CheckpointError(NijiganError):
    """A checkpoint is missing, damaged, of a newer format, or would run code when loaded."""

    reason = "INVALID_CHECKPOINT"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 3


class StyleNotFoundError(NijiganError):
    """No style of that name is installed."""

    reason = "STYLE_NOT_FOUND"
    grpc_code = "NOT_FOUND"
    exit_code = 3


class StyleError(NijiganError):
    """A style folder misses a file, or a file is not the one that `style.json` names."""

    reason = "INVALID_STYLE"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 3


class ExportError(NijiganError):
    """A generator cannot be exported as asked."""

    reason = "EXPORT_FAILED"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 2


class EngineError(NijiganError):
    """An engine is not there, could not load a graph, or failed while it ran."""

    reason = "ENGINE_FAILED"
    grpc_code = "INTERNAL"


class OutOfMemoryError(EngineError):
    """There is too little memory for a picture, in tiles too."""

    reason = "OUT_OF_MEMORY"
    grpc_code = "RESOURCE_EXHAUSTED"


class MissingExtraError(NijiganError):
    """A part of nijigan that is installed separately is not here."""

    reason = "MISSING_EXTRA"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 3


class CheckFailedError(NijiganError):
    """A comparison came out past its threshold."""

    reason = "CHECK_FAILED"
    grpc_code = "FAILED_PRECONDITION"
    exit_code = 1


class TrainingError(NijiganError):
    """A training run cannot go on."""

    reason = "TRAINING_FAILED"
    grpc_code = "INTERNAL"


class SidecarError(NijiganError):
    """A sidecar cannot be started or reached."""

    reason = "SIDECAR_UNAVAILABLE"
    grpc_code = "UNAVAILABLE"
    exit_code = 3


class AlreadyRunningError(SidecarError):
    """The user's sidecar runs already. `address`: where, as "host:port"."""

    reason = "ALREADY_RUNNING"

    def __init__(self, message: str, remedy: str, address: str = "") -> None:
        super().__init__(message, remedy)
        self.address = address


class ExchangeError(SidecarError):
    """A file that a client wants to exchange pictures by cannot be used."""

    reason = "EXCHANGE_FAILED"
    grpc_code = "FAILED_PRECONDITION"


class BusyError(SidecarError):
    """As many pictures as may wait are waiting."""

    reason = "SERVER_BUSY"
    grpc_code = "RESOURCE_EXHAUSTED"
    retry_seconds: ClassVar[float] = 1.0


class TokenError(SidecarError):
    """A call carries no token, or not this sidecar's."""

    reason = "UNAUTHENTICATED"
    grpc_code = "UNAUTHENTICATED"


class CancelledError(NijiganError):
    """The caller asked to stop; nothing was written."""

    reason = "CANCELLED"
    grpc_code = "CANCELLED"
    exit_code = 130
