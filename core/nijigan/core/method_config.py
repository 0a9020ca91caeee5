"""What each training method can be told: the `[method]` section, whose `name` says which it is."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Self

from nijigan.core.bounds import require
from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean
from nijigan.core.tables import read_table

OPTIONAL_SECTIONS = ("discriminator", "features", "strength", "solver")
"""The sections of a recipe that some methods have no use for."""


@dataclass(frozen=True)
class MethodConfig:
    """What every method has."""

    name: str = ""
    """The algorithm."""
    ema: float = 0.999
    """Decay per step of the averaged weights, the ones that are sampled and saved; 0 is none."""

    sections: ClassVar[tuple[str, ...]] = ()
    """Which of `OPTIONAL_SECTIONS` it reads."""

    def __post_init__(self) -> None:
        require("method", self, 0, 1, "ema")

    def without_places(self) -> Self:
        """Return the options without what says where things lay on this machine."""
        return self


@dataclass(frozen=True)
class AdversarialConfig(MethodConfig):
    """What methods with a discriminator have."""

    gan: float = 1.0
    """Weight of the adversarial loss; 0 trains without a discriminator."""
    gan_loss: str = "lsgan"
    """`vanilla` (cross-entropy), `lsgan` (least squares), `hinge` or `wgan-gp`."""
    penalty: float = 10.0
    """Weight of the gradient penalty of `wgan-gp`."""

    sections: ClassVar[tuple[str, ...]] = ("discriminator", "strength", "solver")

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "gan", "penalty")


@dataclass(frozen=True)
class UnpairedConfig(AdversarialConfig):
    """What methods without pairs have."""

    dial: float = 10.0
    """Weight of the mean absolute difference to the mixture of photo and drawing, at strengths
    below 1; it makes strength a dial."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "dial")


@dataclass(frozen=True)
class Pix2PixConfig(AdversarialConfig):
    """The weights of the losses of pix2pix."""

    name: str = "pix2pix"
    """The algorithm."""
    l1: float = 100.0
    """Weight of the mean absolute difference to the target."""
    gan_loss: str = "vanilla"
    """`vanilla` (cross-entropy, as in pix2pix), `lsgan`, `hinge` or `wgan-gp`."""
    gradient: float = 0.0
    """Weight of the mean absolute difference of neighboring pixels' differences: keeps lines."""
    warmup: int = 0
    """Steps at the start without the adversarial loss."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "l1", "gradient", "warmup")


@dataclass(frozen=True)
class CUTConfig(UnpairedConfig):
    """CUT: one-sided, patches must stay recognizable."""

    name: str = "cut"
    """The algorithm."""
    nce: float = 1.0
    """Weight of PatchNCE."""
    identity: bool = True
    """Half of PatchNCE is between drawings and what the generator makes of them."""
    flip_equivariance: bool = False
    """Mirror half of the batches before the generator, and the features back after it."""
    taps: tuple[str, ...] = ()
    """Where features are taken; empty: all that the generator names, at most five, as published."""
    patches: int = 256
    """Patches of each picture and tap."""
    width: int = 256
    """Length of a projected feature."""
    temperature: float = 0.07
    """Of PatchNCE."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "nce")
        require("method", self, 1, math.inf, "patches", "width")
        require("method", self, 1e-6, math.inf, "temperature")


@dataclass(frozen=True)
class FastCUTConfig(CUTConfig):
    """FastCUT: CUT without the identity half, ten times the weight, and mirrored batches."""

    name: str = "fastcut"
    """The algorithm."""
    nce: float = 10.0
    """Weight of PatchNCE."""
    identity: bool = False
    """Half of PatchNCE is between drawings and what the generator makes of them."""
    flip_equivariance: bool = True
    """Mirror half of the batches before the generator, and the features back after it."""


@dataclass(frozen=True)
class CycleGANConfig(UnpairedConfig):
    """CycleGAN: there and back again must be where it began."""

    name: str = "cyclegan"
    """The algorithm."""
    cycle: float = 10.0
    """Weight of the mean absolute difference after both generators, in each direction."""
    identity: float = 0.5
    """Weight, times `cycle`, of what a generator changes in a picture of its own target domain."""
    pool: int = 50
    """Earlier drawings that a discriminator may be shown instead of the latest; 0: none."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "cycle", "identity", "pool")


@dataclass(frozen=True)
class UGATITConfig(UnpairedConfig):
    """U-GAT-IT: CycleGAN with attention, and two discriminators for each domain."""

    name: str = "ugatit"
    """The algorithm."""
    cycle: float = 10.0
    """Weight of the mean absolute difference after both generators, in each direction."""
    identity: float = 10.0
    """Weight of what a generator changes in a picture of its own target domain."""
    cam: float = 1000.0
    """Weight of the attention's guess at the domain."""
    gan_loss: str = "lsgan"
    """`vanilla` (cross-entropy), `lsgan` (least squares) or `hinge`."""
    ndf: int = 64
    """Channels of the discriminators' first convolution."""
    layers: tuple[int, int] = (7, 5)
    """Layers of each domain's discriminators: the global one's and the local one's. The more, the
    larger the crop must be: 7 need 96 pixels, 5 need 24."""

    sections: ClassVar[tuple[str, ...]] = ("strength",)

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "cycle", "identity", "cam")
        require("method", self, 1, 4096, "ndf")


LayerWeights = tuple[tuple[str, float], ...]
"""Layers of a feature network, each with the weight of its loss."""

RAMPS = ("constant", "linear", "cosine")
"""How a weight may change over a run."""


@dataclass(frozen=True)
class NijiGANConfig(UnpairedConfig):
    """NijiGAN: a branch that learns from pseudo-pairs, and one from unpaired pictures.

    Where the paper gives no weight it is Scenimefy's.
    """

    name: str = "nijigan"
    """The algorithm."""
    hdce: float = 0.1
    """Weight of the contrastive loss with hard negatives, unsupervised."""
    hdce_identity: bool = True
    """Half of it is between drawings and what the generator makes of them."""
    gamma: tuple[float, float] = (50.0, 10.0)
    """Temperature of the hard negatives' weights, at the first and at the last step."""
    src: float = 0.05
    """Weight of the semantic relation consistency, unsupervised."""
    pair: float = 1.0
    """Weight of the supervised branch at the full height of its ramp; 0 leaves it out."""
    pair_gan: float = 1.0
    """Weight of the conditional adversarial loss within that branch."""
    pair_nce: float = 0.1
    """Weight of StylePatchNCE within that branch."""
    pair_l1: float = 0.0
    """Weight of the mean absolute difference to the pair's drawing within that branch. Not
    published: pseudo-pairs that an algorithm drew fit to the pixel."""
    pair_gradient: float = 0.0
    """Weight of the mean absolute difference of neighboring pixels' differences: keeps lines."""
    ramp: str = "linear"
    """How supervision changes after the warm-up: `constant`, `linear` or `cosine`."""
    ramp_up: bool = True
    """From 0 to full (NijiGAN); false: from full to 0 (what Scenimefy says of itself)."""
    warmup: float = 0.4
    """Share of the steps before the ramp; the paper: 10 of 25 epochs."""
    pairs_alone: float = 0.0
    """Share of the steps, at the beginning, in which only pairs teach, by `pair_l1` and
    `pair_gradient`, at every strength; all else comes after. Not published."""
    steady: float = 0.0
    """Weight of how drawings change when their photos move by a few pixels: without it, networks
    that compute at a part of the size flicker in animations. Not published."""
    content: float = 0.1
    """Weight of the content loss on a layer of `[features]`, of photo and drawing."""
    content_layers: LayerWeights = (("conv4_4", 1.0),)
    """Layers of the content loss, each with a weight; published: the last of the fourth stage of
    VGG19, before its ReLU."""
    taps: tuple[str, ...] = ()
    """Where features are taken; empty: all that the generator names, at most five."""
    patches: int = 256
    """Patches of each picture and tap."""
    width: int = 256
    """Length of a projected feature."""
    temperature: float = 0.07
    """Of the contrastive losses."""

    sections: ClassVar[tuple[str, ...]] = ("discriminator", "features", "strength", "solver")

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "hdce", "src", "content", "steady")
        require("method", self, 0, math.inf, "pair", "pair_gan", "pair_nce")
        require("method", self, 0, math.inf, "pair_l1", "pair_gradient")
        require("method", self, 1, math.inf, "patches", "width")
        require("method", self, 1e-6, math.inf, "temperature")
        require("method", self, 0, 1, "warmup", "pairs_alone")
        if self.pairs_alone and not (self.pair and (self.pair_l1 or self.pair_gradient)):
            raise ConfigError(
                f"method.pairs_alone is {self.pairs_alone}, and pairs teach nothing by pixel.",
                "Set method.pair and method.pair_l1 above 0, or method.pairs_alone = 0.",
            )
        if self.pairs_alone and self.warmup:
            raise ConfigError(
                f"method.warmup is {self.warmup}: pairs do not teach at first,"
                f" and method.pairs_alone is {self.pairs_alone}: nothing else does.",
                "Set one of the two to 0.",
            )
        if not all(gamma > 0 for gamma in self.gamma):
            raise ConfigError(f"method.gamma is {list(self.gamma)}.", "Both must be above 0.")
        if self.ramp not in RAMPS:
            raise ConfigError(f"method.ramp is '{self.ramp}'.", did_you_mean(self.ramp, RAMPS))


@dataclass(frozen=True)
class VQI2IConfig(AdversarialConfig):
    """VQ-I2I: content as codewords that both domains share, style as a vector of each."""

    name: str = "vqi2i"
    """The algorithm."""
    pairs: bool = False
    """Learn from pairs; false: from unpaired pictures."""
    gan: float = 0.1
    """Weight of the adversarial losses; 0 trains without discriminators."""
    gan_loss: str = "hinge"
    """`vanilla` (cross-entropy), `lsgan` (least squares), `hinge` or `wgan-gp`."""
    gan_again: float = 0.2
    """Weight of the verdict on pictures that were put together again, beside 1 on those that
    crossed over; with pairs, beside what is missing to 1."""
    again: float = 5.0
    """Weight of the mean absolute difference of a picture put together again."""
    perceptual: float = 1.0
    """Weight, times `again`, of its perceptual difference on layers of `[features]`; 0 loads no
    such network."""
    perceptual_layers: LayerWeights = (
        ("relu1_2", 0.2),
        ("relu2_2", 0.2),
        ("relu3_3", 0.2),
        ("relu4_3", 0.2),
        ("relu5_3", 0.2),
    )
    """These layers, each with a weight; published: LPIPS, which has learned ones."""
    codebook: float = 1.0
    """Weight of what pulls features and codewords together."""
    patience: int = 0
    """Steps that a codeword may be idle before it is put where features are; 0, as published:
    any."""
    cross: float = 3.0
    """Weight of the mean absolute difference of a crossed picture to the one that it is paired
    with; unpaired pictures have none."""
    cycle: float = 0.0
    """Weight of what crossing over changes in style and in content; 0 only measures it."""

    sections: ClassVar[tuple[str, ...]] = ("discriminator", "features")

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "again", "perceptual", "codebook", "cross", "cycle")
        require("method", self, 0, math.inf, "patience")
        require("method", self, 0, 1, "gan_again")


@dataclass(frozen=True)
class ArbitraryConfig(MethodConfig):
    """The weights of the losses of arbitrary stylization, on layers of `[features]`."""

    name: str = "arbitrary"
    """The algorithm."""
    content: LayerWeights = (("relu3_3", 1.0),)
    """Layers whose values must stay those of the content, each with its weight."""
    style: LayerWeights = (
        ("relu1_2", 6.6),
        ("relu2_2", 6.6),
        ("relu3_3", 6.6),
        ("relu4_3", 6.6),
    )
    """Layers whose Gram matrices must become those of the style, each with its weight."""
    total_variation: float = 0.38
    """Weight of the mean square difference of neighboring pixels."""
    jitter: float = 1.0
    """How far the colors of style pictures are changed at random; 0 leaves them as they are."""
    style_side: tuple[int, int] = (128, 300)
    """Sides in pixels between which a batch of style pictures is resized to a random one."""

    sections: ClassVar[tuple[str, ...]] = ("features",)

    def __post_init__(self) -> None:
        super().__post_init__()
        low, high = self.style_side
        if not 16 <= low <= high:
            raise ConfigError(
                f"method.style_side is {[low, high]}.", "Give two sides from 16 up, in order."
            )
        require("method", self, 0, math.inf, "total_variation")
        require("method", self, 0, 1, "jitter")
        for key in ("content", "style"):
            layers = getattr(self, key)
            if not layers or not all(0 < weight < math.inf for _, weight in layers):
                raise ConfigError(
                    f"method.{key} is {[list(layer) for layer in layers]}.",
                    "Give one layer or more, each with a weight above 0.",
                )


@dataclass(frozen=True)
class VAEConfig(MethodConfig):
    """A variational autoencoder."""

    name: str = "vae"
    """The algorithm."""
    beta: float = 1.0
    """Weight of the divergence in nats, beside the sum of the squares of a picture's errors, its
    values in [0, 1]. It is twice the variance that a value is said to have; above what the pictures
    have, they come back blurred, and below it samples are less like pictures."""

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "beta")


@dataclass(frozen=True)
class DistillConfig(MethodConfig):
    """Distillation: a small generator learns from anything that draws."""

    name: str = "distill"
    """The algorithm."""
    teacher: str = ""
    """A run folder, a checkpoint, the name or folder of a style, or an algorithm, `teacher:cel`."""
    teacher_strength: bool = False
    """At strengths below 1, learn what the teacher draws at that strength; false: the mixture of
    the photo and its drawing at strength 1."""
    l1: float = 100.0
    """Weight of the mean absolute difference to the teacher's drawing."""
    gradient: float = 100.0
    """Weight of the mean absolute difference of neighboring pixels' differences: keeps lines."""
    content: float = 0.0
    """Weight of the difference on layers of `[features]`; 0 loads no such network."""
    content_layers: LayerWeights = (("conv4_4", 1.0),)
    """These layers, each with a weight."""

    sections: ClassVar[tuple[str, ...]] = ("features", "strength", "solver")

    def __post_init__(self) -> None:
        super().__post_init__()
        require("method", self, 0, math.inf, "l1", "gradient", "content")

    def without_places(self) -> Self:
        """See `MethodConfig.without_places`: of the teacher, the last part of its name is left."""
        return replace(self, teacher=Path(self.teacher).name)


METHOD_CONFIGS: dict[str, type[MethodConfig]] = {
    "pix2pix": Pix2PixConfig,
    "cut": CUTConfig,
    "fastcut": FastCUTConfig,
    "nijigan": NijiGANConfig,
    "cyclegan": CycleGANConfig,
    "ugatit": UGATITConfig,
    "vqi2i": VQI2IConfig,
    "vae": VAEConfig,
    "distill": DistillConfig,
    "arbitrary": ArbitraryConfig,
}


def read_method(table: dict[str, Any], source: str) -> MethodConfig:
    """Build the section of the method that `table` names; without a name it is pix2pix.

    Raises:
        ConfigError: no such method, a key that it does not have, or a value that it cannot take.
    """
    name = table.get("name", "pix2pix")
    if not isinstance(name, str) or name not in METHOD_CONFIGS:
        hint = did_you_mean(str(name), METHOD_CONFIGS)
        raise ConfigError(f"{source}: no method '{name}'.", hint)
    return read_table(METHOD_CONFIGS[name], table, source, "method.")
