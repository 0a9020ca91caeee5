"""Draws several pictures into one zip file; one that fails does not stop the others."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any
from zipfile import ZIP_STORED, ZipFile

from nijigan.client import Client
from nijigan.client.errors import StylizerError
from nijigan.core.errors import ImageError, OutputError
from nijigan.core.images import SUFFIXES, encode_picture
from nijigan.studio.drawing import Look, draw
from nijigan.studio.pictures import read_upload
from nijigan.studio.uploads import Upload
from nijigan.studio.work import Work

# What is wrong with one picture, by the reasons of the sidecar; anything else ends all.
_OF_ONE_PICTURE = ("INVALID_IMAGE", "IMAGE_TOO_LARGE", "OUT_OF_MEMORY", "ENGINE_FAILED")


@dataclass(frozen=True)
class Row:
    """What came of a picture. drawn: its name in the zip file, "" where it failed with `error`."""

    name: str
    drawn: str
    error: Exception | None


def draw_batch(
    client: Client, uploads: Sequence[Upload], look: Look, target: Path, work: Work[Any]
) -> list[Row]:
    """Write the drawings to the zip file `target`, under the names that the pictures have.

    Formats are kept as `nijigan stylize` keeps them. Where the work is cancelled, what is drawn
    until then is not kept.

    Raises:
        StylizerError: what no other picture would escape; CancelledError.
        OSError: the file cannot be written.
    """
    rows: list[Row] = []
    names = _free_names(upload.name for upload in uploads)
    with ZipFile(target, "w", ZIP_STORED) as file:  # pictures are compressed already
        for number, (upload, name) in enumerate(zip(uploads, names, strict=True)):
            tell = _share(work, number, len(uploads), upload.name)
            tell(0.0, "")
            try:
                drawn = draw(client, read_upload(upload), look, work, tell, batch=True)
                file.writestr(name, encode_picture(drawn, PurePath(name).suffix, name))
            except (ImageError, OutputError) as error:
                rows.append(Row(upload.name, "", error))
            except StylizerError as error:
                if error.reason not in _OF_ONE_PICTURE:
                    raise
                rows.append(Row(upload.name, "", error))
            else:
                rows.append(Row(upload.name, name, None))
    return rows


def _share(work: Work[Any], number: int, count: int, name: str) -> Callable[[float, str], None]:
    def tell(fraction: float, stage: str) -> None:
        waits = f", {stage}" if stage.startswith("waiting") else ""
        work.tell((number + fraction) / count, f"{number + 1} of {count}: {name}{waits}")

    return tell


def _free_names(names: Iterator[str]) -> list[str]:
    """Return a name for each drawing: the picture's own, with a number where that is taken."""
    free: list[str] = []
    for name in names:
        path = PurePath(name)
        kept = name if path.suffix.lower() in SUFFIXES else f"{name}.png"
        path, number = PurePath(kept), 1
        while kept in free:
            number += 1
            kept = f"{path.stem}-{number}{path.suffix}"
        free.append(kept)
    return free
