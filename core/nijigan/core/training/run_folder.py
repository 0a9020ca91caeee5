"""The folder of a run: config.toml, metrics.jsonl, tb/, samples/, checkpoints/."""

import shutil
from pathlib import Path

from nijigan.core.checkpoint import (
    GENERATOR_FILE,
    LATEST,
    CheckpointInfo,
    latest_folder,
    save_generator,
)
from nijigan.core.config import Recipe, to_table, to_toml
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
        path.mkdir(parents=True, exist_ok=True)
        partial = path / "config.toml.partial"
        partial.write_text(to_toml(recipe), encoding="utf-8")
        partial.replace(path / "config.toml")

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
            recipe=to_table(self.recipe),
        )
        save_generator(method.averaged, info, partial / GENERATOR_FILE)
        state.save(partial)
        shutil.rmtree(folder, ignore_errors=True)
        partial.replace(folder)
        pointer = folder.parent / (LATEST + ".partial")
        pointer.write_text(folder.name + "\n", encoding="utf-8")
        pointer.replace(folder.parent / LATEST)
        self._drop_old()
        return folder

    def _drop_old(self) -> None:
        folders = sorted((self.path / "checkpoints").glob("step_*"))
        for folder in folders[: -max(1, self.recipe.train.keep)]:
            shutil.rmtree(folder)
