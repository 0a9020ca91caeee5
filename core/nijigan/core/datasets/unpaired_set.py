"""Makes a set of unpaired pictures: photos, and drawings of anything, at a style's working scale.

unpaired/
    photo/NAME.png  drawn/NAME.png     of nothing in common
    split.json                         which names train and which are held out
"""

from collections.abc import Iterator
from pathlib import Path

from nijigan.core.datasets.pairs import PairSettings, divided, large_enough, working_size
from nijigan.core.datasets.photos import NamedPhoto, find_photos
from nijigan.core.datasets.split import Split, write_split
from nijigan.core.images import Picture, read_picture, resize, write_picture


def make_unpaired(
    photos: Path, drawings: Path, out: Path, settings: PairSettings
) -> Iterator[tuple[int, int]]:
    """Write the pictures below two folders at their working scale; yields (done, all) as it goes.

    What is there already is kept, so an interrupted run goes on where it stopped.

    Args:
        photos, drawings: folders of pictures, taken with their subfolders.
        out: the folder to make.
        settings: sizes, and the share that is held out; there is no teacher.

    Raises:
        DataError: no pictures in one of the folders, or all of them too small.
        ImageError: one that cannot be read; it names the file.
    """
    sets = {
        kind: large_enough(find_photos(folder), settings)
        for kind, folder in (("photo", photos), ("drawn", drawings))
    }
    for kind in sets:
        (out / kind).mkdir(parents=True, exist_ok=True)
    write_split(out, _split(sets, settings.held_out))
    every = [(kind, picture) for kind, named in sets.items() for picture in named]
    for done, (kind, picture) in enumerate(every):
        yield done, len(every)
        _copy(picture.photo, out / kind / f"{picture.name}.png", settings)
    yield len(every), len(every)


def _split(sets: dict[str, list[NamedPhoto]], share: float) -> Split:
    parts = {kind: divided(named, share) for kind, named in sets.items()}
    return Split(
        tuple(f"{kind}/{name}" for kind, part in parts.items() for name in part.train),
        tuple(f"{kind}/{name}" for kind, part in parts.items() for name in part.held_out),
    )


def _copy(source: Path, target: Path, settings: PairSettings) -> None:
    if target.exists():
        return
    picture = read_picture(source)
    size = working_size(picture.width, picture.height, settings)
    write_picture(target, Picture(resize(picture.rgb, *size)))
