"""The style folder: what `export` writes and every engine runs.

    <name>/
      style.json    what this module reads; UTF-8 JSON, one object
      draft.onnx    one graph for each quality; a generator without an ODE has normal.onnx alone
      normal.onnx
      fine.onnx
      weights.bin   the weights of all three, the only file that a graph may name
      preview.png   before and after, side by side
      README.md     the model card

Keys of `style.json`. All but `halftone`, `precision` and `ssim` are required; a reader ignores keys
that it does not know.

    format          1. A reader refuses any other number.
    name            the style's name: a-z, 0-9 and _
    version         of the style, SemVer text
    title           for people
    description     one or two sentences
    license         SPDX expression of the weights
    generator       {"name", "config", "parameters"}: registry name, its arguments, how many weights
    method          the training method's name
    input_multiple  H and W of the graphs' input are multiples of this many pixels, 1 to 1024
    fixed_size      null, or the side in pixels (16 to 8192) of the only square the graphs take:
                    pictures are resized to it, and what comes out is resized back
    precision       "fp32" (where the key is missing too), "fp16", "bf16" or "int8": what the graphs
                    compute in; what goes in and out is float32 always
    normalization   "local": an output pixel depends on the input within `radius_px` alone;
                    "global": on statistics of the whole picture too, which go in and come out
    strength        "ode": strength is the time integrated to, or the part of each residual branch;
                    "style": the part of the way from the picture's own style vector to the style's;
                    "blend": the graph mixes in its input
    scale           {"working_short_side": pixels, "auto": "guided" | "native"}: the short side (16
                    to 8192) that lines and regions were drawn for, and what `auto` does with larger
                    pictures, and with those below half of it: draw at that size, or at half of it,
                    and bring the result back, or draw at their own size
    halftone        null, as where the key is missing, or {"cell_px" (2 to 64), "angle_degrees",
                    "line_px" (0 to 16)}: grays become dots that far apart, on rows at that angle,
                    after the network; lines up to that wide stay lines. Lengths are in pixels of
                    the size that the picture is drawn at
    qualities       {"draft", "normal", "fine"}: each {"file", "solver" ("none" where there is no
                    ODE), "steps", "evaluations", "radius_px" (0 to 8192, which is everything),
                    "bytes_per_pixel" (1 to 65536)}; evaluations of the ODE's right-hand side in one
                    block; bytes of working memory for each pixel, measured with ONNX Runtime on a
                    CPU
    parity          list of {"quality", "size" ("512x512"), "max_abs" (of an output in [-1, 1]),
                    "psnr_db" (graph against the generator in float32), "ssim" (likewise, of 8-bit
                    pictures; null where it was not measured), "ode_psnr_db" (against a tight
                    adaptive solve, or null)}
    training        {"data", "split_sha256", "steps", "seed", "hours", ...}: free for more keys, as
                    "began_with", whose weights were the first, where they were not random
    limits          list of sentences: what it is bad at
    sha256          {file name: hex digest} for every file of the folder but `style.json`

Graph: inputs `image` float32 `(N, 3, H, W)` in [-1, 1] and `strength` float32 scalar in [0, 1];
output `drawn`, shaped and ranged as `image`. With global normalization also: inputs `norm_stats`
float32 `(N, numbers)`, for each place where the network looks at the whole picture, in order, the
means and then the variances; and `norm_mix` float32 scalar, 0 to use the picture's own statistics,
1 the given ones; output `measured_norm_stats`, as `norm_stats`, the picture's own. They are valid
for one style, quality and strength.
"""

import hashlib
import json
import re
import reprlib
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from nijigan.core.atomic import write_atomically
from nijigan.core.errors import StyleError
from nijigan.core.images import MIN_SIDE
from nijigan.export.graph_reader import external_files, operators
from nijigan.export.operators import of_styles

FORMAT = 1
PRECISIONS = ("fp32", "fp16", "bf16", "int8")
QUALITIES = ("draft", "normal", "fine")
WEIGHTS = "weights.bin"
PREVIEW = "preview.png"
EVERYTHING_PX = 8192
"""The radius of a pixel that looks at the whole picture, which is never larger."""
_OF_DRAWINGS = (
    "input_multiple",
    "fixed_size",
    "normalization",
    "strength",
    "scale",
    "halftone",
    "qualities",
)
"""The keys beside the files' hashes that say how a picture is drawn."""
_ALWAYS = (WEIGHTS, PREVIEW, "README.md")
_NAME = re.compile(r"[a-z0-9_]+")
_FILE_NAME = re.compile(r"[A-Za-z0-9_]+\.[a-z]+")
# Beyond them a picture takes more memory or time than there is.
_MOST_MULTIPLE, _MOST_PIXELS, _MOST_STEPS, _MOST_BYTES = 1024, 8192, 10_000, 65_536
_LEAST_CELL, _MOST_CELL, _MOST_LINE = 2, 64, 16
_EXPORT_AGAIN = "Export the style again, or fetch it anew."


@dataclass(frozen=True)
class Quality:
    """One graph: how exactly the ODE is integrated, and how far a pixel looks around itself."""

    file: str
    solver: str
    steps: int
    evaluations: int
    radius_px: int
    bytes_per_pixel: int


@dataclass(frozen=True)
class Scale:
    """The picture size that a style was drawn for. Sides in pixels."""

    working_short_side: int
    auto: str


@dataclass(frozen=True)
class Halftone:
    """Dots in place of grays: how far apart, on rows at which angle; lines up to `line_px` stay."""

    cell_px: float
    angle_degrees: float
    line_px: int


@dataclass(frozen=True)
class Parity:
    """One measured comparison of a graph with the generator that it was exported from."""

    quality: str
    size: str
    max_abs: float
    psnr_db: float
    ode_psnr_db: float | None = None
    ssim: float | None = None


@dataclass(frozen=True)
class Style:
    """A style folder that was read; the fields are the keys of `style.json`."""

    folder: Path
    name: str
    version: str
    title: str
    description: str
    license: str
    generator: Mapping[str, Any]
    method: str
    input_multiple: int
    fixed_size: int | None
    normalization: str
    strength: str
    scale: Scale
    qualities: Mapping[str, Quality]
    training: Mapping[str, Any]
    parity: tuple[Parity, ...] = ()
    limits: tuple[str, ...] = ()
    precision: str = "fp32"
    sha256: Mapping[str, str] = field(default_factory=dict)
    halftone: Halftone | None = None

    @property
    def content(self) -> str:
        """A hash of all that its drawings hang on, and of nothing that describes it alone."""
        files = [WEIGHTS, *(quality.file for quality in self.qualities.values())]
        facts = {key: value for key, value in asdict(self).items() if key in _OF_DRAWINGS}
        facts["files"] = {name: self.sha256.get(name) for name in files}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()

    def graph(self, quality: str) -> Path:
        """Path of the graph of one quality."""
        return self.folder / self.qualities[quality].file

    def distinct(self) -> dict[str, str]:
        """The file of each quality that differs; where several share one, that is of `normal`."""
        first: dict[str, str] = {}
        for quality in ("normal", *QUALITIES):
            first.setdefault(self.qualities[quality].file, quality)
        return {quality: file for file, quality in first.items()}

    def parity_of(self, quality: str) -> list[Parity]:
        """What was measured of the graph of one quality; qualities may share it."""
        file = self.qualities[quality].file
        return [row for row in self.parity if self.qualities[row.quality].file == file]


def load_style(folder: Path, verify: bool = True) -> Style:
    """Read a style folder.

    With `verify` every file is compared with its sha256, and no graph may name a file other than
    `weights.bin`, or an operator that no style has; without, only `style.json` is read.

    Raises:
        StyleError: a file is missing, is not the one that `style.json` names, or has a value that
            the format does not allow.
    """
    where = folder / "style.json"
    try:
        data = json.loads(where.read_bytes())
    except OSError as error:
        raise StyleError(
            f"{where}: cannot be read ({error.strerror}).", "Give the folder of an exported style."
        ) from error
    except (ValueError, RecursionError) as error:  # no JSON or Unicode, or too deep to read
        raise StyleError(f"{where}: not JSON ({error}).", _EXPORT_AGAIN) from error
    style = _parse(_Object(data, where), folder)
    if verify:
        _verify_files(style)
    return style


def write_style_json(folder: Path, style: Style) -> Style:
    """Write `style.json` for the files in `folder`, hashing each; return the style as written.

    Raises:
        StyleError: a file is missing, a graph names another file than `weights.bin`, or a value is
            not allowed.
    """
    names = [*dict.fromkeys(style.qualities[quality].file for quality in QUALITIES), *_ALWAYS]
    hashes = {name: _sha256(folder / name) for name in names}
    style = replace(style, folder=folder, sha256=hashes)
    data = {"format": FORMAT, **asdict(style)}
    del data["folder"]
    _verify_files(_parse(_Object(data, folder / "style.json"), folder))
    text = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    write_atomically(folder / "style.json", text.encode())
    return style


def check_described(values: Mapping[str, Any], where: Path) -> None:
    """Refuse what a person says of a style where `style.json` could not have it.

    Args:
        values: name, title, version, description, license, halftone, limits and training, as in
            `style.json`; working_short_side and auto, as in its `scale`.
        where: what has them, for the message.

    Raises:
        StyleError: one is missing or not allowed.
    """
    data = _Object(dict(values), where)
    data.match("name", _NAME)
    for key in ("title", "version", "description", "license"):
        data.text(key)
    _parse_scale(data)
    _parse_halftone(data)
    data.take("limits", list)
    data.take("training", dict)


class _Object:
    """One JSON object, whose values are taken by key and checked."""

    def __init__(self, data: Any, where: Path, path: str = "") -> None:
        self._data, self._where, self._path = data, where, path
        if not isinstance(data, dict):
            raise self.error("is not an object")

    def error(self, fact: str) -> StyleError:
        return StyleError(f"{self._where}: {self._path or 'the file'} {fact}.", _EXPORT_AGAIN)

    def object(self, key: str) -> "_Object":
        return _Object(self.take(key, dict), self._where, self._join(key))

    def objects(self, key: str) -> list["_Object"]:
        items = self.take(key, list, tuple)
        return [_Object(x, self._where, f"{self._join(key)}[{i}]") for i, x in enumerate(items)]

    def take(self, key: str, *kinds: type) -> Any:
        at = _Object({}, self._where, self._join(key))
        if key not in self._data:
            raise at.error("is missing")
        value = self._data[key]
        if not isinstance(value, kinds) or isinstance(value, bool):
            wanted = " or ".join(kind.__name__ for kind in kinds)
            raise at.error(f"is {reprlib.repr(value)}, not {wanted}")
        return value

    def text(self, key: str, *choices: str) -> str:
        value: str = self.take(key, str)
        if choices and value not in choices:
            raise self.error(f"has {key} {value!r}; known: {', '.join(choices)}")
        return value

    def match(self, key: str, pattern: re.Pattern[str]) -> str:
        value = self.text(key)
        if not pattern.fullmatch(value):
            raise self.error(f"has {key} {value!r}, which is not of the form {pattern.pattern}")
        return value

    def has(self, key: str) -> bool:
        return key in self._data

    def count(self, key: str, least: int, most: int) -> int:
        value: int = self.take(key, int)
        if not least <= value <= most:
            raise self.error(f"has {key} {reprlib.repr(value)}, which is not in {least}…{most}")
        return value

    def count_or_none(self, key: str, least: int, most: int) -> int | None:
        value = self.take(key, int, type(None))
        return None if value is None else self.count(key, least, most)

    def number_or_none(self, key: str) -> float | None:
        return None if self.take(key, int, float, type(None)) is None else self.number(key)

    def number(self, key: str) -> float:
        value = self.take(key, int, float)
        if not abs(value) <= sys.float_info.max:  # NaN too, and JSON's integers have no end
            raise self.error(f"has {key} {reprlib.repr(value)}, which is no finite float")
        return float(value)

    def _join(self, key: str) -> str:
        return f"{self._path}.{key}" if self._path else key


def _parse(data: _Object, folder: Path) -> Style:
    number = data.take("format", int)
    if number != FORMAT:
        raise data.error(f"has format {number}, and this nijigan reads format {FORMAT}")
    qualities, hashes = data.object("qualities"), data.object("sha256")
    graphs = {quality: _parse_quality(qualities.object(quality)) for quality in QUALITIES}
    files = [*dict.fromkeys(graph.file for graph in graphs.values()), *_ALWAYS]
    return Style(
        folder=folder,
        name=data.match("name", _NAME),
        version=data.text("version"),
        title=data.text("title"),
        description=data.text("description"),
        license=data.text("license"),
        generator=data.take("generator", dict),
        method=data.text("method"),
        input_multiple=data.count("input_multiple", 1, _MOST_MULTIPLE),
        fixed_size=data.count_or_none("fixed_size", MIN_SIDE, _MOST_PIXELS),
        normalization=data.text("normalization", "local", "global"),
        strength=data.text("strength", "ode", "style", "blend"),
        scale=_parse_scale(data.object("scale")),
        qualities=graphs,
        precision=data.text("precision", *PRECISIONS) if data.has("precision") else "fp32",
        halftone=_parse_halftone(data),
        training=data.take("training", dict),
        parity=tuple(_parse_parity(item) for item in data.objects("parity")),
        limits=tuple(str(limit) for limit in data.take("limits", list, tuple)),
        sha256={name: hashes.text(name) for name in files},
    )


def _parse_scale(data: _Object) -> Scale:
    return Scale(
        data.count("working_short_side", MIN_SIDE, _MOST_PIXELS),
        data.text("auto", "guided", "native"),
    )


def _parse_halftone(data: _Object) -> Halftone | None:
    if not data.has("halftone") or data.take("halftone", dict, type(None)) is None:
        return None
    halftone = data.object("halftone")
    cell = halftone.number("cell_px")
    if not _LEAST_CELL <= cell <= _MOST_CELL:
        raise halftone.error(f"has cell_px {cell}, which is not in {_LEAST_CELL}…{_MOST_CELL}")
    return Halftone(
        cell, halftone.number("angle_degrees"), halftone.count("line_px", 0, _MOST_LINE)
    )


def _parse_quality(data: _Object) -> Quality:
    return Quality(
        file=data.match("file", _FILE_NAME),
        solver=data.text("solver"),
        steps=data.count("steps", 1, _MOST_STEPS),
        evaluations=data.count("evaluations", 1, _MOST_STEPS),
        radius_px=data.count("radius_px", 0, _MOST_PIXELS),
        bytes_per_pixel=data.count("bytes_per_pixel", 1, _MOST_BYTES),
    )


def _parse_parity(data: _Object) -> Parity:
    return Parity(
        quality=data.text("quality", *QUALITIES),
        size=data.text("size"),
        max_abs=data.number("max_abs"),
        psnr_db=data.number("psnr_db"),
        ode_psnr_db=data.number_or_none("ode_psnr_db"),
        ssim=data.number_or_none("ssim") if data.has("ssim") else None,
    )


def _verify_files(style: Style) -> None:
    for name, expected in style.sha256.items():
        path = style.folder / name
        if path.is_symlink():  # what it leads to may be another's to change
            raise StyleError(f"{path}: is a symbolic link.", "Copy the file in its place.")
        if _sha256(path) != expected:
            raise StyleError(f"{path}: not the file that style.json names (sha256).", _EXPORT_AGAIN)
    for quality in QUALITIES:
        path = style.graph(quality)
        try:
            graph = path.read_bytes()
            named, used = external_files(graph), operators(graph)
        except ValueError as error:
            raise StyleError(f"{path}: not an ONNX graph ({error}).", _EXPORT_AGAIN) from error
        if outside := sorted(named - {WEIGHTS}):
            raise StyleError(
                f"{path}: keeps weights in {outside[0]!r}; only {WEIGHTS} is allowed.",
                _EXPORT_AGAIN,
            )
        if strange := sorted(name for domain, name in used if domain or name not in of_styles()):
            raise StyleError(
                f"{path}: has the operator {strange[0]!r}, which no style has.", _EXPORT_AGAIN
            )


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StyleError(f"{path}: cannot be read ({error.strerror}).", _EXPORT_AGAIN) from error
