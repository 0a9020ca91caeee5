"""Adversarial losses on a discriminator's logits."""

from collections.abc import Callable

from torch import Tensor
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

GanLoss = Callable[[Tensor, bool], Tensor]
"""Takes logits and whether they should say "real"; returns a scalar."""


def vanilla(logits: Tensor, real: bool) -> Tensor:
    """Return the cross-entropy of the verdicts (Goodfellow et al. 2014, non-saturating)."""
    return functional.softplus(-logits if real else logits).mean()


def lsgan(logits: Tensor, real: bool) -> Tensor:
    """Return the mean square to 1 for real and to 0 for fake (Mao et al. 2017)."""
    return (logits - float(real)).square().mean()


_LOSSES: dict[str, GanLoss] = {"vanilla": vanilla, "lsgan": lsgan}


def gan_loss(name: str) -> GanLoss:
    """Return the adversarial loss `name`: `vanilla` or `lsgan`.

    Raises:
        ConfigError: another name.
    """
    if name not in _LOSSES:
        raise ConfigError(f"No adversarial loss '{name}'.", did_you_mean(name, _LOSSES))
    return _LOSSES[name]
