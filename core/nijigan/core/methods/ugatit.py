"""U-GAT-IT: CycleGAN with attention to what tells domains apart (Kim et al. 2020, 1907.10830)."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils.parametrize import ParametrizationList

from nijigan.core.config import Recipe, TrainConfig
from nijigan.core.data import Batch
from nijigan.core.errors import ConfigError
from nijigan.core.losses import gan_loss
from nijigan.core.losses.gan import vanilla
from nijigan.core.method_config import UGATITConfig
from nijigan.core.methods.cycle import Cycle, Drawn, Way, Ways
from nijigan.core.methods.method import options_of
from nijigan.core.models import Generator
from nijigan.core.models.ugatit import UGATIT
from nijigan.core.models.ugatit_disc import Judgment, UGATITDiscriminator
from nijigan.core.training.machine import autocast, dtype_of
from nijigan.core.training.part import Part
from nijigan.core.training.update import Loss, Losses, Phase
from nijigan.core.training.world import World


class Jury:
    """The discriminators of one domain; what they and their attention say counts alike.

    Args:
        networks: what it is made of.
        gan: the name of the adversarial loss.
        config: of the run.
    """

    def __init__(self, networks: Sequence[nn.Module], gan: str, config: TrainConfig) -> None:
        self.networks = networks
        self.gan = gan_loss(gan)
        self.config = config

    def learn(self, real: Tensor, fake: Tensor) -> Tensor:
        """Return the sum of what all of them lose on real and on fake pictures."""
        fake = fake.detach()
        terms = [self.gan.real(x) for x in self(real)] + [self.gan.fake(x) for x in self(fake)]
        return torch.stack(terms).sum()

    def fool(self, fake: Tensor) -> Tensor:
        """Return the sum of what a generator loses on pictures that should be taken for real."""
        return torch.stack([self.gan.fool(x) for x in self(fake)]).sum()

    def __call__(self, pictures: Tensor) -> list[Tensor]:
        """Return the logits of patches and of the attention, two tensors of each network."""
        logits = []
        for network in self.networks:
            with autocast(self.config):
                judgment: Judgment = network(pictures)
            logits += [judgment.verdicts, judgment.cam_logit]
        return [x.to(dtype_of(self.config)) for x in logits]


class UGATITMethod(Cycle[Ways]):
    """LSGAN with a jury of two for each domain, cycles, identity, and attention to the domain.

    The attention of a generator must guess whether a picture is yet to be drawn: one of its source,
    or one of its goal already.
    """

    options: UGATITConfig

    def __init__(self, recipe: Recipe, world: World) -> None:
        super().__init__(recipe, world)
        options = self.options = options_of(recipe, UGATITConfig)
        if not isinstance(self.generator, UGATIT):
            raise ConfigError(
                f"'{recipe.model.name}' has no attention.", "Set model.name = 'ugatit_light'."
            )
        if options.gan_loss == "wgan-gp":
            raise ConfigError(
                "method.gan_loss is 'wgan-gp', and spectral norm has the penalty's place.",
                "Use lsgan, hinge or vanilla.",
            )
        self._check_crop()
        self.jurors: dict[str, nn.Module] = {}
        self.juries = {"": self._jury("drawn"), "_back": self._jury("photo")}

    def _check_crop(self) -> None:
        crop, layers = self.recipe.data.crop, max(self.options.layers)
        # What the last layer looks at after all that halve must have three pixels a side.
        smallest = 3 * 2 ** (layers - 2)
        if crop < smallest:
            raise ConfigError(
                f"data.crop is {crop}; a discriminator of {layers} layers wants {smallest} pixels.",
                "Set a larger crop, or fewer method.layers.",
            )

    def _jury(self, domain: str) -> Jury:
        """Return the discriminators of one domain, trained under names of their own."""
        options, recipe = self.options, self.recipe
        names = (f"discriminator_{domain}_global", f"discriminator_{domain}_local")
        for name, layers in zip(names, options.layers, strict=True):
            network = UGATITDiscriminator(layers, options.ndf)
            self.jurors[name] = self.trained(name, network, recipe.optim.lr_discriminator)
            # `finish` sees to spectral norm.
            network.eval()
        return Jury([self.jurors[name] for name in names], options.gan_loss, recipe.train)

    def look(self, part: Part[Batch]) -> Ways:
        """Draw pictures of both kinds, there and back again."""
        return self.ways(part, same=True)

    def see(self, generator: Generator, pictures: Tensor, strength: Tensor) -> Drawn:
        """See `Cycle.see`."""
        assert isinstance(generator, UGATIT)  # seen to at the beginning
        with autocast(self.recipe.train):
            found = generator.attend(pictures, strength)
        kind = dtype_of(self.recipe.train)
        return Drawn(found.picture.to(kind), found.cam_logit.to(kind))

    def phases(self, _step: int) -> Sequence[Phase[Ways]]:
        """See `Method.phases`."""
        draw = Phase(("generator", "generator_back"), self.draw)
        if not self.options.gan:
            return (draw,)
        return (Phase(tuple(self.jurors), self.judge, through=False), draw)

    def judge(self, ways: Ways) -> Losses:
        """Return what the discriminators learn."""
        share = ways.there.part.full_share
        if not ways.there.part.full.any():
            return {}
        drawn = self.juries[""].learn(ways.back.real, ways.there.fake)
        photo = self.juries["_back"].learn(ways.there.real, ways.back.fake)
        return {
            "discriminator": Loss(drawn, share=share),
            "discriminator_photo": Loss(photo, share=share),
        }

    def draw(self, ways: Ways) -> Losses:
        """Return what the generators learn."""
        options = self.options
        losses: Losses = {}
        for suffix, way in ways.named():
            losses |= self.bind(way, suffix, options.cycle, options.identity)
            if not way.part.full.any():
                continue
            share = way.part.full_share
            losses[f"cam{suffix}"] = Loss(attention_loss(way), options.cam, share)
            if options.gan:
                fooled = self.juries[suffix].fool(way.fake)
                losses[f"gan{suffix}"] = Loss(fooled, options.gan, share)
        return losses

    def finish(self) -> None:
        """Put every ρ back into [0, 1], and take a step of each spectral norm's power iteration.

        The published code takes one in every forward pass; here it is one after every update, so
        that nothing depends on how many passes a batch is divided into.
        """
        for generator in (self.generator, self.generator_back):
            assert isinstance(generator, UGATIT)
            generator.clip_rho()
        for juror in self.jurors.values():
            step_spectral_norm(juror)


def attention_loss(way: Way) -> Tensor:
    """Return the cross-entropy of the guesses: a source is to be drawn, a goal is drawn already."""
    logit = way.drawn.cam_logit[way.part.full]
    return vanilla(logit, True) + vanilla(way.same.cam_logit, False)


@torch.no_grad()
def step_spectral_norm(network: nn.Module) -> None:
    """Bring the estimates of the largest singular values nearer to those of the weights."""
    for norm in network.modules():
        if isinstance(norm, ParametrizationList):
            norm.train()
            norm()
            norm.eval()
