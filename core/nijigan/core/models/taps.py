"""What a generator holds of a picture on the way, as contrastive losses look at it."""

from collections.abc import Callable, Iterable, Sequence

from torch import Tensor, nn

Stage = tuple[Sequence[str], Callable[[Tensor], Tensor]]
"""The names of a stage's output, and the stage."""


def stages_of(
    encoder: nn.Module, blocks: nn.ModuleList, run: Callable[[nn.Module, Tensor], Tensor]
) -> list[Stage]:
    """Return the layers of an encoder by their own names, and blocks as first, middle and last.

    Args:
        encoder: its layers run one after another.
        blocks: run after them.
        run: runs a block.
    """
    names: list[list[str]] = [[] for _ in blocks]
    for place, index in (("first", 0), ("middle", len(blocks) // 2), ("last", -1)):
        names[index].append(f"bottleneck.{place}")
    layers: list[Stage] = [([name], layer) for name, layer in encoder.named_children()]
    return layers + [
        (named, lambda h, block=block: run(block, h))
        for named, block in zip(names, blocks, strict=True)
    ]


def tap(image: Tensor, stages: Iterable[Stage], taps: Sequence[str]) -> dict[str, Tensor]:
    """Return the output of each stage in `taps`; what follows the last of them is not run."""
    found: dict[str, Tensor] = {}
    wanted = set(taps)
    h = image
    for names, stage in stages:
        if wanted <= found.keys():
            break
        h = stage(h)
        # A ReLU that follows may work in place.
        found |= {name: h.clone() for name in names if name in wanted}
    return found
