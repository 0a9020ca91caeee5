"""Two processes on gloo learn what one does: started by torchrun, as a user starts them."""

import json
import os
import shutil
import subprocess
import sys

import pytest
import torch

from nijigan.core.checkpoint import latest_folder, load_network
from nijigan.core.errors import ConfigError
from nijigan.core.training.world import World

RECIPE = """
[model]
name = "nijigan"
ngf = 4
bottleneck = 8
n_blocks = 1
solver = "midpoint"
[discriminator]
name = "patchgan70"
ndf = 4
[data]
crop = 32
batch = 4
[method]
name = "{method}"
ema = 0.9
{options}
[strength]
zero = 0.2
one = 0.5
[train]
steps = 20
float64 = true
log_every = 1
sample_every = 10
checkpoint_every = 10
val_count = 1
"""

# Of `nijigan`, the projection of pairs learns nothing before the end of the warm-up.
OPTIONS = {
    "pix2pix": "",
    "cyclegan": "",
    "cut": "",
    "nijigan": "content = 0.0\npatches = 16\nwidth = 8\nwarmup = 0.5",
}


def start(processes, recipe, data, out):
    command = [sys.executable, "-m", "nijigan.core", "train", recipe, "--data", data, "-o", out]
    if processes > 1:
        launcher = ("torch.distributed.run", "--standalone", "--nproc-per-node", processes)
        command[1:3] = ["-m", *launcher, "-m", "nijigan.core"]
    environment = os.environ | {"OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}
    subprocess.run([str(word) for word in command], env=environment, check=True, timeout=120)
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


@pytest.mark.parametrize("method", OPTIONS)
def test_two_processes_learn_what_one_does(method, pairs_folder, tmp_path):
    recipe = tmp_path / "recipe.toml"
    recipe.write_text(RECIPE.format(method=method, options=OPTIONS[method]))
    one, two = (start(n, recipe, pairs_folder, tmp_path / f"run{n}") for n in (1, 2))
    assert [line["step"] for line in one] == [line["step"] for line in two]
    for alone, together in zip(one, two, strict=True):
        alone.pop("seconds_per_step", None)
        together.pop("seconds_per_step", None)
        assert together == pytest.approx(alone, rel=1e-5, abs=1e-5)
    networks = [load_network(tmp_path / f"run{n}")[0] for n in (1, 2)]
    torch.testing.assert_close(
        networks[0].state_dict(), networks[1].state_dict(), rtol=1e-3, atol=1e-4
    )
    assert latest_folder(tmp_path / "run2").name == "step_0000020"


def test_two_processes_go_on_with_frozen_batch_norm_as_if_never_stopped(pairs_folder, tmp_path):
    text = RECIPE.format(method="pix2pix", options="")
    text = text.replace("n_blocks = 1", 'n_blocks = 1\nnorm = "batch"')
    recipe, whole, again = (tmp_path / name for name in ("recipe.toml", "whole", "again"))
    recipe.write_text(text + "freeze_batchnorm_from = 0.75\n")
    start(2, recipe, pairs_folder, whole)
    shutil.copytree(whole, again)
    shutil.rmtree(again / "checkpoints/step_0000020")
    (again / "checkpoints/latest").write_text("step_0000010\n")
    start(2, recipe, pairs_folder, again)
    networks = [load_network(folder)[0].state_dict() for folder in (whole, again)]
    torch.testing.assert_close(*networks, rtol=0, atol=0)


def test_a_batch_that_cannot_be_divided_is_refused():
    assert World(1, 2).part_of(6) == slice(3, 6)
    with pytest.raises(ConfigError, match=r"5 pictures for 2 processes. Set data.batch"):
        World(1, 2).part_of(5)
