"""pix2pix: learn from pairs; the discriminator sees photo and drawing (Isola et al. 2017)."""

import copy

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from nijigan.core.config import Recipe, SolverConfig, StrengthConfig
from nijigan.core.data import Batch
from nijigan.core.losses import gan_loss, gradient_loss
from nijigan.core.methods.method import Method
from nijigan.core.models import create, create_generator
from nijigan.core.ode import Solver, solver_from_name
from nijigan.core.training.average import update_average
from nijigan.core.training.machine import autocast, place


class Pix2Pix(Method):
    """L1 to the target plus a conditional PatchGAN; and strengths, which make the ODE a dial.

    A picture at strength s has the target (1 - s) photo + s drawing: at 0 it must come out as it
    went in. The discriminator sees the pictures at strength 1 alone, for only they have a real
    counterpart.
    """

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.generator = create_generator(recipe.model.name, **recipe.model.options)
        self.discriminator = create(recipe.discriminator.name, **recipe.discriminator.options)
        place(self.generator, recipe.train)
        place(self.discriminator, recipe.train)
        self.averaged = copy.deepcopy(self.generator).eval().requires_grad_(False)
        self.networks = {
            "generator": self.generator,
            "discriminator": self.discriminator,
            "averaged": self.averaged,
        }
        optim = recipe.optim
        self.optimizers = {
            "generator": torch.optim.Adam(self.generator.parameters(), optim.lr, optim.betas),
            "discriminator": torch.optim.Adam(
                self.discriminator.parameters(), optim.lr_discriminator, optim.betas
            ),
        }
        self.own_solver = self.generator.solver
        self.gan = gan_loss(recipe.method.gan_loss)
        self.freeze_at = round(recipe.train.freeze_batchnorm_from * recipe.train.steps)

    def step(self, batch: Batch, step: int) -> dict[str, float]:
        """Draw strengths and a solver, then train the discriminator, then the generator."""
        weights = self.recipe.method
        rng = np.random.default_rng((self.recipe.train.seed, 2, step))
        strength = draw_strengths(self.recipe.strength, len(batch.photo), rng)
        strength = strength.to(batch.photo.device)
        if self.own_solver is not None:
            self.generator.set_solver(draw_solver(self.recipe.solver, self.own_solver, rng))
        self._set_norm_mode(step)

        with autocast(self.recipe.train):
            output = self.generator(batch.photo, strength)
        output = output.float()
        target = torch.lerp(batch.photo, batch.drawn, strength.view(-1, 1, 1, 1))
        losses = {"l1": functional.l1_loss(output, target)}
        total = weights.l1 * losses["l1"]
        if weights.gradient:
            losses["gradient"] = gradient_loss(output, target)
            total = total + weights.gradient * losses["gradient"]

        full = strength == 1.0
        if weights.gan and step >= weights.warmup and bool(full.any()):
            photo, drawn, fake = batch.photo[full], batch.drawn[full], output[full]
            losses["discriminator"] = self._train_discriminator(photo, drawn, fake.detach())
            losses["gan"] = self._judge(photo, fake, real=True)
            total = total + weights.gan * losses["gan"]

        optimizer = self.optimizers["generator"]
        optimizer.zero_grad()
        torch.autograd.backward(total)
        optimizer.step()
        update_average(self.averaged, self.generator, weights.ema, step)
        return {name: loss.item() for name, loss in losses.items()}

    def _train_discriminator(self, photo: Tensor, drawn: Tensor, fake: Tensor) -> Tensor:
        """Take one step of the discriminator and return its loss."""
        self.discriminator.requires_grad_(True)
        real_loss = self._judge(photo, drawn, real=True)
        fake_loss = self._judge(photo, fake, real=False)
        loss = 0.5 * (real_loss + fake_loss)
        self.optimizers["discriminator"].zero_grad()
        torch.autograd.backward(loss)
        self.optimizers["discriminator"].step()
        # The generator's step that follows needs gradients through it, not of it.
        self.discriminator.requires_grad_(False)
        return loss.detach()

    def _judge(self, photo: Tensor, drawing: Tensor, real: bool) -> Tensor:
        with autocast(self.recipe.train):
            logits = self.discriminator(torch.cat([photo, drawing], dim=1))
        return self.gan(logits.float(), real)

    def _set_norm_mode(self, step: int) -> None:
        """From `freeze_at` on, normalize with running statistics: train what will be served."""
        self.generator.train()
        if step < self.freeze_at:
            return
        if step == self.freeze_at:
            # The generator's own statistics follow the last few batches; the average is steadier.
            own = dict(self.generator.named_buffers())
            for name, buffer in self.averaged.named_buffers():
                own[name].copy_(buffer)
        for layer in self.generator.modules():
            if isinstance(layer, nn.BatchNorm2d):
                layer.eval()


def draw_strengths(config: StrengthConfig, count: int, rng: np.random.Generator) -> Tensor:
    """Return one strength per picture, `(count,)` float32: exactly 0, exactly 1, or between."""
    kind = rng.random(count)
    between = rng.random(count)
    drawn = np.where(
        kind < config.zero, 0.0, np.where(kind < config.zero + config.one, 1.0, between)
    )
    return torch.from_numpy(drawn.astype(np.float32))


def draw_solver(config: SolverConfig, own: Solver, rng: np.random.Generator) -> Solver:
    """Return the solver of one batch: one of the mix, by weight, or the model's own without one."""
    if not config.mix:
        return own
    weights = np.array([weight for _, _, weight in config.mix])
    name, steps, _ = config.mix[rng.choice(len(weights), p=weights / weights.sum())]
    return solver_from_name(name, steps)
