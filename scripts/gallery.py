"""Makes the pictures of docs/styles.md: photos beside drawings, strengths, the teacher beside.

    python scripts/gallery.py cel export/nijigan/export/data/*.jpg --out docs/images

Needs the extra `train`, for the teacher.
"""

import argparse
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nijigan.core import teachers
from nijigan.core.images import Picture, read_picture, write_picture
from nijigan.export.styles import StyleLibrary, default_folders
from nijigan.server.stylizer import Settings, Stylizer

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def beside(pictures: list[NDArray[np.uint8]], path: Path) -> None:
    """Write pictures of one size side by side."""
    write_picture(path, Picture(np.concatenate(pictures, axis=1)))
    print(path)


def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Make the pictures of docs/styles.md.")
    parser.add_argument("style")
    parser.add_argument("photos", type=Path, nargs="+")
    parser.add_argument("--out", type=Path, default=Path("docs/images"))
    options = parser.parse_args()

    stylizer = Stylizer(StyleLibrary(default_folders()))
    for index, path in enumerate(options.photos):
        photo = read_picture(path)
        drawn = [
            stylizer.stylize(photo, Settings(options.style, strength)).rgb
            for strength in (STRENGTHS if index == 0 else (1.0,))
        ]
        beside([photo.rgb, drawn[-1]], options.out / f"{options.style}-{path.stem}.jpg")
        if index == 0:
            side = min(photo.height, photo.width // 2 * 2)
            left = (photo.width - side // 2) // 2
            columns = [picture[:side, left : left + side // 2] for picture in drawn]
            beside(columns, options.out / f"{options.style}-strength.jpg")
            taught = teachers.create(options.style)(np.divide(photo.rgb, 255, dtype=np.float32))
            native = stylizer.stylize(photo, Settings(options.style, scale="native")).rgb
            beside(
                [photo.rgb, np.rint(taught * 255).astype(np.uint8), native],
                options.out / f"{options.style}-teacher.jpg",
            )


if __name__ == "__main__":
    main()
