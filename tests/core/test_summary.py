import functools
import json

import pytest
import torch
from torch import nn
from torch.nn import functional

from nijigan.core.errors import ConfigError, ModelNotFoundError
from nijigan.core.models import available, count_parameters, create
from nijigan.core.models.layer_trace import trace_layers
from nijigan.core.models.registry import entry
from nijigan.core.models.statistics import PictureStatistics
from nijigan.core.models.summary import summarize
from nijigan.core.ode import count_evaluations

G = 1e9
CONV = 256 * 256 * 9 * 64 * 64  # one 256→256 3×3 convolution at 64×64


@functools.cache
def whole(name):
    """The summary of a network of its published size."""
    return summarize(name)


@pytest.mark.parametrize(
    ("name", "config", "gmacs"),
    [
        ("cut_resnet9", {}, 64.05),
        ("cut_resnet4", {}, 39.89),
        ("cyclegan_resnet9", {}, 49.55),
        ("nijigan", {"solver": "euler"}, 39.89),
        ("nijigan", {"solver": "midpoint"}, 59.2),
        ("nijigan", {"solver": "euler", "steps": 2}, 59.2),
        ("nijigan", {"solver": "rk4"}, 97.9),
        ("nijigan", {"solver": "dopri5"}, 136.5),
    ],
)
def test_generators_cost_what_is_published(name, config, gmacs):
    assert summarize(name, **config).macs / G == pytest.approx(gmacs, abs=0.05)


def test_nine_blocks_cost_four_times_as_much_at_twice_the_side():
    assert summarize("cut_resnet9", (512, 512)).macs / G == pytest.approx(256.19, abs=0.005)


def test_the_parts_of_an_ode_network_are_encoder_decoder_and_convolutions_of_f():
    summary = summarize("nijigan", solver="rk4", steps=2)
    assert summary.macs_outside_odes / G == pytest.approx(20.56, abs=0.005)
    assert round(CONV / G, 3) == 2.416
    assert (summary.ode.blocks, summary.ode.evaluations) == (4, 8)
    assert summary.ode.macs_per_evaluation == 8 * CONV
    assert summary.macs == summary.macs_outside_odes + 8 * summary.ode.macs_per_evaluation
    calls = {layer.calls for layer in summary.layers if layer.name.startswith("blocks.")}
    assert calls == {8}


def test_the_evaluations_are_those_of_a_real_pass():
    network = create("nijigan", ngf=2, bottleneck=4, solver="heun", steps=3)
    counted = count_evaluations(network, torch.zeros(1, 3, 16, 16))
    summary = summarize("nijigan", ngf=2, bottleneck=4, solver="heun", steps=3)
    assert set(counted.values()) == {summary.ode.evaluations}


def test_of_an_adaptive_solver_the_cost_is_not_known_but_its_parts_are():
    summary = summarize("nijigan", solver="adaptive")
    assert summary.macs is None
    assert summary.ode.evaluations is None
    assert summary.macs_outside_odes + 8 * summary.ode.macs_per_evaluation == pytest.approx(
        175.2e9,
        abs=0.05e9,  # one accepted step of dopri5
    )
    assert summary.radius_px is None
    assert "adaptive" in summary.radius_note


class Everything(nn.Module):
    """Each operator that has a cost, once, of a size of its own."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2)
        self.up = nn.ConvTranspose2d(6, 8, 4, 2, 1, groups=2)
        self.linear = nn.Linear(8, 5)
        self.same = nn.Linear(5, 5, bias=False)
        self.filter = nn.Parameter(torch.ones(5, 1, 3, 3))

    def forward(self, x):
        h = self.up(self.conv(x))
        h = self.same(self.same(self.linear(h.movedim(1, -1)))).movedim(-1, 1)
        h = functional.conv2d(h, self.filter, groups=5)
        flat = h.flatten(2)
        return flat @ flat.mT


def test_every_operator_is_counted_by_hand():
    network = Everything()
    layers = trace_layers(network, lambda: network(torch.zeros(2, 4, 8, 10)))
    assert [(layer.name, layer.macs, layer.calls) for layer in layers] == [
        ("conv", 2 * (4 * 5) * 6 * (4 // 2) * 9, 1),
        ("up", 2 * (4 * 5) * 6 * (8 // 2) * 16, 1),
        ("linear", 2 * (8 * 10) * 8 * 5, 1),
        ("same", 2 * 2 * (8 * 10) * 5 * 5, 2),
        ("", 2 * (6 * 8) * 5 * 9 + 2 * 5 * 5 * (6 * 8), 1),
    ]
    assert [layer.is_learned for layer in layers] == [True] * 4 + [False]
    assert sum(layer.parameters for layer in layers) == count_parameters(network)


def test_attention_costs_two_products_of_matrices():
    summary = summarize("vqi2i_cross", (64, 64))
    pixels, channels = (64 // 16) ** 2, 512
    assert summary.sees_everything["FullAttention"] == 7
    assert summary.other_macs["FullAttention"] == 7 * 2 * pixels * pixels * channels
    assert summary.other_macs["VectorQuantizer"] == pixels * 512 * 512


def test_fixed_filters_are_counted_beside_the_cost_and_not_in_it():
    blurs = summarize("cut_resnet4").other_macs
    assert blurs == {"BlurDown": 9 * (128 * 128**2 + 256 * 64**2)}


@pytest.mark.parametrize("name", available())
def test_every_network_can_be_summarized(name):
    summary = whole(name)
    assert json.loads(json.dumps(summary.as_json()))["name"] == name
    assert summary.macs > 0
    assert summary.kind is entry(name).kind
    # Only networks of several domains have parts that one pass does not use.
    assert (summary.unused_parameters > 0) == name.startswith("vqi2i")
    if summary.kind.label.endswith("generator"):
        assert summary.layers[-1].output_shape == (1, 3, 256, 256)


def test_layers_come_in_order_with_their_shapes():
    layers = summarize("patchgan70", in_channels=6).layers
    assert [layer.type_name for layer in layers[:5]] == [
        *("Conv2d", "LeakyReLU", "Conv2d", "InstanceNorm2d", "LeakyReLU")
    ]
    assert layers[0].input_shape == (1, 6, 256, 256)
    assert layers[-1].output_shape == (1, 1, 30, 30)


def test_a_norm_that_is_made_of_statistics_is_one_layer():
    types = [layer.type_name for layer in summarize("ugatit_light", (32, 32), ngf=2).layers]
    assert types.count("AdaLIN") == 8
    assert types.count(PictureStatistics.__name__) == 1  # the pooling before the perceptron


def test_spectral_norm_is_not_a_layer():
    layers = summarize("ugatit_disc_local", (64, 64), ndf=2).layers
    assert {layer.type_name for layer in layers} == {
        *("ReflectionPad2d", "Conv2d", "LeakyReLU", "Linear")
    }


@pytest.mark.parametrize(
    ("name", "patch"),
    [
        ("patchgan70", 70),
        ("patchgan70_cut", 84),
        ("ugatit_disc_local", 70),
        ("ugatit_disc_global", 286),
    ],
)
def test_discriminators_say_how_large_a_patch_they_judge(name, patch):
    assert whole(name).patch_px == patch


@pytest.mark.parametrize(
    ("name", "multiple", "fixed", "radius", "strength"),
    [
        ("nijigan", 4, None, 213, "time"),
        ("unet_256", 256, None, 765, "none"),
        ("ugatit_full", 4, 256, 79, "residual"),
        ("arbitrary", 4, None, 57, "style vector"),
        ("vqi2i_cross", 16, None, None, "none"),
        ("vae_residual", None, 128, None, ""),
    ],
)
def test_limits_of_a_network_are_told(name, multiple, fixed, radius, strength):
    summary = whole(name)
    assert (summary.input_multiple, summary.fixed_size) == (multiple, fixed)
    assert summary.radius_px == radius
    assert strength in summary.strength


def test_options_are_those_of_the_name_with_what_was_set():
    summary = summarize("cyclegan_resnet6", ngf=8)
    assert summary.options["n_blocks"] == 6
    assert summary.options["antialias"] is False
    assert summary.options["ngf"] == 8
    assert summary.options["norm"] == "instance"


@pytest.mark.parametrize(
    ("name", "size", "error", "message"),
    [
        ("nijgan", None, ModelNotFoundError, "'nijigan'"),
        ("unet_256", (200, 256), ConfigError, "multiples of 256"),
        ("cut_resnet9", (8, 8), ConfigError, "from 16 on"),
        ("ugatit_full", (128, 128), ConfigError, "256×256 px only"),
        ("patchgan70", (16, 16), ConfigError, "larger"),
    ],
)
def test_what_cannot_be_is_an_error(name, size, error, message):
    with pytest.raises(error, match=message):
        summarize(name, size)
