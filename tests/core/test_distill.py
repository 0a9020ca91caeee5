import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nijigan.core.checkpoint import load_generator
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import Batch
from nijigan.core.drawers import Drawer, mixed
from nijigan.core.errors import ConfigError, UsageError
from nijigan.core.images import to_tensor
from nijigan.core.losses import gradient_loss
from nijigan.core.methods import create_method, distill
from nijigan.core.models import create
from nijigan.core.training.loop import train
from nijigan.core.training.part import whole_part

SMALL = (
    "model.ngf=4",
    "model.bottleneck=8",
    "model.n_blocks=1",
    "model.dilations=[1]",
    "model.norm=instance",
    "data.crop=32",
    "data.batch=2",
    "train.freeze_batchnorm_from=1.0",
)


class Inverter(Drawer):
    """Inverts colors; it can count."""

    name = "inverter"

    def __init__(self):
        self.drawn = 0

    def draw(self, pixels, strength=1.0):
        self.drawn += 1
        return mixed(pixels, 255 - pixels, strength)


@pytest.fixture(autouse=True)
def teacher(monkeypatch):
    inverter = Inverter()
    monkeypatch.setattr(distill, "open_drawer", lambda source: inverter)
    return inverter


def recipe(*overrides, folder=""):
    return with_folder(load_recipe("distill_tiny", (*SMALL, *overrides)), str(folder))


def method(*overrides, folder=""):
    torch.manual_seed(0)
    return create_method(recipe(*overrides, folder=folder))


def part(*strengths):
    rng = np.random.default_rng(3)
    pixels = rng.integers(0, 256, (len(strengths), 32, 32, 3), dtype=np.uint8)
    photo = torch.from_numpy(np.concatenate([to_tensor(p) for p in pixels]))
    return whole_part(Batch(photo, photo), torch.tensor(strengths), 0, 0)


def test_the_target_is_the_teachers_drawing_and_below_strength_1_its_mixture_with_the_photo():
    whole = part(1.0, 0.25, 0.0)
    photo = whole.batch.photo
    target = method().look(whole).target
    torch.testing.assert_close(target[0], -photo[0])
    torch.testing.assert_close(target[1], 0.5 * photo[1])  # 0.75 photo - 0.25 photo
    torch.testing.assert_close(target[2], photo[2])


def test_a_teacher_may_be_asked_for_its_own_strengths(teacher, monkeypatch):
    asked = []
    monkeypatch.setattr(teacher, "draw", lambda pixels, s: asked.append(s) or pixels // 2)
    whole = part(1.0, 0.25)
    method("method.teacher_strength=true").look(whole)
    assert asked == [1.0, 0.25]


def test_the_losses_are_those_of_values_edges_and_features(tmp_path):
    torch.manual_seed(5)
    vgg = create("vgg19", width=4)
    save_file(vgg.trunk.state_dict(), tmp_path / "vgg.safetensors")
    own = method(
        "features.name=vgg19",
        "features.width=4",
        f"features.file={tmp_path}/vgg.safetensors",
        "method.l1=3.0",
        "method.gradient=5.0",
        "method.content=7.0",
        'method.content_layers=[["relu1_2", 0.5]]',
    )
    view = own.look(part(1.0, 0.5))
    losses = own.learn(view)
    with torch.no_grad():
        a, b = (vgg.features(p, ["relu1_2"])["relu1_2"] for p in (view.output, view.target))
    expected = {
        "l1": ((view.output - view.target).abs().mean(), 3.0),
        "gradient": (gradient_loss(view.output, view.target), 5.0),
        "content": (0.5 * (a - b).square().mean(), 7.0),
    }
    assert losses.keys() == expected.keys()
    for name, (value, weight) in expected.items():
        assert losses[name].value.item() == pytest.approx(value.item(), rel=1e-4)
        assert losses[name].weight == weight
    assert not view.target.requires_grad


def test_the_student_learns_what_the_teacher_draws(pairs_folder, teacher):
    own = method(
        "model.ngf=8",
        "model.bottleneck=16",
        "method.ema=0.9",
        "optim.lr=4e-3",
        "optim.schedule=constant",
        "data.batch=4",
        folder=pairs_folder / "photo",
    )
    pictures = own.open_pictures()
    for step in range(120):
        own.step(pictures.batch_of(step), step)
    figures = own.validate(pictures)
    assert figures["psnr"] > figures["psnr_photo"] + 8
    drawn = teacher.drawn
    own.validate(pictures)
    assert teacher.drawn == drawn  # what the teacher made of held-out photos is kept


def test_a_run_leaves_a_generator_that_does_not_say_where_its_teacher_lay(pairs_folder, tmp_path):
    overrides = ("train.steps=1", f"method.teacher={tmp_path}/runs/big")
    now = recipe(*overrides, folder=pairs_folder / "photo")
    train(now, tmp_path / "run", say=lambda line: None)
    generator, info = load_generator(tmp_path / "run")
    assert info.recipe["method"]["teacher"] == "big"
    assert str(tmp_path) not in json.dumps(info.recipe)
    assert generator(torch.zeros(1, 3, 32, 32), 0.5).shape == (1, 3, 32, 32)
    assert load_recipe(tmp_path / "run" / "config.toml") == now  # the run itself goes on with it
    assert list((tmp_path / "run" / "samples").iterdir())


def test_no_teacher_is_an_error():
    with pytest.raises(ConfigError, match=r"method.teacher is empty. Name a run"):
        method("method.teacher=")


def test_the_recipe_that_comes_along_finds_its_teacher(monkeypatch):
    monkeypatch.undo()
    assert method().teacher.name == "teacher:cel"
    with pytest.raises(UsageError, match="'nobody' is nothing that draws"):
        method("method.teacher=nobody")
