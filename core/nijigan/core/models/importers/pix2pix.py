"""U-Net generators of pix2pix (Isola et al. 2017): each level is a module in the level above."""

import re

from nijigan.core.models.importers.family import Family, Plan, Shapes, by_layer, is_convolution

_BATCH_NOTE = (
    "pix2pix draws without dropout and with BatchNorm's statistics of training here, as the public "
    "code does with --eval; without it, that code draws with dropout and the picture's statistics."
)


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a U-Net."""
    return is_convolution(shapes, "model.model.0.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds."""
    levels = 1
    while is_convolution(shapes, f"{_path(levels)}.1.weight"):
        levels += 1
    norm = "batch" if f"{_path(1)}.2.weight" in shapes else "instance"
    return Plan(
        name="unet_128" if levels == 7 else "unet_256",
        config={"levels": levels, "ngf": shapes["model.model.0.weight"][0], "norm": norm},
        public=by_layer(_layers(levels)),
        note=_BATCH_NOTE if norm == "batch" else "",
    )


def _path(level: int) -> str:
    """Return the name of the `nn.Sequential` of a level."""
    return "model.model" if level == 0 else "model.model.1" + ".model.3" * (level - 1) + ".model"


def _layers(levels: int) -> dict[str, str]:
    """Return the public name of each of our layers that can hold something."""
    layers = {"down.0.conv": f"{_path(0)}.0", "up.0.conv": f"{_path(0)}.3"}
    for level in range(1, levels):
        up = 3 if level == levels - 1 else 5  # the innermost has no norm and no level before it
        indices = {"down.{}.conv": 1, "down.{}.norm": 2, "up.{}.conv": up, "up.{}.norm": up + 1}
        layers |= {own.format(level): f"{_path(level)}.{i}" for own, i in indices.items()}
    return layers


PIX2PIX = Family("pix2pix", re.compile(r"model\.model\..+"), holds, plan)
