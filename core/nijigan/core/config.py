"""Recipes: TOML read into frozen dataclasses, so that one file fully determines a run."""

import math
import tomllib
from dataclasses import asdict, dataclass, field, fields, replace
from importlib import resources
from pathlib import Path
from typing import Any

from nijigan.core.bounds import require
from nijigan.core.errors import ConfigError
from nijigan.core.method_config import (
    OPTIONAL_SECTIONS,
    MethodConfig,
    Pix2PixConfig,
    read_method,
)
from nijigan.core.nearest import did_you_mean
from nijigan.core.tables import read_table
from nijigan.core.toml_text import toml_text


@dataclass(frozen=True)
class NetworkConfig:
    """A network by its registered name; every other key of the section goes to the network."""

    name: str
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class FeaturesConfig(NetworkConfig):
    """The frozen network whose features losses are measured on."""

    file: str = ""
    """Its weights; empty: the published ones, from a package or the network."""


@dataclass(frozen=True)
class DataConfig:
    """The pictures a run learns from."""

    folder: str = ""
    """A folder in one of the layouts that the method takes: see `docs/data.md`."""
    direction: str = "AtoB"
    """Which picture of pairs side by side is the photo: `AtoB` the left one, `BtoA` the right."""
    load: int = 0
    """Short side in pixels to which pictures are resized before crops; 0 leaves them."""
    square: bool = False
    """Resize both sides to `load`, as CycleGAN's `resize_and_crop` does."""
    center: bool = False
    """Cut out the middle square before anything else, as is done with CelebA's portraits."""
    crop: int = 256
    """Side of the training crops, in pixels."""
    batch: int = 4
    """Crops per step, of all processes and passes together."""
    flip: bool = True
    """Mirror every second crop."""
    memory: float = 4.0
    """GiB of decoded pictures that are kept; of larger sets, files are read again."""
    license: str = ""
    """What the weights may be used for, as the pictures allow; written into every checkpoint."""

    def __post_init__(self) -> None:
        require("data", self, 16, math.inf, "crop")
        require("data", self, 1, math.inf, "batch")
        require("data", self, 0, math.inf, "load", "memory")
        if self.direction not in ("AtoB", "BtoA"):
            raise ConfigError(f"data.direction is '{self.direction}'.", "Use AtoB or BtoA.")


@dataclass(frozen=True)
class StrengthConfig:
    """How the strength of each picture of a batch is drawn; the rest is uniform between 0 and 1."""

    zero: float = 0.0
    """Share of pictures at strength 0, which must come out as they went in."""
    one: float = 1.0
    """Share of pictures at strength 1, the only ones that the discriminator sees."""

    def __post_init__(self) -> None:
        if not (self.zero >= 0 and self.one >= 0 and self.zero + self.one <= 1):
            raise ConfigError(
                f"strength.zero = {self.zero} and strength.one = {self.one} are not shares.",
                "Both must be 0 or more and their sum at most 1.",
            )


@dataclass(frozen=True)
class SolverConfig:
    """Which solvers a run trains with."""

    mix: tuple[tuple[str, int, float], ...] = ()
    """Name, steps and weight of the solvers that batches choose from; empty: the model's own."""

    def __post_init__(self) -> None:
        for name, steps, weight in self.mix:
            if not (steps >= 1 and 0 < weight < math.inf):
                raise ConfigError(
                    f"solver.mix has {[name, steps, weight]}.",
                    "Give 1 step or more and a weight above 0.",
                )


@dataclass(frozen=True)
class OptimConfig:
    """Adam and its schedule."""

    lr: float = 2e-4
    """Learning rate of the generator."""
    lr_discriminator: float = 2e-4
    """Learning rate of the discriminator."""
    betas: tuple[float, float] = (0.5, 0.999)
    """Adam's decay rates."""
    weight_decay: float = 0.0
    """Adam's L2 penalty."""
    clip: float = 0.0
    """Gradients longer than this are cut to it; 0: never."""
    schedule: str = "linear"
    """`constant`; `linear` or `cosine` down to 0 at the end; `step` or `plateau` downstairs."""
    decay_from: float = 0.5
    """Where a linear or cosine decay begins, as a share of the steps."""
    step_every: int = 50_000
    """Steps between the stairs of `step`."""
    step_factor: float = 0.1
    """What each stair of `step` or `plateau` multiplies the rate with."""
    plateau_figure: str = "psnr"
    """The figure of the held-out pictures that `plateau` watches: one that the method has."""
    plateau_patience: int = 5
    """How many validations in a row may bring nothing better before a stair down."""

    def __post_init__(self) -> None:
        require("optim", self, 0, math.inf, "lr", "lr_discriminator", "weight_decay", "clip")
        require("optim", self, 0, 1, "decay_from", "step_factor")
        require("optim", self, 1, math.inf, "step_every", "plateau_patience")
        if not all(0 <= beta < 1 for beta in self.betas):
            raise ConfigError(
                f"optim.betas is {list(self.betas)}.", "Both must be at least 0 and below 1."
            )


@dataclass(frozen=True)
class TrainConfig:
    """Length, rhythm and machine of a run."""

    steps: int = 10_000
    """Optimizer steps of the generator."""
    seed: int = 0
    """Decides the initial weights and every random choice."""
    begin: str = ""
    """A run or a checkpoint of the same network, whose weights the generator begins with; of two
    generators, the one that draws photos. Empty: random ones."""
    log_every: int = 50
    """Steps between lines of `metrics.jsonl`."""
    shares_every: int = 0
    """Steps between measurements of each loss's share in the gradient; 0: none."""
    sample_every: int = 500
    """Steps between sample grids and validations."""
    sample_count: int = 4
    """Validation pictures in a grid."""
    sample_side: int = 384
    """Sides of the pictures in a grid are cut to this at most, in pixels."""
    val_count: int = 16
    """Validation pictures that are measured, whole."""
    checkpoint_every: int = 500
    """Steps between checkpoints."""
    keep: int = 3
    """Checkpoints that stay on disk, the newest ones."""
    threads: int = 0
    """CPU threads; 0 leaves it to torch."""
    device: str = "auto"
    """`cpu`, `cuda`, or `auto`: a GPU where there is one."""
    bf16: bool = False
    """Compute convolutions in bfloat16; weights, losses and times stay float32."""
    float64: bool = False
    """Compute everything in float64, at half the speed, to compare runs: rounding grows in
    training, and two runs that divide a batch differently part after ten steps of float32."""
    accumulate: int = 1
    """Passes in which a process looks at its part of a batch: more of them need less memory."""
    checkpointing: bool = False
    """Compute residual and ODE blocks again in the backward pass instead of keeping them."""
    channels_last: bool = False
    """Keep pictures in NHWC order in memory."""
    freeze_batchnorm_from: float = 1.0
    """Share of the steps after which BatchNorm uses running statistics, as served; 1: never."""

    def __post_init__(self) -> None:
        require(
            "train", self, 1, math.inf, "steps", "log_every", "sample_every", "checkpoint_every"
        )
        require("train", self, 1, math.inf, "sample_count", "val_count", "keep", "accumulate")
        require("train", self, 16, math.inf, "sample_side")
        if self.bf16 and self.float64:
            raise ConfigError("train.bf16 and train.float64 are both true.", "Choose one.")
        require("train", self, 0, 2**63 - 1, "seed", "threads", "shares_every")
        require("train", self, 0, 1, "freeze_batchnorm_from")


@dataclass(frozen=True)
class Recipe:
    """Everything that determines a run."""

    model: NetworkConfig = field(default_factory=lambda: NetworkConfig("nijigan"))
    discriminator: NetworkConfig = field(default_factory=lambda: NetworkConfig("patchgan70"))
    features: FeaturesConfig = field(default_factory=lambda: FeaturesConfig("vgg19"))
    data: DataConfig = field(default_factory=DataConfig)
    method: MethodConfig = field(default_factory=Pix2PixConfig)
    strength: StrengthConfig = field(default_factory=StrengthConfig)
    solver: SolverConfig = field(default_factory=SolverConfig)
    optim: OptimConfig = field(default_factory=OptimConfig)
    train: TrainConfig = field(default_factory=TrainConfig)


_FEATURES = {"name", "file"}
"""The keys of `[features]` that do not go to the network."""


def recipe_names() -> list[str]:
    """Return the names of the recipes that come with nijigan."""
    folder = resources.files("nijigan.core") / "recipes"
    return sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml"))


def load_recipe(source: str | Path, overrides: tuple[str, ...] = ()) -> Recipe:
    """Read a recipe: a file, or the name of one that comes with nijigan.

    Args:
        source: a path ending in `.toml`, or a name from `recipe_names`.
        overrides: `section.key=value` with TOML values; a bare word is taken as a string.

    Raises:
        ConfigError: no such recipe, TOML that cannot be read, an unknown key (the message has the
            nearest known one), or a value of the wrong type or out of range.
    """
    path = Path(source)
    if path.suffix == ".toml":
        if not path.is_file():
            raise ConfigError(f"No recipe '{path}'.", "Give a path to a TOML file.")
        text = _read_text(path)
    elif str(source) in recipe_names():
        text = (resources.files("nijigan.core") / "recipes" / f"{source}.toml").read_text("utf-8")
    else:
        raise ConfigError(f"No recipe '{source}'.", did_you_mean(str(source), recipe_names()))
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML: {error}.", "Correct that line.") from error
    for override in overrides:
        _apply_override(table, override)
    _fold_options(table, str(source))
    return _read_recipe(table, str(source))


def _read_recipe(table: dict[str, Any], source: str) -> Recipe:
    """Build the recipe; the keys of `[method]` and the sections depend on the method's name."""
    section = table.pop("method", {})
    if not isinstance(section, dict):
        raise ConfigError(f"{source}: 'method' is {section!r}.", "It must be a section.")
    method = read_method(section, source)
    for name in set(OPTIONAL_SECTIONS) - set(method.sections):
        if name in table:
            raise ConfigError(
                f"{source}: the method '{method.name}' has no use for [{name}].", "Remove it."
            )
    return replace(read_table(Recipe, table, source), method=method)


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} cannot be read: {error}.", "Save it as UTF-8 text.") from error


def _apply_override(table: dict[str, Any], override: str) -> None:
    key, equals, value = override.partition("=")
    section, dot, name = key.strip().partition(".")
    if not equals or not dot:
        raise ConfigError(f"--set {override} is not an override.", "Write section.key=value.")
    try:
        parsed = tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        parsed = value.strip()
    section_table = table.setdefault(section, {})
    if not isinstance(section_table, dict):
        raise ConfigError(
            f"--set {override}: '{section}' is no section.", "Write section.key=value."
        )
    section_table[name] = parsed


def _fold_options(table: dict[str, Any], source: str) -> None:
    """Move the keys of the networks' sections that go to the network into `options`."""
    for section, own in (("model", {"name"}), ("discriminator", {"name"}), ("features", _FEATURES)):
        network = table.get(section)
        if not isinstance(network, dict):
            continue
        if not isinstance(network.get("name"), str):
            raise ConfigError(f"{source}: '{section}.name' is missing.", "Name a network.")
        options = {key: value for key, value in network.items() if key not in own}
        table[section] = {key: network[key] for key in own & network.keys()} | {"options": options}


def with_folder(recipe: Recipe, folder: str) -> Recipe:
    """Return the recipe with another folder of pairs."""
    return replace(recipe, data=replace(recipe.data, folder=folder))


def without_places(recipe: Recipe) -> Recipe:
    """Return the recipe without what says where things lay on this machine."""
    return replace(
        with_folder(recipe, ""),
        features=replace(recipe.features, file=""),
        method=recipe.method.without_places(),
        train=replace(recipe.train, begin=Path(recipe.train.begin).name),
    )


def to_table(recipe: Recipe) -> dict[str, dict[str, Any]]:
    """Return the recipe as plain tables, every key present that its method reads."""
    unread = set(OPTIONAL_SECTIONS) - set(recipe.method.sections)
    names = [part.name for part in fields(recipe) if part.name not in unread]
    return {name: _table_of(getattr(recipe, name)) for name in names}


def _table_of(section: Any) -> dict[str, Any]:
    table: dict[str, Any] = asdict(section)
    options: dict[str, Any] = table.pop("options", {})
    return {**table, **options}  # a network's options stand beside its name


def to_toml(recipe: Recipe) -> str:
    """Return the recipe as TOML that `load_recipe` reads back to an equal one."""
    return toml_text(to_table(recipe))
