"""The training loop, from a recipe to a trained generator."""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nijigan.core.config import Recipe
from nijigan.core.data import Pictures
from nijigan.core.methods import Method, create_method
from nijigan.core.training.interrupt import Interrupt
from nijigan.core.training.logging import Mean, RunLog
from nijigan.core.training.machine import device_of, place_pictures, slow_bf16
from nijigan.core.training.prefetch import Prefetch
from nijigan.core.training.run_folder import RunFolder
from nijigan.core.training.schedules import rate_factor
from nijigan.core.training.state import TrainState
from nijigan.core.training.world import World, join_world


@dataclass(frozen=True)
class Trained:
    """How far a run went."""

    checkpoint: Path | None
    """The last one; None where the run was stopped before its first step."""
    interrupted: bool
    """Whether Ctrl-C, or SIGTERM, stopped it."""


def train(
    recipe: Recipe,
    out: Path,
    resume: str = "auto",
    say: Callable[[str], None] = print,
    seconds: float = math.inf,
) -> Trained:
    """Train until `recipe.train.steps` or Ctrl-C, which saves.

    Under `torchrun` the processes share the pictures of every batch, and the first one writes.

    Args:
        recipe: everything that determines the run.
        out: the run folder; it is made if it is not there.
        resume: `auto` goes on from the folder's latest checkpoint, `never` wants an empty folder.
        say: takes one line of text at a time.
        seconds: how long at most, what is saved at the end not counted.

    Raises:
        ConfigError, DataError: the recipe or the pictures cannot be used, or the folder's run began
            with others.
        CheckpointError: the checkpoint to resume from is damaged or of other networks.
        TrainingError: a loss became infinite or NaN, or the folder has a run and `resume` is
            `never`.
        OutputError: a checkpoint cannot be written; the one before it is still whole.
    """
    if recipe.train.threads:
        torch.set_num_threads(recipe.train.threads)
    with join_world(device_of(recipe.train).type) as world:
        return _train(recipe, out, resume, say if world.leads else _say_nothing, seconds, world)


def _train(
    recipe: Recipe,
    out: Path,
    resume: str,
    say: Callable[[str], None],
    seconds: float,
    world: World,
) -> Trained:
    config = recipe.train
    folder = RunFolder(out, recipe, resume)
    torch.manual_seed(config.seed)
    method = create_method(recipe, world)
    state = TrainState(method.networks, method.optimizers)
    pictures = method.open_pictures()
    folder.resume(state, pictures.split_sha256, world.leads)
    say(f"{pictures.summary}; step {state.step}")
    if slow_bf16(config):
        say("This processor has no bfloat16: train.bf16=false would be many times faster.")

    saved = state.step
    end = time.monotonic() + seconds
    recent = Mean()
    with (
        RunLog(out, state.step, config.steps, say, world.leads) as log,
        Interrupt() as interrupt,
        Prefetch(pictures, state.step) as batches,
    ):
        while state.step < config.steps and not world.any(
            interrupt.requested or time.monotonic() >= end
        ):
            _set_rates(method, recipe, state)
            batch = batches.of(state.step).apply(lambda t: place_pictures(t, config))
            recent.add(method.step(batch, state.step))
            state.step += 1

            last = state.step == config.steps
            if last or state.step % config.log_every == 0:
                log.write_progress(state.step, recent.mean())
            if last or state.step % config.sample_every == 0:
                _sample(method, pictures, folder, log, state)
            if last or state.step % config.checkpoint_every == 0:
                folder.save(method, state, pictures.split_sha256)
                saved = state.step
        interrupted = state.step < config.steps and world.any(interrupt.requested)
    if saved != state.step:
        folder.save(method, state, pictures.split_sha256)
    if state.step < config.steps:
        say(f"stopped at step {state.step}; the same command goes on from there")
    return Trained(folder.checkpoint(state.step) if state.step else None, interrupted)


def _say_nothing(_line: str) -> None:
    pass


def _set_rates(method: Method[Any, Any], recipe: Recipe, state: TrainState) -> None:
    factor = rate_factor(recipe.optim, state.step, recipe.train.steps) * state.plateau.factor
    for optimizer in method.optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = optimizer.defaults["lr"] * factor


def _sample(
    method: Method[Any, Any], pictures: Pictures, folder: RunFolder, log: RunLog, state: TrainState
) -> None:
    """Write a grid and the figures of the held-out pictures, or of the first training ones.

    Every process measures, so that all of them know what the schedule is to watch.
    """
    if method.world.leads:
        method.write_grid(pictures, folder.sample_path(state.step))
    figures = method.validate(pictures)
    log.write(state.step, {f"val/{name}": value for name, value in figures.items()})
    shown = "  ".join(f"{name} {value:.4g}" for name, value in figures.items())
    log.say(f"step {state.step}: {shown}")
    state.plateau.see(method.recipe.optim, figures)
