"""How the learning rate changes over a run."""

import math
from collections.abc import Callable

from nijigan.core.config import OptimConfig
from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

# Each takes how far the decay has come, 0…1, and returns the factor of the learning rate.
_SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": lambda _: 1.0,
    "linear": lambda decayed: 1.0 - decayed,
    "cosine": lambda decayed: 0.5 * (1.0 + math.cos(math.pi * decayed)),
}


def rate_factor(config: OptimConfig, step: int, steps: int) -> float:
    """Return what the learning rate is multiplied with at `step` of `steps`: 1 before the decay.

    Raises:
        ConfigError: an unknown schedule.
    """
    if config.schedule not in _SCHEDULES:
        raise ConfigError(
            f"No schedule '{config.schedule}'.", did_you_mean(config.schedule, _SCHEDULES)
        )
    start = config.decay_from * steps
    decayed = 0.0 if step <= start else (step - start) / (steps - start)
    return _SCHEDULES[config.schedule](decayed)
