"""Which statistics BatchNorm uses during a run: the batch's, then those that will be served."""

import torch
from torch import nn

from nijigan.core.config import TrainConfig
from nijigan.core.training.world import World


class NormMode:
    """Trains a network with the batch's statistics until `train.freeze_batchnorm_from`.

    From then on it is normalized with running statistics: what is trained is what will be served.
    Those are the same in all processes, so that one of them can write what all of them trained.

    Args:
        network: what is trained.
        averaged: its moving average, whose statistics are the ones that are held.
        config: of the run.
        world: the processes that train it together.
    """

    def __init__(
        self, network: nn.Module, averaged: nn.Module, config: TrainConfig, world: World
    ) -> None:
        self.world = world
        self.network = network
        self.averaged = averaged
        self.freeze_at = round(config.freeze_batchnorm_from * config.steps)

    @torch.no_grad()
    def set(self, step: int) -> None:
        """Put the network into the mode that `step` trains in."""
        self.network.train()
        if step < self.freeze_at:
            return
        if step == self.freeze_at:
            # The network's own statistics follow the last few batches; the average is steadier.
            own = dict(self.network.named_buffers())
            for name, buffer in self.averaged.named_buffers():
                own[name].copy_(buffer)
        for layer in self._norms():
            layer.eval()

    @torch.no_grad()
    def agree(self) -> None:
        """Give every process the mean of all processes' running statistics, after each step."""
        moved = [layer for layer in self._norms() if layer.training]
        own = [each for layer in moved for each in (layer.running_mean, layer.running_var)]
        self.world.average([each for each in own if each is not None])

    def _norms(self) -> list[nn.BatchNorm2d]:
        return [layer for layer in self.network.modules() if isinstance(layer, nn.BatchNorm2d)]
