import itertools
import json
import math
import signal
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import typer
from PIL import Image
from torch import nn
from typer.testing import CliRunner

from nijigan.core.checkpoint import latest_folder, load_generator
from nijigan.core.cli import build_app
from nijigan.core.commands import register
from nijigan.core.config import (
    NetworkConfig,
    OptimConfig,
    StrengthConfig,
    TrainConfig,
    load_recipe,
    with_folder,
)
from nijigan.core.data import Batch, PairedPictures
from nijigan.core.datasets.split import read_split
from nijigan.core.errors import CheckpointError, ConfigError, DataError, TrainingError
from nijigan.core.images import read_picture
from nijigan.core.methods import Pix2Pix, create_method
from nijigan.core.methods.dial import draw_strengths
from nijigan.core.models import create_generator
from nijigan.core.spread import spread
from nijigan.core.training import loop
from nijigan.core.training.average import update_average
from nijigan.core.training.logging import RunLog
from nijigan.core.training.loop import train
from nijigan.core.training.samples import center_cut, validate_pairs, write_pair_grid
from nijigan.core.training.schedules import Plateau, rate_factor


def tiny(folder, *overrides):
    return with_folder(load_recipe("tiny", overrides), str(folder))


def run(folder, out, *overrides, resume="auto"):
    return train(tiny(folder, *overrides), out, resume, lambda line: None).checkpoint


def metrics(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_a_run_leaves_everything_it_should(pairs_folder, tmp_path):
    out = tmp_path / "run"
    assert run(pairs_folder, out) == latest_folder(out)
    assert load_recipe(out / "config.toml") == tiny(pairs_folder)
    lines = metrics(out)
    assert [line["step"] for line in lines if "l1" in line] == [1, 2, 3, 4]
    assert [line["step"] for line in lines if "val/psnr" in line] == [2, 4]
    with Image.open(out / "samples" / "step_0000004.png") as grid:
        assert grid.size == (5 * 40, 40)  # one held-out picture, cut square
    generator, info = load_generator(out)
    assert (info.step, info.data) == (4, read_split(pairs_folder).sha256)
    assert info.recipe["data"]["folder"] == ""
    assert generator.config["solver"] == "euler"  # the model's own, whatever it last trained with
    assert any((out / "tb").iterdir())


def interrupt_in(number, monkeypatch, press_ctrl_c):
    """Press Ctrl-C in the middle of a step."""
    step = Pix2Pix.step

    def interrupted(self, batch, now):
        if now == number:
            press_ctrl_c()
        return step(self, batch, now)

    monkeypatch.setattr(Pix2Pix, "step", interrupted)


PLAIN = ("train.steps=20",)
# As the recipe that ships trains; BatchNorm is frozen well before the interruption.
FAST = (*PLAIN, "train.bf16=true", "train.channels_last=true", "train.freeze_batchnorm_from=0.2")


@pytest.mark.parametrize("overrides", [PLAIN, FAST], ids=["plain", "fast"])
def test_a_run_in_two_parts_equals_one_run_bit_for_bit(
    pairs_folder, tmp_path, monkeypatch, press_ctrl_c, overrides
):
    run(pairs_folder, tmp_path / "whole", *overrides)
    interrupt_in(9, monkeypatch, press_ctrl_c)  # the step goes on to its end: 10 are done
    half = run(pairs_folder, tmp_path / "parts", *overrides)
    assert half.name == "step_0000010"
    monkeypatch.undo()
    torch.manual_seed(99)
    run(pairs_folder, tmp_path / "parts", *overrides)
    states = [
        torch.load(latest_folder(tmp_path / name) / "state.pt", weights_only=True)
        for name in ("whole", "parts")
    ]
    torch.testing.assert_close(*states, rtol=0, atol=0)
    one, two = (
        [{k: v for k, v in line.items() if k != "seconds_per_step"} for line in metrics(path)]
        for path in (tmp_path / "whole", tmp_path / "parts")
    )
    assert one == two


def test_ctrl_c_saves_and_gives_the_handlers_back(
    pairs_folder, tmp_path, monkeypatch, press_ctrl_c
):
    before = signal.getsignal(signal.SIGINT)
    interrupt_in(0, monkeypatch, press_ctrl_c)
    folder = run(pairs_folder, tmp_path / "run", "train.checkpoint_every=100")
    assert load_generator(folder)[1].step == 1
    assert signal.getsignal(signal.SIGINT) is before


def test_the_command_says_that_it_was_stopped(pairs_folder, tmp_path, monkeypatch, press_ctrl_c):
    interrupt_in(0, monkeypatch, press_ctrl_c)
    words = ["train", "tiny", "--data", str(pairs_folder), "-o", str(tmp_path), "--set"]
    stopped = CliRunner().invoke(build_app(), [*words, "train.steps=2"])
    assert stopped.exit_code == 130
    assert stopped.stdout.endswith("step_0000001\n")
    whole = CliRunner().invoke(build_app(), [*words, "train.steps=2"])
    assert whole.exit_code == 0
    assert whole.stdout.endswith("step_0000002\n")


def test_a_run_stops_when_its_time_is_over_and_says_how_to_go_on(
    pairs_folder, tmp_path, monkeypatch
):
    clock = itertools.count()  # a second each time that the loop looks
    monkeypatch.setattr(loop, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    said = []
    recipe = tiny(pairs_folder, "train.steps=8")
    trained = train(recipe, tmp_path / "run", say=said.append, seconds=3.5)
    assert (trained.checkpoint.name, trained.interrupted) == ("step_0000003", False)
    assert said[-1] == "stopped at step 3; the same command goes on from there"
    trained = train(recipe, tmp_path / "run", say=said.append, seconds=9)
    assert trained.checkpoint.name == "step_0000008"


def test_a_loss_that_is_nan_stops_by_name_and_saves_nothing(pairs_folder, tmp_path, monkeypatch):
    batch_of = PairedPictures.batch_of

    def poisoned(self, step):
        batch = batch_of(self, step)
        return Batch(batch.photo, batch.drawn * (math.nan if step == 3 else 1))

    monkeypatch.setattr(PairedPictures, "batch_of", poisoned)
    with pytest.raises(TrainingError, match="The loss 'discriminator' is nan at step 4"):
        run(pairs_folder, tmp_path / "run")
    assert load_generator(tmp_path / "run")[1].step == 2


def test_old_checkpoints_are_dropped(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path / "run", "train.checkpoint_every=1", "train.keep=2")
    names = sorted(path.name for path in (tmp_path / "run" / "checkpoints").iterdir())
    assert names == ["latest", "step_0000003", "step_0000004"]


def test_a_folder_with_a_run_is_not_overwritten(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path / "run", resume="never")
    with pytest.raises(TrainingError, match="already has a run"):
        run(pairs_folder, tmp_path / "run", resume="never")
    with pytest.raises(ConfigError, match="sometimes"):
        run(pairs_folder, tmp_path / "run", resume="sometimes")


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.ngf=6", r"model\.ngf = 4, not 6\. Set model\.ngf back"),
        ("optim.betas=[0.9, 0.99]", r"optim\.betas = \[0\.5, 0\.999\], not \[0\.9, 0\.99\]"),
        ("train.seed=1", r"train\.seed = 0, not 1"),
        ("model.decoder_norm=none", r"model\.decoder_norm = not set, not none"),
    ],
)
def test_a_run_does_not_go_on_with_another_recipe(pairs_folder, tmp_path, override, message):
    run(pairs_folder, tmp_path / "run")
    with pytest.raises(ConfigError, match=message):
        run(pairs_folder, tmp_path / "run", override, "train.steps=5")
    assert load_recipe(tmp_path / "run" / "config.toml") == tiny(pairs_folder)


def test_a_run_may_go_on_for_longer_and_look_up_less_often(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path / "run")
    moved = pairs_folder.rename(tmp_path / "moved")
    overrides = ("train.steps=6", "train.log_every=2", "train.keep=1", "data.license=CC0-1.0")
    run(moved, tmp_path / "run", *overrides)
    assert load_generator(tmp_path / "run")[1].step == 6
    assert load_recipe(tmp_path / "run" / "config.toml") == tiny(moved, *overrides)


def test_a_run_begins_with_the_weights_of_another(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path / "first")
    first, _ = load_generator(tmp_path / "first")
    begin = f"train.begin={tmp_path / 'first'}"
    other = ("model.solver=rk4", "model.gray=true", "model.edges=zeros")  # these have no weights
    method = create_method(tiny(pairs_folder, begin, "train.seed=5", *other))
    for network in (method.generator, method.averaged):
        for name, tensor in network.state_dict().items():
            assert torch.equal(tensor, first.state_dict()[name]), name
    assert [method.config[key] for key in ("solver", "gray", "edges")] == ["rk4", True, "zeros"]
    run(pairs_folder, tmp_path / "second", begin)
    run(pairs_folder, tmp_path / "second", begin, "train.steps=5")  # goes on with its own
    _, info = load_generator(tmp_path / "second")
    assert info.recipe["train"]["begin"] == "first"


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ("model.ngf=6", r"has ngf = 4, \[model\] has 6. Say --set model.ngf=4"),
        ("model.stem=conv7", "has stem = unshuffle, .* has conv7. Say --set model.stem=unshuffle"),
        ("model.name=cut_resnet4", "is a NijiGAN, not a "),
    ],
)
def test_a_run_does_not_begin_with_another_network(pairs_folder, tmp_path, override, message):
    run(pairs_folder, tmp_path / "first")
    overrides = [f"train.begin={tmp_path / 'first'}", override]
    recipe = tiny(pairs_folder, *overrides)
    if "cut" in override:
        recipe = replace(recipe, model=NetworkConfig("cut_resnet4", {"ngf": 2}))
    with pytest.raises(ConfigError, match=message):
        create_method(recipe)


def test_a_method_that_begins_with_random_weights_says_so(pairs_folder, tmp_path):
    with pytest.raises(ConfigError, match="'vae' always begins with random weights"):
        create_method(load_recipe("vae_tiny", (f"train.begin={tmp_path}",)))


def test_a_run_does_not_go_on_with_another_split(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path / "run")
    split = {"train": ["p0", "p4"], "val": ["p1"]}
    (pairs_folder / "split.json").write_text(json.dumps(split))
    with pytest.raises(DataError, match=f"not '{read_split(pairs_folder).sha256[:12]}'"):
        run(pairs_folder, tmp_path / "run", "train.steps=5")
    assert load_recipe(tmp_path / "run" / "config.toml").train.steps == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"cut",
        lambda content: [1, 2],
        lambda content: content | {"random": "no tensor"},
        lambda content: content | {"step": [4]},
        lambda content: content | {"networks": {"generator": 3}},
        lambda content: content | {"optimizers": {"generator": None, "discriminator": None}},
    ],
)
def test_a_damaged_state_is_refused(pairs_folder, tmp_path, damage):
    run(pairs_folder, tmp_path / "run")
    path = latest_folder(tmp_path / "run") / "state.pt"
    content = damage(torch.load(path, weights_only=True))
    path.write_bytes(content) if isinstance(content, bytes) else torch.save(content, path)
    with pytest.raises(CheckpointError, match=r"state\.pt cannot be resumed from"):
        run(pairs_folder, tmp_path / "run", "train.steps=5")


def test_the_speed_is_of_the_interval_and_the_time_left_of_the_session(tmp_path, monkeypatch):
    clock = [100.0]
    monkeypatch.setattr("nijigan.core.training.logging.time.monotonic", lambda: clock[0])
    lines = []
    with RunLog(tmp_path, 10, 1030, lines.append) as log:
        for step, now in ((20, 200.0), (30, 500.0)):  # 10 and 30 s a step, 20 together
            clock[0] = now
            log.write_progress(step, {})
    assert [line["seconds_per_step"] for line in metrics(tmp_path)] == [10, 30]
    assert lines[1].endswith("30.000 s/step  5 h 33 min left")


def test_bf16_and_channels_last_train_alike(pairs_folder, tmp_path):
    last = []
    for name, fast in (("plain", "false"), ("fast", "true")):
        overrides = (f"train.bf16={fast}", f"train.channels_last={fast}")
        run(pairs_folder, tmp_path / name, *overrides)
        last.append(metrics(tmp_path / name)[-1]["val/psnr"])
    assert last[0] == pytest.approx(last[1], abs=0.2)


def test_a_run_goes_on_without_bf16_and_channels_last(pairs_folder, tmp_path):
    run(pairs_folder, tmp_path, "train.steps=1", "train.bf16=true", "train.channels_last=true")
    plain = ("train.bf16=false", "train.channels_last=false")
    folder = run(pairs_folder, tmp_path, "train.steps=2", *plain)
    assert load_generator(folder)[1].step == 2


def test_bf16_on_a_processor_that_has_none_is_said(pairs_folder, tmp_path, monkeypatch):
    for bf16, supported, said in ((True, False, True), (True, True, False), (False, False, False)):
        monkeypatch.setattr(torch.ops.mkldnn, "_is_mkldnn_bf16_supported", lambda s=supported: s)
        lines = []
        recipe = tiny(pairs_folder, "train.steps=1", f"train.bf16={str(bf16).lower()}")
        train(recipe, tmp_path / f"{bf16}{supported}", "never", lines.append)
        assert any("no bfloat16" in line for line in lines) == said


def invoke(*arguments):
    app = typer.Typer()
    app.callback()(lambda: None)
    register(app)
    return CliRunner().invoke(app, ["train", *map(str, arguments)])


def test_the_command_trains(pairs_folder, tmp_path):
    out = tmp_path / "run"
    result = invoke("tiny", "--data", pairs_folder, "--out", out, "--set", "train.steps=1")
    assert result.exit_code == 0
    assert result.stdout.strip() == str(out / "checkpoints" / "step_0000001")
    assert "step 1/1" in result.stderr


def test_the_command_says_what_is_wrong_in_the_recipe(pairs_folder, tmp_path):
    result = invoke("tiny", "--data", pairs_folder, "-o", tmp_path, "--set", "optim.rl=1")
    assert isinstance(result.exception, ConfigError)
    assert "Did you mean 'optim.lr'?" in str(result.exception)


LEARN = (
    "train.steps=150",
    "optim.lr=4e-3",
    "optim.schedule=constant",
    "method.ema=0.9",
    "method.gan=0.1",
    "model.ngf=8",
    "model.bottleneck=16",
)


def test_pix2pix_learns_to_invert_colors_and_to_reproduce(pairs_folder):
    recipe = tiny(pairs_folder, *LEARN)
    torch.manual_seed(0)
    method = create_method(recipe)
    pictures = PairedPictures(pairs_folder, 32, 4)
    for step in range(recipe.train.steps):
        method.step(pictures.batch_of(step), step)
    batch = pictures.batch_of(1000)
    with torch.no_grad():
        drawn, same = (method.averaged(batch.photo, strength) for strength in (1.0, 0.0))
    untouched = (batch.photo - batch.drawn).abs().mean()
    assert (drawn - batch.drawn).abs().mean() < 0.25 * untouched
    assert (same - batch.photo).abs().mean() < 0.25 * untouched


def test_the_discriminator_learns_from_pictures_at_strength_one_alone(pairs_folder):
    batch = PairedPictures(pairs_folder, 32, 4).batch_of(0)
    for one, judged in ((0.0, False), (1.0, True)):
        method = create_method(tiny(pairs_folder, f"strength.one={one}", "strength.zero=0.0"))
        before = [p.clone() for p in method.networks["discriminator"].parameters()]
        losses = method.step(batch, 5)
        assert ("discriminator" in losses) == ("gan" in losses) == judged
        after = list(method.networks["discriminator"].parameters())
        moved = any(not torch.equal(b, a) for b, a in zip(before, after, strict=True))
        assert moved == judged


def test_frozen_batch_norm_trains_with_the_averaged_statistics(pairs_folder):
    method = create_method(tiny(pairs_folder, "train.steps=10", "train.freeze_batchnorm_from=0.5"))
    pictures = PairedPictures(pairs_folder, 32, 4)
    for step in range(5):
        method.step(pictures.batch_of(step), step)
    averaged = method.averaged.encoder.down1_norm.running_mean.clone()
    assert not torch.equal(method.generator.encoder.down1_norm.running_mean, averaged)
    method.step(pictures.batch_of(5), 5)
    assert torch.equal(method.generator.encoder.down1_norm.running_mean, averaged)
    assert not method.generator.encoder.down1_norm.training


def test_a_solver_of_the_mix_that_is_none_is_refused_before_the_first_step(pairs_folder):
    mix = 'solver.mix=[["euler", 1, 1.0], ["rk5", 1, 0.001]]'
    with pytest.raises(ConfigError, match=r"No solver 'rk5'\. Did you mean 'rk4'"):
        create_method(tiny(pairs_folder, mix))


def test_strengths_are_drawn_in_the_shares_that_were_asked_for():
    config = StrengthConfig(zero=0.2, one=0.5)
    drawn = draw_strengths(config, 20_000, np.random.default_rng(0))
    assert (drawn == 0).float().mean() == pytest.approx(0.2, abs=0.02)
    assert (drawn == 1).float().mean() == pytest.approx(0.5, abs=0.02)
    between = drawn[(drawn > 0) & (drawn < 1)]
    assert between.mean() == pytest.approx(0.5, abs=0.02)


@pytest.mark.parametrize(
    ("schedule", "factors"),
    [("constant", [1, 1, 1, 1]), ("linear", [1, 1, 0.5, 0]), ("cosine", [1, 1, 0.5, 0])],
)
def test_schedules(schedule, factors):
    config = OptimConfig(schedule=schedule, decay_from=0.5)
    for step, factor in zip((0, 50, 75, 100), factors, strict=True):
        assert rate_factor(config, step, 100) == pytest.approx(factor)
    assert rate_factor(OptimConfig(schedule=schedule, decay_from=1.0), 100, 100) == 1.0


def test_the_schedule_step_has_stairs():
    config = OptimConfig(schedule="step", step_every=30, step_factor=0.1)
    factors = [rate_factor(config, step, 100) for step in (0, 29, 30, 60)]
    assert factors == pytest.approx([1, 1, 0.1, 0.01])


def test_the_schedule_plateau_goes_down_when_nothing_gets_better():
    config = OptimConfig(
        schedule="plateau", plateau_figure="psnr", plateau_patience=1, step_factor=0.5
    )
    plateau = Plateau()
    factors = []
    for value in (10.0, 11.0, 10.5, 10.9, 12.0, 11.0, 11.0):
        plateau.see(config, {"psnr": value})
        factors.append(plateau.factor)
    assert factors == [1, 1, 1, 0.5, 0.5, 0.5, 0.25]


def test_a_figure_that_should_be_low_is_better_when_it_is_lower():
    config = OptimConfig(schedule="plateau", plateau_figure="style", plateau_patience=1)
    plateau = Plateau()
    for value in (3.0, 2.0, 1.0):
        plateau.see(config, {"style": value})
    assert (plateau.best, plateau.waited) == (1.0, 0)


def test_a_plateau_is_remembered_by_a_resumed_run(pairs_folder, tmp_path):
    overrides = ("optim.schedule=plateau", "optim.plateau_patience=1", "train.sample_every=1")
    run(pairs_folder, tmp_path / "run", "train.steps=8", "optim.lr=0.0", *overrides)
    content = torch.load(latest_folder(tmp_path / "run") / "state.pt", weights_only=True)
    assert content["plateau"]["factor"] < 1
    run(pairs_folder, tmp_path / "run", "train.steps=9", "optim.lr=0.0", *overrides)
    after = torch.load(latest_folder(tmp_path / "run") / "state.pt", weights_only=True)
    assert after["plateau"]["factor"] <= content["plateau"]["factor"]


def test_an_unknown_schedule_names_the_nearest():
    with pytest.raises(ConfigError, match="'cosine'"):
        rate_factor(OptimConfig(schedule="cosinus"), 0, 1)


def test_the_average_follows_weights_and_statistics():
    averaged, network = nn.BatchNorm2d(1), nn.BatchNorm2d(1)
    nn.init.constant_(network.weight, 3.0)
    network.running_mean.fill_(2.0)
    network.num_batches_tracked.fill_(5)
    update_average(averaged, network, 0.75, step=1000)
    assert averaged.weight.item() == pytest.approx(1.5)
    assert averaged.running_mean.item() == pytest.approx(0.5)
    assert averaged.num_batches_tracked.item() == 5


def test_spread_takes_pictures_from_all_over():
    assert spread(list(range(10)), 4) == [0, 2, 5, 7]
    assert spread([1, 2], 4) == [1, 2]


def test_center_cut_takes_the_middle_in_whole_multiples():
    pixels = np.arange(10 * 15 * 3, dtype=np.uint16).reshape(10, 15, 3)
    assert np.array_equal(center_cut(pixels, 8, 4), pixels[1:9, 3:11])
    assert center_cut(pixels, 100, 4).shape == (8, 12, 3)


@pytest.mark.parametrize(
    ("name", "config"),
    [
        ("ugatit_full", {"ngf": 2, "n_blocks": 1, "image_size": 32}),
        ("unet_128", {"levels": 6, "ngf": 2}),
    ],
)
def test_pictures_of_any_size_are_sampled_and_measured(name, config, pairs_folder, tmp_path):
    generator = create_generator(name, **config).eval()
    pairs = PairedPictures(pairs_folder, crop=16, batch=1).val
    write_pair_grid(generator, pairs, tmp_path / "grid.png", TrainConfig())
    assert read_picture(tmp_path / "grid.png").rgb.shape == (40, 5 * 40, 3)
    assert all(np.isfinite(v) for v in validate_pairs(generator, pairs, TrainConfig()).values())
