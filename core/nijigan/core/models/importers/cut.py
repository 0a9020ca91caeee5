"""Generators of CUT and FastCUT (Park et al. 2020): `latest_net_G.pth`."""

from dataclasses import replace

import torch
from torch import Tensor

from nijigan.core.models.importers.family import Family, Plan, Shapes, is_convolution
from nijigan.core.models.importers.resnet_keys import KEY, Layout, count_blocks, resnet_plan

_LAYOUT = Layout("cut", down2=8, first_block=12, up1=1, up2=5, head=9)


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a ResNet generator with a blur between its second and third scale."""
    return is_convolution(shapes, "model.1.weight") and is_convolution(shapes, "model.8.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds."""
    ngf, after = shapes["model.1.weight"][0], _LAYOUT.first_block + count_blocks(shapes)
    down, up = _blur(1, 2, 1), _blur(1, 3, 3, 1) * 4
    blurs = {
        "model.7.filt": down.expand(2 * ngf, 1, 3, 3),
        "model.11.filt": down.expand(4 * ngf, 1, 3, 3),
        f"model.{after}.filt": up.expand(4 * ngf, 1, 4, 4),
        f"model.{after + 4}.filt": up.expand(2 * ngf, 1, 4, 4),
    }
    return replace(resnet_plan(shapes, _LAYOUT), constants=blurs)


def _blur(*row: float) -> Tensor:
    values = torch.tensor(row) / sum(row)
    return values[:, None] * values


CUT = Family("cut", KEY, holds, plan)
