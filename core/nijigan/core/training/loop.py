"""The training loop, from a recipe to a trained generator."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from nijigan.core.config import Recipe
from nijigan.core.data import Batch, Pictures
from nijigan.core.errors import TrainingError
from nijigan.core.methods import Method, create_method
from nijigan.core.training.interrupt import Interrupt
from nijigan.core.training.logging import Mean, RunLog
from nijigan.core.training.machine import place_pictures
from nijigan.core.training.run_folder import RunFolder
from nijigan.core.training.schedules import rate_factor
from nijigan.core.training.state import TrainState


def train(
    recipe: Recipe, out: Path, resume: str = "auto", say: Callable[[str], None] = print
) -> Path:
    """Train until `recipe.train.steps` or Ctrl-C, which saves; return the last checkpoint.

    Args:
        recipe: everything that determines the run.
        out: the run folder; it is made if it is not there.
        resume: `auto` goes on from the folder's latest checkpoint, `never` wants an empty folder.
        say: takes one line of text at a time.

    Raises:
        ConfigError, DataError: the recipe or the pictures cannot be used, or the folder's run began
            with others.
        CheckpointError: the checkpoint to resume from is damaged or of other networks.
        TrainingError: a loss became infinite or NaN, or the folder has a run and `resume` is
            `never`.
    """
    config = recipe.train
    folder = RunFolder(out, recipe, resume)
    if config.threads:
        torch.set_num_threads(config.threads)
    torch.manual_seed(config.seed)
    method = create_method(recipe)
    state = TrainState(method.networks, method.optimizers)
    pictures = method.open_pictures()
    folder.resume(state, pictures.split_sha256)
    say(f"{pictures.summary}; step {state.step}")

    saved = state.step
    recent = Mean()
    with RunLog(out, state.step, config.steps, say) as log, Interrupt() as interrupt:
        while state.step < config.steps and not interrupt.requested:
            _set_rates(method, recipe, state.step)
            losses = method.step(_place(pictures.batch_of(state.step), recipe), state.step)
            state.step += 1
            _check_finite(losses, state.step)
            recent.add(losses)

            last = state.step == config.steps
            if last or state.step % config.log_every == 0:
                log.write_progress(state.step, recent.mean())
            if last or state.step % config.sample_every == 0:
                _sample(method, pictures, folder, log, state.step)
            if last or state.step % config.checkpoint_every == 0:
                folder.save(method, state, pictures.split_sha256)
                saved = state.step
    if saved != state.step:
        folder.save(method, state, pictures.split_sha256)
    if interrupt.requested:
        say(f"stopped at step {state.step}; the same command goes on from there")
    return out / "checkpoints" / f"step_{state.step:07d}"


def _place(batch: Batch, recipe: Recipe) -> Batch:
    return Batch(
        place_pictures(batch.photo, recipe.train), place_pictures(batch.drawn, recipe.train)
    )


def _set_rates(method: Method[Any], recipe: Recipe, step: int) -> None:
    factor = rate_factor(recipe.optim, step, recipe.train.steps)
    for optimizer in method.optimizers.values():
        for group in optimizer.param_groups:
            group["lr"] = optimizer.defaults["lr"] * factor


def _check_finite(losses: dict[str, float], step: int) -> None:
    for name, loss in losses.items():
        if not math.isfinite(loss):
            raise TrainingError(
                f"The loss '{name}' is {loss} at step {step}.",
                "Lower optim.lr, or resume from the latest checkpoint with train.bf16=false.",
            )


def _sample(
    method: Method[Any], pictures: Pictures, folder: RunFolder, log: RunLog, step: int
) -> None:
    """Write a grid and the figures of the held-out pictures, or of the first training ones."""
    method.write_grid(pictures, folder.sample_path(step))
    figures = method.validate(pictures)
    log.write(step, {f"val/{name}": value for name, value in figures.items()})
    log.say(f"step {step}: " + "  ".join(f"{name} {v:.4g}" for name, v in figures.items()))
