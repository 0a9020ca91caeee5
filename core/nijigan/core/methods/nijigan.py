"""NijiGAN: pseudo-pairs and unpaired pictures, one generator (arXiv 2412.19455).

The unsupervised branch is that of Jung, Kwon and Ye 2022 (arXiv 2203.01532), the supervised one
Scenimefy's; weights that the paper does not give are Scenimefy's as published.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import SemiBatch, SemiPictures
from nijigan.core.losses import (
    content_loss,
    gradient_loss,
    hard_negative_dce,
    hard_negative_weights,
    semantic_relation,
    style_patch_nce,
)
from nijigan.core.method_config import NijiGANConfig
from nijigan.core.methods.adversary import Adversary
from nijigan.core.methods.dial import dial_loss, mixture
from nijigan.core.methods.feature_judge import FeatureJudge
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.patches import Patches, mean_of
from nijigan.core.methods.pictures import open_semi
from nijigan.core.methods.steadiness import Shift, draw_shift, moved, steadiness_loss
from nijigan.core.models import Generator
from nijigan.core.models.patch_sample import PatchSample
from nijigan.core.spread import spread
from nijigan.core.training.part import Part, source_of
from nijigan.core.training.samples import validate_pairs, write_pair_grid
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


@dataclass(frozen=True)
class View:
    """What the generator made of a part."""

    part: Part[SemiBatch]
    fake: Tensor
    """Of the unpaired photos at strength 1; empty while pairs are alone."""
    dialed: Tensor
    """Of the other unpaired photos, at their strengths; may be empty."""
    same: Tensor
    """Of the unpaired drawings beside the photos at strength 1; may be empty."""
    paired: Tensor
    """Of the photos of pairs, as many as there are unpaired ones at strength 1; may be empty. While
    pairs are alone, of all of them, at their strengths."""
    shifted: Tensor
    """Of the unpaired photos at strength 1 that were moved by `shift`; may be empty."""

    @property
    def shift(self) -> Shift:
        """By how many pixels photos are moved in this step."""
        return _shift_of(self.part)

    @property
    def photo(self) -> Tensor:
        """The unpaired photos at strength 1."""
        return self.part.batch.unpaired.photo[self.part.full]

    @property
    def drawn(self) -> Tensor:
        """The unpaired drawings beside them."""
        return self.part.batch.unpaired.drawn[self.part.full]

    @property
    def pair_photo(self) -> Tensor:
        """The photos of pairs that were drawn."""
        return self.part.batch.paired.photo[self.part.full]

    @property
    def pair_drawn(self) -> Tensor:
        """The drawings that belong to them."""
        return self.part.batch.paired.drawn[self.part.full]


class NijiGANMethod(Method[SemiPictures, View]):
    """Two branches that share the generator.

    Unsupervised: LSGAN on the drawings; semantic relation consistency and a contrastive loss with
    hard negatives between photo and drawing. Supervised, from the end of the warm-up on: a
    discriminator of photo and drawing side by side, and StylePatchNCE between drawing and
    pseudo-target. A content loss on a feature network holds drawing and photo together.

    Where drawings fit their photos to the pixel, these losses have nothing to say of the first,
    blurry outputs, and take two thirds of a step's time: pairs can be alone at first.
    """

    averaged: Generator
    figures = ("psnr", "psnr_zero")

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, NijiGANConfig)
        self.generator = self.trained_generator("generator")
        self.adversary = self._adversary("discriminator", in_channels=3)
        self.pair_adversary = self._adversary("pair_discriminator", in_channels=6)
        self.patches = Patches(
            self.generator, options.taps, options.width, options.patches, recipe.train
        )
        self.trained("projection", self.patches.projection, recipe.optim.lr)
        self.pair_projection = PatchSample(**self.patches.projection.config)
        self.trained("pair_projection", self.pair_projection, recipe.optim.lr)
        self.averaged = self.averaged_of("averaged", self.generator)
        self.content = FeatureJudge(recipe, options.content_layers) if options.content else None

    def _adversary(self, name: str, in_channels: int) -> Adversary:
        network = self.trained_discriminator(name, in_channels)
        return Adversary(network, self.options, self.recipe.train)

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> SemiPictures:
        """See `Method.open_pictures`."""
        return open_semi(self.recipe)

    def write_grid(self, pictures: SemiPictures, path: Path) -> None:
        """Write a grid of some held-out pairs: see `write_pair_grid`."""
        config = self.recipe.train
        pairs = pictures.pairs.val or pictures.pairs.train
        write_pair_grid(self.averaged, spread(pairs, config.sample_count), path, config)

    def validate(self, pictures: SemiPictures) -> dict[str, float]:
        """Return the figures of `validate_pairs`."""
        config = self.recipe.train
        pairs = pictures.pairs.val or pictures.pairs.train
        return validate_pairs(self.averaged, spread(pairs, config.val_count), config)

    def alone(self, step: int) -> bool:
        """Whether only the pairs teach, by pixel."""
        return step < self.options.pairs_alone * self.recipe.train.steps

    @property
    def unsupervised(self) -> bool:
        """Whether there is a branch of unpaired pictures."""
        return bool(self.options.gan or self.options.hdce or self.options.src)

    def look(self, part: Part[SemiBatch]) -> View:
        """Draw the unpaired photos at their strengths, and at full strength what else is needed."""
        unpaired, paired, full = part.batch.unpaired, part.batch.paired, part.full
        none = unpaired.photo[:0]
        if self.alone(part.step):
            drawn = self.run(self.generator, paired.photo, part.strength)
            return View(part, none, none, none, drawn, none)
        shift = _shift_of(part)
        sources = (
            unpaired.photo[full],
            unpaired.photo[~full],
            unpaired.drawn[full] if self.options.hdce_identity else none,
            paired.photo[full] if self.pair_weight(part.step) else none,
            moved(unpaired.photo[full], shift) if self.options.steady else none,
        )
        strengths = [part.strength.new_ones(len(source)) for source in sources]
        strengths[1] = part.strength[~full]
        drawn = self.run(self.generator, torch.cat(sources), torch.cat(strengths))
        return View(part, *torch.split(drawn, [len(source) for source in sources]))

    def phases(self, step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`; in Scenimefy's order."""
        phases = []
        if self.options.gan and not self.alone(step):
            phases.append(Phase(("discriminator",), self.judge, through=False))
        if self.pair_weight(step) and self.options.pair_gan and not self.alone(step):
            phases.append(Phase(("pair_discriminator",), self.judge_pairs, through=False))
        draws = ("generator", "projection", "pair_projection")
        return (*phases, Phase(draws, self.draw))

    def judge(self, view: View) -> Losses:
        """Return what the discriminator of drawings learns."""
        if not view.part.full.any():
            return {}
        share = view.part.full_share
        return self.adversary.losses("discriminator", view.drawn, view.fake, view.part, share)

    def judge_pairs(self, view: View) -> Losses:
        """Return what the discriminator of photo and drawing learns."""
        if not view.part.full.any():
            return {}
        real = torch.cat([view.pair_photo, view.pair_drawn], dim=1)
        fake = torch.cat([view.pair_photo, view.paired], dim=1)
        name, share = "pair_discriminator", view.part.full_share
        return self.pair_adversary.losses(name, real, fake, view.part, share)

    def draw(self, view: View) -> Losses:
        """Return what the generator learns, and the projections with it."""
        part, losses = view.part, {}
        if self.alone(part.step):
            pairs = part.batch.paired
            target = mixture(pairs.photo, pairs.drawn, part.strength)
            return self.compare(view.paired, target, part.step)
        if len(view.dialed) and self.options.dial:
            rest = ~part.full
            photo, strength = part.batch.unpaired.photo[rest], part.strength[rest]
            loss = dial_loss(view.dialed, photo, strength, self.averaged)
            losses["dial"] = Loss(loss, self.options.dial, part.rest_share)
        if part.full.any():
            if self.options.steady:
                loss = steadiness_loss(view.fake, view.shifted, view.shift)
                losses["steady"] = Loss(loss, self.options.steady, part.full_share)
            losses |= self.hold_content(view)
            if self.unsupervised:
                losses |= self.learn_unpaired(view)
            if len(view.paired):
                losses |= self.learn_pairs(view)
        return losses

    def hold_content(self, view: View) -> Losses:
        """Return how far the features of the drawings are from the photos'."""
        if self.content is None:
            return {}
        photo, drawn = view.photo, view.fake
        if not self.unsupervised and len(view.paired):
            photo, drawn = view.pair_photo, view.paired
        loss = content_loss(
            self.content(drawn), self.content.target(photo), dict(self.options.content_layers)
        )
        return {"content": Loss(loss, self.options.content, view.part.full_share)}

    def learn_unpaired(self, view: View) -> Losses:
        """Return the losses of the unsupervised branch."""
        options, share = self.options, view.part.full_share
        losses = {}
        if options.gan:
            losses["gan"] = Loss(self.adversary.fool(view.fake), options.gan, share)
        pairs = self.patches.pairs(view.fake, view.photo, view.part, stream=2)
        if options.src:
            src = mean_of([semantic_relation(q, k) for q, k in pairs])
            losses["src"] = Loss(src, options.src, share)
        half = 0.5 if options.hdce_identity else 1.0
        if options.hdce:
            losses["hdce"] = Loss(self.hdce(pairs, view), half * options.hdce, share)
        if options.hdce and options.hdce_identity:
            pairs = self.patches.pairs(view.same, view.drawn, view.part, stream=3)
            losses["hdce_identity"] = Loss(self.hdce(pairs, view), half * options.hdce, share)
        return losses

    def hdce(self, pairs: Sequence[tuple[Tensor, Tensor]], view: View) -> Tensor:
        """Return the contrastive loss with hard negatives, the mean over the taps."""
        first, last = self.options.gamma
        gamma = first + (last - first) * view.part.step / self.recipe.train.steps
        return mean_of(
            [
                hard_negative_dce(q, k, hard_negative_weights(k, gamma), self.options.temperature)
                for q, k in pairs
            ]
        )

    def learn_pairs(self, view: View) -> Losses:
        """Return the losses of the supervised branch."""
        options, share = self.options, view.part.full_share
        weight = self.pair_weight(view.part.step)
        losses = self.compare(view.paired, view.pair_drawn, view.part.step, share)
        if options.pair_gan:
            fake = torch.cat([view.pair_photo, view.paired], dim=1)
            fooled = self.pair_adversary.fool(fake)
            losses["pair_gan"] = Loss(fooled, weight * options.pair_gan, share)
        if options.pair_nce:
            pairs = self.patches.pairs(
                view.paired, view.pair_drawn, view.part, 5, self.pair_projection
            )
            nce = mean_of([style_patch_nce(q, k, options.temperature) for q, k in pairs])
            losses["pair_nce"] = Loss(nce, weight * options.pair_nce, share)
        return losses

    def compare(self, drawn: Tensor, target: Tensor, step: int, share: float = 1.0) -> Losses:
        """Return how far drawings are from what they should be, pixel by pixel."""
        options, weight = self.options, self.pair_weight(step)
        losses = {}
        if options.pair_l1:
            difference = functional.l1_loss(drawn, target)
            losses["pair_l1"] = Loss(difference, weight * options.pair_l1, share)
        if options.pair_gradient:
            edges = gradient_loss(drawn, target)
            losses["pair_gradient"] = Loss(edges, weight * options.pair_gradient, share)
        return losses

    def pair_weight(self, step: int) -> float:
        """Return the weight of the supervised branch at a step: see `ramp`."""
        options = self.options
        done = step / self.recipe.train.steps
        return options.pair * ramp(options.ramp, options.ramp_up, options.warmup, done)


def _shift_of(part: Part[SemiBatch]) -> Shift:
    return draw_shift(source_of(part.seed, part.step, stream=6))


def ramp(shape: str, up: bool, warmup: float, done: float) -> float:
    """Return a weight in [0, 1] that rises after a warm-up from 0 to 1, or falls from 1 to 0.

    Args:
        shape: `linear`, `cosine` (half a wave), or `constant`, which is 1 once it is on; it
            cannot fall.
        up: which way.
        warmup: share of the run in which it stands where it starts.
        done: share of the run that is over, 0…1.
    """
    if done < warmup:
        return 0.0 if up else 1.0
    if shape == "constant":
        return 1.0
    on = (done - warmup) / (1 - warmup) if warmup < 1 else 1.0
    if shape == "cosine":
        on = 0.5 * (1 - math.cos(math.pi * on))
    return on if up else 1.0 - on
