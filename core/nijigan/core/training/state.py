"""Everything that a run needs to go on exactly where it stopped."""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path

import torch
from torch import nn
from torch.optim import Optimizer

from nijigan.core.errors import CheckpointError
from nijigan.core.training.schedules import Plateau

STATE_FILE = "state.pt"
HASH_FILE = "state.sha256"


@dataclass
class TrainState:
    """The networks, the optimizers, and how many steps are done.

    Batches and everything random need no state: they are functions of the seed and the step.
    """

    networks: dict[str, nn.Module]
    optimizers: dict[str, Optimizer]
    step: int = 0
    plateau: Plateau = field(default_factory=Plateau)

    def save(self, folder: Path) -> None:
        """Write `state.pt` and its hash into `folder`.

        Raises:
            OSError: they cannot be written.
        """
        content = {
            "step": self.step,
            "networks": {name: net.state_dict() for name, net in self.networks.items()},
            "optimizers": {name: opt.state_dict() for name, opt in self.optimizers.items()},
            "plateau": asdict(self.plateau),
        }
        path = folder / STATE_FILE
        with path.open("wb") as file:
            torch.save(content, file)
        (folder / HASH_FILE).write_text(f"{_hash(path)}\n", encoding="ascii")

    def load(self, folder: Path) -> None:
        """Read `state.pt` from `folder`; nothing in it is executed.

        Raises:
            CheckpointError: missing, damaged, or of other networks.
        """
        path = folder / STATE_FILE
        try:
            if (folder / HASH_FILE).read_text(encoding="ascii").strip() != _hash(path):
                raise ValueError("it is not the file that was written.")
            content = torch.load(path, map_location="cpu", weights_only=True)
            for name, network in self.networks.items():
                network.load_state_dict(content["networks"][name])
            for name, optimizer in self.optimizers.items():
                optimizer.load_state_dict(content["optimizers"][name])
            self.plateau = Plateau(**content["plateau"])
            self.step = int(content["step"])
        except Exception as error:  # a damaged file can go wrong in any of the calls above
            first = str(error).splitlines()[0] if str(error) else type(error).__name__
            raise CheckpointError(
                f"{path} cannot be resumed from: {first}",
                f"Remove {folder} to go on from an earlier checkpoint, or train into a new folder.",
            ) from error


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
