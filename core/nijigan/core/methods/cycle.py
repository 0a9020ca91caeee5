"""What CycleGAN and U-GAT-IT share: a generator there and one back, which bind each other."""

from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, TypeVar

import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, UnpairedPictures
from nijigan.core.methods.dial import dial_losses
from nijigan.core.methods.unpaired import Unpaired
from nijigan.core.models import Generator
from nijigan.core.spread import spread
from nijigan.core.training.part import Part
from nijigan.core.training.samples import write_cycle_grid
from nijigan.core.training.update import Loss, Losses
from nijigan.core.training.world import World

V = TypeVar("V")


class Drawn(NamedTuple):
    """What a generator made of pictures."""

    picture: Tensor
    """`(N, 3, H, W)`."""
    cam_logit: Tensor
    """`(N, 2)`: its attention's guess at the domain; `(N, 0)` where it has no attention."""


@dataclass(frozen=True)
class Way:
    """What one of the two generators made of a part, and where that led."""

    part: Part[Batch]
    source: Tensor
    """All pictures that it was to draw."""
    goal: Tensor
    """The pictures of its goal's domain, beside those at strength 1; may be empty."""
    drawn: Drawn
    """Of `source`, at their strengths."""
    same: Drawn
    """Of `goal`."""
    again: Tensor
    """What the other generator made of `fake`."""
    averaged: Generator
    """The average of the generator that drew it."""

    @property
    def real(self) -> Tensor:
        """The pictures at strength 1 that it was to draw."""
        return self.source[self.part.full]

    @property
    def fake(self) -> Tensor:
        """What it made of them."""
        return self.drawn.picture[self.part.full]


class Ways(NamedTuple):
    """From photo to drawing, and from drawing to photo."""

    there: Way
    back: Way

    def named(self) -> tuple[tuple[str, Way], ...]:
        """Return both with what the names of their losses end in."""
        return (("", self.there), ("_back", self.back))


class Cycle(Unpaired[V]):
    """Two generators, trained together; both have an average, and both are saved.

    Pictures of both kinds are drawn at the same strengths.
    """

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        self.generator = self.trained_generator("generator")
        self.generator_back = self.trained_generator("generator_back")
        self.averaged = self.averaged_of("averaged", self.generator)
        self.averaged_back = self.averaged_of("averaged_back", self.generator_back)
        self.extras["back"] = self.averaged_back

    @abstractmethod
    def see(self, generator: Generator, pictures: Tensor, strength: Tensor) -> Drawn:
        """Return what a generator makes of pictures."""

    def ways(self, part: Part[Batch], same: bool) -> Ways:
        """Return what both generators make of a part.

        Args:
            part: photos and drawings.
            same: whether they are shown pictures of their goal's domain too.
        """
        photo, drawn = part.batch.photo, part.batch.drawn
        photos, drawings = (x[part.full] if same else x[:0] for x in (photo, drawn))
        there = self._draw(self.generator, part, photo, drawings)
        back = self._draw(self.generator_back, part, drawn, photos)
        photo_again = self._draw_full(self.generator_back, there[0].picture[part.full])
        drawn_again = self._draw_full(self.generator, back[0].picture[part.full])
        return Ways(
            Way(part, photo, drawings, *there, photo_again, self.averaged),
            Way(part, drawn, photos, *back, drawn_again, self.averaged_back),
        )

    def _draw(
        self, generator: Generator, part: Part[Batch], source: Tensor, goal: Tensor
    ) -> tuple[Drawn, Drawn]:
        """Return what a generator makes of `source`, and at strength 1 of `goal`."""
        strength = torch.cat([part.strength, part.strength.new_ones(len(goal))])
        picture, logit = self.see(generator, torch.cat([source, goal]), strength)
        count = len(source)
        return Drawn(picture[:count], logit[:count]), Drawn(picture[count:], logit[count:])

    def _draw_full(self, generator: Generator, pictures: Tensor) -> Tensor:
        """Return what a generator makes of pictures, which may be none, at strength 1."""
        if not len(pictures):
            return pictures
        return self.see(generator, pictures, pictures.new_ones(len(pictures))).picture

    def bind(self, way: Way, suffix: str, cycle: float, identity: float) -> Losses:
        """Return what a generator learns without any discriminator.

        Args:
            way: what it drew.
            suffix: of the losses' names.
            cycle: weight of the mean absolute difference of the way there and back again.
            identity: weight of what it changes in pictures of its goal's domain; 0: `way` has none.
        """
        losses: Losses = {}
        full, share = way.part.full, way.part.full_share
        if full.any():
            again = functional.l1_loss(way.again, way.real)
            losses[f"cycle{suffix}"] = Loss(again, cycle, share)
            if identity:
                change = functional.l1_loss(way.same.picture, way.goal)
                losses[f"identity{suffix}"] = Loss(change, identity, share)
        dial = dial_losses(way.drawn.picture, way.source, way.part, way.averaged, self.options.dial)
        return losses | {f"{name}{suffix}": loss for name, loss in dial.items()}

    def write_grid(self, pictures: UnpairedPictures, path: Path) -> None:
        """Write a grid of some photos and drawings: see `write_cycle_grid`."""
        config = self.recipe.train
        photos = spread(pictures.photo.shown, config.sample_count)
        drawings = spread(pictures.drawn.shown, config.sample_count)
        write_cycle_grid(self.averaged, self.averaged_back, photos, drawings, path, config)
