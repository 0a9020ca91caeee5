"""ResNet generators of CycleGAN (Zhu et al. 2017): `latest_net_G.pth`, `_G_A`, `_G_B`."""

from nijigan.core.models.importers.family import Family, Plan, Shapes, is_convolution
from nijigan.core.models.importers.resnet_keys import KEY, Layout, resnet_plan

_LAYOUT = Layout("cyclegan", down2=7, first_block=10, up1=0, up2=3, head=7)


def holds(shapes: Shapes) -> bool:
    """Whether a file holds a ResNet generator without a blur between its scales."""
    return is_convolution(shapes, "model.1.weight") and is_convolution(shapes, "model.7.weight")


def plan(shapes: Shapes) -> Plan:
    """Return what such a file holds."""
    return resnet_plan(shapes, _LAYOUT)


CYCLEGAN = Family("cyclegan", KEY, holds, plan)
