import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file

from nijigan.core.checkpoint import latest_folder, load_generator, load_network
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import Batch, UnpairedPictures
from nijigan.core.errors import CheckpointError, ConfigError
from nijigan.core.losses import content_loss, gram_matrix, style_loss, total_variation
from nijigan.core.methods import Arbitrary, create_method
from nijigan.core.models import create
from nijigan.core.models.arbitrary import ArbitraryStylizer
from nijigan.core.training.loop import train
from nijigan.core.training.world import World

TINY = (
    "model.ngf=4",
    "model.n_blocks=1",
    "model.style_dim=4",
    "model.predictor_width=4",
    "data.crop=32",
    "data.batch=2",
    'method.content=[["relu3_1", 1.0]]',
    'method.style=[["relu1_1", 30.0], ["relu2_1", 30.0]]',
    "method.style_side=[24, 40]",
    "train.threads=1",
    "train.steps=4",
    "train.log_every=1",
    "train.sample_every=2",
    "train.sample_count=3",
    "train.checkpoint_every=2",
)


@pytest.fixture
def judge(tmp_path):
    """The overrides that name a small VGG19 of random weights, in a file of its own."""
    torch.manual_seed(5)
    network = create("vgg19", width=4)
    save_file(network.trunk.state_dict(), tmp_path / "vgg.safetensors")
    return ("features.name=vgg19", "features.width=4", f"features.file={tmp_path}/vgg.safetensors")


@pytest.fixture
def folder(tmp_path):
    """Four photos of blocks and four textures of stripes; one more of each is held out."""
    folder = tmp_path / "pictures"
    rng = np.random.default_rng(0)
    for kind in ("photo", "drawn"):
        (folder / kind).mkdir(parents=True)
        for i in range(5):
            shape = (5, 6, 3) if kind == "photo" else (1, 12, 3)
            blocks = Image.fromarray(rng.integers(0, 256, shape, dtype=np.uint8))
            blocks.resize((48, 40), Image.Resampling.NEAREST).save(folder / kind / f"x{i}.png")
    split = {"train": ["x0", "x1", "x2", "x3"], "val": ["x4"]}
    (folder / "split.json").write_text(json.dumps(split))
    return folder


def tiny(folder, judge, *overrides):
    return with_folder(load_recipe("arbitrary_tiny", (*TINY, *judge, *overrides)), str(folder))


def run(folder, judge, out, *overrides):
    return train(tiny(folder, judge, *overrides), out, "auto", lambda line: None).checkpoint


def metrics(out):
    return [json.loads(line) for line in (out / "metrics.jsonl").read_text().splitlines()]


def test_a_run_leaves_everything_it_should(folder, judge, tmp_path):
    out = tmp_path / "run"
    assert run(folder, judge, out) == latest_folder(out)
    assert load_recipe(out / "config.toml") == tiny(folder, judge)
    lines = metrics(out)
    assert [line["step"] for line in lines if "style" in line] == [1, 2, 3, 4]
    assert [line["step"] for line in lines if "val/style_photo" in line] == [2, 4]
    with Image.open(out / "samples" / "step_0000004.png") as grid:
        assert grid.size == (5 * 40, 40)  # content, style, three strengths
        pixels = np.asarray(grid)
    for column, kind in enumerate(("photo", "drawn")):
        with Image.open(folder / kind / "x4.png") as picture:
            shown = pixels[:, column * 40 : (column + 1) * 40]
            assert np.array_equal(shown, np.asarray(picture)[:, 4:44])
    network, info = load_network(out)
    assert isinstance(network, ArbitraryStylizer)
    assert (info.name, info.step) == ("arbitrary", 4)
    assert info.recipe["features"] == {"name": "vgg19", "file": "", "width": 4}
    with pytest.raises(CheckpointError, match="does not turn one picture into another"):
        load_generator(out)


PLAIN = ("train.steps=20",)
FAST = (*PLAIN, "train.bf16=true", "train.channels_last=true", "train.freeze_batchnorm_from=0.2")


@pytest.mark.parametrize("overrides", [PLAIN, FAST], ids=["plain", "fast"])
def test_a_run_in_two_parts_equals_one_run_bit_for_bit(
    folder, judge, tmp_path, monkeypatch, press_ctrl_c, overrides
):
    run(folder, judge, tmp_path / "whole", *overrides)
    take_step = Arbitrary.step

    def interrupted(self, batch, step):
        if step == 9:  # the step goes on to its end: 10 are done
            press_ctrl_c()
        return take_step(self, batch, step)

    monkeypatch.setattr(Arbitrary, "step", interrupted)
    half = run(folder, judge, tmp_path / "parts", *overrides)
    assert half.name == "step_0000010"
    monkeypatch.undo()
    torch.manual_seed(99)
    run(folder, judge, tmp_path / "parts", *overrides)
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


def test_a_step_is_of_the_seed_its_number_and_its_batch_alone(folder, judge):
    losses = []
    for seed, step in ((0, 3), (0, 3), (0, 4), (1, 3)):
        torch.manual_seed(0)
        method = create_method(tiny(folder, judge, f"train.seed={seed}"))
        pictures = UnpairedPictures(folder, 32, 2)
        losses.append(method.step(pictures.batch_of(0), step)["style"])
    assert losses[0] == losses[1]
    assert len(set(losses)) == 3  # another seed or step: another size and other colors


def test_the_losses_are_of_the_drawing_the_photo_and_the_style_that_was_shown(folder, judge):
    overrides = ("method.jitter=0", "method.style_side=[32, 32]")
    torch.manual_seed(0)
    method = create_method(tiny(folder, judge, *overrides))
    batch = method.open_pictures().batch_of(0)
    torch.manual_seed(0)
    before = create("arbitrary", **method.config)
    drawn = before(batch.photo, before.style_vector(batch.drawn))
    layers = ["relu1_1", "relu2_1", "relu3_1"]
    of_drawn, of_photo, of_style = (
        method.features.network.features(pictures, layers)
        for pictures in (drawn, batch.photo, batch.drawn)
    )
    grams = {layer: gram_matrix(h) for layer, h in of_style.items()}
    expected = {
        "content": content_loss(of_drawn, of_photo, {"relu3_1": 1.0}),
        "style": style_loss(of_drawn, grams, {"relu1_1": 30.0, "relu2_1": 30.0}),
        "total_variation": total_variation(drawn),
    }
    losses = method.step(batch, 0)
    assert losses == pytest.approx({k: v.item() for k, v in expected.items()}, rel=1e-4)


def test_it_learns_style_without_losing_content_and_leaves_the_judge_alone(folder, judge):
    overrides = ("train.steps=160", "optim.lr=4e-3", "optim.schedule=constant", "method.jitter=0")
    torch.manual_seed(0)
    method = create_method(tiny(folder, judge, *overrides))
    judged_by = {
        name: value.clone() for name, value in method.features.network.state_dict().items()
    }
    pictures = method.open_pictures()
    losses = [method.step(pictures.batch_of(step), step) for step in range(160)]
    early, late = (
        {name: np.mean([loss[name] for loss in part]) for name in losses[0]}
        for part in (losses[:20], losses[-20:])
    )
    assert late["style"] < 0.5 * early["style"]
    assert late["content"] < 1.1 * early["content"]
    torch.testing.assert_close(
        dict(method.features.network.state_dict()), judged_by, rtol=0, atol=0
    )


def test_the_drawings_are_the_styles_and_the_photos_the_content(folder, judge):
    method = create_method(tiny(folder, judge, "method.jitter=0"))
    seen = []
    method.network.predictor.register_forward_pre_hook(lambda _, args: seen.append(args[0]))
    photo, drawn = torch.zeros(2, 3, 32, 32), torch.ones(2, 3, 32, 32)
    method.step(Batch(photo, drawn), 0)
    (style,) = seen
    assert style.mean() == pytest.approx(1)
    assert 24 <= style.shape[-1] <= 40


def test_long_gradients_are_cut_only_where_the_recipe_says_so(folder, judge):
    lengths = []
    for clip in (0.0, 1e-3):
        torch.manual_seed(0)
        method = create_method(tiny(folder, judge, f"optim.clip={clip}"))
        method.step(method.open_pictures().batch_of(0), 0)
        lengths.append(
            float(torch.nn.utils.get_total_norm([p.grad for p in method.network.parameters()]))
        )
    assert lengths[0] > 0.01
    assert lengths[1] == pytest.approx(1e-3, rel=0.01)


def test_what_the_method_cannot_use_is_an_error(folder, judge):
    other = replace(tiny(folder, judge), model=load_recipe("tiny").model)
    with pytest.raises(ConfigError, match=r"cannot train 'nijigan'. Set model.name = 'arbitrary'"):
        create_method(other)
    with pytest.raises(ConfigError, match=r"VGG19 has no layer 'relu9_1'"):
        create_method(tiny(folder, judge, 'method.content=[["relu9_1", 1.0]]'))
    with pytest.raises(ConfigError, match="one for 'pix2pix'"):
        Arbitrary(load_recipe("tiny"), World())
