"""Neural style transfer: its losses, the search for a picture, and the verb."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.cli import build_app, main
from nijigan.core.errors import ConfigError, TrainingError
from nijigan.core.losses import content_loss, gram_matrix, style_loss, total_variation
from nijigan.core.methods.nst import DEFAULTS, NstConfig, transfer
from nijigan.core.models import create, weights
from nijigan.core.models.vgg19 import VGG19

CONFIG = NstConfig({"relu2_1": 1.0}, {"relu1_1": 0.5, "relu2_1": 0.5}, steps=12)
LUMA = torch.tensor([0.299, 0.587, 0.114]).view(1, 3, 1, 1)


def network():
    torch.manual_seed(0)
    return VGG19(width=4, pooling="average").freeze()


def pictures(height=48, width=64):
    """A dim, soft content, whose colors stay in range, and a style of colored stripes."""
    random = torch.Generator().manual_seed(0)
    small = torch.rand(1, 3, 6, 8, generator=random) - 0.5
    content = torch.nn.functional.interpolate(small, (height, width), mode="bilinear")
    rows, columns = torch.arange(40.0)[:, None], torch.arange(56.0)[None]
    stripes = [torch.sin(rows / 2 + columns / each) for each in (1.5, 2.0, 3.0)]
    return content, torch.stack(stripes)[None] * 0.6


def features(seed, height=3):
    random = torch.Generator().manual_seed(seed)
    return torch.randn(2, 5, height, 4, generator=random)


def test_the_gram_matrix_sums_products_over_positions():
    f = features(0)
    wanted = torch.zeros(2, 5, 5)
    for row in range(3):
        for column in range(4):
            at = f[:, :, row, column]
            wanted += at[:, :, None] * at[:, None]
    torch.testing.assert_close(gram_matrix(f), wanted / (5 * 3 * 4))
    tiled = f.repeat(1, 1, 2, 3)
    torch.testing.assert_close(gram_matrix(tiled), gram_matrix(f))


def test_the_losses_are_those_of_the_paper():
    """E_l = Σ(G - A)² / (4 N² M²) and ½ Σ(F - P)², for one picture."""
    f, p = features(0)[:1], features(1)[:1]
    channels, positions = 5, 12
    g, a = (x.flatten(2)[0] @ x.flatten(2)[0].T for x in (f, p))
    layer_loss = (g - a).square().sum() / (4 * channels**2 * positions**2)
    found = style_loss({"l": f}, {"l": gram_matrix(p)}, {"l": 0.2})
    torch.testing.assert_close(found, 0.2 * layer_loss)
    found = content_loss({"l": f}, {"l": p}, {"l": 0.3 * channels * positions / 2})
    torch.testing.assert_close(found, 0.3 * (f - p).square().sum() / 2)


def test_losses_add_up_over_layers_and_average_over_pictures():
    f, p = {"a": features(0), "b": features(1, 6)}, {"a": features(2), "b": features(3, 6)}
    grams = {layer: gram_matrix(values) for layer, values in p.items()}
    for loss, target in ((style_loss, grams), (content_loss, p)):
        whole = loss(f, target, {"a": 2.0, "b": 3.0})
        parts = [
            weight * loss({k: f[k][n : n + 1]}, {k: target[k][n : n + 1]}, {k: 1.0})
            for k, weight in (("a", 2.0), ("b", 3.0))
            for n in range(2)
        ]
        torch.testing.assert_close(whole, sum(parts) / 2)
    one_style = style_loss(f, {"a": grams["a"][:1]}, {"a": 1.0})
    each = [style_loss({"a": f["a"][n : n + 1]}, {"a": grams["a"][:1]}, {"a": 1.0}) for n in (0, 1)]
    torch.testing.assert_close(one_style, sum(each) / 2)


def test_total_variation_is_the_mean_square_of_differences():
    ramp = torch.arange(5.0).expand(1, 2, 4, 5)
    assert total_variation(ramp) == 1.0
    assert total_variation(ramp.transpose(2, 3) * 3) == 9.0
    assert total_variation(torch.ones(1, 1, 2, 2)) == 0.0


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_the_loss_falls_and_the_style_comes_nearer(optimizer):
    content, style = pictures()
    seen = []
    config = replace(CONFIG, optimizer=optimizer, steps=30)
    result = transfer(network(), content, style, config, seen.append)
    assert [progress.step for progress in seen] == list(range(1, 31))
    totals = [progress.losses["total"] for progress in seen]
    assert result.losses["total"] == min(totals) < totals[0] / 2
    assert result.losses["style"] < seen[0].losses["style"] / 2
    assert result.image.shape == content.shape
    assert result.image.abs().max() <= 1


def test_the_result_has_the_losses_that_are_told():
    content, style = pictures()
    config = replace(CONFIG, losses="paper", tv_weight=0.0, margin=0)
    result = transfer(network(), content, style, config)
    with torch.no_grad():
        layers = ["relu1_1", "relu2_1"]
        held, of_content, of_style = (
            network().features(x, layers) for x in (result.image, content, style)
        )
    half_sum = (held["relu2_1"] - of_content["relu2_1"]).square().sum() / 2
    gram = sum(
        0.5 * (gram_matrix(held[k]) - gram_matrix(of_style[k])).square().sum() / 4 for k in layers
    )
    assert result.losses["content"] == pytest.approx(half_sum.item(), rel=0.02)
    assert result.losses["style"] == pytest.approx(gram.item(), rel=0.02)


def test_relative_losses_do_not_depend_on_the_scale_of_the_features():
    content, style = pictures()
    first = transfer(network(), content, style, replace(CONFIG, steps=1))
    louder = network()
    with torch.no_grad():
        for parameter in louder.trunk["features"][0].parameters():
            parameter *= 7
    louder.trunk["features"][2].bias *= 7
    louder.trunk["features"][5].bias *= 7
    again = transfer(louder, content, style, replace(CONFIG, steps=1))
    assert again.losses["style"] == pytest.approx(first.losses["style"], rel=1e-4)


def test_the_same_seed_draws_the_same_picture_and_noise_another_one():
    content, style = pictures()
    noise = replace(CONFIG, init="noise")
    drawn = [
        transfer(network(), content, style, config).image
        for config in (noise, noise, replace(noise, seed=1), CONFIG)
    ]
    assert torch.equal(drawn[0], drawn[1])
    assert not torch.allclose(drawn[0], drawn[2], atol=0.1)
    assert not torch.allclose(drawn[0], drawn[3], atol=0.1)


def test_a_larger_style_weight_is_nearer_to_the_style_and_farther_from_the_content():
    content, style = pictures()
    weak, strong = (
        transfer(network(), content, style, replace(CONFIG, style_weight=weight, steps=30)).losses
        for weight in (0.1, 1000.0)
    )
    assert strong["style"] < weak["style"]
    assert strong["content"] > weak["content"]


def test_kept_colors_are_the_contents_and_the_luma_is_drawn():
    content, style = pictures()
    config = replace(CONFIG, keep_colors=True, steps=30)
    image = transfer(network(), content, style, config).image
    inside = (image.abs() < 1).all(1, keepdim=True).expand_as(image)
    assert inside.float().mean() > 0.9
    chroma, kept = (x - (x * LUMA).sum(1, keepdim=True) for x in (content, image))
    torch.testing.assert_close(kept[inside], chroma[inside], atol=1e-5, rtol=0)
    assert (((image - content) * LUMA).sum(1)).abs().max() > 0.1


def test_octaves_are_drawn_from_coarse_to_fine_down_to_64_pixels():
    content, style = pictures(128, 160)
    sizes = []
    config = replace(CONFIG, octaves=4, steps=12)
    result = transfer(
        network(), content, style, config, lambda p: sizes.append(tuple(p.image.shape[2:]))
    )
    assert sizes == [(64, 80)] * 8 + [(128, 160)] * 4
    assert result.image.shape == content.shape


def test_the_network_sees_the_picture_enlarged():
    content, style = pictures()
    vgg = network()
    seen = []
    vgg.trunk["features"][0].register_forward_hook(lambda _, args, __: seen.append(args[0].shape))
    transfer(vgg, content, style, replace(CONFIG, enlarge=2, margin=3, steps=1))
    assert seen[-1] == (1, 3, (48 + 2 * 3) * 2, (64 + 2 * 3) * 2)


def test_the_zeros_around_a_picture_do_not_count():
    """Of a picture of one color, nothing but the padding makes a difference between pixels."""
    flat = torch.full((1, 3, 48, 48), 0.5)
    vgg = network()
    torch.nn.init.constant_(vgg.trunk["features"][0].bias, 0.1)

    def total_at_flat(margin):
        inner = torch.nn.functional.pad(flat, [24] * 4, mode="reflect")
        config = replace(CONFIG, margin=margin, steps=1)
        return transfer(vgg, flat, inner, config).losses["style"]

    assert total_at_flat(8) < 1e-9 < 1e-6 < total_at_flat(0)


@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_when_stopped_it_returns_the_best_picture_so_far(optimizer):
    content, style = pictures(128, 128)
    seen = []
    result = transfer(
        network(), content, style, replace(CONFIG, optimizer=optimizer, steps=500),
        seen.append, lambda: len(seen) == 3,
    )  # fmt: skip
    assert result.steps == len(seen) == 3
    assert result.losses["total"] == min(progress.losses["total"] for progress in seen)
    assert result.image.shape == content.shape


def test_a_loss_that_is_not_finite_stops_it():
    content, style = pictures()
    vgg = network()
    vgg.trunk["features"][0].weight.fill_(float("nan"))
    with pytest.raises(TrainingError, match=r"content loss is nan at step 1\. Lower the style"):
        transfer(vgg, content, style, CONFIG)


def test_pictures_of_one_color_are_drawn():
    content, style = torch.zeros(1, 3, 16, 16), torch.zeros(1, 3, 16, 16)
    for config in (CONFIG, replace(CONFIG, keep_colors=True)):
        assert transfer(network(), content, style, config).image.isfinite().all()


def test_a_narrow_style_is_not_shrunk_to_nothing():
    content, style = pictures(128, 128)
    config = replace(CONFIG, style_layers={"relu5_1": 1.0}, steps=2)
    assert transfer(network(), content, style[:, :, :16], config).image.isfinite().all()


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"optimizer": "sgd"}, "No optimizer 'sgd'"),
        ({"init": "nois"}, "'noise'"),
        ({"losses": "papr"}, "'paper'"),
        ({"steps": 0}, "steps is 0"),
        ({"octaves": 0}, "octaves is 0"),
        ({"margin": -1}, "margin is -1"),
        ({"style_weight": float("nan")}, "style_weight is nan"),
        ({"content_layers": {"relu1_1": -1.0}}, "the weight of relu1_1 is -1"),
        ({"style_layers": {}}, "no layers"),
    ],
)
def test_values_that_are_not_allowed_are_errors(change, message):
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **change)


@pytest.mark.parametrize("name", DEFAULTS)
def test_the_defaults_name_layers_that_are_there(name):
    with torch.device("meta"):
        features = create(name)
    features.check_layers([*DEFAULTS[name].content_layers, *DEFAULTS[name].style_layers])
    assert sum(DEFAULTS[name].style_layers.values()) == pytest.approx(1)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """A content, a style and the weights of a small VGG19, which the verb uses for a large one."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(weights, "create", lambda name, **config: create(name, width=2, **config))
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    for name, x in zip(("content.png", "style.png"), pictures(), strict=True):
        rgb = ((x[0].permute(1, 2, 0) + 1) * 127.5).byte().numpy()
        Image.fromarray(rgb).save(name)
    torch.save(VGG19(width=2).trunk.state_dict(), "vgg.pth")
    return tmp_path


def read(name):
    with Image.open(name) as picture:
        return np.asarray(picture)


SMALL = ["--weights", "vgg.pth", "--long-side", "32", "--steps", "8"]
LAYERS = ["--content-layers", "relu1_1", "--style-layers", "conv1_1=0.5,conv1_2=0.5"]


def run(*arguments):
    arguments = ["nst", "content.png", "style.png", "-o", "out.png", *arguments]
    return CliRunner().invoke(build_app(), arguments, catch_exceptions=False)


def test_the_verb_draws_and_says_with_which_features(files):
    result = run(*SMALL, *LAYERS, "--preview", "preview.jpg")
    assert result.exit_code == 0
    lines = result.stdout.splitlines()
    assert lines[0] == "out.png"
    assert lines[1].startswith("features VGG19, sha256 ")
    assert read("out.png").shape == read("preview.jpg").shape == (24, 32, 3)


def test_a_sweep_has_as_many_panels_as_weights(files):
    result = run(*SMALL, *LAYERS, "--sweep", "1e-3,1,1e4", "--json", "--keep-colors")
    told = json.loads(result.stdout)
    assert told["features"] == "VGG19"
    assert len(told["sha256"]) == 64
    assert [row["style_weight"] for row in told["pictures"]] == [1e-3, 1, 1e4]
    strip = read("out.png")
    assert strip.shape == (24, 3 * 32, 3)
    panels = np.split(strip, 3, axis=1)
    assert not np.array_equal(panels[0], panels[2])


def test_transparency_is_carried_around(files):
    content = Image.fromarray(read("content.png"))
    content.putalpha(Image.linear_gradient("L").resize(content.size))
    content.save("content.png")
    run(*SMALL, *LAYERS, "--sweep", "1,2")
    drawn = read("out.png")
    assert drawn.shape == (24, 64, 4)
    assert np.array_equal(drawn[:, :32, 3], drawn[:, 32:, 3])
    assert drawn[0, 0, 3] < 20 < 200 < drawn[-1, 0, 3]


def test_ctrl_c_writes_the_best_picture_so_far(files, monkeypatch, press_ctrl_c):
    from nijigan.core import nst_drawing

    def interrupted(self, _image):
        press_ctrl_c()

    monkeypatch.setattr(nst_drawing._Preview, "update", interrupted)
    result = run(*SMALL, *LAYERS, "--sweep", "1,2")
    assert result.exit_code == 0
    assert read("out.png").shape == (24, 32, 3)
    assert "stopped after 1 steps" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--features", "vgg18"], 2, "'vgg19'"),
        (["--weights", "no.pth"], 3, "No file of weights"),
        (["--weights", "https://example.org/x.pth"], 2, "Give its sha256"),
        (["--sha256", "dcbb9e9d"], 2, "Give both or none"),
        (["--sweep", "1,2", "--style-weight", "1"], 2, "contradict"),
        (["--sweep", "1,x"], 2, "'x' is not a number"),
        (["--style-layers", "relu1_1=1,relu2_1"], 2, "all of them one, or none"),
        (["--features", "mobilenet_v2", "--pooling", "max"], 2, "has no --pooling"),
        ([*SMALL, "--style-layers", "relu11"], 2, "'relu1_1'"),
        ([*SMALL, "-o", "out.tga"], 3, "suffix"),
    ],
)
def test_a_wrong_use_is_one_line_and_an_exit_code(files, capsys, arguments, code, message):
    with pytest.raises(SystemExit) as caught:
        main(["nst", "content.png", "style.png", "-o", "out.png", *arguments])
    assert caught.value.code == code
    error = capsys.readouterr().err
    assert message in error
    assert len(error.splitlines()) == 1
    assert not (files / "out.png").exists()
