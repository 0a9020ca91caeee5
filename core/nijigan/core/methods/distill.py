"""Distillation: a small generator learns to draw as something else does (Hinton et al. 2015)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, NamedPicture, PlainPictures
from nijigan.core.data.source import stack
from nijigan.core.datasets.pair import Pair
from nijigan.core.drawers import open_drawer
from nijigan.core.errors import ConfigError
from nijigan.core.images import from_tensor
from nijigan.core.losses import content_loss, gradient_loss
from nijigan.core.method_config import DistillConfig
from nijigan.core.methods.dial import mixture
from nijigan.core.methods.feature_judge import FeatureJudge
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.pictures import open_plain
from nijigan.core.models import Generator
from nijigan.core.spread import spread
from nijigan.core.training.machine import place_pictures
from nijigan.core.training.part import Part
from nijigan.core.training.samples import validate_pairs, write_pair_grid
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


@dataclass(frozen=True)
class View:
    """What the student made of a part, and what it should have."""

    output: Tensor
    target: Tensor


class Distill(Method[PlainPictures, View]):
    """A student draws as its teacher does, which may be anything that draws.

    The teacher sees the same crops of plain photos. At strengths below 1 the target is the mixture
    of photo and drawing, or what the teacher itself draws at that strength.
    """

    averaged: Generator
    figures = ("psnr", "psnr_zero")

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, DistillConfig)
        if not options.teacher:
            raise ConfigError(
                "method.teacher is empty.",
                "Name a run, a checkpoint or a style, or an algorithm: teacher:cel.",
            )
        self.teacher = open_drawer(options.teacher)
        self.generator = self.trained_generator("generator")
        self.averaged = self.averaged_of("averaged", self.generator)
        self.content = FeatureJudge(recipe, options.content_layers) if options.content else None
        self._pairs: dict[str, Pair] = {}

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> PlainPictures:
        """See `Method.open_pictures`."""
        return open_plain(self.recipe)

    def look(self, part: Part[Batch]) -> View:
        """Draw the photos at their strengths, the student and the teacher."""
        photo, strength = part.batch.photo, part.strength
        return View(self.run(self.generator, photo, strength), self.target(photo, strength))

    def target(self, photo: Tensor, strength: Tensor) -> Tensor:
        """Return what the teacher makes of photos at strengths `(N,)`, `(N, 3, H, W)`."""
        own = self.options.teacher_strength
        # A NaN is for the losses to report.
        pixels = [from_tensor(p[None].nan_to_num().float().cpu().numpy()) for p in photo]
        drawn = [
            self.teacher.draw(picture, s if own else 1.0)
            for picture, s in zip(pixels, strength.tolist(), strict=True)
        ]
        target = place_pictures(stack(drawn), self.recipe.train)
        return target if own else mixture(photo, target, strength)

    def phases(self, _step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        return (Phase(("generator",), self.learn),)

    def learn(self, view: View) -> Losses:
        """Return how far the student's drawings are from the teacher's."""
        options, output, target = self.options, view.output, view.target
        losses = {"l1": Loss(functional.l1_loss(output, target), options.l1)}
        if options.gradient:
            losses["gradient"] = Loss(gradient_loss(output, target), options.gradient)
        if self.content is not None:
            weights = dict(options.content_layers)
            loss = content_loss(self.content(output), self.content.target(target), weights)
            losses["content"] = Loss(loss, options.content)
        return losses

    def write_grid(self, pictures: PlainPictures, path: Path) -> None:
        """Write a grid of some photos and their drawings by the teacher: see `write_pair_grid`."""
        config = self.recipe.train
        pairs = self._drawn(spread(pictures.val or pictures.train, config.sample_count))
        write_pair_grid(self.averaged, pairs, path, config)

    def validate(self, pictures: PlainPictures) -> dict[str, float]:
        """Return the figures of `validate_pairs`; the drawings are the teacher's."""
        config = self.recipe.train
        pairs = self._drawn(spread(pictures.val or pictures.train, config.val_count))
        return validate_pairs(self.averaged, pairs, config)

    def _drawn(self, pictures: Sequence[NamedPicture]) -> list[Pair]:
        """Return photos with the teacher's drawings, which are kept: it may take long."""
        for picture in pictures:
            if picture.name not in self._pairs:
                drawn = self.teacher.draw(picture.pixels)
                self._pairs[picture.name] = Pair(picture.name, picture.pixels, drawn)
        return [self._pairs[picture.name] for picture in pictures]
