"""A style's weights as a checkpoint, for a run to begin with."""

from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from nijigan.core.checkpoint import save_network
from nijigan.core.errors import ConfigError, ExportError, OutputError
from nijigan.core.models import Generator, create_generator
from nijigan.export.blend import Blend
from nijigan.export.reopen import generator_of
from nijigan.export.source import info_of
from nijigan.export.style import Style


def write_weights(style: Style, path: Path) -> dict[str, Any]:
    """Write the generator of a style as a checkpoint that `train.begin` takes.

    Norms that the graphs have folded away are gone: the network is the one without them, which
    draws the same.

    Args:
        style: with graphs in float32 or 16 bits.
        path: the `.safetensors` file to write.

    Returns:
        The arguments of the network, which are the options of a recipe's `[model]`.

    Raises:
        ExportError: the style does not have all of the weights, or its network cannot do without
            the norms that were folded.
        OutputError: `path` cannot be written.
    """
    drawing = generator_of(style)
    generator = _trainable(style, drawing.generator if isinstance(drawing, Blend) else drawing)
    info = replace(info_of(style), config=generator.config)
    if style.strength == "ode":
        # A style does not say at which strengths it learned; those below 1 were among them.
        info = replace(info, recipe={**info.recipe, "strength": {"one": 0.0}})
    try:
        save_network(generator, info, path)
    except OSError as error:
        raise OutputError(f"{path} cannot be written: {error}.", "Name another file.") from error
    return generator.config


def _trainable(style: Style, drawing: Generator) -> Generator:
    """Return the network that has the weights which are left of a style's."""
    weights = drawing.state_dict()
    config = dict(style.generator["config"])
    for options in (config, config | {"norm": "none"}):
        with suppress(ConfigError):  # some networks are none without norms
            generator = create_generator(style.generator["name"], **options)
            own = generator.state_dict().keys()
            if own <= weights.keys():  # what exchanges pixels has weights in graphs alone
                generator.load_state_dict({name: weights[name] for name in own})
                return generator
    raise ExportError(
        f"The style '{style.name}' has its norms folded into its weights, and its network "
        f"'{style.generator['name']}' is none without them.",
        "Begin with the run or the checkpoint that it was exported from.",
    )
