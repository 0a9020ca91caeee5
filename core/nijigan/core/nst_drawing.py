"""Picture files in, drawings by neural style transfer side by side out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from nijigan.core.images import (
    MIN_SIDE,
    Picture,
    from_tensor,
    read_picture,
    resize,
    to_tensor,
    write_picture,
)
from nijigan.core.methods.nst import NstConfig, NstProgress, NstResult, transfer
from nijigan.core.models.features import FeatureNetwork

_PREVIEW_SECONDS = 2.0


class Drawing:
    """One photo to be drawn in the style of one picture, both brought to the same size.

    Args:
        content, style: files.
        long_side: of both, in pixels.
        preview: a file that is rewritten with the picture every two seconds.

    Raises:
        ImageError: a file is not a picture.
    """

    def __init__(self, content: Path, style: Path, long_side: int, preview: Path | None) -> None:
        self.photo = _at_long_side(read_picture(content), long_side)
        self.example = _at_long_side(read_picture(style), long_side)
        self.preview = _Preview(preview, self.photo)

    def draw(
        self,
        network: FeatureNetwork,
        configs: Sequence[NstConfig],
        show: Callable[[float, str], None],
        stop: Callable[[], bool],
    ) -> list[NstResult]:
        """Return a drawing for each config, in order; fewer if `stop` said so.

        `show` is told the part that is done, 0…1, and what is being done. Errors are those of
        `transfer` and `write_picture`.
        """
        photo, example = _tensor(self.photo), _tensor(self.example)
        results: list[NstResult] = []

        def tell(progress: NstProgress) -> None:
            done = (len(results) + progress.step / progress.steps) / len(configs)
            which = f"picture {len(results) + 1} of {len(configs)}, " if len(configs) > 1 else ""
            show(done, f"{which}loss {progress.losses['total']:.3g}")
            self.preview.update(progress.image)

        for config in configs:
            if results and stop():
                break
            results.append(transfer(network, photo, example, config, tell, stop))
        return results

    def strip(self, results: Sequence[NstResult]) -> Picture:
        """Return the drawings side by side, with the photo's transparency."""
        rgb = np.concatenate([from_tensor(result.image.numpy()) for result in results], axis=1)
        alpha = self.photo.alpha
        return Picture(rgb, None if alpha is None else np.tile(alpha, (1, len(results))))


@dataclass
class _Preview:
    """A file that shows the picture as it is, when it is time."""

    path: Path | None
    photo: Picture
    due: float = 0.0

    def update(self, image: Tensor) -> None:
        if self.path is None or time.monotonic() < self.due:
            return
        rgb = resize(from_tensor(image.numpy()), self.photo.width, self.photo.height)
        write_picture(self.path, Picture(rgb, self.photo.alpha))
        self.due = time.monotonic() + _PREVIEW_SECONDS


def _at_long_side(picture: Picture, long_side: int) -> Picture:
    """The picture with its longer side of `long_side` pixels, its shorter one in proportion."""
    factor = long_side / max(picture.width, picture.height)
    width = max(round(picture.width * factor), MIN_SIDE)
    height = max(round(picture.height * factor), MIN_SIDE)
    alpha = None if picture.alpha is None else resize(picture.alpha, width, height)
    return Picture(resize(picture.rgb, width, height), alpha)


def _tensor(picture: Picture) -> Tensor:
    return torch.from_numpy(to_tensor(picture.rgb))
