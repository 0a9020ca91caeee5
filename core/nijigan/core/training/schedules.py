"""How the learning rate changes over a run."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from nijigan.core.config import OptimConfig
from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean
from nijigan.core.training.figures import HIGHER_IS_BETTER

# Each takes how far the decay has come, 0…1, and returns the factor of the learning rate.
_SLOPES: dict[str, Callable[[float], float]] = {
    "constant": lambda _: 1.0,
    "linear": lambda decayed: 1.0 - decayed,
    "cosine": lambda decayed: 0.5 * (1.0 + math.cos(math.pi * decayed)),
}


def rate_factor(config: OptimConfig, step: int, steps: int) -> float:
    """Return what the learning rate is multiplied with at `step` of `steps`: 1 before the decay.

    `plateau` is 1 here: what it multiplies with depends on figures, see `Plateau`.

    Raises:
        ConfigError: an unknown schedule.
    """
    if config.schedule == "step":
        stairs: float = config.step_factor ** (step // config.step_every)
        return stairs
    if config.schedule == "plateau":
        return 1.0
    if config.schedule not in _SLOPES:
        known = [*_SLOPES, "plateau", "step"]
        raise ConfigError(f"No schedule '{config.schedule}'.", did_you_mean(config.schedule, known))
    start = config.decay_from * steps
    decayed = 0.0 if step <= start else (step - start) / (steps - start)
    return _SLOPES[config.schedule](decayed)


@dataclass
class Plateau:
    """The rate of the schedule `plateau`: a stair down when a figure no longer gets better."""

    best: float = math.inf
    """The best yet; of figures that should be high, its negative."""
    waited: int = 0
    """Validations since."""
    factor: float = 1.0
    """What the rate is multiplied with."""

    def see(self, config: OptimConfig, figures: dict[str, float]) -> None:
        """Take the figures of a validation, the one that the recipe watches among them."""
        if config.schedule != "plateau":
            return
        value = figures[config.plateau_figure]
        value = -value if HIGHER_IS_BETTER[config.plateau_figure] else value
        if value < self.best:
            self.best, self.waited = value, 0
            return
        self.waited += 1
        if self.waited > config.plateau_patience:
            self.factor, self.waited = self.factor * config.step_factor, 0
