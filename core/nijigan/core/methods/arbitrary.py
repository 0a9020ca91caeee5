"""Arbitrary stylization: draw any content in any style (Ghiasi et al. 2017, arXiv 1705.06830)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, UnpairedPictures
from nijigan.core.data.jitter import jitter_colors
from nijigan.core.data.source import stack
from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import ConfigError
from nijigan.core.images import from_tensor
from nijigan.core.losses import content_loss, gram_matrix, style_loss, total_variation
from nijigan.core.method_config import ArbitraryConfig
from nijigan.core.methods.feature_judge import FeatureJudge
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.pictures import open_unpaired
from nijigan.core.models import create
from nijigan.core.models.arbitrary import ArbitraryStylizer
from nijigan.core.spread import spread
from nijigan.core.training.machine import autocast, dtype_of, place_pictures
from nijigan.core.training.part import Part
from nijigan.core.training.samples import STRENGTHS, center_cut, write_rows
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


@dataclass(frozen=True)
class View:
    """Photos, style pictures in other colors and of another size, and what came of the two."""

    photo: Tensor
    style: Tensor
    output: Tensor


class Arbitrary(Method[UnpairedPictures, View]):
    """A frozen feature network judges: content by its values, style by its Gram matrices.

    Photos are the content, drawings the styles; any photo is drawn in any style of its batch's.
    """

    averaged: ArbitraryStylizer
    figures = ("content", "style", "total_variation")

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        self.options = options_of(recipe, ArbitraryConfig)
        network = create(recipe.model.name, **recipe.model.options)
        if not isinstance(network, ArbitraryStylizer):
            raise ConfigError(
                f"The method 'arbitrary' cannot train '{recipe.model.name}'.",
                "Set model.name = 'arbitrary'.",
            )
        self.network = self.trained("network", network, recipe.optim.lr)
        self.averaged = self.averaged_of("averaged", self.network)
        self.content, self.style = dict(self.options.content), dict(self.options.style)
        self.features = FeatureJudge(recipe, (*self.options.content, *self.options.style))

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> UnpairedPictures:
        """See `Method.open_pictures`."""
        return open_unpaired(self.recipe)

    def phases(self, _step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        return (Phase(("network",), self.learn),)

    def look(self, part: Part[Batch]) -> View:
        """Draw each photo in the style of one drawing."""
        style = self._augment(part)
        with autocast(self.recipe.train):
            output = self.network(part.batch.photo, self.network.style_vector(style))
        return View(part.batch.photo, style, output.to(dtype_of(self.recipe.train)))

    def learn(self, view: View) -> Losses:
        """Return the losses of the drawings; the layers' weights are in them."""
        losses = self._judge(view.output, view.photo, view.style)
        weights = {"total_variation": self.options.total_variation}
        return {name: Loss(value, weights.get(name, 1.0)) for name, value in losses.items()}

    def _augment(self, part: Part[Batch]) -> Tensor:
        """Return the style pictures in other colors, and all of the step at another size."""
        low, high = self.options.style_side
        side = int(np.random.default_rng((part.seed, 3, part.step)).integers(low, high + 1))
        resized = functional.interpolate(
            part.batch.drawn, (side, side), mode="bilinear", antialias=True
        )
        choices = 2 * part.random(torch.rand, 3, stream=1) - 1
        return jitter_colors(resized, self.options.jitter, choices)

    def _judge(self, output: Tensor, photo: Tensor, style: Tensor) -> dict[str, Tensor]:
        """Return the losses of drawings, by name; the layers' weights are in them."""
        found = self.features(output)
        wanted = self.features.target(photo, [*self.content])
        seen = self.features.target(style, [*self.style])
        grams = {layer: gram_matrix(h) for layer, h in seen.items()}
        return {
            "content": content_loss(found, wanted, self.content),
            "style": style_loss(found, grams, self.style),
            "total_variation": total_variation(output),
        }

    @torch.no_grad()
    def write_grid(self, pictures: UnpairedPictures, path: Path) -> None:
        """Write one row per photo: photo, style, and drawn at strength 0, 0.5 and 1."""
        config = self.recipe.train
        sources = (*pictures.photo.shown, *pictures.drawn.shown)
        side = min(config.sample_side, *(min(p.pixels.shape[:2]) for p in sources))
        rows = []
        for photo, style in self._couples(pictures, config.sample_count, side):
            content = self._placed(photo)
            vector = self.averaged.style_vector(self._placed(style))
            drawn = [self.averaged(content, vector, torch.tensor(s)) for s in STRENGTHS]
            rows.append([photo, style, *(from_tensor(d.cpu().numpy()) for d in drawn)])
        write_rows(rows, path)

    @torch.no_grad()
    def validate(self, pictures: UnpairedPictures) -> dict[str, float]:
        """Return the losses of held-out photos in held-out styles, cut to the training crop.

        `style_photo` is the style loss of the photos themselves: what doing nothing gets.
        """
        figures: dict[str, list[float]] = {}
        count = self.recipe.train.val_count
        for photo, style in self._couples(pictures, count, self.recipe.data.crop):
            content, wanted = self._placed(photo), self._placed(style)
            drawn = self.averaged(content, self.averaged.style_vector(wanted))
            losses = self._judge(drawn, content, wanted)
            losses["style_photo"] = self._judge(content, content, wanted)["style"]
            for name, loss in losses.items():
                figures.setdefault(name, []).append(loss.item())
        return {name: float(np.mean(values)) for name, values in figures.items()}

    def _couples(
        self, pictures: UnpairedPictures, count: int, side: int
    ) -> Iterator[tuple[Pixels, Pixels]]:
        """Yield at most `count` photos and styles, cut to `side`; the shorter list is repeated."""
        photos, styles = (
            [
                center_cut(p.pixels, side, ArbitraryStylizer.input_multiple)
                for p in spread(shown, count)
            ]
            for shown in (pictures.photo.shown, pictures.drawn.shown)
        )
        for i in range(max(len(photos), len(styles))):
            yield photos[i % len(photos)], styles[i % len(styles)]

    def _placed(self, pixels: Pixels) -> Tensor:
        return place_pictures(stack([pixels]), self.recipe.train)
