"""Begins a run with weights that were trained before, in place of random ones."""

from typing import Any

from nijigan.core.checkpoint import load_generator
from nijigan.core.errors import ConfigError
from nijigan.core.models import Generator

_WITHOUT_WEIGHTS = ("edges", "gray")
"""Of a generator's config: what another training soon gets used to."""


def begin_with(generator: Generator, source: str) -> None:
    """Give a generator the weights of a run or a checkpoint.

    What is learned anew is only what differs: a style that resembles the one begun with takes a
    part of the steps.

    Args:
        generator: to be trained.
        source: see `nijigan.core.checkpoint.load_network`.

    Raises:
        CheckpointError: it cannot be read, or has no generator.
        ConfigError: it is another network; what has no weights (solver, edges, gray) may differ.
    """
    begun, _ = load_generator(source)
    if generator.solver is not None:
        begun.set_solver(generator.solver)
    if type(begun) is not type(generator):
        fact = f"a {type(begun).__name__}, not a {type(generator).__name__}"
        raise ConfigError(f"'{source}' is {fact}.", "Give [model] the network of train.begin.")
    for key, wanted in generator.config.items():
        found = begun.config.get(key)
        if found != wanted and key not in _WITHOUT_WEIGHTS:
            raise ConfigError(
                f"'{source}' has {key} = {_shown(found)}, [model] has {_shown(wanted)}.",
                f"Say --set model.{key}={_shown(found)}, or begin with another.",
            )
    generator.load_state_dict(begun.state_dict())


def _shown(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
