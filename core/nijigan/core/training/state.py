"""Everything that a run needs to go on exactly where it stopped."""

from dataclasses import dataclass
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from nijigan.core.errors import CheckpointError

STATE_FILE = "state.pt"


@dataclass
class TrainState:
    """The networks, the optimizers, torch's random numbers, and how many steps are done.

    Batches, strengths and solvers need no state: they are functions of the seed and the step.
    """

    networks: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]
    step: int = 0

    def save(self, folder: Path) -> None:
        """Write `state.pt` into `folder`."""
        content = {
            "step": self.step,
            "networks": {name: net.state_dict() for name, net in self.networks.items()},
            "optimizers": {name: opt.state_dict() for name, opt in self.optimizers.items()},
            "random": torch.get_rng_state(),
        }
        torch.save(content, folder / STATE_FILE)

    def load(self, folder: Path) -> None:
        """Read `state.pt` from `folder`; nothing in it is executed.

        Raises:
            CheckpointError: missing, damaged, or of other networks.
        """
        path = folder / STATE_FILE
        try:
            content = torch.load(path, map_location="cpu", weights_only=True)
            for name, network in self.networks.items():
                network.load_state_dict(content["networks"][name])
            for name, optimizer in self.optimizers.items():
                optimizer.load_state_dict(content["optimizers"][name])
            torch.set_rng_state(content["random"])
            self.step = int(content["step"])
        except Exception as error:  # a damaged file can go wrong in any of the calls above
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CheckpointError(
                f"{path} cannot be resumed from: {first}",
                "Train into a new folder, or use the recipe that the run began with.",
            ) from error
