"""Pictures in files: decoded when they are wanted, and kept as long as memory allows."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Generic, TypeVar, overload

import numpy as np
from PIL import Image

from nijigan.core.datasets.pair import Pixels
from nijigan.core.datasets.photos import read_photo
from nijigan.core.errors import DataError
from nijigan.core.images import read_size, size_at_short_side

S = TypeVar("S")
T = TypeVar("T")

GIB = 2**30


@dataclass(frozen=True)
class PictureFile:
    """A picture in a file of its own, or one of the two that a file has side by side."""

    name: str
    path: Path
    half: int | None = None
    """Of two side by side: 0 is the left one, 1 the right one."""


class PictureStore:
    """Reads pictures as uint8 `(H, W, 3)`; those used last stay decoded. Threads may share it.

    Args:
        load: short side in pixels to which pictures are resized, by a bicubic filter that averages
            where it shrinks; 0 leaves them.
        square: both sides become `load`, whatever the shape was.
        center: the middle square is cut out before anything else.
        memory: GiB of decoded pictures that are kept.
    """

    def __init__(
        self, load: int = 0, square: bool = False, center: bool = False, memory: float = 4.0
    ) -> None:
        self.load = load
        self.square = square
        self.center = center
        self._limit = memory * GIB
        self._kept: OrderedDict[tuple[Path, bool], tuple[Pixels, ...]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._pool = ThreadPoolExecutor(thread_name_prefix="pictures")

    def sizes(self, files: Sequence[PictureFile]) -> list[tuple[int, int]]:
        """Return height and width of each picture as `read` gives it, from the headers alone.

        Raises:
            DataError: a file is no two pictures side by side.
            ImageError: a header cannot be read.
        """
        return list(self._pool.map(self._size, files))

    def read(self, files: Iterable[PictureFile]) -> list[Pixels]:
        """Return the pictures, several decoded at a time; they must not be written to.

        Raises:
            ImageError: as `read_photo`.
        """
        return list(self._pool.map(self.pixels, files))

    def pixels(self, file: PictureFile) -> Pixels:
        """Return one picture; it must not be written to.

        Raises:
            ImageError: as `read`.
        """
        key = (file.path, file.half is not None)
        with self._lock:
            parts = self._kept.get(key)
            if parts is not None:
                self._kept.move_to_end(key)
        if parts is None:
            parts = self._decode(file)
            self._keep(key, parts)
        return parts[file.half or 0]

    def _keep(self, key: tuple[Path, bool], parts: tuple[Pixels, ...]) -> None:
        """Keep a picture, and drop the ones that were not used for longest."""
        with self._lock:
            if key in self._kept:  # another thread was faster
                return
            self._kept[key] = parts
            self._bytes += _bytes_of(parts)
            while self._bytes > self._limit:
                _, dropped = self._kept.popitem(last=False)
                self._bytes -= _bytes_of(dropped)

    def _decode(self, file: PictureFile) -> tuple[Pixels, ...]:
        rgb = read_photo(file.path)
        parts = (rgb,) if file.half is None else np.split(rgb, 2, axis=1)
        # Copies, so that what is cut away is not kept.
        return tuple(np.ascontiguousarray(self._prepare(part)) for part in parts)

    def _prepare(self, pixels: Pixels) -> Pixels:
        if self.center:
            side = min(pixels.shape[:2])
            top, left = ((length - side) // 2 for length in pixels.shape[:2])
            pixels = pixels[top : top + side, left : left + side]
        height, width = self._prepared(*pixels.shape[:2])
        if (height, width) == pixels.shape[:2]:
            return pixels
        image = Image.fromarray(pixels).resize((width, height), Image.Resampling.BICUBIC)
        return np.asarray(image)

    def _size(self, file: PictureFile) -> tuple[int, int]:
        width, height = read_size(file.path)
        if file.half is not None:
            if width % 2:
                raise DataError(
                    f"{file.path} is {width}x{height}: an odd width is not that of two pictures.",
                    "Join photo and drawing of one size, side by side.",
                )
            width //= 2
        return self._prepared(height, width)

    def _prepared(self, height: int, width: int) -> tuple[int, int]:
        """Return height and width after preparation."""
        if self.center:
            height = width = min(height, width)
        if not self.load:
            return height, width
        if self.square:
            return self.load, self.load
        width, height = size_at_short_side(width, height, self.load)
        return height, width


@dataclass(frozen=True)
class NamedPicture:
    """A picture and its name."""

    file: PictureFile
    store: PictureStore

    @property
    def name(self) -> str:
        """Its file's, without the suffix."""
        return self.file.name

    @property
    def pixels(self) -> Pixels:
        """`(H, W, 3)` uint8, decoded when it is taken.

        Raises:
            ImageError: as `PictureStore.read`.
        """
        return self.store.pixels(self.file)


class Lazy(Sequence[T], Generic[S, T]):
    """Items that are made whenever they are taken.

    Args:
        sources: what each is made of.
        make: makes one.
    """

    def __init__(self, sources: Sequence[S], make: Callable[[S], T]) -> None:
        self._sources = sources
        self._make = make

    def __len__(self) -> int:
        return len(self._sources)

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> "Lazy[S, T]": ...
    def __getitem__(self, index: int | slice) -> "T | Lazy[S, T]":
        if isinstance(index, slice):
            return Lazy(self._sources[index], self._make)
        return self._make(self._sources[index])


def _bytes_of(parts: tuple[Pixels, ...]) -> int:
    return sum(part.nbytes for part in parts)
