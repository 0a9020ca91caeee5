"""The folder of a run: config.toml, metrics.jsonl, tb/, samples/, checkpoints/."""

import shutil
from pathlib import Path

from nijigan.core.atomic import write_atomically
from nijigan.core.checkpoint import (
    GENERATOR_FILE,
    LATEST,
    CheckpointInfo,
    latest_folder,
    save_generator,
)
from nijigan.core.config import Recipe, to_table, to_toml, with_folder
from nijigan.core.errors import ConfigError, TrainingError
from nijigan.core.methods import Method
from nijigan.core.training.state import TrainState


class RunFolder:
    """Reads and writes the files of one run.

    Raises:
        TrainingError: the folder has a run and `resume` is `never`.
        ConfigError: another value of `resume`.
    """

    def __init__(self, path: Path, recipe: Recipe, resume: str) -> None:
        if resume not in ("auto", "never"):
            raise ConfigError(f"--resume is '{resume}'.", "Use auto or never.")
        if resume == "never" and latest_folder(path) is not None:
            raise TrainingError(
                f"'{path}' already has a run.", "Train into a new folder or with --resume auto."
            )
        self.path = path
        self.recipe = recipe
        write_atomically(path / "config.toml", to_toml(recipe).encode())

    def resume(self, state: TrainState) -> None:
        """Load the latest checkpoint into `state`, if there is one."""
        latest = latest_folder(self.path)
        if latest is not None:
            state.load(latest)

    def sample_path(self, step: int) -> Path:
        """Return where the sample grid of a step goes."""
        return self.path / "samples" / f"step_{step:07d}.png"

    def save(self, method: Method, state: TrainState, split_sha256: str) -> Path:
        """Write a checkpoint, point to it and drop the oldest ones. Returns its folder."""
        folder = self.path / "checkpoints" / f"step_{state.step:07d}"
        partial = folder.with_name(folder.name + ".partial")
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        info = CheckpointInfo(
            name=self.recipe.model.name,
            config=method.averaged.config,
            step=state.step,
            license=self.recipe.data.license,
            data=split_sha256,
            # A checkpoint travels; where the pictures lay on this machine does not.
            recipe=to_table(with_folder(self.recipe, "")),
        )
        save_generator(method.averaged, info, partial / GENERATOR_FILE)
        state.save(partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
        write_atomically(folder.parent / LATEST, f"{folder.name}\n".encode())
        self._drop_old()
        return folder

    def _drop_old(self) -> None:
        folders = sorted((self.path / "checkpoints").glob("step_*"))
        for folder in folders[: -max(1, self.recipe.train.keep)]:
            shutil.rmtree(folder)
