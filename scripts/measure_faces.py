"""Measure how many faces are found and framed, and write the figures into docs/avatars.md.

    NIJIGAN_PHOTOS=… python scripts/measure_faces.py [--each 8] [--drawn-each 24] [-o PAGE]

Portraits and scenes are taken as they are; harder faces are made of every eighth portrait, so that
it is known where the face is. Nothing of a portrait is written. About five minutes on two cores.
"""

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial
from hashlib import sha256
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from nijigan.core.errors import NijiganError
from nijigan.core.images import Picture, read_picture, resize
from nijigan.core.machine import describe_machine
from nijigan.export.styles import find_style
from nijigan.server.avatar.choice import choose
from nijigan.server.avatar.detector import FaceDetector
from nijigan.server.avatar.face import Face, Point
from nijigan.server.avatar.frame import frame_face
from nijigan.server.avatar.maker import DRAWN_SIDE
from nijigan.server.cancel import Cancel
from nijigan.server.stylizer import Settings, Stylizer

U8 = NDArray[np.uint8]
Made = tuple[U8, Point]
"""A picture, and where the middle of its face is."""

PAGE = Path(__file__).parent.parent / "docs/avatars.md"
BEGIN, END = "<!-- figures: scripts/measure_faces.py -->", "<!-- end of figures -->"
GRAY = 128
# What scores so much is almost taken for a face.
ALMOST = 0.65
REASONS = ("NO_FACE", "SEVERAL_FACES", "FACE_TOO_SMALL", "FACE_BLURRED")


@dataclass
class Row:
    """Counts of one kind of picture. found: a face where it is. said: reasons of refusals."""

    title: str
    pictures: int = 0
    found: int = 0
    framed: int = 0
    said: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Portrait:
    """One that was read, and the face that was found in it."""

    rgb: U8
    face: Face


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write."""
    parser = argparse.ArgumentParser(description="Measure how many faces are found and framed.")
    parser.add_argument("--each", type=int, default=8, help="make harder ones of each Nth portrait")
    parser.add_argument("--drawn-each", type=int, default=24, help="draw each Nth")
    parser.add_argument("-o", "--out", type=Path, default=PAGE)
    options = parser.parse_args(arguments)
    if "NIJIGAN_PHOTOS" not in os.environ:
        sys.exit("Set NIJIGAN_PHOTOS to a folder with faces/ and scenes/; see docs/data.md.")
    photos = Path(os.environ["NIJIGAN_PHOTOS"])
    faces, scenes = (sorted((photos / name).iterdir()) for name in ("faces", "scenes"))
    detector = FaceDetector()
    whole = measure_portraits(detector, faces)
    empty, scores = measure_scenes(detector, scenes)
    some = list(read_portraits(detector, faces[:: options.each]))
    rows = [measure_made(detector, title, some, make) for title, make in hardships()]
    drawn = measure_drawn(detector, faces[:: options.drawn_each])
    text = report([whole.row, *rows, *drawn], empty, scores, whole, [*faces, *scenes])
    print(text)
    page = options.out.read_text()
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    options.out.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}")
    return 0


@dataclass(frozen=True)
class Whole:
    """Portraits as they are. scores: of their faces. milliseconds: of finding and framing."""

    row: Row
    scores: Sequence[float]
    milliseconds: float


def measure_portraits(detector: FaceDetector, paths: Sequence[Path]) -> Whole:
    """Frame each portrait."""
    row = Row("portraits as they are")
    scores, seconds = [], []
    for path in paths:
        picture = read_picture(path)
        began = time.perf_counter()
        found = try_frame(detector, picture.rgb, row)
        seconds.append(time.perf_counter() - began)
        scores.append(max((face.score for face in found), default=0.0))
        row.found += bool(found)
    return Whole(row, scores, 1000 * float(np.median(seconds)))


def measure_scenes(detector: FaceDetector, paths: Sequence[Path]) -> tuple[Row, Sequence[float]]:
    """Look for faces where none is; also the surest of each, whatever it is taken for."""
    row, scores = Row("scenes"), []
    for path in paths:
        rgb = read_picture(path).rgb
        try_frame(detector, rgb, row)
        seen = detector.find(rgb, Cancel(), least_score=ALMOST)
        scores.append(max((face.score for face in seen), default=0.0))
    return row, scores


def try_frame(detector: FaceDetector, rgb: U8, row: Row) -> list[Face]:
    """Frame a picture as `nijigan avatar` does, count what is said, and return what was found."""
    row.pictures += 1
    faces = detector.find(rgb, Cancel())
    try:
        face = choose(faces, rgb)
    except NijiganError as error:
        row.said[error.reason] += 1
    else:
        if face is not None:
            frame_face(face, rgb.shape[1], rgb.shape[0])
            row.framed += 1
    return faces


def read_portraits(detector: FaceDetector, paths: Sequence[Path]) -> Iterator[Portrait]:
    """Read those in which a single face is found."""
    for path in paths:
        rgb = read_picture(path).rgb
        found = detector.find(rgb, Cancel())
        if len(found) == 1:
            yield Portrait(rgb, found[0])


def measure_made(
    detector: FaceDetector,
    title: str,
    portraits: Sequence[Portrait],
    make: Callable[[Portrait], Made],
) -> Row:
    """Find and frame what `make` makes of each portrait."""
    row = Row(title)
    for portrait in portraits:
        count(detector, row, *make(portrait))
    return row


def count(detector: FaceDetector, row: Row, rgb: U8, middle: Point) -> None:
    """Frame a picture, and look whether a face is found where it is."""
    found = try_frame(detector, rgb, row)
    row.found += any(is_at(face, middle) for face in found)


def is_at(face: Face, middle: Point) -> bool:
    """Whether `middle` is well inside a face."""
    away = np.hypot(*np.subtract(face.middle, middle))
    return bool(away < face.side / 2)


def hardships() -> Iterator[tuple[str, Callable[[Portrait], Made]]]:
    """Yield what is done to portraits, and its name."""
    for degrees in (15, 30, 45, 60, 75):
        yield f"turned aside by {degrees}°", partial(turned_aside, degrees=degrees)
    for degrees in (15, 30, 45, 60, 90, 180):
        yield f"rotated by {degrees}°", partial(rotated, degrees=degrees)
    for stops in (2, 4, 6, 7):
        yield f"darker by {stops} stops", partial(darker, stops=stops)
    for side in (64, 48, 36, 24, 16):
        yield f"the face {side} px wide", partial(scaled, side=side)
    for part in (4, 8, 16, 24):
        yield f"the face 1/{part} of a 1024 px picture", partial(far, part=part)
    for percent in (1, 2, 3, 5, 8):
        yield f"blurred, σ {percent} % of the face", partial(blurred, percent=percent)
    for name, box in COVERS.items():
        yield f"covered: {name}", partial(covered, box=box)
    yield "gray", gray


# What is covered: left, top, right, bottom, in parts of the face's square.
COVERS = {
    "mouth and nose": (-0.1, 0.5, 1.1, 1.1),
    "eyes": (-0.1, 0.1, 1.1, 0.4),
    "its left half": (0.5, -0.3, 1.3, 1.1),
    "its upper half": (-0.2, -0.6, 1.2, 0.5),
    "three fourths": (0.25, -0.6, 1.3, 1.1),
}


def turned_aside(portrait: Portrait, degrees: float) -> Made:
    """Turn the head about its height, as if the portrait was printed on a cylinder.

    The cylinder is as wide as a head, 1.5 faces; what was not seen from the front is its edge drawn
    out. The background stays. The middle of what is still seen moves half as far as the nose.
    """
    rgb, (x, y) = portrait.rgb, portrait.face.middle
    radius = 0.75 * portrait.face.side
    columns = np.arange(rgb.shape[1])
    on_it = ((columns - x) / radius).clip(-1, 1)
    angle = np.arcsin(on_it) + np.radians(degrees)
    source = x + radius * np.sin(angle.clip(-np.pi / 2, np.pi / 2))
    away = np.abs(columns - x) > radius
    source[away] = columns[away]
    made = rgb[:, np.rint(source).astype(int).clip(0, rgb.shape[1] - 1)]
    return made, (x - radius * np.sin(np.radians(degrees)) / 2, y)


def rotated(portrait: Portrait, degrees: float) -> Made:
    """Rotate the whole picture counterclockwise; what it leaves is gray."""
    image = Image.fromarray(portrait.rgb)
    turned = image.rotate(degrees, Image.Resampling.BICUBIC, expand=True, fillcolor=(GRAY,) * 3)
    x, y = np.subtract(portrait.face.middle, (image.width / 2, image.height / 2))
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    middle = (x * c + y * s + turned.width / 2, -x * s + y * c + turned.height / 2)
    return np.asarray(turned), (float(middle[0]), float(middle[1]))


def darker(portrait: Portrait, stops: float) -> Made:
    """Take light away; 8 bits are left, as in a file. Levels are taken for a power of 2.2."""
    levels = portrait.rgb / 255 * 2 ** (-stops / 2.2)
    return np.rint(levels * 255).astype(np.uint8), portrait.face.middle


def scaled(portrait: Portrait, side: float) -> Made:
    """Scale the picture until the face is so wide."""
    rate = side / portrait.face.side
    height, width = portrait.rgb.shape[:2]
    made = resize(portrait.rgb, round(width * rate), round(height * rate))
    return made, (portrait.face.middle[0] * rate, portrait.face.middle[1] * rate)


def far(portrait: Portrait, part: float) -> Made:
    """Put the portrait into a large gray picture, off its middle."""
    small, (x, y) = scaled(portrait, 1024 / part)
    made = np.full((1024, 1024, 3), GRAY, np.uint8)
    left, top = (1024 - small.shape[1]) * 2 // 3, (1024 - small.shape[0]) // 3
    rows, columns = max(-top, 0), max(-left, 0)
    shown = small[rows : rows + 1024, columns : columns + 1024]
    made[max(top, 0) :, max(left, 0) :][: shown.shape[0], : shown.shape[1]] = shown
    return made, (x + left, y + top)


def blurred(portrait: Portrait, percent: float) -> Made:
    """Blur by a Gaussian of so many percent of the face's side."""
    blur = ImageFilter.GaussianBlur(percent / 100 * portrait.face.side)
    return np.asarray(Image.fromarray(portrait.rgb).filter(blur)), portrait.face.middle


def covered(portrait: Portrait, box: tuple[float, float, float, float]) -> Made:
    """Cover a part of the face with gray."""
    face, rgb = portrait.face, portrait.rgb.copy()
    left, right = (max(round(face.left + part * face.width), 0) for part in (box[0], box[2]))
    top, bottom = (max(round(face.top + part * face.height), 0) for part in (box[1], box[3]))
    rgb[top:bottom, left:right] = GRAY
    return rgb, face.middle


def gray(portrait: Portrait) -> Made:
    """Take the color away."""
    levels = np.asarray(Image.fromarray(portrait.rgb).convert("L"))
    return np.repeat(levels[..., None], 3, axis=2), portrait.face.middle


def measure_drawn(detector: FaceDetector, paths: Sequence[Path]) -> list[Row]:
    """Frame what the style cel makes of portraits, at the size of avatars and at their own."""
    library, name = find_style("cel")
    stylizer = Stylizer(library)
    rows = []
    for title, scale in ((f"drawn in cel at {DRAWN_SIDE} px", DRAWN_SIDE), ("drawn in cel", 225)):
        row = Row(title)
        for portrait in read_portraits(detector, paths):
            rate = scale / portrait.rgb.shape[1]
            large, middle = scaled(portrait, portrait.face.side * rate)
            drawn = stylizer.stylize(Picture(large), Settings(name, scale="native"))
            count(detector, row, drawn.rgb, middle)
        rows.append(row)
    return rows


def report(
    rows: Sequence[Row],
    empty: Row,
    scene_scores: Sequence[float],
    whole: Whole,
    paths: Sequence[Path],
) -> str:
    """Return the figures as Markdown."""
    taken = empty.pictures - empty.said["NO_FACE"]
    machine = describe_machine("onnxruntime", "pillow")
    names = "\n".join(f"{path.parent.name}/{path.name}" for path in paths)
    lines = [
        f"Measured {date.today().isoformat()} on {machine['cpu']}, {machine['cores']} cores, "
        f"onnxruntime {machine['versions']['onnxruntime']}, one thread: "
        f"`NIJIGAN_PHOTOS=… python scripts/measure_faces.py`. "
        f"All {whole.row.pictures} portraits and {empty.pictures} scenes, the list of which has "
        f"the sha256 `{sha256(names.encode()).hexdigest()[:12]}`. Finding and framing a portrait "
        f"takes {whole.milliseconds:.1f} ms (median).",
        "",
        f"Of the scenes, {taken} of {empty.pictures} were taken for a face "
        f"({share(taken, empty.pictures)}). "
        f"The least score of a portrait is {min(whole.scores):.2f}, the greatest of a scene "
        f"{max(scene_scores):.2f}; {sum(score > 0 for score in scene_scores)} scenes have "
        f"something of {ALMOST} or more.",
        "",
        "| portraits | pictures | found | framed | said otherwise |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        others = ", ".join(f"{reason} {row.said[reason]}" for reason in REASONS if row.said[reason])
        lines += [
            f"| {row.title} | {row.pictures} | {share(row.found, row.pictures)} "
            f"| {share(row.framed, row.pictures)} | {others} |"
        ]
    return "\n".join(lines)


def share(part: int, whole: int) -> str:
    """Return a share in percent."""
    return f"{100 * part / whole:.1f} %"


if __name__ == "__main__":
    sys.exit(main())
