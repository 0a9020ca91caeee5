"""The processes that train one network together; started alone, a process is a world of one."""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import torch
import torch.distributed as dist
from torch import Tensor

from nijigan.core.errors import ConfigError

Figures = dict[str, float]


@dataclass(frozen=True)
class World:
    """Which of how many processes this one is.

    Each of them has a part of every batch, equally large, and the same weights: gradients are
    averaged before each update.
    """

    rank: int = 0
    size: int = 1

    @property
    def leads(self) -> bool:
        """Whether this process writes the files and the lines."""
        return self.rank == 0

    def part_of(self, count: int) -> slice:
        """Return which pictures of a batch of `count` are this process's.

        Raises:
            ConfigError: they cannot be divided evenly.
        """
        each, rest = divmod(count, self.size)
        if rest:
            raise ConfigError(
                f"A batch of {count} pictures for {self.size} processes.",
                f"Set data.batch to a multiple of {self.size}.",
            )
        return slice(self.rank * each, (self.rank + 1) * each)

    def average_gradients(self, parameters: Sequence[Tensor]) -> None:
        """Give every process the mean of all processes' gradients, in place.

        Where no process has one, none gets one: for an optimizer, a zero would be a step.
        """
        if self.size == 1:
            return
        parameters = self._learning(parameters)
        for parameter in parameters:
            if parameter.grad is None:
                parameter.grad = torch.zeros_like(parameter)
        self.average([parameter.grad for parameter in parameters if parameter.grad is not None])

    def average(self, tensors: Sequence[Tensor]) -> None:
        """Give every process the mean of all processes' values of some tensors, in place."""
        if self.size == 1 or not tensors:
            return
        # As one message: hundreds of small ones wait longer than they travel.
        flat = torch.cat([tensor.flatten() for tensor in tensors])
        dist.all_reduce(flat)
        averages = torch.split(flat / self.size, [tensor.numel() for tensor in tensors])
        for tensor, average in zip(tensors, averages, strict=True):
            tensor.copy_(average.view_as(tensor))

    def _learning(self, parameters: Sequence[Tensor]) -> list[Tensor]:
        """Return the parameters that have a gradient in some process."""
        here = [float(parameter.grad is not None) for parameter in parameters]
        anywhere = torch.tensor(here, device=parameters[0].device)
        dist.all_reduce(anywhere)
        return [p for p, count in zip(parameters, anywhere.tolist(), strict=True) if count]

    def mean(self, figures: Figures) -> Figures:
        """Return the mean of all processes' figures by name; where one lacks a name it counts 0."""
        if self.size == 1:
            return figures
        found: list[Figures] = [{} for _ in range(self.size)]
        dist.all_gather_object(found, figures)
        names = dict.fromkeys(name for each in found for name in each)
        return {name: sum(each.get(name, 0.0) for each in found) / self.size for name in names}

    def any(self, said: bool) -> bool:
        """Whether any process says so."""
        return bool(self.mean({"said": float(said)})["said"])

    def gather(self, tensor: Tensor) -> Tensor:
        """Return the tensors of all processes, in their order, joined along the first axis."""
        if self.size == 1:
            return tensor
        found = [torch.empty_like(tensor) for _ in range(self.size)]
        dist.all_gather(found, tensor.contiguous())
        return torch.cat(found)


@contextmanager
def join_world(device: str) -> Iterator[World]:
    """Join the processes that `torchrun` started, over NCCL on GPUs and gloo without.

    Args:
        device: `cpu` or `cuda`; on GPUs each process takes its own.
    """
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield World()
        return
    if device == "cuda":
        torch.cuda.set_device(int(os.environ["LOCAL_RANK"]))
    dist.init_process_group("nccl" if device == "cuda" else "gloo")
    try:
        yield World(dist.get_rank(), size)
    finally:
        dist.destroy_process_group()
