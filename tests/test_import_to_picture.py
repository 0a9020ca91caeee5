"""From another project's checkpoint to a drawn picture, by the verbs that a user calls."""

import json

import numpy as np
import pytest
import torch
from torch import nn
from typer.testing import CliRunner

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.cli import build_app
from nijigan.core.images import (
    Picture,
    from_tensor,
    pad_to_multiple,
    read_picture,
    to_tensor,
    write_picture,
)
from nijigan.core.models import create_generator
from nijigan.export import compare
from nijigan.export.style import load_style
from nijigan.server.cancel import Cancel
from nijigan.server.engines import open_engine
from nijigan.server.tiling import Tiling, draw

SIZE = (45, 61)


class Skip(nn.Module):
    def __init__(self, channels):
        super().__init__()
        layers = [nn.ReflectionPad2d(1), nn.Conv2d(channels, channels, 3)]
        self.conv_block = nn.Sequential(
            *layers,
            nn.InstanceNorm2d(channels),
            nn.ReLU(),
            nn.ReflectionPad2d(1),
            nn.Conv2d(channels, channels, 3),
            nn.InstanceNorm2d(channels),
        )

    def forward(self, x):
        return x + self.conv_block(x)


class CycleGAN(nn.Module):
    """The public network of two blocks and its keys."""

    def __init__(self, ngf=2):
        super().__init__()
        layers = [nn.ReflectionPad2d(3), nn.Conv2d(3, ngf, 7), nn.InstanceNorm2d(ngf), nn.ReLU()]
        for c in (ngf, 2 * ngf):
            layers += [nn.Conv2d(c, 2 * c, 3, 2, 1), nn.InstanceNorm2d(2 * c), nn.ReLU()]
        layers += [Skip(4 * ngf), Skip(4 * ngf)]
        for c in (4 * ngf, 2 * ngf):
            up = nn.ConvTranspose2d(c, c // 2, 3, 2, 1, output_padding=1)
            layers += [up, nn.InstanceNorm2d(c // 2), nn.ReLU()]
        layers += [nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Tanh()]
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return self.model(x)


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr(compare, "SIZES", ((32, 32), (33, 47)))
    monkeypatch.delenv("NIJIGAN_PHOTOS", raising=False)

    def invoke(*arguments):
        result = CliRunner().invoke(build_app(), [str(a) for a in arguments])
        assert result.exit_code == 0, result.output + repr(result.exception)
        return result

    return invoke


@pytest.fixture
def photo(tmp_path):
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    wave = (127 + 100 * np.sin(x / 5 + y / 9)).astype(np.uint8)
    rgb = np.stack([wave, 255 - wave, np.where(x > 30, 220, 40).astype(np.uint8)], axis=2)
    write_picture(tmp_path / "photo.png", Picture(rgb))
    return rgb


def test_a_public_checkpoint_draws_what_its_own_network_draws(run, photo, tmp_path):
    torch.manual_seed(0)
    public = CycleGAN().eval()
    for parameter in public.parameters():
        nn.init.normal_(parameter, std=0.3)
    torch.save(public.state_dict(), tmp_path / "latest_net_G.pth")
    run("import", tmp_path / "latest_net_G.pth", "-o", tmp_path / "imported")
    run("export", tmp_path / "imported", "-o", tmp_path / "my_style")
    drawn = tmp_path / "drawn.png"
    how = ("--style", tmp_path / "my_style", "--scale", "native")
    run("stylize", tmp_path / "photo.png", *how, "-o", drawn)

    with torch.no_grad():
        expected = public(torch.from_numpy(to_tensor(pad_to_multiple(photo, 4)))).numpy()
    expected = from_tensor(expected)[: SIZE[0], : SIZE[1]].astype(int)
    assert np.abs(read_picture(drawn).rgb - expected).max() <= 1

    style = load_style(tmp_path / "my_style")
    assert (style.name, style.normalization, style.strength) == ("my_style", "global", "blend")
    assert {quality.file for quality in style.qualities.values()} == {"normal.onnx"}
    shown = run("styles", "show", tmp_path / "my_style", "--json").stdout
    assert json.loads(shown)["generator"]["name"] == "cyclegan_resnet9"
    _tiles_fit_together(style, photo)


def _tiles_fit_together(style, photo):
    """By shared statistics, tiles equal one run by the same statistics; by their own they don't."""
    engine = open_engine(style, "normal", threads=1)
    quality = style.qualities["normal"]
    wide = np.tile(photo, (4, 4, 1))
    most = 140 * 140 * quality.bytes_per_pixel

    def drawn(engine, memory, shares):
        tiling = Tiling(4, quality.radius_px, quality.bytes_per_pixel, memory, shares)
        return draw(engine, wide, 1.0, tiling, lambda _: None, Cancel()).astype(int)

    class Frozen:
        """The engine, by the statistics of the tiles' smaller copy, whatever it draws."""

        name = "frozen"
        stats = None

        def measure(self, image, strength, cancel):
            Frozen.stats = engine.measure(image, strength, cancel)
            return Frozen.stats

        def run(self, image, strength, cancel, norm_stats=None):
            return engine.run(image, strength, cancel, Frozen.stats)

    tiles = drawn(Frozen(), most, True)
    assert np.array_equal(drawn(engine, most, True), tiles)
    whole = drawn(Frozen(), 1 << 40, True)
    assert np.abs(tiles - whole).max() <= 1
    assert np.abs(drawn(engine, most, False) - whole).max() > 10


def test_a_generator_of_one_size_draws_any_picture(run, photo, tmp_path):
    torch.manual_seed(0)
    generator = create_generator("ugatit_full", ngf=2, n_blocks=1, image_size=32)
    info = CheckpointInfo("ugatit_full", generator.config)
    save_network(generator, info, tmp_path / "full" / "generator.safetensors")
    run("export", tmp_path / "full", "-o", tmp_path / "full_style")
    style = load_style(tmp_path / "full_style")
    assert style.fixed_size == 32
    drawn = tmp_path / "out.png"
    said = run("stylize", tmp_path / "photo.png", "--style", tmp_path / "full_style", "-o", drawn)
    assert "draws 32x32 pixels and nothing else" in said.stderr
    assert read_picture(drawn).rgb.shape == (*SIZE, 3)
    assert "32x32" in run("styles", "show", tmp_path / "full_style").stdout
