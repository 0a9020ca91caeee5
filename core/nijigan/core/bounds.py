"""Checks the values of a recipe's section against the range that each may have."""

import math

from nijigan.core.errors import ConfigError


def require(name: str, section: object, low: float, high: float, *keys: str) -> None:
    """Refuse values of `section`, which a recipe calls `name`, outside `low`…`high`; NaN always is.

    Raises:
        ConfigError: it has the key, the value and the range.
    """
    for key in keys:
        value = getattr(section, key)
        if not (low <= value <= high and value != math.inf):
            wanted = f"{low} or more" if high == math.inf else f"between {low} and {high}"
            raise ConfigError(f"{name}.{key} is {value}.", f"It must be {wanted}.")
