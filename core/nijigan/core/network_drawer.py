"""Draws with a generator of a checkpoint, in torch."""

from dataclasses import replace
from pathlib import Path

import torch

from nijigan.core.checkpoint import CheckpointInfo, load_generator
from nijigan.core.drawers import Drawer, NetworkFacts, Pixels, check_strength, mixed
from nijigan.core.images import from_tensor, to_tensor
from nijigan.core.models import Generator, count_parameters
from nijigan.core.ode import Solver


class NetworkDrawer(Drawer):
    """Draws pictures of any size whole, at their own size.

    Where strength was trained it goes into the network, elsewhere it mixes photo and drawing, as in
    a style.

    Args:
        generator: in evaluation mode.
        info: what its checkpoint says.
        name: for tables.
    """

    network: NetworkFacts

    def __init__(self, generator: Generator, info: CheckpointInfo, name: str) -> None:
        self.name = name
        self.network = NetworkFacts(
            info.name,
            info.config,
            count_parameters(generator),
            info.split_sha256,
            info.step,
            info.recipe,
        )
        self.solver = generator.solver
        """None of a network without ODE blocks."""
        self._generator = generator
        self._has_dial = generator.has_strength and info.trains_strength

    @classmethod
    def load(cls, path: Path) -> "NetworkDrawer":
        """Return what draws with a run's latest checkpoint, or a checkpoint, named after it.

        Raises:
            CheckpointError: see `load_generator`.
        """
        generator, info = load_generator(path)
        return cls(generator, info, path.stem if path.is_file() else path.resolve().name)

    def solve_with(self, solver: Solver) -> None:
        """Use `solver` from now on; nothing changes where there is no ODE."""
        if self.solver is None:
            return
        self._generator.set_solver(solver)
        self.solver = solver
        self.network = replace(self.network, config=self._generator.config)

    def draw(self, pixels: Pixels, strength: float = 1.0) -> Pixels:
        """See `Drawer.draw`."""
        check_strength(strength)
        image = torch.from_numpy(to_tensor(pixels))
        with torch.inference_mode():
            drawn = self._generator.draw(image, strength if self._has_dial else 1.0)
        result = from_tensor(drawn.numpy())
        return result if self._has_dial else mixed(pixels, result, strength)
