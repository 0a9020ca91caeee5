"""Makes a set of unpaired pictures: photos, and drawings of anything, at a style's working scale.

unpaired/
    photo/NAME.png  drawn/NAME.png     of nothing in common
    split.json                         which names train and which are held out
"""

from collections.abc import Iterator
from pathlib import Path

from nijigan.core.datasets.pairs import divided
from nijigan.core.datasets.photos import find_photos, refuse_inside
from nijigan.core.datasets.split import Split, refuse_another, write_split
from nijigan.core.datasets.working_copy import Scales, WorkingCopy, working_copies
from nijigan.core.images import write_picture


def make_unpaired(
    photos: Path,
    drawings: Path,
    out: Path,
    scales: Scales,
    held_out: float = 0.1,
    began_with: str = "",
) -> Iterator[tuple[int, int]]:
    """Write the pictures below two folders at their working scale; yields (done, all) as it goes.

    What is there already is kept, so an interrupted run goes on where it stopped.

    Args:
        photos, drawings: folders of pictures, taken with their subfolders.
        out: the folder to make.
        scales: sizes that they are brought to.
        held_out: share that is kept for validation.
        began_with: hash of the split that a run began with: any other is refused.

    Raises:
        DataError: no pictures in one of the folders, all of them too small, two that would have
            one name; `out` lies in one of the other folders, or one of these in the other.
        ImageError: one that cannot be read; it names the file.
    """
    for folder in (photos, drawings):
        refuse_inside(out, folder)
    refuse_inside(drawings, photos)
    refuse_inside(photos, drawings)
    sets = {
        kind: working_copies(find_photos(folder), scales)
        for kind, folder in (("photo", photos), ("drawn", drawings))
    }
    split = _split(sets, held_out)
    refuse_another(split, began_with, out)
    for kind in sets:
        (out / kind).mkdir(parents=True, exist_ok=True)
    write_split(out, split)
    every = [(kind, copy) for kind, copies in sets.items() for copy in copies]
    for done, (kind, copy) in enumerate(every):
        yield done, len(every)
        target = out / kind / f"{copy.name}.png"
        if not target.exists():
            write_picture(target, copy.read())
    yield len(every), len(every)


def _split(sets: dict[str, list[WorkingCopy]], share: float) -> Split:
    parts = {kind: divided(copies, share) for kind, copies in sets.items()}
    return Split(
        tuple(f"{kind}/{name}" for kind, part in parts.items() for name in part.train),
        tuple(f"{kind}/{name}" for kind, part in parts.items() for name in part.held_out),
    )
