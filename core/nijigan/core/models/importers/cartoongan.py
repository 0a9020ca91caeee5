"""The generator of CartoonGAN (Chen et al. 2018) in PyTorch: `Hayao_net_G_float.pth` and others."""

import re

from nijigan.core.models.importers.family import Family, Plan, Shapes, is_convolution

# The published norms are a class of their own, which calls weight and bias so.
_VALUES = {"weight": "scale", "bias": "shift"}


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a generator of CartoonGAN."""
    return is_convolution(shapes, "conv01_1.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds."""
    blocks = 0
    while is_convolution(shapes, f"conv{4 + blocks:02}_1.weight"):
        blocks += 1
    layers = _layers(blocks)

    def public(own: str) -> str:
        layer, _, value = own.rpartition(".")
        name = layers[layer]
        return f"{name}.{_VALUES.get(value, value) if name.startswith('in') else value}"

    return Plan(
        name="cartoongan",
        config={"ngf": shapes["conv01_1.weight"][0], "n_blocks": blocks},
        public=public,
    )


def _layers(blocks: int) -> dict[str, str]:
    """Return the public name of each of our layers that holds something."""
    after = 4 + blocks
    layers = {
        "encoder.stem": "conv01_1",
        "encoder.stem_norm": "in01_1",
        "encoder.down1": "conv02_1",
        "encoder.conv1": "conv02_2",
        "encoder.norm1": "in02_1",
        "encoder.down2": "conv03_1",
        "encoder.conv2": "conv03_2",
        "encoder.norm2": "in03_1",
        "decoder.up1": "deconv01_1",
        "decoder.conv1": "deconv01_2",
        "decoder.norm1": f"in{after:02}_1",
        "decoder.up2": "deconv02_1",
        "decoder.conv2": "deconv02_2",
        "decoder.norm2": f"in{after + 1:02}_1",
        "decoder.out": "deconv03_1",
    }
    for block in range(blocks):
        for part in (1, 2):
            layers[f"blocks.{block}.conv{part}"] = f"conv{4 + block:02}_{part}"
            layers[f"blocks.{block}.norm{part}"] = f"in{4 + block:02}_{part}"
    return layers


CARTOONGAN = Family(
    "cartoongan", re.compile(r"(conv|in|deconv)\d\d_\d\.(weight|bias|scale|shift)"), holds, plan
)
