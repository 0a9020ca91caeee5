"""A discriminator: what it learns from pictures, and what a generator learns from it."""

from typing import Any

import torch
from torch import Tensor, nn

from nijigan.core.config import TrainConfig
from nijigan.core.errors import ConfigError
from nijigan.core.losses import gan_loss, gradient_penalty
from nijigan.core.losses.gan import has_batch_norm
from nijigan.core.method_config import AdversarialConfig
from nijigan.core.training.machine import autocast, dtype_of
from nijigan.core.training.part import Part
from nijigan.core.training.update import Loss, Losses


class Adversary:
    """Judges pictures, alone or beside the photo that they were drawn from.

    Args:
        network: from `(N, 3, H, W)`, or `(N, 6, H, W)` with the photo first, to logits.
        options: which adversarial loss.
        config: of the run.

    Raises:
        ConfigError: an unknown loss, or the gradient penalty on a network with BatchNorm.
    """

    def __init__(self, network: nn.Module, options: AdversarialConfig, config: TrainConfig) -> None:
        self.network = network
        self.options = options
        self.config = config
        self.gan = gan_loss(options.gan_loss)
        self.penalized = options.gan_loss == "wgan-gp"
        if self.penalized and has_batch_norm(network):
            raise ConfigError(
                "method.gan_loss 'wgan-gp' with BatchNorm in the discriminator.",
                "Set discriminator.norm = 'instance'.",
            )

    def losses(
        self, name: str, real: Tensor, fake: Tensor, part: Part[Any], share: float = 1.0
    ) -> Losses:
        """Return what the discriminator learns: half the sum over real and fake, and the penalty.

        Args:
            name: of the loss; the penalty is `NAME_penalty`.
            real, fake: what `network` takes.
            part: which pictures these are.
            share: see `Part`.
        """
        verdict = 0.5 * (self.gan.real(self(real)) + self.gan.fake(self(fake.detach())))
        found = {name: Loss(verdict, share=share)}
        if self.penalized:
            mix = part.random(torch.rand, stream=1)[part.full]
            penalty = gradient_penalty(self.network, real, fake, mix)
            found[f"{name}_penalty"] = Loss(penalty, self.options.penalty, share)
        return found

    def fool(self, fake: Tensor) -> Tensor:
        """Return what the generator loses on pictures that should be taken for real."""
        return self.gan.fool(self(fake))

    def __call__(self, pictures: Tensor) -> Tensor:
        """Return the logits, not in bfloat16."""
        with autocast(self.config):
            logits: Tensor = self.network(pictures)
        return logits.to(dtype_of(self.config))
