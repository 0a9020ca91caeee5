from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Quality(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    QUALITY_UNSPECIFIED: _ClassVar[Quality]
    QUALITY_DRAFT: _ClassVar[Quality]
    QUALITY_NORMAL: _ClassVar[Quality]
    QUALITY_FINE: _ClassVar[Quality]

class ScaleMode(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    SCALE_MODE_UNSPECIFIED: _ClassVar[ScaleMode]
    SCALE_MODE_AUTO: _ClassVar[ScaleMode]
    SCALE_MODE_NATIVE: _ClassVar[ScaleMode]

class Priority(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PRIORITY_UNSPECIFIED: _ClassVar[Priority]
    PRIORITY_INTERACTIVE: _ClassVar[Priority]
    PRIORITY_BATCH: _ClassVar[Priority]

class PictureFormat(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    PICTURE_FORMAT_UNSPECIFIED: _ClassVar[PictureFormat]
    PICTURE_FORMAT_RGBA8: _ClassVar[PictureFormat]
    PICTURE_FORMAT_BGRA8: _ClassVar[PictureFormat]
    PICTURE_FORMAT_RGB8: _ClassVar[PictureFormat]
    PICTURE_FORMAT_ENCODED: _ClassVar[PictureFormat]
    PICTURE_FORMAT_RGBA16: _ClassVar[PictureFormat]
    PICTURE_FORMAT_RGBA32F: _ClassVar[PictureFormat]

class StrengthKind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STRENGTH_KIND_UNSPECIFIED: _ClassVar[StrengthKind]
    STRENGTH_KIND_ODE: _ClassVar[StrengthKind]
    STRENGTH_KIND_BLEND: _ClassVar[StrengthKind]
    STRENGTH_KIND_STYLE: _ClassVar[StrengthKind]
QUALITY_UNSPECIFIED: Quality
QUALITY_DRAFT: Quality
QUALITY_NORMAL: Quality
QUALITY_FINE: Quality
SCALE_MODE_UNSPECIFIED: ScaleMode
SCALE_MODE_AUTO: ScaleMode
SCALE_MODE_NATIVE: ScaleMode
PRIORITY_UNSPECIFIED: Priority
PRIORITY_INTERACTIVE: Priority
PRIORITY_BATCH: Priority
PICTURE_FORMAT_UNSPECIFIED: PictureFormat
PICTURE_FORMAT_RGBA8: PictureFormat
PICTURE_FORMAT_BGRA8: PictureFormat
PICTURE_FORMAT_RGB8: PictureFormat
PICTURE_FORMAT_ENCODED: PictureFormat
PICTURE_FORMAT_RGBA16: PictureFormat
PICTURE_FORMAT_RGBA32F: PictureFormat
STRENGTH_KIND_UNSPECIFIED: StrengthKind
STRENGTH_KIND_ODE: StrengthKind
STRENGTH_KIND_BLEND: StrengthKind
STRENGTH_KIND_STYLE: StrengthKind

class GetServerInfoRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class GetServerInfoResponse(_message.Message):
    __slots__ = ("version", "api_level", "engines", "limits", "features", "exchange_folder")
    VERSION_FIELD_NUMBER: _ClassVar[int]
    API_LEVEL_FIELD_NUMBER: _ClassVar[int]
    ENGINES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    FEATURES_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FOLDER_FIELD_NUMBER: _ClassVar[int]
    version: str
    api_level: int
    engines: _containers.RepeatedScalarFieldContainer[str]
    limits: Limits
    features: _containers.RepeatedScalarFieldContainer[str]
    exchange_folder: str
    def __init__(self, version: _Optional[str] = ..., api_level: _Optional[int] = ..., engines: _Optional[_Iterable[str]] = ..., limits: _Optional[_Union[Limits, _Mapping]] = ..., features: _Optional[_Iterable[str]] = ..., exchange_folder: _Optional[str] = ...) -> None: ...

class Limits(_message.Message):
    __slots__ = ("max_pixels", "min_side_px", "max_chunk_bytes", "max_file_bytes", "max_concurrent", "max_queued", "max_preview_side_px", "max_frames_ahead", "max_message_bytes", "max_header_bytes", "max_idle_ms", "max_upload_ms", "max_frame_wait_ms", "max_calls", "max_picture_bytes")
    MAX_PIXELS_FIELD_NUMBER: _ClassVar[int]
    MIN_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    MAX_CHUNK_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_FILE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_CONCURRENT_FIELD_NUMBER: _ClassVar[int]
    MAX_QUEUED_FIELD_NUMBER: _ClassVar[int]
    MAX_PREVIEW_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAMES_AHEAD_FIELD_NUMBER: _ClassVar[int]
    MAX_MESSAGE_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_HEADER_BYTES_FIELD_NUMBER: _ClassVar[int]
    MAX_IDLE_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_UPLOAD_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_FRAME_WAIT_MS_FIELD_NUMBER: _ClassVar[int]
    MAX_CALLS_FIELD_NUMBER: _ClassVar[int]
    MAX_PICTURE_BYTES_FIELD_NUMBER: _ClassVar[int]
    max_pixels: int
    min_side_px: int
    max_chunk_bytes: int
    max_file_bytes: int
    max_concurrent: int
    max_queued: int
    max_preview_side_px: int
    max_frames_ahead: int
    max_message_bytes: int
    max_header_bytes: int
    max_idle_ms: int
    max_upload_ms: int
    max_frame_wait_ms: int
    max_calls: int
    max_picture_bytes: int
    def __init__(self, max_pixels: _Optional[int] = ..., min_side_px: _Optional[int] = ..., max_chunk_bytes: _Optional[int] = ..., max_file_bytes: _Optional[int] = ..., max_concurrent: _Optional[int] = ..., max_queued: _Optional[int] = ..., max_preview_side_px: _Optional[int] = ..., max_frames_ahead: _Optional[int] = ..., max_message_bytes: _Optional[int] = ..., max_header_bytes: _Optional[int] = ..., max_idle_ms: _Optional[int] = ..., max_upload_ms: _Optional[int] = ..., max_frame_wait_ms: _Optional[int] = ..., max_calls: _Optional[int] = ..., max_picture_bytes: _Optional[int] = ...) -> None: ...

class StylizeRequest(_message.Message):
    __slots__ = ("settings", "chunk")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    settings: StylizeSettings
    chunk: bytes
    def __init__(self, settings: _Optional[_Union[StylizeSettings, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class StylizeSettings(_message.Message):
    __slots__ = ("style", "strength", "quality", "scale_mode", "short_side_px", "width_px", "height_px", "format", "result_format", "preview_short_side_px", "priority", "region", "exchange_file", "origin", "steady")
    STYLE_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    SCALE_MODE_FIELD_NUMBER: _ClassVar[int]
    SHORT_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FORMAT_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_SHORT_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    PRIORITY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    EXCHANGE_FILE_FIELD_NUMBER: _ClassVar[int]
    ORIGIN_FIELD_NUMBER: _ClassVar[int]
    STEADY_FIELD_NUMBER: _ClassVar[int]
    style: str
    strength: float
    quality: Quality
    scale_mode: ScaleMode
    short_side_px: int
    width_px: int
    height_px: int
    format: PictureFormat
    result_format: PictureFormat
    preview_short_side_px: int
    priority: Priority
    region: Region
    exchange_file: str
    origin: Point
    steady: bool
    def __init__(self, style: _Optional[str] = ..., strength: _Optional[float] = ..., quality: _Optional[_Union[Quality, str]] = ..., scale_mode: _Optional[_Union[ScaleMode, str]] = ..., short_side_px: _Optional[int] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., format: _Optional[_Union[PictureFormat, str]] = ..., result_format: _Optional[_Union[PictureFormat, str]] = ..., preview_short_side_px: _Optional[int] = ..., priority: _Optional[_Union[Priority, str]] = ..., region: _Optional[_Union[Region, _Mapping]] = ..., exchange_file: _Optional[str] = ..., origin: _Optional[_Union[Point, _Mapping]] = ..., steady: _Optional[bool] = ...) -> None: ...

class Point(_message.Message):
    __slots__ = ("x_px", "y_px")
    X_PX_FIELD_NUMBER: _ClassVar[int]
    Y_PX_FIELD_NUMBER: _ClassVar[int]
    x_px: float
    y_px: float
    def __init__(self, x_px: _Optional[float] = ..., y_px: _Optional[float] = ...) -> None: ...

class Region(_message.Message):
    __slots__ = ("left_px", "top_px", "width_px", "height_px")
    LEFT_PX_FIELD_NUMBER: _ClassVar[int]
    TOP_PX_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    left_px: int
    top_px: int
    width_px: int
    height_px: int
    def __init__(self, left_px: _Optional[int] = ..., top_px: _Optional[int] = ..., width_px: _Optional[int] = ..., height_px: _Optional[int] = ...) -> None: ...

class StylizeResponse(_message.Message):
    __slots__ = ("progress", "chunk", "done", "preview")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    chunk: bytes
    done: StylizeDone
    preview: Preview
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., chunk: _Optional[bytes] = ..., done: _Optional[_Union[StylizeDone, _Mapping]] = ..., preview: _Optional[_Union[Preview, _Mapping]] = ...) -> None: ...

class StylizePictureRequest(_message.Message):
    __slots__ = ("settings", "picture")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    PICTURE_FIELD_NUMBER: _ClassVar[int]
    settings: StylizeSettings
    picture: bytes
    def __init__(self, settings: _Optional[_Union[StylizeSettings, _Mapping]] = ..., picture: _Optional[bytes] = ...) -> None: ...

class StylizePictureResponse(_message.Message):
    __slots__ = ("progress", "chunk", "done", "preview")
    PROGRESS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_FIELD_NUMBER: _ClassVar[int]
    progress: Progress
    chunk: bytes
    done: StylizeDone
    preview: Preview
    def __init__(self, progress: _Optional[_Union[Progress, _Mapping]] = ..., chunk: _Optional[bytes] = ..., done: _Optional[_Union[StylizeDone, _Mapping]] = ..., preview: _Optional[_Union[Preview, _Mapping]] = ...) -> None: ...

class Preview(_message.Message):
    __slots__ = ("width_px", "height_px", "rgb")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    RGB_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    rgb: bytes
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., rgb: _Optional[bytes] = ...) -> None: ...

class StylizeFramesRequest(_message.Message):
    __slots__ = ("settings", "frame", "chunk")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    FRAME_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    settings: FramesSettings
    frame: Frame
    chunk: bytes
    def __init__(self, settings: _Optional[_Union[FramesSettings, _Mapping]] = ..., frame: _Optional[_Union[Frame, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class FramesSettings(_message.Message):
    __slots__ = ("each", "first_number", "state")
    EACH_FIELD_NUMBER: _ClassVar[int]
    FIRST_NUMBER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    each: StylizeSettings
    first_number: int
    state: bytes
    def __init__(self, each: _Optional[_Union[StylizeSettings, _Mapping]] = ..., first_number: _Optional[int] = ..., state: _Optional[bytes] = ...) -> None: ...

class Frame(_message.Message):
    __slots__ = ("width_px", "height_px", "size_bytes")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    SIZE_BYTES_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    size_bytes: int
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., size_bytes: _Optional[int] = ...) -> None: ...

class StylizeFramesResponse(_message.Message):
    __slots__ = ("chunk", "done", "failed")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    FAILED_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    done: FrameDone
    failed: FrameFailed
    def __init__(self, chunk: _Optional[bytes] = ..., done: _Optional[_Union[FrameDone, _Mapping]] = ..., failed: _Optional[_Union[FrameFailed, _Mapping]] = ...) -> None: ...

class FrameDone(_message.Message):
    __slots__ = ("number", "done", "state")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    number: int
    done: StylizeDone
    state: bytes
    def __init__(self, number: _Optional[int] = ..., done: _Optional[_Union[StylizeDone, _Mapping]] = ..., state: _Optional[bytes] = ...) -> None: ...

class FrameFailed(_message.Message):
    __slots__ = ("number", "reason", "message", "remedy")
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    REMEDY_FIELD_NUMBER: _ClassVar[int]
    number: int
    reason: str
    message: str
    remedy: str
    def __init__(self, number: _Optional[int] = ..., reason: _Optional[str] = ..., message: _Optional[str] = ..., remedy: _Optional[str] = ...) -> None: ...

class FrameFaceRequest(_message.Message):
    __slots__ = ("settings", "chunk")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    settings: FrameFaceSettings
    chunk: bytes
    def __init__(self, settings: _Optional[_Union[FrameFaceSettings, _Mapping]] = ..., chunk: _Optional[bytes] = ...) -> None: ...

class FrameFaceSettings(_message.Message):
    __slots__ = ("width_px", "height_px", "format", "result_format", "size_px", "face", "anyway", "level_eyes", "transparent")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    RESULT_FORMAT_FIELD_NUMBER: _ClassVar[int]
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    ANYWAY_FIELD_NUMBER: _ClassVar[int]
    LEVEL_EYES_FIELD_NUMBER: _ClassVar[int]
    TRANSPARENT_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    format: PictureFormat
    result_format: PictureFormat
    size_px: int
    face: int
    anyway: bool
    level_eyes: bool
    transparent: bool
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., format: _Optional[_Union[PictureFormat, str]] = ..., result_format: _Optional[_Union[PictureFormat, str]] = ..., size_px: _Optional[int] = ..., face: _Optional[int] = ..., anyway: _Optional[bool] = ..., level_eyes: _Optional[bool] = ..., transparent: _Optional[bool] = ...) -> None: ...

class FrameFaceResponse(_message.Message):
    __slots__ = ("chunk", "done")
    CHUNK_FIELD_NUMBER: _ClassVar[int]
    DONE_FIELD_NUMBER: _ClassVar[int]
    chunk: bytes
    done: FrameFaceDone
    def __init__(self, chunk: _Optional[bytes] = ..., done: _Optional[_Union[FrameFaceDone, _Mapping]] = ...) -> None: ...

class FrameFaceDone(_message.Message):
    __slots__ = ("size_px", "format", "faces", "face", "frame_middle_x_px", "frame_middle_y_px", "frame_side_px", "frame_roll_degrees", "timings", "request")
    SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    FACES_FIELD_NUMBER: _ClassVar[int]
    FACE_FIELD_NUMBER: _ClassVar[int]
    FRAME_MIDDLE_X_PX_FIELD_NUMBER: _ClassVar[int]
    FRAME_MIDDLE_Y_PX_FIELD_NUMBER: _ClassVar[int]
    FRAME_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    FRAME_ROLL_DEGREES_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    size_px: int
    format: PictureFormat
    faces: _containers.RepeatedCompositeFieldContainer[Face]
    face: int
    frame_middle_x_px: float
    frame_middle_y_px: float
    frame_side_px: float
    frame_roll_degrees: float
    timings: Timings
    request: str
    def __init__(self, size_px: _Optional[int] = ..., format: _Optional[_Union[PictureFormat, str]] = ..., faces: _Optional[_Iterable[_Union[Face, _Mapping]]] = ..., face: _Optional[int] = ..., frame_middle_x_px: _Optional[float] = ..., frame_middle_y_px: _Optional[float] = ..., frame_side_px: _Optional[float] = ..., frame_roll_degrees: _Optional[float] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., request: _Optional[str] = ...) -> None: ...

class Face(_message.Message):
    __slots__ = ("left_px", "top_px", "width_px", "height_px", "score")
    LEFT_PX_FIELD_NUMBER: _ClassVar[int]
    TOP_PX_FIELD_NUMBER: _ClassVar[int]
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    SCORE_FIELD_NUMBER: _ClassVar[int]
    left_px: float
    top_px: float
    width_px: float
    height_px: float
    score: float
    def __init__(self, left_px: _Optional[float] = ..., top_px: _Optional[float] = ..., width_px: _Optional[float] = ..., height_px: _Optional[float] = ..., score: _Optional[float] = ...) -> None: ...

class Progress(_message.Message):
    __slots__ = ("fraction", "stage")
    FRACTION_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    fraction: float
    stage: str
    def __init__(self, fraction: _Optional[float] = ..., stage: _Optional[str] = ...) -> None: ...

class StylizeDone(_message.Message):
    __slots__ = ("width_px", "height_px", "format", "timings", "request", "tiles", "deviation_db")
    WIDTH_PX_FIELD_NUMBER: _ClassVar[int]
    HEIGHT_PX_FIELD_NUMBER: _ClassVar[int]
    FORMAT_FIELD_NUMBER: _ClassVar[int]
    TIMINGS_FIELD_NUMBER: _ClassVar[int]
    REQUEST_FIELD_NUMBER: _ClassVar[int]
    TILES_FIELD_NUMBER: _ClassVar[int]
    DEVIATION_DB_FIELD_NUMBER: _ClassVar[int]
    width_px: int
    height_px: int
    format: PictureFormat
    timings: Timings
    request: str
    tiles: int
    deviation_db: float
    def __init__(self, width_px: _Optional[int] = ..., height_px: _Optional[int] = ..., format: _Optional[_Union[PictureFormat, str]] = ..., timings: _Optional[_Union[Timings, _Mapping]] = ..., request: _Optional[str] = ..., tiles: _Optional[int] = ..., deviation_db: _Optional[float] = ...) -> None: ...

class Timings(_message.Message):
    __slots__ = ("receive_us", "queue_us", "compute_us", "decode_us", "encode_us")
    RECEIVE_US_FIELD_NUMBER: _ClassVar[int]
    QUEUE_US_FIELD_NUMBER: _ClassVar[int]
    COMPUTE_US_FIELD_NUMBER: _ClassVar[int]
    DECODE_US_FIELD_NUMBER: _ClassVar[int]
    ENCODE_US_FIELD_NUMBER: _ClassVar[int]
    receive_us: int
    queue_us: int
    compute_us: int
    decode_us: int
    encode_us: int
    def __init__(self, receive_us: _Optional[int] = ..., queue_us: _Optional[int] = ..., compute_us: _Optional[int] = ..., decode_us: _Optional[int] = ..., encode_us: _Optional[int] = ...) -> None: ...

class ListStylesRequest(_message.Message):
    __slots__ = ()
    def __init__(self) -> None: ...

class ListStylesResponse(_message.Message):
    __slots__ = ("styles",)
    STYLES_FIELD_NUMBER: _ClassVar[int]
    styles: _containers.RepeatedCompositeFieldContainer[Style]
    def __init__(self, styles: _Optional[_Iterable[_Union[Style, _Mapping]]] = ...) -> None: ...

class GetStyleRequest(_message.Message):
    __slots__ = ("name", "include_preview")
    NAME_FIELD_NUMBER: _ClassVar[int]
    INCLUDE_PREVIEW_FIELD_NUMBER: _ClassVar[int]
    name: str
    include_preview: bool
    def __init__(self, name: _Optional[str] = ..., include_preview: _Optional[bool] = ...) -> None: ...

class GetStyleResponse(_message.Message):
    __slots__ = ("style", "preview_png")
    STYLE_FIELD_NUMBER: _ClassVar[int]
    PREVIEW_PNG_FIELD_NUMBER: _ClassVar[int]
    style: Style
    preview_png: bytes
    def __init__(self, style: _Optional[_Union[Style, _Mapping]] = ..., preview_png: _Optional[bytes] = ...) -> None: ...

class LoadStyleRequest(_message.Message):
    __slots__ = ("name", "quality")
    NAME_FIELD_NUMBER: _ClassVar[int]
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    name: str
    quality: Quality
    def __init__(self, name: _Optional[str] = ..., quality: _Optional[_Union[Quality, str]] = ...) -> None: ...

class LoadStyleResponse(_message.Message):
    __slots__ = ("load_us",)
    LOAD_US_FIELD_NUMBER: _ClassVar[int]
    load_us: int
    def __init__(self, load_us: _Optional[int] = ...) -> None: ...

class UnloadStyleRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class UnloadStyleResponse(_message.Message):
    __slots__ = ("unloaded",)
    UNLOADED_FIELD_NUMBER: _ClassVar[int]
    unloaded: int
    def __init__(self, unloaded: _Optional[int] = ...) -> None: ...

class Style(_message.Message):
    __slots__ = ("name", "title", "description", "version", "license", "method", "strength_kind", "working_short_side_px", "qualities", "limits", "fixed_size_px", "content")
    NAME_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    LICENSE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    STRENGTH_KIND_FIELD_NUMBER: _ClassVar[int]
    WORKING_SHORT_SIDE_PX_FIELD_NUMBER: _ClassVar[int]
    QUALITIES_FIELD_NUMBER: _ClassVar[int]
    LIMITS_FIELD_NUMBER: _ClassVar[int]
    FIXED_SIZE_PX_FIELD_NUMBER: _ClassVar[int]
    CONTENT_FIELD_NUMBER: _ClassVar[int]
    name: str
    title: str
    description: str
    version: str
    license: str
    method: str
    strength_kind: StrengthKind
    working_short_side_px: int
    qualities: _containers.RepeatedCompositeFieldContainer[StyleQuality]
    limits: _containers.RepeatedScalarFieldContainer[str]
    fixed_size_px: int
    content: str
    def __init__(self, name: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ..., version: _Optional[str] = ..., license: _Optional[str] = ..., method: _Optional[str] = ..., strength_kind: _Optional[_Union[StrengthKind, str]] = ..., working_short_side_px: _Optional[int] = ..., qualities: _Optional[_Iterable[_Union[StyleQuality, _Mapping]]] = ..., limits: _Optional[_Iterable[str]] = ..., fixed_size_px: _Optional[int] = ..., content: _Optional[str] = ...) -> None: ...

class StyleQuality(_message.Message):
    __slots__ = ("quality", "solver", "steps", "evaluations", "radius_px")
    QUALITY_FIELD_NUMBER: _ClassVar[int]
    SOLVER_FIELD_NUMBER: _ClassVar[int]
    STEPS_FIELD_NUMBER: _ClassVar[int]
    EVALUATIONS_FIELD_NUMBER: _ClassVar[int]
    RADIUS_PX_FIELD_NUMBER: _ClassVar[int]
    quality: Quality
    solver: str
    steps: int
    evaluations: int
    radius_px: int
    def __init__(self, quality: _Optional[_Union[Quality, str]] = ..., solver: _Optional[str] = ..., steps: _Optional[int] = ..., evaluations: _Optional[int] = ..., radius_px: _Optional[int] = ...) -> None: ...
