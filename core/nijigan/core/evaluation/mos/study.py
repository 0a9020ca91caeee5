"""Makes a study: one page that anyone can open, and the key that stays with the organizer."""

import base64
import json
import random
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from nijigan.core.atomic import write_atomically
from nijigan.core.datasets.pair import Pixels, find_picture
from nijigan.core.datasets.photos import NamedPhoto, find_photos
from nijigan.core.errors import DataError, OutputError, UsageError
from nijigan.core.evaluation.mos.key import Key, Shown
from nijigan.core.images import Picture, encode_picture, read_picture, resize

PAGE = "study.html"
KEY = "key.json"

_TEMPLATE = Path(__file__).with_name("page.html")
_REMEDY = "Draw every photo with every method, under the photo's name."


@dataclass(frozen=True)
class Aspect:
    """What people judge."""

    id: str
    title: str
    question: str


# The three of the user study in arXiv 2412.19455.
ASPECTS = (
    Aspect("style", "Anime style", "Which is most clearly in the style of anime?"),
    Aspect("content", "Same content", "Which shows best what the photo shows?"),
    Aspect("overall", "Overall", "Which is the best drawing overall?"),
)


@dataclass(frozen=True)
class _Embedded:
    """What the page has of one photo."""

    id: str
    photo: str
    drawings: dict[str, str]


def make_study(
    methods: Mapping[str, Path],
    photos: Path,
    out: Path,
    pictures: int | None = None,
    long_side: int = 960,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Key:
    """Write `study.html` and `key.json` into `out` and return the key.

    The page has every picture in it and asks the network for nothing. It names no method: each
    drawing has a random id, and all are encoded alike. Who opens it sees photos and drawings in an
    order of their own.

    Args:
        methods: a folder of drawings for each name of a method; at least two.
        photos: folder of the photos that were drawn.
        out: folder to write.
        pictures: how many photos are shown, chosen by `seed`; all if None.
        long_side: larger pictures are shrunk to it, in pixels.
        seed: see `pictures`.
        progress: is told how many photos of how many are done.

    Raises:
        UsageError: fewer than two methods, or more pictures than photos.
        DataError: no photos, a drawing is missing, has another size than the others of its photo
            or is transparent.
        ImageError: a picture cannot be read.
        OutputError: a file cannot be written, or there is a key already.
    """
    if len(methods) < 2:
        raise UsageError("A study of fewer than two methods.", "Give NAME=FOLDER twice or more.")
    if (out / KEY).exists():
        raise OutputError(
            f"{out / KEY} is the key of another study.", "Choose another folder with -o."
        )
    chosen = _choose(find_photos(photos), pictures, seed)
    shown: list[Shown] = []
    embedded: list[_Embedded] = []
    for count, photo in enumerate(chosen, start=1):
        picture = Shown(_new_id(), photo.name, {_new_id(): method for method in methods})
        shown.append(picture)
        embedded.append(_embed(picture, photo.photo, methods, long_side))
        if progress:
            progress(count, len(chosen))
    key = Key(
        study=secrets.token_hex(8),
        methods=tuple(methods),
        aspects=tuple(aspect.id for aspect in ASPECTS),
        pictures=tuple(shown),
    )
    _write(out / KEY, key.as_json())
    _write(out / PAGE, _page(key.study, embedded))
    return key


def _choose(photos: Sequence[NamedPhoto], count: int | None, seed: int) -> Sequence[NamedPhoto]:
    if count is None:
        return photos
    if not 1 <= count <= len(photos):
        raise UsageError(f"{count} of {len(photos)} photos.", "Ask for 1 to all of them.")
    return random.Random(seed).sample(photos, count)


def _new_id() -> str:
    return secrets.token_hex(8)


def _embed(shown: Shown, photo: Path, methods: Mapping[str, Path], long_side: int) -> _Embedded:
    original = read_picture(photo)
    drawings = {}
    for drawing, method in sorted(shown.drawings.items()):  # an order that tells no method
        path = find_picture(methods[method], shown.name, _REMEDY)
        drawn = read_picture(path)
        if drawn.rgb.shape != original.rgb.shape:
            raise DataError(
                f"{path} is {drawn.width}x{drawn.height}, its photo "
                f"{original.width}x{original.height}.",
                "A size would tell the methods apart: resize all drawings to their photos'.",
            )
        if drawn.alpha is not None:
            raise DataError(f"{path} is transparent.", "Lay it on a background first.")
        drawings[drawing] = _data_uri(drawn.rgb, long_side)
    return _Embedded(shown.id, _data_uri(original.rgb, long_side), drawings)


def _write(path: Path, text: str) -> None:
    try:
        write_atomically(path, text.encode())
    except OSError as error:
        raise OutputError(
            f"{path} cannot be written ({error.strerror}).", "Choose another place with -o."
        ) from error


def _data_uri(rgb: Pixels, long_side: int) -> str:
    """Encode all pictures alike, without what their files say of who wrote them."""
    height, width, _ = rgb.shape
    factor = long_side / max(width, height)
    if factor < 1:
        rgb = resize(rgb, max(1, round(width * factor)), max(1, round(height * factor)))
    data = base64.b64encode(encode_picture(Picture(rgb), ".jpg")).decode()
    return f"data:image/jpeg;base64,{data}"


def _page(study: str, pictures: Sequence[_Embedded]) -> str:
    content = {
        "study": study,
        "aspects": [asdict(aspect) for aspect in ASPECTS],
        "pictures": sorted(map(asdict, pictures), key=lambda picture: str(picture["id"])),
    }
    text = json.dumps(content, separators=(",", ":")).replace("<", "\\u003c")
    return _TEMPLATE.read_text(encoding="utf-8").replace("__STUDY__", text)
