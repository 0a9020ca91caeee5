"""What tells the things in a picture apart: a network of yours, in an ONNX file."""

import os
from pathlib import Path
from typing import Protocol

# onnxruntime would write a device id into the user's cache folder when it is imported.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import DataError
from nijigan.core.images import resize, size_at_short_side

_MEAN = np.array([0.485, 0.456, 0.406], np.float32)
_SPREAD = np.array([0.229, 0.224, 0.225], np.float32)
_SHORT_SIDE = 512
_MULTIPLE = 32


class Segmenter(Protocol):
    """Scores classes, pixel by pixel."""

    def __call__(self, pixels: Pixels) -> NDArray[np.float32]:
        """Return scores before softmax, `(classes, h, w)`, of a picture `(H, W, 3)`.

        h and w follow from H and W alone.
        """


class OnnxSegmenter:
    """A network in an ONNX file.

    Its input is float32 `(1, 3, H, W)`: RGB in [0, 1], less the mean of ImageNet's colors and
    divided by their spread, as nearly all published segmenters have it. Its first output is
    float32 `(1, classes, h, w)`: scores before softmax. Where H and W are fixed, pictures are
    resized to them; where they are free, to a short side of 512 px and multiples of 32.

    Raises:
        DataError: the file is missing, is no graph that onnxruntime runs, or has other inputs.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._session = onnxruntime.InferenceSession(
                str(path), providers=["CPUExecutionProvider"]
            )
        except Exception as error:  # onnxruntime's have no base of their own
            raise DataError(
                f"{path} cannot be run: {error}.", "Name an ONNX file of a segmenter."
            ) from error
        inputs = self._session.get_inputs()
        shape = inputs[0].shape if len(inputs) == 1 else []
        if len(shape) != 4 or shape[1] != 3 or inputs[0].type != "tensor(float)":
            found = ", ".join(f"{value.name} {value.type} {value.shape}" for value in inputs)
            raise DataError(
                f"{path} takes {found}.", "It must take one float32 input of (1, 3, H, W)."
            )
        self._input = inputs[0].name
        self._height, self._width = shape[2:]

    def __call__(self, pixels: Pixels) -> NDArray[np.float32]:
        """Return scores before softmax, `(classes, h, w)`, of a picture `(H, W, 3)`.

        Raises:
            DataError: the first output is not of that shape.
        """
        sized = resize(pixels, *self._size(pixels.shape[1], pixels.shape[0]))
        image = (sized.astype(np.float32) / np.float32(255) - _MEAN) / _SPREAD
        scores = self._session.run(None, {self._input: image.transpose(2, 0, 1)[None]})[0]
        if scores.ndim != 4 or len(scores) != 1:
            raise DataError(
                f"{self._path} gives {scores.shape}.", "It must give (1, classes, h, w) first."
            )
        return np.asarray(scores[0], np.float32)

    def _size(self, width: int, height: int) -> tuple[int, int]:
        free = (
            max(_MULTIPLE, round(side / _MULTIPLE) * _MULTIPLE)
            for side in size_at_short_side(width, height, _SHORT_SIDE)
        )
        fixed = (side if isinstance(side, int) else 0 for side in (self._width, self._height))
        wide, high = (given or chosen for given, chosen in zip(fixed, free, strict=True))
        return wide, high
