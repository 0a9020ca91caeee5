"""The figures of held-out pictures that say how good a network is, and which way is better."""

from collections.abc import Sequence

from nijigan.core.config import OptimConfig
from nijigan.core.errors import ConfigError

HIGHER_IS_BETTER = {
    "psnr": True,
    "psnr_zero": True,
    "psnr_again": True,
    "codewords": True,
    "kl": False,
    "content": False,
    "style": False,
    "total_variation": False,
}


def check_watched(config: OptimConfig, figures: Sequence[str]) -> None:
    """Refuse a schedule `plateau` that watches none of a method's figures.

    Raises:
        ConfigError: so it is.
    """
    if config.schedule == "plateau" and config.plateau_figure not in figures:
        raise ConfigError(
            f"optim.plateau_figure is '{config.plateau_figure}', which the method does not have.",
            f"It has {', '.join(figures)}.",
        )
