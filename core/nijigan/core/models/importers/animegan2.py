"""The generator of AnimeGANv2 in PyTorch: `paprika.pt`, `face_paint_512_v2.pt` and others."""

import re

from nijigan.core.models.importers.family import Family, Plan, Shapes, is_convolution


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a generator of AnimeGANv2."""
    return is_convolution(shapes, "block_a.0.1.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds; how it enlarges is not in the file."""
    return Plan(
        name="animegan2",
        config={"width": shapes["block_a.0.1.weight"][0], "upsampling": "aligned"},
        public=lambda own: own,
        note="AnimeGANv2's files do not tell how they enlarge, and are used both ways: this one is "
        "set to 'aligned'; --upsampling double is the other.",
    )


ANIMEGAN2 = Family("animegan2", re.compile(r"(block_[a-e]|out_layer)\..+"), holds, plan)
