"""The keys of the ResNet generator that CUT and CycleGAN share: indices of an `nn.Sequential`."""

import re
from dataclasses import dataclass

from nijigan.core.models.importers.family import Plan, Shapes, by_layer, is_convolution

KEY = re.compile(r"model\.\d+\.(conv_block\.\d+\.)?(weight|bias|filt|running_\w+|num_\w+)")

_REGISTERED = (4, 6, 9)

_BATCH_NOTE = (
    "BatchNorm uses the statistics of training here, as the public code does with --eval; "
    "without it, that code uses those of the picture."
)


@dataclass(frozen=True)
class Layout:
    """Where the convolutions are; a norm follows each but the last."""

    prefix: str
    """Of the registered names: `cut` or `cyclegan`."""
    down2: int
    first_block: int
    up1: int
    """Counted from after the last block, as `up2` and `head` are."""
    up2: int
    head: int


def resnet_plan(shapes: Shapes, layout: Layout) -> Plan:
    """Return what a file holds that `model.1.weight` says is a ResNet generator."""
    n_blocks = count_blocks(shapes)
    dropout = is_convolution(shapes, f"model.{layout.first_block}.conv_block.6.weight")
    # Only BatchNorm has a weight: the InstanceNorm of these networks learns nothing.
    norm = "batch" if "model.2.weight" in shapes else "instance"
    return Plan(
        name=f"{layout.prefix}_resnet{n_blocks if n_blocks in _REGISTERED else _REGISTERED[-1]}",
        config={
            "ngf": shapes["model.1.weight"][0],
            "n_blocks": n_blocks,
            "norm": norm,
            "dropout": dropout,
        },
        public=by_layer(_layers(layout, n_blocks, dropout)),
        note=_BATCH_NOTE if norm == "batch" else "",
    )


def count_blocks(shapes: Shapes) -> int:
    """Return the number of residual blocks in a file."""
    return sum(bool(re.fullmatch(r"model\.\d+\.conv_block\.1\.weight", key)) for key in shapes)


def _layers(layout: Layout, n_blocks: int, dropout: bool) -> dict[str, str]:
    """Return the public name of each of our layers that can hold something."""
    after = layout.first_block + n_blocks
    convolutions = {
        "encoder.stem": 1,
        "encoder.down1": 4,
        "encoder.down2": layout.down2,
        "decoder.up1": after + layout.up1,
        "decoder.up2": after + layout.up2,
        "decoder.head": after + layout.head,
    }
    layers = {name: f"model.{index}" for name, index in convolutions.items()}
    layers |= {f"{name}_norm": f"model.{index + 1}" for name, index in convolutions.items()}
    second = 6 if dropout else 5  # the dropout comes before the padding of the second convolution
    inner = {"conv1": 1, "norm1": 2, "conv2": second, "norm2": second + 1}
    for block in range(n_blocks):
        public = f"model.{layout.first_block + block}.conv_block"
        layers |= {f"blocks.{block}.{own}": f"{public}.{index}" for own, index in inner.items()}
    return layers
