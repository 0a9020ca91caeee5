"""Writes a Krita document with an animated layer, each of whose frames is of one color.

Krita's own import of frames would make it too, but Krita 5.1 crashes in that now and then.
"""

import zipfile

SIDE = 64
"""Of a tile, in pixels: a document may not be larger."""
PROFILE = "sRGB-elle-V2-srgbtrc.icc"
MAIN = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE DOC PUBLIC '-//KDE//DTD krita 2.0//EN' 'http://www.calligra.org/DTD/krita-2.0.dtd'>
<DOC xmlns="http://www.calligra.org/DTD/krita" editor="Krita" syntaxVersion="2.0">
 <IMAGE colorspacename="RGBA" profile="{profile}" name="Test" mime="application/x-kra"
        x-res="72" y-res="72" width="{width}" height="{height}" description="">
  <layers>
   <layer name="Animated" uuid="{{8f0aa0c4-6a0f-4d8c-9a5c-0d6f0f5c6a11}}" filename="layer0"
          nodetype="paintlayer" colorspacename="RGBA" compositeop="normal" opacity="255"
          visible="1" locked="0" selected="true" intimeline="1" onionskin="0" x="0" y="0"
          channelflags="" channellockflags="" collapsed="0" keyframes="layer0.keyframes.xml"/>
  </layers>
  <animation>
   <framerate type="value" value="24"/>
   <range type="timerange" from="0" to="{last}"/>
   <currentTime type="value" value="0"/>
  </animation>
 </IMAGE>
</DOC>
"""
KEYFRAMES = """<?xml version="1.0" encoding="UTF-8"?>
<keyframes xmlns="http://www.calligra.org/DTD/krita-keyframes">
 <channel name="content">
{frames}
 </channel>
</keyframes>
"""
KEYFRAME = """  <keyframe time="{time}" color-label="0" frame="{name}">
   <offset type="point" x="0" y="0"/>
  </keyframe>"""


def write_animated_kra(path, width, height, colors):
    """Write a frame for each of `colors`, 0xRRGGBB."""
    names = ["layer0", *(f"layer0.f{number}" for number in range(1, len(colors)))]
    keyframes = [KEYFRAME.format(time=time, name=name) for time, name in enumerate(names)]
    main = MAIN.format(profile=PROFILE, width=width, height=height, last=len(colors) - 1)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("mimetype", "application/x-krita")
        archive.writestr("maindoc.xml", main)
        archive.writestr(
            "Test/layers/layer0.keyframes.xml", KEYFRAMES.format(frames="\n".join(keyframes))
        )
        for name, color in zip(names, colors):
            archive.writestr(f"Test/layers/{name}", _one_tile(width, height, color))
            archive.writestr(f"Test/layers/{name}.defaultpixel", bytes(4))


def _one_tile(width, height, color):
    """Return a layer of one tile: the part of it that is in the picture has the color."""
    pixel = bytes([color & 255, color >> 8 & 255, color >> 16, 255])
    row = pixel * width + bytes(4 * (SIDE - width))
    pixels = row * height + bytes(4 * SIDE * (SIDE - height))
    head = f"VERSION 2\nTILEWIDTH {SIDE}\nTILEHEIGHT {SIDE}\nPIXELSIZE 4\nDATA 1\n"
    tile = b"\0" + pixels  # 0: as they are, not compressed
    return head.encode() + f"0,0,LZF,{len(tile)}\n".encode() + tile
