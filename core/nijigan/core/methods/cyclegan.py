"""CycleGAN: there and back again must be where it began (Zhu et al. 2017, arXiv 1703.10593)."""

from collections.abc import Sequence

from torch import Tensor

from nijigan.core.config import Recipe
from nijigan.core.data import Batch
from nijigan.core.method_config import CycleGANConfig
from nijigan.core.methods.adversary import Adversary
from nijigan.core.methods.cycle import Cycle, Drawn
from nijigan.core.methods.image_pool import ImagePool
from nijigan.core.methods.method import options_of
from nijigan.core.models import Generator
from nijigan.core.training.machine import place
from nijigan.core.training.part import Part
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


class CycleGAN(Cycle[Part[Batch]]):
    """LSGAN on the drawings and on the photos of drawings, cycles both ways, and identity.

    The discriminators learn after the generators, from what these drew before they learned.
    """

    options: CycleGANConfig

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, CycleGANConfig)
        self.adversaries = {
            suffix: Adversary(self.trained_discriminator(name), options, recipe.train)
            for suffix, name in _DISCRIMINATORS.items()
        }
        self.pools = {
            suffix: self._pool(f"pool{suffix}", stream)
            for stream, suffix in enumerate(_DISCRIMINATORS, start=5)
        }

    def _pool(self, name: str, stream: int) -> ImagePool:
        """Return a pool whose stock is saved with the networks, under `name`."""
        pool = ImagePool(self.options.pool, self.recipe.data.crop, stream, self.world)
        place(pool, self.recipe.train)
        self.networks[name] = pool
        return pool

    def look(self, part: Part[Batch]) -> Part[Batch]:
        """Return the part: what the generators draw while they learn is kept in the pools."""
        return part

    def see(self, generator: Generator, pictures: Tensor, strength: Tensor) -> Drawn:
        """See `Cycle.see`."""
        return Drawn(self.run(generator, pictures, strength), pictures.new_empty(len(pictures), 0))

    def phases(self, _step: int) -> Sequence[Phase[Part[Batch]]]:
        """See `Method.phases`."""
        draw = Phase(("generator", "generator_back"), self.draw)
        if not self.options.gan:
            return (draw,)
        return (draw, Phase(tuple(_DISCRIMINATORS.values()), self.judge, through=False))

    def draw(self, part: Part[Batch]) -> Losses:
        """Return what the generators learn."""
        options = self.options
        losses: Losses = {}
        for suffix, way in self.ways(part, same=bool(options.identity)).named():
            self.pools[suffix].keep(part, way.drawn.picture)
            losses |= self.bind(way, suffix, options.cycle, options.identity * options.cycle)
            if options.gan and part.full.any():
                fooled = self.adversaries[suffix].fool(way.fake)
                losses[f"gan{suffix}"] = Loss(fooled, options.gan, part.full_share)
        return losses

    def judge(self, part: Part[Batch]) -> Losses:
        """Return what the discriminators learn."""
        losses: Losses = {}
        real = {"": part.batch.drawn, "_back": part.batch.photo}
        for suffix, name in _DISCRIMINATORS.items():
            shown = self.pools[suffix].shown(part)
            if part.full.any():
                losses |= self.adversaries[suffix].losses(
                    name, real[suffix][part.full], shown[part.full], part, part.full_share
                )
        return losses


_DISCRIMINATORS = {"": "discriminator", "_back": "discriminator_photo"}
"""The discriminator of what each generator draws, by what the names of its losses end in."""
