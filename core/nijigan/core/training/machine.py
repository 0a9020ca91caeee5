"""Where and in which precision a run computes."""

import torch
from torch import Tensor, nn

from nijigan.core.config import TrainConfig
from nijigan.core.errors import ConfigError


def device_of(config: TrainConfig) -> torch.device:
    """Return the device of a run.

    Raises:
        ConfigError: an unknown device, or a GPU where there is none.
    """
    has_gpu = torch.cuda.is_available()
    if config.device == "auto":
        return torch.device("cuda" if has_gpu else "cpu")
    if config.device not in ("cpu", "cuda"):
        raise ConfigError(f"train.device is '{config.device}'.", "Use auto, cpu or cuda.")
    if config.device == "cuda" and not has_gpu:
        raise ConfigError("train.device is 'cuda' and there is no GPU.", "Use auto or cpu.")
    return torch.device(config.device)


def dtype_of(config: TrainConfig) -> torch.dtype:
    """Return the type of a run's weights and losses."""
    return torch.float64 if config.float64 else torch.float32


def slow_bf16(config: TrainConfig) -> bool:
    """Whether a run computes in bfloat16 on a processor that has no instructions for it."""
    if not config.bf16 or device_of(config).type != "cpu":
        return False
    return not torch.ops.mkldnn._is_mkldnn_bf16_supported()


def place(network: nn.Module, config: TrainConfig) -> None:
    """Move a network to the device of a run, into its type and its memory format."""
    network.to(device_of(config), dtype_of(config))
    if config.channels_last:
        for parameter in network.parameters():
            if parameter.dim() == 4:
                parameter.data = parameter.data.contiguous(memory_format=torch.channels_last)


def place_pictures(pictures: Tensor, config: TrainConfig) -> Tensor:
    """Return `(N, 3, H, W)` on the device of a run, in its type and its memory format."""
    pictures = pictures.to(device_of(config), dtype_of(config))
    if config.channels_last:
        pictures = pictures.contiguous(memory_format=torch.channels_last)
    return pictures


def autocast(config: TrainConfig) -> torch.autocast:
    """Return the context in which convolutions run in bfloat16, if the recipe asks for it."""
    return torch.autocast(device_of(config).type, torch.bfloat16, enabled=config.bf16)
