"""pix2pix: learn from pairs; the discriminator sees photo and drawing (Isola et al. 2017)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, PairedPictures
from nijigan.core.losses import gradient_loss
from nijigan.core.method_config import Pix2PixConfig
from nijigan.core.methods.adversary import Adversary
from nijigan.core.methods.dial import mixture
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.pictures import open_pairs
from nijigan.core.models import Generator
from nijigan.core.spread import spread
from nijigan.core.training.part import Part
from nijigan.core.training.samples import validate_pairs, write_pair_grid
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


@dataclass(frozen=True)
class View:
    """The pictures of a part, and what the generator made of the photos."""

    part: Part[Batch]
    output: Tensor
    target: Tensor

    @property
    def real(self) -> Tensor:
        """Photo and drawing, `(N, 6, H, W)`, of the pictures at strength 1."""
        full = self.part.full
        return torch.cat([self.part.batch.photo[full], self.part.batch.drawn[full]], dim=1)

    @property
    def fake(self) -> Tensor:
        """Photo and output, as `real`."""
        full = self.part.full
        return torch.cat([self.part.batch.photo[full], self.output[full]], dim=1)


class Pix2Pix(Method[PairedPictures, View]):
    """L1 to the target plus a conditional PatchGAN; and strengths, which make the ODE a dial.

    A picture at strength s has the target (1 - s) photo + s drawing: at 0 it must come out as it
    went in. The discriminator sees the pictures at strength 1 alone, for only they have a real
    counterpart.
    """

    averaged: Generator
    figures = ("psnr", "psnr_zero")

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        self.options = options_of(recipe, Pix2PixConfig)
        self.generator = self.trained_generator("generator")
        discriminator = self.trained_discriminator("discriminator", in_channels=6)
        self.adversary = Adversary(discriminator, self.options, recipe.train)
        self.averaged = self.averaged_of("averaged", self.generator)

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> PairedPictures:
        """See `Method.open_pictures`."""
        return open_pairs(self.recipe)

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

    def phases(self, step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        learn = Phase(("generator",), self.draw_alike)
        if not self.options.gan or step < self.options.warmup:
            return (learn,)
        return (
            Phase(("discriminator",), self.judge, through=False),
            Phase(("generator",), lambda view: self.draw_alike(view) | self.fool(view)),
        )

    def look(self, part: Part[Batch]) -> View:
        """Draw the photos at their strengths."""
        photo, drawn = part.batch.photo, part.batch.drawn
        output = self.run(self.generator, photo, part.strength)
        return View(part, output, mixture(photo, drawn, part.strength))

    def judge(self, view: View) -> Losses:
        """Return what the discriminator learns."""
        if not view.part.full.any():
            return {}
        share = view.part.full_share
        return self.adversary.losses("discriminator", view.real, view.fake, view.part, share)

    def draw_alike(self, view: View) -> Losses:
        """Return how far the drawings are from their targets."""
        options = self.options
        losses = {"l1": Loss(functional.l1_loss(view.output, view.target), options.l1)}
        if options.gradient:
            losses["gradient"] = Loss(gradient_loss(view.output, view.target), options.gradient)
        return losses

    def fool(self, view: View) -> Losses:
        """Return what the discriminator says of the drawings."""
        if not view.part.full.any():
            return {}
        fooled = self.adversary.fool(view.fake)
        return {"gan": Loss(fooled, self.options.gan, view.part.full_share)}
