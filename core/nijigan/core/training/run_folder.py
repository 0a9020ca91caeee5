"""The folder of a run: config.toml, metrics.jsonl, tb/, samples/, checkpoints/."""

import shutil
import tomllib
from pathlib import Path
from typing import Any

from nijigan.core.atomic import write_atomically
from nijigan.core.checkpoint import (
    GENERATOR_FILE,
    LATEST,
    CheckpointInfo,
    latest_folder,
    read_info,
    save_network,
)
from nijigan.core.config import Recipe, load_recipe, to_table, to_toml, without_places
from nijigan.core.errors import ConfigError, DataError, OutputError, TrainingError
from nijigan.core.methods import Method
from nijigan.core.training.state import TrainState

CONFIG_FILE = "config.toml"
PARTIAL = ".partial"
"""Ends the name of a checkpoint that is not whole yet."""

# What a run may go on with otherwise: its length, its rhythm, and where things are. The split's
# hash, not the folder, says whether the pairs are the same.
_MAY_CHANGE = {
    "data.folder",
    "data.license",
    "features.file",
    "train.steps",
    "data.memory",
    "train.bf16",  # weights and moments are float32 either way
    "train.channels_last",  # how they lie in memory
    "train.log_every",
    "train.shares_every",
    "train.sample_every",
    "train.sample_count",
    "train.sample_side",
    "train.val_count",
    "train.checkpoint_every",
    "train.keep",
    "train.threads",
    "train.device",
}


class RunFolder:
    """Reads and writes the files of one run.

    Raises:
        TrainingError: the folder has a run and `resume` is `never`.
        ConfigError: another value of `resume`, or the folder's run began with another recipe.
    """

    def __init__(self, path: Path, recipe: Recipe, resume: str) -> None:
        if resume not in ("auto", "never"):
            raise ConfigError(f"--resume is '{resume}'.", "Use auto or never.")
        self.path = path
        self.recipe = recipe
        if latest_folder(path) is None:
            return
        if resume == "never":
            raise TrainingError(
                f"'{path}' already has a run.", "Train into a new folder or with --resume auto."
            )
        self._refuse_another_recipe()

    def resume(self, state: TrainState, split_sha256: str, leads: bool = True) -> None:
        """Load the latest checkpoint into `state`, if there is one; then record the recipe.

        Raises:
            DataError: the checkpoint was trained on another split.
            CheckpointError: the checkpoint is damaged or of other networks.
        """
        latest = latest_folder(self.path)
        if latest is not None:
            began = read_info(latest).data
            if began != split_sha256:
                raise DataError(
                    f"'{self.path}' trained on split '{began[:12]}', not '{split_sha256[:12]}'.",
                    "Give the pairs that it began with, or train into a new folder.",
                )
            state.load(latest)
        if leads:
            write_atomically(self.path / CONFIG_FILE, to_toml(self.recipe).encode())

    def checkpoint(self, step: int) -> Path:
        """Return where the checkpoint of a step goes."""
        return self.path / "checkpoints" / f"step_{step:07d}"

    def sample_path(self, step: int) -> Path:
        """Return where the sample grid of a step goes."""
        return self.path / "samples" / f"step_{step:07d}.png"

    def save(self, method: Method[Any, Any], state: TrainState, split_sha256: str) -> None:
        """Write a checkpoint, point to it and drop the oldest ones; the first process alone does.

        Raises:
            OutputError: it cannot be written; what was there before is whole.
        """
        if not method.world.leads:
            return
        folder = self.checkpoint(state.step)
        partial = folder.with_name(folder.name + PARTIAL)
        try:
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir(parents=True)
            self._write(method, state, split_sha256, partial)
            shutil.rmtree(folder, ignore_errors=True)
            partial.replace(folder)
            write_atomically(folder.parent / LATEST, f"{folder.name}\n".encode())
            self._drop_old()
        except (OSError, RuntimeError) as error:  # torch has the latter for a disk that is full
            shutil.rmtree(partial, ignore_errors=True)
            raise OutputError(
                f"The checkpoint of step {state.step} cannot be written to '{self.path}': {error}.",
                "Free some space or set train.keep lower; the same command goes on from the last.",
            ) from error

    def _write(
        self, method: Method[Any, Any], state: TrainState, split_sha256: str, folder: Path
    ) -> None:
        info = CheckpointInfo(
            name=self.recipe.model.name,
            config=method.config,
            step=state.step,
            license=self.recipe.data.license,
            data=split_sha256,
            # A checkpoint travels; where things lay on this machine does not.
            recipe=to_table(without_places(self.recipe)),
        )
        save_network(method.averaged, info, folder / GENERATOR_FILE)
        for name, network in method.extras.items():
            save_network(network, info, folder / f"{name}.safetensors")
        state.save(folder)

    def _drop_old(self) -> None:
        found = sorted((self.path / "checkpoints").glob("step_*"))
        whole = [folder for folder in found if not folder.name.endswith(PARTIAL)]
        partial = [folder for folder in found if folder.name.endswith(PARTIAL)]
        for folder in (*partial, *whole[: -self.recipe.train.keep]):
            shutil.rmtree(folder)

    def _refuse_another_recipe(self) -> None:
        began, now = _values(load_recipe(self.path / CONFIG_FILE)), _values(self.recipe)
        for key in began | now:
            before, after = began.get(key, "not set"), now.get(key, "not set")
            if key not in _MAY_CHANGE and before != after:
                raise ConfigError(
                    f"'{self.path}' has a run that began with {key} = {before}, not {after}.",
                    f"Set {key} back, or train into a new folder.",
                )


def _values(recipe: Recipe) -> dict[str, Any]:
    """Return every value by its `section.key`, as TOML has it: lists, not tuples."""
    sections = tomllib.loads(to_toml(recipe))
    return {
        f"{section}.{key}": value
        for section, table in sections.items()
        for key, value in table.items()
    }
