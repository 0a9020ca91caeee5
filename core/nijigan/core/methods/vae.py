"""A variational autoencoder: pictures as a few numbers (Kingma and Welling 2013, arXiv 1312.6114).

With β ≠ 1 it is β-VAE (Higgins et al. 2017).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, PlainPictures
from nijigan.core.data.source import stack
from nijigan.core.datasets.pair import Pixels
from nijigan.core.errors import ConfigError
from nijigan.core.images import from_tensor
from nijigan.core.losses import kl_divergence
from nijigan.core.method_config import VAEConfig
from nijigan.core.methods.method import Method, options_of
from nijigan.core.methods.pictures import open_plain
from nijigan.core.models import create
from nijigan.core.models.vae import ResidualVAE
from nijigan.core.spread import spread
from nijigan.core.training.machine import autocast, dtype_of, place_pictures
from nijigan.core.training.part import Part, source_of
from nijigan.core.training.samples import center_cut, psnr, write_rows
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World

_MEAN_OF = 1000
"""Training pictures that the mean picture is made of, at most."""
_GAP = 4
"""Pixels of white between the parts of a grid."""


@dataclass(frozen=True)
class View:
    """Pictures, what they became on the way through a few numbers, and the numbers' Gaussians."""

    picture: Tensor
    again: Tensor
    """`(N, 3, H, W)` in [-1, 1]."""
    mu: Tensor
    logvar: Tensor


class VAE(Method[PlainPictures, View]):
    """Pictures must come back from a draw of their Gaussian, which must be near the standard one.

    The error is the sum over a picture's values in [0, 1], as in a Gaussian likelihood.
    """

    averaged: ResidualVAE
    figures = ("psnr", "kl")

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        self.options = options_of(recipe, VAEConfig)
        self.network = self.trained("network", _network_of(recipe), recipe.optim.lr)
        self.averaged = self.averaged_of("averaged", self.network)
        self._mean: Tensor | None = None

    @property
    def config(self) -> dict[str, Any]:
        """See `Method.config`."""
        return self.averaged.config

    def open_pictures(self) -> PlainPictures:
        """See `Method.open_pictures`."""
        return open_plain(self.recipe)

    def look(self, part: Part[Batch]) -> View:
        """Bring each picture back from one draw of its Gaussian."""
        picture, dtype = part.batch.photo, dtype_of(self.recipe.train)
        with autocast(self.recipe.train):
            mu, logvar = (code.to(dtype) for code in self.network.encode(picture))
        noise = part.random(torch.randn, self.config["latent"])
        z = self.network.reparameterize(mu, logvar, noise)
        with autocast(self.recipe.train):
            again = self.network.draw(z).to(dtype)
        return View(picture, again, mu, logvar)

    def phases(self, _step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        return (Phase(("network",), self.learn),)

    def learn(self, view: View) -> Losses:
        """Return what the network learns."""
        error = 0.5 * (view.again - view.picture)  # of values in [0, 1]
        return {
            "reconstruction": Loss(error.square().flatten(1).sum(1).mean()),
            "kl": Loss(kl_divergence(view.mu, view.logvar).mean(), self.options.beta),
        }

    @torch.no_grad()
    def write_grid(self, pictures: PlainPictures, path: Path) -> None:
        """Write held-out pictures above what they came back as; samples; the way between two.

        The samples are of the standard Gaussian, the same noise every time; the way is straight,
        from the numbers of the first picture to those of the last.
        """
        shown = spread(pictures.val or pictures.train, self.recipe.train.sample_count)
        cuts = [self._cut(picture.pixels) for picture in shown]
        codes = torch.cat([self.averaged.encode(cut)[0] for cut in cuts])
        source = source_of(self.recipe.train.seed, 0, stream=1)
        noise = torch.randn(2 * len(cuts), codes.shape[1], generator=source).to(codes)
        way = torch.linspace(0, 1, len(cuts)).to(codes)[:, None]
        originals = [_pixels(cut) for cut in cuts]
        gap = [np.full((_GAP, *pixels.shape[1:]), 255, np.uint8) for pixels in originals]
        rows = [
            originals,
            self._drawn(codes),
            gap,
            *(self._drawn(part) for part in noise.chunk(2)),
            gap,
            self._drawn(torch.lerp(codes[:1], codes[-1:], way)),
        ]
        write_rows(rows, path)

    @torch.no_grad()
    def validate(self, pictures: PlainPictures) -> dict[str, float]:
        """Return means over held-out pictures, cut to the network's size.

        `psnr` in dB is of what comes back from the mean of a picture's Gaussian, `psnr_mean` what
        the mean of training pictures gets for any: it has learned nothing. `kl` is in nats.
        """
        figures: dict[str, list[float]] = {"psnr": [], "psnr_mean": [], "kl": []}
        mean = self._mean_of(pictures)
        for picture in spread(pictures.val or pictures.train, self.recipe.train.val_count):
            cut = self._cut(picture.pixels)
            mu, logvar = self.averaged.encode(cut)
            figures["psnr"].append(psnr(self.averaged.draw(mu), cut))
            figures["psnr_mean"].append(psnr(mean, cut))
            figures["kl"].append(float(kl_divergence(mu, logvar)))
        return {name: float(np.mean(values)) for name, values in figures.items()}

    def _mean_of(self, pictures: PlainPictures) -> Tensor:
        if self._mean is None:
            some = spread(pictures.train, _MEAN_OF)
            total = torch.zeros(())
            for picture in some:
                total = total + self._cut(picture.pixels)
            self._mean = total / len(some)
        return self._mean

    def _drawn(self, codes: Tensor) -> list[Pixels]:
        return [_pixels(self.averaged.draw(code[None])) for code in codes]

    def _cut(self, pixels: Pixels) -> Tensor:
        cut = center_cut(pixels, self.averaged.fixed_size)
        return place_pictures(stack([cut]), self.recipe.train)


def _network_of(recipe: Recipe) -> ResidualVAE:
    network = create(recipe.model.name, **recipe.model.options)
    if not isinstance(network, ResidualVAE):
        raise ConfigError(
            f"The method 'vae' cannot train '{recipe.model.name}'.",
            "Set model.name = 'vae_residual'.",
        )
    if recipe.data.crop != network.fixed_size:
        raise ConfigError(
            f"data.crop is {recipe.data.crop} and model.image_size {network.fixed_size}.",
            "Give both the same.",
        )
    return network


def _pixels(image: Tensor) -> Pixels:
    return from_tensor(image.cpu().numpy())
