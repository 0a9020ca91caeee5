"""VQ-I2I: content as codewords, style as a vector (Chen et al., ECCV 2022, arXiv 2207.13286)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, PairedPictures, UnpairedPictures
from nijigan.core.data.source import stack
from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import ConfigError
from nijigan.core.images import from_tensor
from nijigan.core.losses import perceptual_loss
from nijigan.core.method_config import VQI2IConfig
from nijigan.core.methods.adversary import Adversary
from nijigan.core.methods.feature_judge import FeatureJudge
from nijigan.core.methods.idle_codewords import IdleCodewords
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.pictures import open_pairs, open_unpaired
from nijigan.core.models import create
from nijigan.core.models.vector_quantizer import Quantized
from nijigan.core.models.vqi2i import VQI2I
from nijigan.core.spread import spread
from nijigan.core.training.machine import autocast, dtype_of, place, place_pictures
from nijigan.core.training.part import Part
from nijigan.core.training.samples import (
    center_cut,
    psnr,
    validate_pairs,
    validate_unpaired,
    write_rows,
)
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World

KINDS = ("drawn", "photo")
"""What each domain of the network is: the published code calls A, the photos, label 1."""
DRAWN, PHOTO = 0, 1

_STYLES = 64
"""Training drawings whose styles make the middle one that figures are measured in."""


@dataclass(frozen=True)
class Side:
    """The pictures of one domain, and what its decoder made."""

    real: Tensor
    style: Tensor
    """Of `real`, `(N, style_dim)`."""
    content: Quantized
    """Of `real`."""
    again: Tensor
    """The content and the style of `real` put together again."""
    crossed: Tensor
    """The content of the other domain's pictures in the style of `real`."""


@dataclass(frozen=True)
class View:
    """A part, as both domains see it."""

    part: Part[Batch]
    sides: tuple[Side, Side]
    """Of `KINDS`."""


class VQI2IMethod(Method[PairedPictures | UnpairedPictures, View]):
    """Two domains share content encoder and codebook; each draws any content in its styles.

    A picture must come back from its own content and style. What crosses over, the other domain's
    content in its style, must look real to the domain's discriminator; with pairs it must also be
    the picture that it is paired with.
    """

    averaged: VQI2I

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, VQI2IConfig)
        self.figures = ("psnr_again", "codewords", *(("psnr",) if options.pairs else ()))
        self.network = self.trained("network", _network_of(recipe), recipe.optim.lr)
        self.averaged = self.averaged_of("averaged", self.network)
        self.adversaries = [
            Adversary(self.trained_discriminator(name), options, recipe.train)
            for name in (f"discriminator_{kind}" for kind in KINDS)
        ]
        self.codewords = IdleCodewords(self.network.quantizer.n_embed, options.patience, world)
        if options.patience:
            place(self.codewords, recipe.train)
            self.networks["codewords"] = self.codewords
        layers = options.perceptual_layers
        self.features = FeatureJudge(recipe, layers) if options.perceptual else None

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> PairedPictures | UnpairedPictures:
        """See `Method.open_pictures`."""
        return open_pairs(self.recipe) if self.options.pairs else open_unpaired(self.recipe)

    def look(self, part: Part[Batch]) -> View:
        """Take both kinds of pictures apart, and put them together as they were and crossed."""
        reals = (part.batch.drawn, part.batch.photo)
        contents = [self.content_of(real) for real in reals]
        drawn, photo = (
            self._side(domain, real, contents[domain], contents[1 - domain])
            for domain, real in enumerate(reals)
        )
        return View(part, (drawn, photo))

    def content_of(self, pictures: Tensor) -> Quantized:
        """Return the content of pictures of any domain."""
        with autocast(self.recipe.train):
            found = self.network.encode(pictures)
        dtype = dtype_of(self.recipe.train)
        return found._replace(codewords=found.codewords.to(dtype), loss=found.loss.to(dtype))

    def _side(self, domain: int, real: Tensor, own: Quantized, other: Quantized) -> Side:
        style = self.run(self.network.style_encoders[domain], real)
        with autocast(self.recipe.train):
            again, crossed = (
                self.network.decode(content.codewords, style, domain).to(
                    dtype_of(self.recipe.train)
                )
                for content in (own, other)
            )
        return Side(real, style, own, again, crossed)

    def phases(self, _step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        draw = Phase(("network",), self.draw)
        if not self.options.gan:
            return (draw,)
        judges = tuple(f"discriminator_{kind}" for kind in KINDS)
        return (Phase(judges, self.judge, through=False), draw)

    @property
    def verdicts(self) -> tuple[float, float]:
        """The weights of what is said of crossed pictures, and of those put together again."""
        again = self.options.gan_again
        return (1 - again if self.options.pairs else 1.0), again

    def judge(self, view: View) -> Losses:
        """Return what the discriminators learn."""
        found: Losses = {}
        for kind, side, adversary in zip(KINDS, view.sides, self.adversaries, strict=True):
            for prefix, fake, weight in zip(
                ("discriminator", "discriminator_again"),
                (side.crossed, side.again),
                self.verdicts,
                strict=True,
            ):
                losses = adversary.losses(f"{prefix}_{kind}", side.real, fake, view.part)
                found |= {
                    name: replace(loss, weight=weight * loss.weight)
                    for name, loss in losses.items()
                }
        return found

    def draw(self, view: View) -> Losses:
        """Return what the network learns."""
        self.codewords.see(view.part, *(side.content for side in view.sides))
        losses: Losses = {}
        for domain, kind in enumerate(KINDS):
            found = self._put_together(view, domain)
            found |= self._cross(view, domain)
            losses |= {f"{name}_{kind}": loss for name, loss in found.items()}
        return losses

    def _put_together(self, view: View, domain: int) -> Losses:
        """Return how far pictures of a domain are from what they were made of again."""
        options, side = self.options, view.sides[domain]
        losses = {
            "again": Loss(functional.l1_loss(side.again, side.real), options.again),
            "codebook": Loss(side.content.loss, options.codebook),
        }
        if self.features is not None:
            loss = perceptual_loss(
                self.features(side.again),
                self.features.target(side.real),
                dict(options.perceptual_layers),
            )
            losses["perceptual"] = Loss(loss, options.again * options.perceptual)
        return losses

    def _cross(self, view: View, domain: int) -> Losses:
        """Return what is wrong with the other domain's content in a domain's style."""
        options, side = self.options, view.sides[domain]
        losses: Losses = {}
        if options.gan:
            fooled = [self.adversaries[domain].fool(p) for p in (side.crossed, side.again)]
            for name, value, weight in zip(
                ("gan", "gan_again"), fooled, self.verdicts, strict=True
            ):
                losses[name] = Loss(value, weight * options.gan)
        if options.pairs:
            cross = functional.l1_loss(side.crossed, side.real)
            losses["cross"] = Loss(cross, 0.5 * options.cross)
        # Without a weight they only say how much of style and content survives.
        with torch.set_grad_enabled(torch.is_grad_enabled() and options.cycle > 0):
            style = self.run(self.network.style_encoders[domain], side.crossed)
            content = self.content_of(side.crossed).codewords
        kept = view.sides[1 - domain].content.codewords.detach()
        losses["style"] = Loss(functional.l1_loss(style, side.style.detach()), options.cycle)
        losses["content"] = Loss(functional.l1_loss(content, kept), options.cycle)
        return losses

    def finish(self) -> None:
        """Put idle codewords to use."""
        if self.options.patience:
            self.codewords.restart(self.network.quantizer)

    @torch.no_grad()
    def write_grid(self, pictures: PairedPictures | UnpairedPictures, path: Path) -> None:
        """Write one row per couple of a photo and a drawing.

        Photo, the photo put together again, the photo in the style of the drawing; drawing, the
        drawing again, the drawing in the style of the photo.
        """
        config, network = self.recipe.train, self.averaged
        couples = _couples(pictures, config.sample_count)
        side = min(config.sample_side, *(min(p.shape[:2]) for couple in couples for p in couple))
        rows = []
        for couple in couples:
            photo, drawn = (center_cut(p, side, network.input_multiple) for p in couple)
            images = [place_pictures(stack([p]), config) for p in (drawn, photo)]
            again = [network(images[d], domain=d) for d in (DRAWN, PHOTO)]
            crossed = [network.cross(images[d], images[1 - d], d) for d in (DRAWN, PHOTO)]
            row = [again[PHOTO], crossed[PHOTO], again[DRAWN], crossed[DRAWN]]
            made = [from_tensor(translated.picture.cpu().numpy()) for translated in row]
            rows.append([photo, *made[:2], drawn, *made[2:]])
        write_rows(rows, path)

    @torch.no_grad()
    def validate(self, pictures: PairedPictures | UnpairedPictures) -> dict[str, float]:
        """Return figures of photos drawn in the middle of the training drawings' styles.

        They are those of `validate_pairs` or `validate_unpaired`; `psnr_again` is of held-out
        photos put together again, `codewords` how many are in use in them (the perplexity).
        """
        config, network = self.recipe.train, self.averaged
        styles = [network.encode_style(self._cut(p), DRAWN) for p in _drawings(pictures)]
        drawer = network.with_style(torch.cat(styles).mean(0, keepdim=True), DRAWN)
        if isinstance(pictures, PairedPictures):
            pairs = spread(pictures.val or pictures.train, config.val_count)
            figures = validate_pairs(drawer, pairs, config)
        else:
            figures = validate_unpaired(drawer, pictures, config)
        del figures["psnr_zero"]  # there is no strength
        again, indices = [], []
        for photo, _ in _couples(pictures, config.val_count):
            image = self._cut(photo)
            found = network(image, domain=PHOTO)
            again.append(psnr(found.picture, image))
            indices.append(found.indices.flatten())
        used = network.quantizer.perplexity(torch.cat(indices))
        return figures | {"psnr_again": float(np.mean(again)), "codewords": float(used)}

    def _cut(self, pixels: Pixels) -> Tensor:
        """Return a picture cut to sides that the network takes."""
        cut = center_cut(pixels, max(pixels.shape), self.averaged.input_multiple)
        return place_pictures(stack([cut]), self.recipe.train)


def _network_of(recipe: Recipe) -> VQI2I:
    network = create(recipe.model.name, **recipe.model.options)
    if not isinstance(network, VQI2I) or len(network.decoders) != len(KINDS):
        raise ConfigError(
            f"The method 'vqi2i' cannot train '{recipe.model.name}' as it is.",
            "Set model.name = 'vqi2i_cross' and leave model.domains at 2.",
        )
    if recipe.data.crop % network.input_multiple:
        raise ConfigError(
            f"data.crop is {recipe.data.crop}.", f"Use a multiple of {network.input_multiple}."
        )
    return network


def _couples(
    pictures: PairedPictures | UnpairedPictures, count: int
) -> list[tuple[Pixels, Pixels]]:
    """Return photos and drawings that are shown: pairs, or each with some other."""
    if isinstance(pictures, PairedPictures):
        pairs = spread(pictures.val or pictures.train, count)
        return [(pair.photo, pair.drawn) for pair in pairs]
    photos, drawings = (spread(kind.shown, count) for kind in (pictures.photo, pictures.drawn))
    return [(photo.pixels, drawings[i % len(drawings)].pixels) for i, photo in enumerate(photos)]


def _drawings(pictures: PairedPictures | UnpairedPictures) -> list[Pixels]:
    """Return some training drawings."""
    if isinstance(pictures, PairedPictures):
        return [pair.drawn for pair in spread(pictures.train, _STYLES)]
    return [drawing.pixels for drawing in spread(pictures.drawn.train, _STYLES)]
