"""pix2pix: learn from pairs; the discriminator sees photo and drawing (Isola et al. 2017)."""

import copy
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe, SolverConfig, StrengthConfig
from nijigan.core.data import Batch, PairedPictures
from nijigan.core.losses import gan_loss, gradient_loss
from nijigan.core.method_config import Pix2PixConfig
from nijigan.core.methods.method import Method, options_of
from nijigan.core.models import Generator, create, create_generator
from nijigan.core.ode import Solver, solver_from_name
from nijigan.core.training.average import update_average
from nijigan.core.training.machine import autocast, place
from nijigan.core.training.norm_mode import NormMode
from nijigan.core.training.samples import spread, validate_pairs, write_pair_grid


class Pix2Pix(Method[PairedPictures]):
    """L1 to the target plus a conditional PatchGAN; and strengths, which make the ODE a dial.

    A picture at strength s has the target (1 - s) photo + s drawing: at 0 it must come out as it
    went in. The discriminator sees the pictures at strength 1 alone, for only they have a real
    counterpart.
    """

    averaged: Generator

    def __init__(self, recipe: Recipe) -> None:
        self.recipe = recipe
        self.options = options_of(recipe, Pix2PixConfig)
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
        self.gan = gan_loss(self.options.gan_loss)
        self.norm_mode = NormMode(self.generator, self.averaged, recipe.train)

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> PairedPictures:
        """See `Method.open_pictures`."""
        data = self.recipe.data
        return PairedPictures(data.folder, data.crop, data.batch, data.flip, self.recipe.train.seed)

    def write_grid(self, pictures: PairedPictures, path: Path) -> None:
        """Write a grid of some pairs: see `write_pair_grid`."""
        config = self.recipe.train
        pairs = spread(pictures.val or pictures.train, config.sample_count)
        write_pair_grid(self.averaged, pairs, path, config)

    def validate(self, pictures: PairedPictures) -> dict[str, float]:
        """Return the figures of `validate_pairs`."""
        config = self.recipe.train
        pairs = spread(pictures.val or pictures.train, config.val_count)
        return validate_pairs(self.averaged, pairs, config)

    def step(self, batch: Batch, step: int) -> dict[str, float]:
        """Draw strengths and a solver, then train the discriminator, then the generator."""
        weights = self.options
        rng = np.random.default_rng((self.recipe.train.seed, 2, step))
        strength = draw_strengths(self.recipe.strength, len(batch.photo), rng)
        strength = strength.to(batch.photo.device)
        if self.own_solver is not None:
            self.generator.set_solver(draw_solver(self.recipe.solver, self.own_solver, rng))
        self.norm_mode.set(step)

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
