"""What holds for every method: exact resume, division of batches, a checkpoint that loads."""

import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from nijigan.core.checkpoint import latest_folder, load_network
from nijigan.core.config import load_recipe, to_toml, with_folder
from nijigan.core.errors import CheckpointError, ConfigError, OutputError, TrainingError
from nijigan.core.method_config import METHOD_CONFIGS
from nijigan.core.methods import create_method
from nijigan.core.models import create
from nijigan.core.training.loop import train
from nijigan.core.training.schedules import Plateau
from nijigan.core.training.state import TrainState

SMALL = (
    "data.crop=32",
    "data.batch=2",
    "train.steps=6",
    "train.threads=1",
    "train.log_every=1",
    "train.sample_every=3",
    "train.sample_count=2",
    "train.val_count=1",
    "train.checkpoint_every=2",
    "train.shares_every=0",
)
# No norm over the pictures of a pass: no other division of a batch would be the same.
NIJIGAN = ("model.ngf=4", "model.bottleneck=8", "model.n_blocks=1", "model.norm=instance")
DIAL = ("strength.zero=0.2", "strength.one=0.5")
JUDGED = (*NIJIGAN, *DIAL, "discriminator.ndf=4")
PATCHES = (*JUDGED, "method.patches=16", "method.width=8")
OWN = {
    "pix2pix": JUDGED,
    "cut": PATCHES,
    "fastcut": PATCHES,
    "nijigan": (*PATCHES, 'method.content_layers=[["relu2_1", 1.0]]', "method.warmup=0.3"),
    "cyclegan": (*JUDGED, "method.pool=3"),
    "ugatit": (*DIAL, "model.ngf=4", "method.ndf=4", "method.layers=[4, 3]"),
    "vqi2i": (
        "model.ch=32",
        "model.ch_mult=[1, 1]",
        "model.z_channels=8",
        "model.n_embed=16",
        "model.embed_dim=4",
        "model.style_hidden=4",
        "model.n_adain=1",
        "discriminator.ndf=4",
        "method.patience=2",
        "method.perceptual=1.0",
        'method.perceptual_layers=[["relu1_2", 1.0]]',
    ),
    "vae": ("model.width=4", "model.image_size=32"),
    "distill": (*NIJIGAN, *DIAL, "model.dilations=[1]"),
    "arbitrary": (
        "model.ngf=4",
        "model.n_blocks=1",
        "model.style_dim=4",
        "model.predictor_width=4",
        'method.content=[["relu3_1", 1.0]]',
        'method.style=[["relu1_1", 30.0]]',
        "method.style_side=[24, 40]",
    ),
}
METHODS = sorted(OWN)
FOLDERS = {
    "pix2pix": "pairs",
    "vqi2i": "pairs",
    "nijigan": "",
    "vae": "pictures",
    "distill": "pictures",
}


def test_every_method_is_tested_here():
    assert sorted(METHOD_CONFIGS) == METHODS


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """`pairs/` and `unpaired/` of four pictures and one held out, and a judge of random weights."""
    root = tmp_path_factory.mktemp("data")
    rng = np.random.default_rng(0)
    for folder in ("pairs", "unpaired", "pictures"):
        for kind in ("photo", "drawn"):
            if folder == "pictures" and kind == "drawn":
                continue
            place = root / folder / kind if folder != "pictures" else root / folder
            place.mkdir(parents=True)
            for i in range(5):
                blocks = rng.integers(0, 256, (5, 6, 3), dtype=np.uint8)
                picture = Image.fromarray(blocks).resize((48, 40), Image.Resampling.BICUBIC)
                picture.save(place / f"p{i}.png")
        names = {"train": [f"p{i}" for i in range(4)], "val": ["p4"]}
        (root / folder / "split.json").write_text(json.dumps(names))
    torch.manual_seed(5)
    save_file(create("vgg19", width=4).trunk.state_dict(), root / "vgg.safetensors")
    return root


def sections_of(method):
    return METHOD_CONFIGS[method].sections


def recipe_of(method, root, *overrides):
    judge = ("features.name=vgg19", "features.width=4", f"features.file={root}/vgg.safetensors")
    judge = judge if "features" in sections_of(method) else ()
    folder = root / FOLDERS.get(method, "unpaired")
    given = (*SMALL, *OWN[method], *judge, *overrides)
    return with_folder(load_recipe(f"{method}_tiny", given), str(folder))


def run(recipe, out):
    return train(recipe, out, "auto", lambda line: None).checkpoint


def state_of(run_folder):
    return torch.load(latest_folder(run_folder) / "state.pt", weights_only=True)


@pytest.mark.parametrize("method", METHODS)
def test_a_run_in_two_parts_equals_one_run_bit_for_bit(method, folders, tmp_path, monkeypatch):
    recipe = recipe_of(method, folders)
    run(recipe, tmp_path / "whole")
    kind = type(create_method(recipe))
    take_step = kind.step

    def killed(self, batch, step):
        losses = take_step(self, batch, step)
        if step == 4:  # what this step changed is lost with it; the checkpoint is of step 4
            raise MemoryError("killed")
        return losses

    monkeypatch.setattr(kind, "step", killed)
    with pytest.raises(MemoryError):
        run(recipe, tmp_path / "parts")
    monkeypatch.undo()
    torch.manual_seed(99)
    run(recipe, tmp_path / "parts")
    torch.testing.assert_close(
        state_of(tmp_path / "whole"), state_of(tmp_path / "parts"), rtol=0, atol=0
    )


# The style predictor of `arbitrary` normalizes over the pictures of a pass.
@pytest.mark.parametrize("method", [name for name in METHODS if name != "arbitrary"])
def test_two_passes_learn_what_one_does(method, folders, tmp_path):
    losses = []
    for passes in (1, 2):
        recipe = recipe_of(method, folders, f"train.accumulate={passes}", "train.float64=true")
        torch.manual_seed(0)
        trained = create_method(recipe)
        pictures = trained.open_pictures()
        losses.append(
            [trained.step(pictures.batch_of(s).apply(torch.Tensor.double), s) for s in range(4)]
        )
    for one, two in zip(*losses, strict=True):
        assert two == pytest.approx(one, rel=1e-6, abs=1e-9)


@pytest.mark.parametrize("method", METHODS)
def test_the_checkpoint_loads_and_says_where_it_is_from(method, folders, tmp_path):
    recipe = recipe_of(method, folders, "train.steps=1")
    run(recipe, tmp_path)
    network, info = load_network(tmp_path)
    assert info.name == recipe.model.name
    assert info.recipe["method"]["name"] == method
    assert str(folders) not in json.dumps(info.recipe)
    assert not network.training
    assert list((tmp_path / "samples").glob("*.png"))


@pytest.mark.parametrize("method", METHODS)
def test_a_plateau_can_watch_each_of_a_method_s_figures(method, folders):
    trained = create_method(recipe_of(method, folders))
    assert {*trained.figures} <= trained.validate(trained.open_pictures()).keys()
    for figure in trained.figures:
        watched = ("optim.schedule=plateau", f"optim.plateau_figure={figure}")
        optim = create_method(recipe_of(method, folders, *watched)).recipe.optim
        Plateau().see(optim, {figure: 1.0})


def test_a_figure_that_a_method_lacks_is_refused_before_the_first_step(folders):
    with pytest.raises(ConfigError, match=r"plateau_figure is 'psnr', .* It has psnr_zero"):
        create_method(recipe_of("cut", folders, "optim.schedule=plateau"))


@pytest.mark.parametrize("method", METHODS)
def test_a_loss_that_is_not_finite_stops_by_name_before_any_weight_moves(method, folders):
    full = ("strength.zero=0.0", "strength.one=1.0")
    recipe = recipe_of(method, folders, *(full if "strength" in sections_of(method) else ()))
    trained = create_method(recipe)
    batch = trained.open_pictures().batch_of(0).apply(lambda tensor: tensor * np.nan)
    before = {name: net.state_dict() for name, net in trained.networks.items()}
    before = {n: {k: v.clone() for k, v in s.items()} for n, s in before.items()}
    with pytest.raises(TrainingError, match=r"The loss '\w+' is nan at step 6"):
        trained.step(batch, 5)
    for name, optimizer in trained.optimizers.items():
        for key, value in trained.networks[name].named_parameters():
            assert torch.equal(value, before[name][key]), (name, key)
        assert not optimizer.state


def test_a_process_that_is_killed_loses_no_more_than_its_last_steps(folders, tmp_path):
    """SIGKILL at any moment, three times; then the run ends as one that nothing disturbed."""
    recipe = recipe_of("pix2pix", folders, "train.steps=60", "train.sample_every=60")
    run(recipe, tmp_path / "whole")
    file = tmp_path / "recipe.toml"
    file.write_text(to_toml(recipe))
    command = [sys.executable, "-m", "nijigan.core", "train", str(file)]
    command += ["--data", recipe.data.folder, "-o", str(tmp_path / "killed")]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    for after in (2, 14, 30):
        with subprocess.Popen(command, env=environment, stderr=subprocess.DEVNULL) as process:
            wait_for_step(tmp_path / "killed", after, process)
            process.send_signal(signal.SIGKILL)
    run(recipe, tmp_path / "killed")
    torch.testing.assert_close(
        state_of(tmp_path / "whole"), state_of(tmp_path / "killed"), rtol=0, atol=0
    )
    assert not list((tmp_path / "killed" / "checkpoints").glob("*.partial"))


def wait_for_step(out, step, process):
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        folder = latest_folder(out)
        if process.poll() is not None or (folder and int(folder.name[5:]) >= step):
            return
        time.sleep(0.005)
    raise AssertionError(f"step {step} was not reached")


def test_a_full_disk_says_so_and_keeps_what_is_there(folders, tmp_path, monkeypatch):
    recipe = recipe_of("pix2pix", folders)
    save = TrainState.save

    def full(self, folder):
        if self.step == 4:
            (folder / "state.pt").write_bytes(b"half")
            raise OSError(28, "No space left on device")
        save(self, folder)

    monkeypatch.setattr(TrainState, "save", full)
    with pytest.raises(OutputError, match=r"step 4 cannot be written .*No space left"):
        run(recipe, tmp_path)
    assert sorted(path.name for path in (tmp_path / "checkpoints").iterdir()) == [
        "latest",
        "step_0000002",
    ]
    monkeypatch.undo()
    run(recipe, tmp_path)
    assert state_of(tmp_path)["step"] == 6


def test_a_flipped_bit_is_found_and_the_checkpoint_before_it_goes_on(folders, tmp_path):
    recipe = recipe_of("pix2pix", folders)
    run(recipe, tmp_path)
    latest = latest_folder(tmp_path)
    content = bytearray((latest / "state.pt").read_bytes())
    content[len(content) // 2] ^= 1
    (latest / "state.pt").write_bytes(content)
    with pytest.raises(CheckpointError, match=f"Remove {latest} to go on from an earlier"):
        run(recipe_of("pix2pix", folders, "train.steps=8"), tmp_path)
    for path in latest.iterdir():
        path.unlink()
    latest.rmdir()
    assert latest_folder(tmp_path).name == "step_0000004"
    run(recipe_of("pix2pix", folders, "train.steps=8"), tmp_path)
    assert state_of(tmp_path)["step"] == 8
