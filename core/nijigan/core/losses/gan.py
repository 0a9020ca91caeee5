"""Adversarial losses on a discriminator's logits."""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

OfLogits = Callable[[Tensor], Tensor]
"""Takes logits of any shape and returns a scalar."""


@dataclass(frozen=True)
class GanLoss:
    """What a discriminator loses on real and on fake pictures, and a generator on its own."""

    real: OfLogits
    fake: OfLogits
    fool: OfLogits


def vanilla(logits: Tensor, real: bool) -> Tensor:
    """Return the cross-entropy of the verdicts (Goodfellow et al. 2014, non-saturating)."""
    return functional.softplus(-logits if real else logits).mean()


def lsgan(logits: Tensor, real: bool) -> Tensor:
    """Return the mean square to 1 for real and to 0 for fake (Mao et al. 2017)."""
    return (logits - float(real)).square().mean()


def hinge(logits: Tensor, real: bool) -> Tensor:
    """Return how far verdicts are from ±1 on the right side, 0 beyond (Lim and Ye 2017).

    For the discriminator alone; the generator loses the mean of -logits.
    """
    return functional.relu(1 - logits if real else 1 + logits).mean()


def wasserstein(logits: Tensor, real: bool) -> Tensor:
    """Return the mean of -logits for real and of logits for fake (Arjovsky et al. 2017)."""
    return -logits.mean() if real else logits.mean()


def gradient_penalty(
    judge: Callable[[Tensor], Tensor], real: Tensor, fake: Tensor, mix: Tensor
) -> Tensor:
    """Return the mean of (‖∂ judge / ∂ picture‖₂ − 1)² between real and fake (Gulrajani 2017).

    Args:
        judge: from pictures to logits; it must treat each picture on its own (no BatchNorm).
        real, fake: `(N, C, H, W)`.
        mix: `(N,)`, in [0, 1]: the part of the real picture in each one that is looked at.
    """
    between = torch.lerp(fake.detach(), real.detach(), mix.view(-1, 1, 1, 1)).requires_grad_(True)
    (slope,) = torch.autograd.grad(judge(between).sum(), between, create_graph=True)
    length: Tensor = torch.linalg.vector_norm(slope.flatten(1), dim=1)
    return (length - 1).square().mean()


def _both(loss: Callable[[Tensor, bool], Tensor]) -> GanLoss:
    """Return a loss whose generator wants the verdict "real"."""
    return GanLoss(_saying(loss, True), _saying(loss, False), _saying(loss, True))


def _critic(loss: Callable[[Tensor, bool], Tensor]) -> GanLoss:
    """Return a loss whose generator wants high logits, without end."""
    return GanLoss(_saying(loss, True), _saying(loss, False), _saying(wasserstein, True))


def _saying(loss: Callable[[Tensor, bool], Tensor], real: bool) -> OfLogits:
    return lambda logits: loss(logits, real)


_LOSSES: dict[str, GanLoss] = {
    "vanilla": _both(vanilla),
    "lsgan": _both(lsgan),
    "hinge": _critic(hinge),
    "wgan-gp": _critic(wasserstein),
}


def gan_loss(name: str) -> GanLoss:
    """Return the adversarial loss `name`: `vanilla`, `lsgan`, `hinge` or `wgan-gp`.

    The last one wants `gradient_penalty` beside it.

    Raises:
        ConfigError: another name.
    """
    if name not in _LOSSES:
        raise ConfigError(f"No adversarial loss '{name}'.", did_you_mean(name, _LOSSES))
    return _LOSSES[name]


def has_batch_norm(network: nn.Module) -> bool:
    """Whether pictures of a batch influence each other, which `gradient_penalty` cannot have."""
    return any(isinstance(layer, nn.BatchNorm2d) for layer in network.modules())
