"""Generators of U-GAT-IT (Kim et al. 2020), full and light: `NAME_params_latest.pt`."""

import re
from math import isqrt

from nijigan.core.models.importers.family import Family, Plan, Shapes, is_convolution

_PARTS = {"down": "DownBlock", "up": "UpBlock2", "fc": "FC"}


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a generator of U-GAT-IT."""
    return is_convolution(shapes, "DownBlock.1.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds."""
    ngf = shapes["DownBlock.1.weight"][0]
    # What the perceptron looks at: the mean of each channel, or each pixel at a quarter of the size
    channels, values = 4 * ngf, shapes.get("FC.0.weight", (0,))[-1]
    light = values == channels
    size = 256 if light else 4 * isqrt(values // max(channels, 1))
    blocks = sum(bool(re.fullmatch(r"UpBlock1_\d+\.conv1\.weight", key)) for key in shapes)
    return Plan(
        name="ugatit_light" if light else "ugatit_full",
        config={
            "version": "light" if light else "full",
            "ngf": ngf,
            "n_blocks": blocks,
            "image_size": size,
        },
        public=_public,
        note="" if light else f"It draws {size}×{size} px and no other size.",
    )


def _public(own: str) -> str:
    part, _, rest = own.partition(".")
    if part == "cam":
        return rest
    if part == "adaptive":
        index, _, rest = rest.partition(".")
        return f"UpBlock1_{int(index) + 1}.{rest}"
    return f"{_PARTS.get(part, part)}.{rest}"


UGATIT = Family(
    "ugatit",
    re.compile(r"(DownBlock|UpBlock1_\d+|UpBlock2|FC|gap_fc|gmp_fc|conv1x1|gamma|beta)\..+"),
    holds,
    plan,
)
