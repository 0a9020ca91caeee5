"""CUT and FastCUT: what was one place must stay one place (Park et al. 2020, arXiv 2007.15651)."""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from nijigan.core.config import Recipe
from nijigan.core.data import Batch
from nijigan.core.losses import patch_nce
from nijigan.core.method_config import CUTConfig
from nijigan.core.methods.adversary import Adversary
from nijigan.core.methods.dial import dial_losses
from nijigan.core.methods.method import options_of
from nijigan.core.methods.patches import Patches, mean_of
from nijigan.core.methods.unpaired import Unpaired
from nijigan.core.training.part import Part, source_of
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


@dataclass(frozen=True)
class View:
    """What the generator made of a part."""

    part: Part[Batch]
    output: Tensor
    """Of all photos, at their strengths."""
    same: Tensor
    """Of the drawings beside the photos at strength 1; empty without the identity half."""
    mirrored: bool
    """Whether the generator was shown mirrored pictures; the outputs are mirrored too."""

    @property
    def photo(self) -> Tensor:
        """The photos at strength 1."""
        return self.part.batch.photo[self.part.full]

    @property
    def drawn(self) -> Tensor:
        """The drawings beside these photos."""
        return self.part.batch.drawn[self.part.full]

    @property
    def fake(self) -> Tensor:
        """The drawings of these photos."""
        return self.output[self.part.full]


class CUT(Unpaired[View]):
    """LSGAN on the drawings, PatchNCE between photo and drawing.

    With `identity`, half of PatchNCE is between drawings and what the generator makes of them, so
    that it leaves alone what needs no change.
    """

    options: CUTConfig

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, CUTConfig)
        self.generator = self.trained_generator("generator")
        discriminator = self.trained_discriminator("discriminator")
        self.adversary = Adversary(discriminator, options, recipe.train)
        self.patches = Patches(
            self.generator, options.taps, options.width, options.patches, recipe.train
        )
        self.trained("projection", self.patches.projection, recipe.optim.lr)
        self.averaged = self.averaged_of("averaged", self.generator)

    def look(self, part: Part[Batch]) -> View:
        """Draw the photos at their strengths, and the drawings of those at full strength."""
        full, count = part.full, len(part.strength)
        again = part.batch.drawn[full] if self.options.identity else part.batch.drawn[:0]
        pictures = torch.cat([part.batch.photo, again])
        mirrored = self.options.flip_equivariance and _coin(part)
        output = self.run(
            self.generator,
            pictures.flip(3) if mirrored else pictures,
            torch.cat([part.strength, part.strength.new_ones(len(again))]),
        )
        return View(part, output[:count], output[count:], mirrored)

    def phases(self, _step: int) -> Sequence[Phase[View]]:
        """See `Method.phases`."""
        draw = Phase(("generator", "projection"), self.draw)
        if not self.options.gan:
            return (draw,)
        return (Phase(("discriminator",), self.judge, through=False), draw)

    def judge(self, view: View) -> Losses:
        """Return what the discriminator learns."""
        if not view.part.full.any():
            return {}
        share = view.part.full_share
        return self.adversary.losses("discriminator", view.drawn, view.fake, view.part, share)

    def draw(self, view: View) -> Losses:
        """Return what the generator learns, and the projection with it."""
        output = view.output.flip(3) if view.mirrored else view.output
        photo, weight = view.part.batch.photo, self.options.dial
        losses = dial_losses(output, photo, view.part, self.averaged, weight)
        if not view.part.full.any():
            return losses
        options, share = self.options, view.part.full_share
        if options.gan:
            losses["gan"] = Loss(self.adversary.fool(view.fake), options.gan, share)
        half = 0.5 if options.identity else 1.0
        nce = self.nce(view, view.fake, view.photo, stream=2)
        losses["nce"] = Loss(nce, half * options.nce, share)
        if options.identity:
            nce = self.nce(view, view.same, view.drawn, stream=3)
            losses["nce_identity"] = Loss(nce, half * options.nce, share)
        return losses

    def nce(self, view: View, drawing: Tensor, source: Tensor, stream: int) -> Tensor:
        """Return PatchNCE of drawings and what they were made of, the mean over the taps."""
        pairs = self.patches.pairs(drawing, source, view.part, stream, mirrored=view.mirrored)
        return mean_of([patch_nce(q, k, self.options.temperature) for q, k in pairs])


def _coin(part: Part[Batch]) -> bool:
    """Whether a step is mirrored, the same for all parts."""
    return bool(torch.rand((), generator=source_of(part.seed, part.step, 4)) < 0.5)
