"""Scenimefy's generator (Jiang et al. 2023), which is CUT's: `Shinkai_net_G.pth`."""

from nijigan.core.models.importers import cut
from nijigan.core.models.importers.family import Family
from nijigan.core.models.importers.resnet_keys import KEY

SCENIMEFY = Family(
    "scenimefy",
    KEY,
    cut.holds,
    cut.plan,
    license="LicenseRef-S-Lab-1.0",
    note="Scenimefy's weights are under the S-Lab License 1.0: non-commercial use only. "
    "That holds for styles made of them too.",
)
