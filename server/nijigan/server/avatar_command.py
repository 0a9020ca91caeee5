"""The verb `avatar`."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.server.stylizer_options import (
    Address,
    AsJson,
    ClientCertificate,
    ClientKey,
    Engine,
    InSidecar,
    Memory,
    Quality,
    Root,
    Strength,
    Threads,
)

if TYPE_CHECKING:
    from nijigan.server.avatar.maker import Framed
    from nijigan.server.avatar.sheet import Variant


def avatar(
    photo: Annotated[
        Path, typer.Argument(help="A photo of a person: JPEG, PNG, WebP, TIFF.", readable=False)
    ],
    out: Annotated[
        Path,
        typer.Option("--out", "-o", help="With a suffix a file (for one size), else a folder."),
    ],
    style: Annotated[
        list[str] | None,
        typer.Option(
            help="A style's name, or the path of its folder; cel if not given. Give it "
            "several times for a sheet of several."
        ),
    ] = None,
    strength: Strength = 1.0,
    size: Annotated[
        list[int] | None,
        typer.Option(help="The side in pixels, 16 to 1024; 512 if not given. May be repeated."),
    ] = None,
    sheet: Annotated[
        bool,
        typer.Option(
            "--sheet",
            help="Four variants in one picture, two by two: of one style four "
            "strengths, of several the styles and then their halves. --size is of each.",
        ),
    ] = False,
    background: Annotated[
        str, typer.Option(help="keep, transparent, or a color such as #ff8800.")
    ] = "keep",
    face: Annotated[
        int, typer.Option(help="Which of several faces: 1 is the first from the left.", min=0)
    ] = 0,
    anyway: Annotated[
        bool,
        typer.Option(
            "--any",
            help="Take what there is: the largest face, a small or blurred one, "
            "or the middle of the photo.",
        ),
    ] = False,
    level_eyes: Annotated[
        bool, typer.Option("--level-eyes", help="Turn the photo until the eyes are level.")
    ] = False,
    quality: Quality = "normal",
    engine: Engine = None,
    threads: Threads = None,
    memory: Memory = None,
    server: InSidecar = False,
    address: Address = None,
    ca: Root = None,
    client_cert: ClientCertificate = None,
    client_key: ClientKey = None,
    as_json: AsJson = False,
) -> None:
    """Make a square avatar of the face in a photo: found, framed with shoulders, drawn.

    Prints the files that were written. Where there is no face, or several, or one that is too small
    or blurred, it says so and writes nothing; --face and --any say what to do then.
    """
    from nijigan.core.images import read_picture, write_picture
    from nijigan.core.progress_bar import progress_bar
    from nijigan.server.avatar.background import parse_background
    from nijigan.server.avatar.maker import AvatarMaker, Look, Wish
    from nijigan.server.avatar.sheet import Variant, sized, variants
    from nijigan.server.avatar.sheet import sheet as laid_out
    from nijigan.server.cancel import Cancel
    from nijigan.server.chosen_stylizer import Where, chosen_stylizer

    sizes = _checked_sizes(size or [512])
    targets = _targets(photo, out, sizes, sheet)
    behind = parse_background(background)
    where = Where(server, address, ca, client_cert, client_key, engine, threads, memory)
    chosen = chosen_stylizer(_checked_styles(style or ["cel"], sheet), where)
    with chosen as (stylizer, names), progress_bar() as bar:
        drawn_as = variants(names, strength) if sheet else [Variant(names[0], strength)]
        picture, maker, cancel = read_picture(photo), AvatarMaker(), Cancel()
        framed = maker.frame(picture, Wish(face, anyway, level_eyes), cancel)
        look = Look(drawn_as, behind, quality)
        drawn = maker.draw(stylizer, picture, framed.frame, max(sizes), look, bar, cancel)
    for side, target in zip(sizes, targets, strict=True):
        small = [sized(each, side) for each in drawn]
        write_picture(target, laid_out(small) if sheet else small[0])
        if not as_json:
            typer.echo(target)
    if as_json:
        typer.echo(json.dumps(_report(photo, framed, sizes, targets, drawn_as, sheet), indent=1))


def _checked_sizes(sizes: Sequence[int]) -> list[int]:
    from nijigan.core.errors import UsageError
    from nijigan.server.avatar.sheet import LARGEST, LEAST

    for size in sizes:
        if not LEAST <= size <= LARGEST:
            raise UsageError(f"The size is {size} pixels.", f"Give {LEAST} to {LARGEST}.")
    return sorted(set(sizes))


def _targets(photo: Path, out: Path, sizes: Sequence[int], sheet: bool) -> list[Path]:
    """Where each size goes."""
    from nijigan.core.errors import UsageError

    if not out.suffix or out.is_dir():
        kind = "sheet-" if sheet else ""
        return [out / f"{photo.stem}-{kind}{size}.png" for size in sizes]
    if out.suffix.lower() != ".png":
        raise UsageError(f"{out} has the suffix {out.suffix!r}.", "Avatars are .png.")
    if len(sizes) > 1:
        raise UsageError(
            f"{out} is one file, and there are {len(sizes)} sizes.",
            "Give -o a folder: a name without a suffix.",
        )
    if out.resolve() == photo.resolve():
        raise UsageError(f"{out} would overwrite the photo.", "Choose another name with -o.")
    return [out]


def _checked_styles(styles: Sequence[str], sheet: bool) -> Sequence[str]:
    from nijigan.core.errors import UsageError

    if len(styles) > (4 if sheet else 1):
        raise UsageError(
            f"{len(styles)} styles were given.",
            "A sheet has four at most." if sheet else "Give one, or --sheet.",
        )
    return styles


def _report(
    photo: Path,
    framed: "Framed",
    sizes: Sequence[int],
    targets: Sequence[Path],
    drawn_as: Sequence["Variant"],
    sheet: bool,
) -> dict[str, object]:
    """What --json prints: where everything is, in pixels."""
    from nijigan.server.avatar.sheet import cells

    def avatars(size: int) -> list[dict[str, object]]:
        places = cells(len(drawn_as), size)
        return [
            {"style": v.style, "strength": v.strength, "left": left, "top": top, "side": size}
            for v, (left, top) in zip(drawn_as, places, strict=True)
        ]

    frame, face = framed.frame, framed.chosen
    return {
        "source": str(photo),
        "faces": len(framed.faces),
        "face": None
        if face is None
        else {
            "number": list(framed.faces).index(face) + 1,
            "left": round(face.left, 1),
            "top": round(face.top, 1),
            "width": round(face.width, 1),
            "height": round(face.height, 1),
            "score": round(face.score, 3),
        },
        "frame": {
            "left": round(frame.middle[0] - frame.side / 2, 1),
            "top": round(frame.middle[1] - frame.side / 2, 1),
            "side": round(frame.side, 1),
            "roll": round(frame.roll, 1),
        },
        "outputs": [
            {"output": str(target), "sheet": sheet, "avatars": avatars(size)}
            for size, target in zip(sizes, targets, strict=True)
        ],
    }
