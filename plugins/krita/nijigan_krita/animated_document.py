# SPDX-License-Identifier: GPL-3.0-or-later
"""Writes a document of one animated layer, as Krita's own files are.

Krita's import of frames would make such a layer too, but Krita 5.1 crashes in it now and then: it
replaces the image of one file by the next while it still works on it.
"""

import zipfile
from pathlib import Path
from typing import Iterable, Iterator, List, Tuple

from nijigan_krita.colors import SRGB8

_TILE = 64
_ROOT = '<?xml version="1.0" encoding="UTF-8"?>\n'
_MAIN = """<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita" syntaxVersion="2.0">
 <IMAGE name="animated" mime="application/x-kra" width="{width}" height="{height}" x-res="72"
        y-res="72" description="" colorspacename="{space.model}" profile="{space.profile}">
  <layers>
   <layer name="animated" uuid="{{00000000-0000-0000-0000-000000000001}}" filename="layer"
          nodetype="paintlayer" colorspacename="{space.model}" compositeop="normal" opacity="255"
          visible="1" locked="0" intimeline="1" onionskin="0" x="0" y="0" channelflags=""
          channellockflags="" collapsed="0" keyframes="layer.keyframes.xml"/>
  </layers>
  <animation>
   <framerate type="value" value="24"/>
   <range type="timerange" from="{first}" to="{last}"/>
   <currentTime type="value" value="{first}"/>
  </animation>
 </IMAGE>
</DOC>
"""
_KEYFRAMES = """<keyframes xmlns="http://www.calligra.org/DTD/krita-keyframes">
 <channel name="content">
{keyframes}
 </channel>
</keyframes>
"""
_KEYFRAME = """  <keyframe time="{time}" color-label="0" frame="layer.f{time}">
   <offset type="point" x="0" y="0"/>
  </keyframe>"""
_LAYER = "VERSION 2\nTILEWIDTH {tile}\nTILEHEIGHT {tile}\nPIXELSIZE 4\nDATA {count}\n"


def write_animated_document(
    path: Path, width: int, height: int, frames: Iterable[Tuple[int, bytes]]
) -> None:
    """Write it.

    frames: at which time each one begins, in order, and its pixels, BGRA8.

    Raises:
        OSError: there is no room.
    """
    times: List[int] = []
    # Pixels are packed as they come, as fast as can be: the file is read once, and taken away.
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        archive.writestr("mimetype", "application/x-krita", zipfile.ZIP_STORED)
        for time, pixels in frames:
            times.append(time)
            archive.writestr(f"animated/layers/layer.f{time}", _layer(pixels, width, height))
            archive.writestr(f"animated/layers/layer.f{time}.defaultpixel", bytes(4))
        keyframes = "\n".join(_KEYFRAME.format(time=time) for time in times)
        archive.writestr(
            "animated/layers/layer.keyframes.xml", _ROOT + _KEYFRAMES.format(keyframes=keyframes)
        )
        main = _MAIN.format(
            width=width, height=height, space=SRGB8, first=times[0], last=max(times[-1], 1)
        )
        archive.writestr("maindoc.xml", _ROOT + main)


def _layer(pixels: bytes, width: int, height: int) -> bytes:
    tiles = list(_tiles(pixels, width, height))
    return _LAYER.format(tile=_TILE, count=len(tiles)).encode() + b"".join(tiles)


def _tiles(pixels: bytes, width: int, height: int) -> Iterator[bytes]:
    """Yield each tile that holds something: where it is, and its pixels, not packed."""
    for top in range(0, height, _TILE):
        rows = [
            pixels[4 * width * row : 4 * width * (row + 1)]
            for row in range(top, min(top + _TILE, height))
        ]
        for left in range(0, width, _TILE):
            parts = [row[4 * left : 4 * (left + _TILE)].ljust(4 * _TILE, b"\0") for row in rows]
            tile = b"".join(parts).ljust(4 * _TILE * _TILE, b"\0")
            if any(tile):
                data = b"\0" + tile  # 0: what follows is as it is
                yield f"{left},{top},LZF,{len(data)}\n".encode() + data
