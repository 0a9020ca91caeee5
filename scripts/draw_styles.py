"""Draws one photo in several styles: the style pictures above, the drawings below.

    python scripts/draw_styles.py runs/arbitrary photo.jpg mosaic.png dots.png -o drawn.jpg

With one style picture the row has strengths from 0 to 1 instead.
"""

import argparse
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from nijigan.core.checkpoint import load_network
from nijigan.core.datasets.pair import Pixels
from nijigan.core.images import from_tensor, read_picture, resize, to_tensor
from nijigan.core.models.arbitrary import ArbitraryStylizer

STRENGTHS = (0.0, 0.25, 0.5, 0.75, 1.0)


def square(path: Path, side: int) -> Pixels:
    """Return the middle of a picture, at `side` pixels."""
    rgb = read_picture(path).rgb
    short = min(rgb.shape[:2])
    top, left = (rgb.shape[0] - short) // 2, (rgb.shape[1] - short) // 2
    return resize(rgb[top : top + short, left : left + short], side, side)


def grid(network: ArbitraryStylizer, photo: Pixels, styles: Sequence[Pixels]) -> Pixels:
    """Return the rows one below the other."""
    content = torch.from_numpy(to_tensor(photo))

    def draw(style: Pixels, strength: float) -> Pixels:
        fixed = network.with_style(torch.from_numpy(to_tensor(style)))
        drawn: Tensor = fixed(content, strength)
        return from_tensor(drawn.numpy())

    if len(styles) == 1:
        row = [photo, *(draw(styles[0], strength) for strength in STRENGTHS), styles[0]]
        return np.concatenate(row, axis=1)
    above = [np.full_like(photo, 255), *styles]
    below = [photo, *(draw(style, 1.0) for style in styles)]
    return np.concatenate([np.concatenate(row, axis=1) for row in (above, below)])


@torch.no_grad()
def main() -> None:
    """Run it."""
    parser = argparse.ArgumentParser(description="Draw one photo in several styles.")
    parser.add_argument("run", type=Path)
    parser.add_argument("photo", type=Path)
    parser.add_argument("styles", type=Path, nargs="+")
    parser.add_argument("--out", "-o", type=Path, required=True)
    parser.add_argument("--side", type=int, default=192, help="of each picture, in pixels")
    options = parser.parse_args()
    network, _ = load_network(options.run)
    if not isinstance(network, ArbitraryStylizer):
        parser.error(f"{options.run} does not draw in any style")
    styles = [square(path, options.side) for path in options.styles]
    drawn = grid(network, square(options.photo, options.side), styles)
    Image.fromarray(drawn).save(options.out, quality=80)  # small enough for a page
    print(options.out)


if __name__ == "__main__":
    main()
