"""Measure how many covered faces of a set are told, and write it into docs/avatar-training.md.

    NIJIGAN_PHOTOS=… python scripts/measure_occlusion.py [-o PAGE]

Portraits are taken as they are, and some with something drawn over a part of them. Nothing of a
portrait is written. Under a minute.
"""

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nijigan.core.datasets.occlusion import face_patch, occluded
from nijigan.core.images import read_picture
from nijigan.server.avatar.detector import FaceDetector
from nijigan.server.avatar.face import Face
from nijigan.server.cancel import Cancel

U8 = NDArray[np.uint8]
Color = tuple[int, int, int]
Draw = ImageDraw.ImageDraw

PAGE = Path(__file__).parent.parent / "docs/avatar-training.md"
BEGIN, END = "<!-- figures: scripts/measure_occlusion.py -->", "<!-- end of figures -->"
SHARES = (0.0, 0.07, 0.15, 0.3)
DARK, CLOTH, RED, GRAY = (15, 15, 18), (150, 190, 220), (230, 30, 30), (128, 128, 128)
HAIR = (40, 28, 20)


def mask(draw: Draw, face: Face, _skin: Color) -> None:
    points = ((0.1, 0.58), (0.5, 0.48), (0.9, 0.58), (0.85, 0.85), (0.5, 1.02), (0.15, 0.85))
    draw.polygon([at(face, x, y) for x, y in points], fill=CLOTH)


def sunglasses(draw: Draw, face: Face, _skin: Color) -> None:
    apart = float(np.hypot(*np.subtract(face.left_eye, face.right_eye)))
    for x, y in (face.right_eye, face.left_eye):
        corners = (x - 0.42 * apart, y - 0.3 * apart, x + 0.42 * apart, y + 0.36 * apart)
        draw.ellipse(corners, fill=DARK)
    draw.line([face.right_eye, face.left_eye], fill=DARK, width=max(1, round(0.08 * apart)))


def hair(draw: Draw, face: Face, _skin: Color) -> None:
    points = ((-0.1, -0.2), (0.62, -0.2), (0.35, 0.55), (0.2, 1.05), (-0.1, 1.05))
    draw.polygon([at(face, x, y) for x, y in points], fill=HAIR)


def box(draw: Draw, face: Face, _skin: Color) -> None:
    draw.rectangle([at(face, 0.1, 0.5), at(face, 0.9, 1.0)], fill=GRAY)


def microphone(draw: Draw, face: Face, _skin: Color) -> None:
    draw.ellipse([at(face, 0.38, 0.72), at(face, 0.66, 1.0)], fill=DARK)
    draw.rectangle([at(face, 0.46, 0.95), at(face, 0.58, 1.6)], fill=DARK)


def banner(draw: Draw, face: Face, _skin: Color) -> None:
    draw.rectangle([at(face, -0.1, 0.68), at(face, 1.1, 0.86)], fill=RED)


def hand(draw: Draw, face: Face, skin: Color) -> None:
    draw.ellipse([at(face, 0.3, 0.6), at(face, 1.2, 1.1)], fill=skin)
    gap = tuple(round(0.7 * level) for level in skin)
    for i in range(4):
        line = [at(face, 0.3 + 0.1 * i, 0.62), at(face, 0.35 + 0.2 * i, 1.0)]
        draw.line(line, fill=gap, width=2)


COVERS: tuple[Callable[[Draw, Face, Color], None], ...] = (
    mask, sunglasses, hair, box, microphone, banner, hand,
)  # fmt: skip


def at(face: Face, x: float, y: float) -> tuple[float, float]:
    """Return a place that is given in parts of the face's square, in pixels."""
    return face.left + x * face.width, face.top + y * face.height


def covered(rgb: U8, face: Face, cover: Callable[[Draw, Face, Color], None]) -> U8:
    """Draw something over a face."""
    (left, top), (right, bottom) = at(face, 0.35, 0.4), at(face, 0.65, 0.6)
    cheek = rgb[round(top) : round(bottom), round(left) : round(right)].reshape(-1, 3)
    red, green, blue = (round(float(level)) for level in np.median(cheek, axis=0))
    image = Image.fromarray(rgb).copy()
    cover(ImageDraw.Draw(image), face, (red, green, blue))
    return np.asarray(image)


def measure(faces: Sequence[tuple[U8, Face]], share: float) -> list[str]:
    """Cover a share of the faces and return a row: what was told of each kind, and wrongly."""
    chosen = np.random.default_rng(0).permutation(len(faces))[: round(share * len(faces))]
    cover_of = {int(i): COVERS[k % len(COVERS)] for k, i in enumerate(chosen)}
    patches = [
        face_patch(covered(rgb, face, cover_of[i]) if i in cover_of else rgb, face)
        for i, (rgb, face) in enumerate(faces)
    ]
    told = occluded(patches)
    cells = [f"{share:.0%}"]
    for cover in COVERS:
        own = [i for i, each in cover_of.items() if each is cover]
        cells.append(f"{told[own].sum()} of {len(own)}" if own else "")
    others = [i for i in range(len(faces)) if i not in cover_of]
    return [*cells, f"{told[others].sum()} of {len(others)}"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-o", "--out", type=Path, default=PAGE)
    options = parser.parse_args()
    if "NIJIGAN_PHOTOS" not in os.environ:
        sys.exit("Set NIJIGAN_PHOTOS to a folder with faces/; see docs/data.md.")
    detector, faces = FaceDetector(), []
    for path in sorted(Path(os.environ["NIJIGAN_PHOTOS"], "faces").iterdir()):
        rgb = read_picture(path).rgb
        found = detector.find(rgb, Cancel())
        if len(found) == 1:
            faces.append((rgb, found[0]))
    names = [cover.__name__ for cover in COVERS]
    lines = [
        f"{len(faces)} portraits, {date.today():%-d %B %Y}, "
        "`NIJIGAN_PHOTOS=… python scripts/measure_occlusion.py`:",
        "",
        f"| covered | {' | '.join(names)} | told of the others |",
        f"|{'---|' * (len(names) + 2)}",
        *(f"| {' | '.join(measure(faces, share))} |" for share in SHARES),
    ]
    text = "\n".join(lines)
    print(text)
    page = options.out.read_text(encoding="utf-8")
    before, after = page.split(BEGIN)[0], page.split(END)[1]
    options.out.write_text(f"{before}{BEGIN}\n{text}\n{END}{after}", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
