"""Reads TOML tables into frozen dataclasses, checking names and types."""

from dataclasses import is_dataclass
from typing import Any, TypeVar, get_type_hints

from nijigan.core.errors import ConfigError
from nijigan.core.nearest import did_you_mean

T = TypeVar("T")


def read_table(cls: type[T], table: dict[str, Any], source: str, prefix: str = "") -> T:
    """Build a dataclass from a TOML table, and those in its fields from the tables within.

    Args:
        cls: the dataclass.
        table: what was read.
        source: what errors call the file.
        prefix: where in the file the table is, `section.`; for errors.

    Raises:
        ConfigError: an unknown key (the message has the nearest known one) or a value of the wrong
            type.
    """
    hints = get_type_hints(cls)
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in hints:
            hint = did_you_mean(prefix + key, [prefix + known for known in hints])
            raise ConfigError(f"{source}: unknown key '{prefix}{key}'.", hint)
        values[key] = _convert(hints[key], value, source, prefix + key)
    return cls(**values)


def _convert(wanted: Any, value: Any, source: str, key: str) -> Any:
    """Return `value` as the type that a field wants."""
    if isinstance(wanted, type) and is_dataclass(wanted):
        if isinstance(value, dict):
            return read_table(wanted, value, source, f"{key}.")
    elif wanted is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    elif isinstance(wanted, type):
        if type(value) is wanted:
            return value
    elif isinstance(value, dict):
        return value
    elif isinstance(value, list):
        return _convert_tuple(wanted, value, source, key)
    raise ConfigError(f"{source}: '{key}' is {value!r}.", f"It must be {_describe(wanted)}.")


def _convert_tuple(wanted: Any, value: list[Any], source: str, key: str) -> tuple[Any, ...]:
    kinds = wanted.__args__
    if kinds[-1] is Ellipsis:
        kinds = (kinds[0],) * len(value)
    if len(kinds) != len(value):
        raise ConfigError(f"{source}: '{key}' is {value!r}.", f"It must be {_describe(wanted)}.")
    return tuple(_convert(kind, item, source, key) for kind, item in zip(kinds, value, strict=True))


def _describe(wanted: Any) -> str:
    if isinstance(wanted, type) and is_dataclass(wanted):
        return "a section"
    return wanted.__name__ if isinstance(wanted, type) else str(wanted)
