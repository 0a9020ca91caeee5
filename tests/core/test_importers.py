"""Public networks are written here anew, in plain torch, with the keys of their checkpoints."""

import io
import pickle
import tarfile
import zipfile
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch import nn
from torch.nn import functional

from nijigan.core.checkpoint import CheckpointInfo, save_network
from nijigan.core.errors import CheckpointError, ConfigError, MissingExtraError, UsageError
from nijigan.core.models import create_generator, importers
from nijigan.core.models.importers import torch_file


class Inside(nn.Module):
    """A network whose layers are inside an `nn.Sequential` of the given name."""

    def __init__(self, layers, name="model", adds_input=False):
        super().__init__()
        self.name, self.adds_input = name, adds_input
        setattr(self, name, nn.Sequential(*layers))

    def forward(self, x):
        drawn = getattr(self, self.name)(x)
        return x + drawn if self.adds_input else drawn


class Blur(nn.Module):
    def __init__(self, channels, row, up):
        super().__init__()
        self.up = up
        row = torch.tensor(row) / sum(row)
        filt = (row[:, None] * row * (4 if up else 1)).repeat(channels, 1, 1, 1)
        self.register_buffer("filt", filt)

    def forward(self, x):
        how = {"stride": 2, "groups": x.shape[1]}
        if not self.up:
            return functional.conv2d(functional.pad(x, (1,) * 4, "reflect"), self.filt, **how)
        wide = functional.pad(x, (1,) * 4, "replicate")
        return functional.conv_transpose2d(wide, self.filt, padding=2, **how)[..., 1:-1, 1:-1]


def norm(kind, channels):
    if kind == "batch":
        return nn.BatchNorm2d(channels)
    return nn.InstanceNorm2d(channels, track_running_stats=kind == "old instance")


def resnet(ngf=2, n_blocks=2, kind="instance", dropout=False, blur=True):
    """CUT's generator, without blurs CycleGAN's."""
    bias = kind != "batch"

    def scaled(layer, cout):
        return [layer, norm(kind, cout), nn.ReLU()]

    def block(c):
        first = [nn.ReflectionPad2d(1), *scaled(nn.Conv2d(c, c, 3, bias=bias), c)]
        dropped = [nn.Dropout(0.5)] if dropout else []
        second = [nn.ReflectionPad2d(1), nn.Conv2d(c, c, 3, bias=bias), norm(kind, c)]
        return Inside([*first, *dropped, *second], "conv_block", adds_input=True)

    layers = [nn.ReflectionPad2d(3), *scaled(nn.Conv2d(3, ngf, 7, bias=bias), ngf)]
    for c in (ngf, 2 * ngf):
        layers += scaled(nn.Conv2d(c, 2 * c, 3, 1 if blur else 2, 1, bias=bias), 2 * c)
        layers += [Blur(2 * c, (1, 2, 1), up=False)] if blur else []
    layers += [block(4 * ngf) for _ in range(n_blocks)]
    for c in (4 * ngf, 2 * ngf):
        if blur:
            layers.append(Blur(c, (1, 3, 3, 1), up=True))
            conv = nn.Conv2d(c, c // 2, 3, 1, 1, bias=bias)
        else:
            conv = nn.ConvTranspose2d(c, c // 2, 3, 2, 1, output_padding=1, bias=bias)
        layers += scaled(conv, c // 2)
    return Inside([*layers, nn.ReflectionPad2d(3), nn.Conv2d(ngf, 3, 7), nn.Tanh()])


class Whole(nn.Module):
    """A network whose outermost level is called `model`, as the levels' own layers are."""

    def __init__(self, model):
        super().__init__()
        self.model = model

    def forward(self, x):
        return self.model(x)


class Handed(nn.Module):
    """A level of the U-Net: its input beside what it makes of it."""

    def __init__(self, layers):
        super().__init__()
        self.model = nn.Sequential(*layers)

    def forward(self, x):
        return torch.cat([x, self.model(x)], dim=1)


def unet(levels=5, ngf=2, kind="batch", dropout=True):
    how = {"kernel_size": 4, "stride": 2, "padding": 1, "bias": kind != "batch"}
    widths = [ngf * min(2**i, 8) for i in range(levels)]
    inner = None
    for i in reversed(range(1, levels)):
        down = [nn.LeakyReLU(0.2), nn.Conv2d(widths[i - 1], widths[i], **how)]
        wide = widths[i] if inner is None else 2 * widths[i]
        up = [nn.ReLU(), nn.ConvTranspose2d(wide, widths[i - 1], **how), norm(kind, widths[i - 1])]
        if inner is not None:
            down += [norm(kind, widths[i]), inner]
            up += [nn.Dropout(0.5)] if dropout and i > 3 else []
        inner = Handed([*down, *up])
    last = nn.ConvTranspose2d(2 * ngf, 3, 4, 2, 1)
    return Whole(Inside([nn.Conv2d(3, ngf, **how), inner, nn.ReLU(), last, nn.Tanh()]))


def mixed(h, rho):
    """Instance and layer norm of U-GAT-IT, with unbiased variances."""
    both = [
        (h - h.mean(dims, keepdim=True)) / (h.var(dims, keepdim=True, unbiased=True) + 1e-5).sqrt()
        for dims in ((2, 3), (1, 2, 3))
    ]
    return rho * both[0] + (1 - rho) * both[1]


class Mixing(nn.Module):
    def __init__(self, channels, learns):
        super().__init__()
        self.rho = nn.Parameter(torch.rand(1, channels, 1, 1))
        if learns:
            self.gamma = nn.Parameter(torch.randn(1, channels, 1, 1))
            self.beta = nn.Parameter(torch.randn(1, channels, 1, 1))

    def forward(self, h):
        return mixed(h, self.rho) * self.gamma + self.beta


class Adaptive(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv1, self.conv2 = (nn.Conv2d(c, c, 3, bias=False) for _ in range(2))
        self.norm1, self.norm2 = Mixing(c, learns=False), Mixing(c, learns=False)

    def forward(self, h, gamma, beta):
        def half(conv, norm, x):
            return mixed(conv(functional.pad(x, (1,) * 4, "reflect")), norm.rho) * gamma + beta

        return h + half(self.conv2, self.norm2, half(self.conv1, self.norm1, h).relu())


class PublicUGATIT(nn.Module):
    def __init__(self, light, ngf=2, n_blocks=2, size=32):
        super().__init__()
        self.light, self.n_blocks, c = light, n_blocks, 4 * ngf

        def conv(cin, cout, kernel, stride=1):
            pad = nn.ReflectionPad2d(kernel // 2)
            return [pad, nn.Conv2d(cin, cout, kernel, stride, bias=False)]

        def block():
            first = [*conv(c, c, 3), norm("instance", c), nn.ReLU()]
            layers = [*first, *conv(c, c, 3), norm("instance", c)]
            return Inside(layers, "conv_block", adds_input=True)

        down = [*conv(3, ngf, 7), norm("instance", ngf), nn.ReLU()]
        for w in (ngf, 2 * ngf):
            down += [*conv(w, 2 * w, 3, 2), norm("instance", 2 * w), nn.ReLU()]
        self.DownBlock = nn.Sequential(*down, *(block() for _ in range(n_blocks)))
        self.gap_fc, self.gmp_fc = (nn.Linear(c, 1, bias=False) for _ in range(2))
        self.conv1x1 = nn.Conv2d(2 * c, c, 1)
        first = nn.Linear(c if light else c * (size // 4) ** 2, c, bias=False)
        second = nn.Linear(c, c, bias=False)
        self.FC = nn.Sequential(first, nn.ReLU(), second, nn.ReLU())
        self.gamma, self.beta = (nn.Linear(c, c, bias=False) for _ in range(2))
        for i in range(n_blocks):
            setattr(self, f"UpBlock1_{i + 1}", Adaptive(c))
        up = []
        for w in (c, c // 2):
            up += [
                nn.Upsample(scale_factor=2),
                *conv(w, w // 2, 3),
                Mixing(w // 2, True),
                nn.ReLU(),
            ]
        self.UpBlock2 = nn.Sequential(*up, *conv(ngf, 3, 7), nn.Tanh())

    def forward(self, x):
        h = self.DownBlock(x)
        weighted = [h * fc.weight[0, :, None, None] for fc in (self.gap_fc, self.gmp_fc)]
        h = self.conv1x1(torch.cat(weighted, 1)).relu()
        summary = self.FC(h.mean((2, 3)) if self.light else h.flatten(1))
        gamma, beta = (each(summary)[:, :, None, None] for each in (self.gamma, self.beta))
        for i in range(self.n_blocks):
            h = getattr(self, f"UpBlock1_{i + 1}")(h, gamma, beta)
        return self.UpBlock2(h)


class PublicAnimeGAN2(nn.Module):
    def __init__(self, width=2, aligned=True):
        super().__init__()
        self.aligned = aligned

        def part(cin, cout, kernel=3, stride=1, groups=1, bias=False):
            pad = (0, 1, 0, 1) if stride == 2 else kernel // 2
            conv = nn.Conv2d(cin, cout, kernel, stride, groups=groups, bias=bias)
            return nn.Sequential(
                nn.ReflectionPad2d(pad), conv, nn.GroupNorm(1, cout), nn.LeakyReLU(0.2)
            )

        def inverted(cin, cout):
            wide = [part(cin, 2 * cin, 1), part(2 * cin, 2 * cin, groups=2 * cin, bias=True)]
            narrow = [nn.Conv2d(2 * cin, cout, 1, bias=False), nn.GroupNorm(1, cout)]
            return Inside([*wide, *narrow], "layers", adds_input=cin == cout)

        a, b, c, d = (width * i for i in (1, 2, 4, 8))
        self.block_a = nn.Sequential(part(3, a, 7), part(a, b, stride=2), part(b, b))
        self.block_b = nn.Sequential(part(b, c, stride=2), part(c, c))
        same = [inverted(d, d) for _ in range(3)]
        self.block_c = nn.Sequential(part(c, c), inverted(c, d), *same, part(d, c))
        self.block_d = nn.Sequential(part(c, c), part(c, c))
        self.block_e = nn.Sequential(part(c, b), part(b, b), part(b, a, 7))
        self.out_layer = nn.Sequential(nn.Conv2d(a, 3, 1, bias=False), nn.Tanh())

    def forward(self, x):
        def enlarge(h, size):
            if self.aligned:
                return functional.interpolate(h, size, mode="bilinear", align_corners=True)
            return functional.interpolate(h, scale_factor=2, mode="bilinear", align_corners=False)

        half = self.block_a(x)
        h = self.block_d(enlarge(self.block_c(self.block_b(half)), half.shape[2:]))
        return self.out_layer(self.block_e(enlarge(h, x.shape[2:])))


class Scaled(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.scale, self.shift = (nn.Parameter(torch.randn(channels)) for _ in range(2))

    def forward(self, h):
        centered = h - h.mean((2, 3), keepdim=True)
        normed = centered / (centered.square().mean((2, 3), keepdim=True) + 1e-9).sqrt()
        return normed * self.scale[:, None, None] + self.shift[:, None, None]


class PublicCartoonGAN(nn.Module):
    """Blue, green, red outside too, unlike ours."""

    def __init__(self, ngf=2, n_blocks=2):
        super().__init__()
        self.n_blocks, c1, c2, c4 = n_blocks, ngf, 2 * ngf, 4 * ngf
        norms = {"01_1": c1, "02_1": c2, "03_1": c4}
        self.conv01_1 = nn.Conv2d(3, c1, 7)
        self.conv02_1, self.conv02_2 = nn.Conv2d(c1, c2, 3, 2, 1), nn.Conv2d(c2, c2, 3, 1, 1)
        self.conv03_1, self.conv03_2 = nn.Conv2d(c2, c4, 3, 2, 1), nn.Conv2d(c4, c4, 3, 1, 1)
        for i in range(4, 4 + n_blocks):
            for j in (1, 2):
                setattr(self, f"conv{i:02}_{j}", nn.Conv2d(c4, c4, 3))
                norms[f"{i:02}_{j}"] = c4
        norms |= {f"{4 + n_blocks:02}_1": c2, f"{5 + n_blocks:02}_1": c1}
        for name, channels in norms.items():
            setattr(self, f"in{name}", Scaled(channels))
        self.deconv01_1 = nn.ConvTranspose2d(c4, c2, 3, 2, 1, 1)
        self.deconv01_2 = nn.Conv2d(c2, c2, 3, 1, 1)
        self.deconv02_1 = nn.ConvTranspose2d(c2, c1, 3, 2, 1, 1)
        self.deconv02_2 = nn.Conv2d(c1, c1, 3, 1, 1)
        self.deconv03_1 = nn.Conv2d(c1, 3, 7)

    def forward(self, x):
        def layer(name, h, reflects=0):
            return getattr(self, name)(functional.pad(h, (reflects,) * 4, "reflect"))

        h = self.in01_1(layer("conv01_1", x, 3)).relu()
        for i in (2, 3):
            h = layer(f"in0{i}_1", layer(f"conv0{i}_2", layer(f"conv0{i}_1", h))).relu()
        for i in range(4, 4 + self.n_blocks):
            inner = layer(f"in{i:02}_1", layer(f"conv{i:02}_1", h, 1)).relu()
            h = h + layer(f"in{i:02}_2", layer(f"conv{i:02}_2", inner, 1))
        for i in (1, 2):
            h = layer(f"deconv0{i}_2", layer(f"deconv0{i}_1", h))
            h = layer(f"in{3 + self.n_blocks + i:02}_1", h).relu()
        return layer("deconv03_1", h, 3).tanh()


def lively(network):
    """The network in evaluation mode, with weights and statistics that all do something."""
    torch.manual_seed(0)
    for key, value in network.state_dict().items():
        if key.endswith(("filt", "num_batches_tracked")):
            continue
        if key.endswith(("rho", "running_var")):
            value.uniform_(0.1, 1)
        elif value.dim() > 1 and value.shape[0] != 1:
            value.normal_(std=(2 / value[0].numel()) ** 0.5)
        else:
            value.normal_(std=0.3)
    return network.eval()


def pictures(height=32, width=32):
    return torch.rand(2, 3, height, width) * 2 - 1


def write(content, path, form="zip"):
    if form == "safetensors":
        save_file({key: value.contiguous() for key, value in content.items()}, path)
    else:
        torch.save(content, path, _use_new_zipfile_serialization=form == "zip")
    return path


BATCH = {"kind": "batch"}
TOLD = [  # network, family, registered name, what is told from keys and shapes
    (resnet, {}, "cut", "cut_resnet9", {"ngf": 2, "n_blocks": 2, "norm": "instance"}),
    (resnet, {"ngf": 3, "n_blocks": 4}, "cut", "cut_resnet4", {"ngf": 3, "n_blocks": 4}),
    (resnet, {"dropout": True}, "cut", "cut_resnet9", {"dropout": True, "antialias": True}),
    (resnet, BATCH, "cut", "cut_resnet9", {"norm": "batch"}),
    (resnet, {"blur": False, "n_blocks": 6}, "cyclegan", "cyclegan_resnet6", {"dropout": False}),
    (
        resnet,
        {"blur": False, "dropout": True, **BATCH},
        "cyclegan",
        "cyclegan_resnet9",
        {"dropout": True, "norm": "batch", "antialias": False},
    ),
    (unet, {}, "pix2pix", "unet_256", {"levels": 5, "ngf": 2, "norm": "batch"}),
    (unet, {"kind": "instance", "ngf": 3}, "pix2pix", "unet_256", {"ngf": 3, "norm": "instance"}),
    (unet, {"levels": 7, "ngf": 1}, "pix2pix", "unet_128", {"levels": 7}),
    (PublicUGATIT, {"light": True}, "ugatit", "ugatit_light", {"version": "light", "n_blocks": 2}),
    (
        PublicUGATIT,
        {"light": False, "ngf": 1, "n_blocks": 3},
        "ugatit",
        "ugatit_full",
        {"version": "full", "ngf": 1, "n_blocks": 3, "image_size": 32},
    ),
    (PublicAnimeGAN2, {"width": 3}, "animegan2", "animegan2", {"width": 3}),
    (PublicCartoonGAN, {}, "cartoongan", "cartoongan", {"ngf": 2, "n_blocks": 2}),
    (PublicCartoonGAN, {"n_blocks": 7}, "cartoongan", "cartoongan", {"n_blocks": 7}),
]


@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize(("make", "arguments", "family", "name", "told"), TOLD)
def test_an_imported_network_draws_as_the_public_one(
    tmp_path, make, arguments, family, name, told, form
):
    public = lively(make(**arguments))
    imported = importers.read(write(public.state_dict(), tmp_path / "x.pth", form))
    assert (imported.family, imported.name) == (family, name)
    assert imported.generator.config.items() >= told.items()
    assert not imported.generator.training
    side = 128 if told.get("levels") == 7 else 32
    image = pictures(side, side)
    expected = public(image.flip(1)).flip(1) if family == "cartoongan" else public(image)
    assert expected.std() > 0.05
    torch.testing.assert_close(imported.generator(image), expected, atol=1e-5, rtol=0)


@pytest.fixture
def public():
    return lively(resnet())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "latest_net_G.pth"


def draws_alike(generator, public):
    image = pictures()
    return torch.allclose(generator(image), public(image), atol=1e-5)


WRAPPERS = ["state_dict", "model_state_dict", "generator", "generator_state_dict", "model"]


@pytest.mark.parametrize("wrapper", [*WRAPPERS, "netG", "net_G"])
def test_the_usual_wrappers_are_opened(public, path, wrapper):
    content = {"epoch": 3, wrapper: public.state_dict(), "optimizer": {"lr": 1.0}}
    assert draws_alike(importers.load(write(content, path)), public)
    assert draws_alike(importers.load(write({"model": content}, path)), public)


@pytest.mark.parametrize("prefix", ["module.", "_orig_mod.", "module._orig_mod."])
def test_prefixes_of_parallel_and_compiled_training_are_dropped(public, path, prefix):
    content = {prefix + key: value for key, value in public.state_dict().items()}
    content["_metadata"] = {"version": 1}
    assert draws_alike(importers.load(write(content, path)), public)


def test_parameters_are_taken_as_tensors(public, path):
    content = public.state_dict() | dict(public.named_parameters())
    loaded = importers.load(write(content, path))
    assert all(parameter.is_leaf for parameter in loaded.parameters())
    assert draws_alike(loaded, public)


def test_weights_saved_on_a_gpu_come_to_the_cpu(public, path, monkeypatch):
    monkeypatch.setattr(torch.serialization, "location_tag", lambda storage: "cuda:0")
    for form in ("zip", "legacy"):
        write(public.state_dict(), path, form)
        assert b"cuda:0" in path.read_bytes()
        assert draws_alike(importers.load(path), public)


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precisions_become_float32(path, dtype):
    public = lively(resnet(kind="batch")).to(dtype)
    loaded = importers.load(write(public.state_dict(), path))
    assert loaded.encoder.stem.weight.dtype == torch.float32
    assert loaded.encoder.stem_norm.num_batches_tracked.dtype == torch.int64
    assert draws_alike(loaded, public.float())


@pytest.mark.parametrize(
    "make", [resnet, lambda kind: resnet(kind=kind, blur=False), lambda kind: unet(kind=kind)]
)
def test_running_statistics_of_instance_norm_are_dropped_and_said(path, make):
    old, now = lively(make(kind="old instance")), lively(make(kind="instance"))
    now.load_state_dict({key: old.state_dict()[key] for key in now.state_dict()})
    imported = importers.read(write(old.state_dict(), path))
    assert draws_alike(imported.generator, now)
    dropped = len(old.state_dict()) - len(now.state_dict())
    assert any(f"Dropped {dropped} running statistics" in note for note in imported.notes)


def test_batch_norm_of_files_that_did_not_count_batches_is_whole(path):
    public = lively(unet())
    content = {k: v for k, v in public.state_dict().items() if "num_batches" not in k}
    imported = importers.read(write(content, path))
    assert draws_alike(imported.generator, public)
    assert not any("Dropped" in note for note in imported.notes)


def test_statistics_of_what_is_no_norm_are_not_dropped(public, path):
    content = public.state_dict() | {"model.1.running_mean": torch.zeros(2)}
    with pytest.raises(CheckpointError, match=r"'model\.1\.running_mean' is not one of its keys"):
        importers.load(write(content, path))


def test_blurs_are_the_published_ones_or_refused(public, path):
    content = public.state_dict()
    assert {key for key in content if key.endswith("filt")} == {
        f"model.{index}.filt" for index in (7, 11, 14, 18)
    }
    content["model.18.filt"] = content["model.18.filt"] * 1.01
    with pytest.raises(CheckpointError, match=r"'model\.18\.filt' is another filter"):
        importers.load(write(content, path))


@pytest.fixture
def both_ways():
    ways = [lively(PublicUGATIT(light=True, ngf=ngf)) for ngf in (1, 2)]
    content = {f"gen{d}": w.state_dict() for d, w in zip(("A2B", "B2A"), ways, strict=True)}
    content["disGA"] = {"model.1.weight_orig": torch.zeros(2, 3, 4, 4)}
    return ways, content


def test_a_direction_picks_the_generator(both_ways, path):
    ways, content = both_ways
    write(content, path)
    for direction, public in zip(("A2B", "B2A"), ways, strict=True):
        assert draws_alike(importers.load(path, direction=direction), public)
    assert importers.read(path, direction="B2A").direction == "B2A"


@pytest.mark.parametrize(
    ("direction", "message"),
    [
        (None, "holds the generators A2B and B2A.*--direction"),
        ("A2C", "no generator 'A2C'.*A2B and B2A"),
    ],
)
def test_two_generators_need_a_direction(both_ways, path, direction, message):
    with pytest.raises(UsageError, match=message):
        importers.load(write(both_ways[1], path), direction=direction)


def test_one_generator_needs_none_and_takes_no_other(both_ways, public, path):
    ways, content = both_ways
    del content["genB2A"]
    assert draws_alike(importers.load(write(content, path)), ways[0])
    assert draws_alike(importers.load(path, direction="A2B"), ways[0])
    with pytest.raises(UsageError, match="no generator 'B2A'"):
        importers.load(path, direction="B2A")
    with pytest.raises(UsageError, match="holds one generator"):
        importers.load(write(public.state_dict(), path), direction="A2B")


@pytest.mark.parametrize("aligned", [True, False])
def test_upsampling_is_aligned_or_double(path, aligned):
    public = lively(PublicAnimeGAN2(aligned=aligned))
    named = importers.read(
        write(public.state_dict(), path), upsampling="aligned" if aligned else "double"
    )
    assert draws_alike(named.generator, public)
    unnamed = importers.read(path)
    assert draws_alike(unnamed.generator, public) == aligned
    assert any("--upsampling double" in note for note in unnamed.notes)
    assert not named.notes


def test_a_wrong_upsampling_is_an_error(public, path):
    with pytest.raises(ConfigError, match=r"option of animegan2; the file is of cut"):
        importers.load(write(public.state_dict(), path), upsampling="double")
    write(PublicAnimeGAN2().state_dict(), path)
    with pytest.raises(ConfigError, match=r"'doubel'.*'double'"):
        importers.load(path, upsampling="doubel")


def test_cut_and_scenimefy_are_told_apart_by_name_alone(public, path):
    write(public.state_dict(), path)
    taken = importers.read(path)
    assert (taken.family, taken.license) == ("cut", "LicenseRef-unknown")
    assert any("say --family scenimefy" in note for note in taken.notes)
    named = importers.read(path, "scenimefy")
    assert (named.family, named.license) == ("scenimefy", "LicenseRef-S-Lab-1.0")
    assert any("non-commercial" in note for note in named.notes)
    assert not importers.read(path, "cut").notes


def test_another_family_than_named_says_which(public, path):
    write(public.state_dict(), path)
    message = "not a 'pix2pix' file: it has the keys of cut or scenimefy.*--family cut"
    with pytest.raises(CheckpointError, match=message):
        importers.load(path, "pix2pix")
    with pytest.raises(ConfigError, match="'cyclegan'"):
        importers.load(path, "cyclegam")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (
            {"model.19.weight": None},
            r"cut_resnet9 \(ngf 2, n_blocks 2.*'model\.19\.weight' is missing, \[2, 4, 3, 3\]",
        ),
        ({"model.4.bias": torch.zeros(5)}, r"'model\.4\.bias' is \[5\], \[4\] expected"),
        ({"model.4.bias": torch.zeros(4, dtype=torch.int64)}, "is torch.int64, torch.float32"),
        ({"model.99.weight": torch.zeros(5)}, r"'model\.99\.weight' is not one of its keys"),
        ({"model.2.weight": torch.ones(2)}, r"norm batch.*'model\.2\.bias' is missing.*more keys"),
        ({"model.1.weight": torch.zeros(2, 1, 7, 7)}, r"is \[2, 1, 7, 7\], \[2, 3, 7, 7\]"),
        ({"model.1.weight": torch.zeros(0, 3, 7, 7)}, "cannot be.*'ngf'"),
        ({"epoch": 3}, "'epoch' is no tensor"),
        ({"model.1.bias": torch.zeros(2).to_sparse()}, r"'model\.1\.bias' is no plain tensor"),
    ],
)
def test_keys_that_do_not_fit_are_named(public, path, change, message):
    content = {k: v for k, v in (public.state_dict() | change).items() if v is not None}
    with pytest.raises(CheckpointError, match=message) as caught:
        importers.load(write(content, path))
    assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    ("keys", "nearest"),
    [
        (["model.0.weight", "model.2.weight"], "cut, cyclegan, scenimefy"),
        (["DownBlock.0.weight", "extra"], "ugatit"),
        (["block_b.0.1.weight"], "animegan2"),
        (["in01_1.scale"], "cartoongan"),
        (["something"], "none"),
    ],
)
def test_an_unknown_network_names_the_nearest_families(path, keys, nearest):
    write({key: torch.zeros(4, 4, 4, 4) for key in keys}, path)
    with pytest.raises(CheckpointError, match=rf"not a generator of a known.* of {nearest}\."):
        importers.load(path)


def test_a_small_file_cannot_claim_much_memory(public, path):
    content = public.state_dict()
    content["model.1.weight"] = torch.zeros(1).expand(4096, 3, 7, 7)
    with pytest.raises(CheckpointError, match="claims more values than it has"):
        importers.load(write(content, path))


class Touch:
    """Makes a file where it is unpickled."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return Path.touch, (self.path,)


@pytest.mark.parametrize("form", ["zip", "legacy", "pickle"])
def test_code_in_a_file_is_refused_and_not_run(public, path, tmp_path, form):
    mark = tmp_path / "ran"
    content = {"state_dict": public.state_dict(), "epoch": Touch(mark)}
    if form == "pickle":
        path.write_bytes(pickle.dumps(Touch(mark), protocol=2))
    else:
        write(content, path, form)
    with pytest.raises(
        CheckpointError, match=r"would call '.*'.*safetensors.*state_dict"
    ) as caught:
        importers.load(path)
    assert caught.value.exit_code == 3
    assert not mark.exists()
    if form == "pickle":
        pickle.loads(path.read_bytes())
        assert mark.exists()  # it would have


@pytest.mark.parametrize("form", ["zip", "legacy"])
@pytest.mark.filterwarnings("ignore")
def test_a_whole_module_is_code(public, path, form):
    torch.save(public, path, _use_new_zipfile_serialization=form == "zip")
    with pytest.raises(CheckpointError, match="which is code, not weights"):
        importers.load(path)


def tar_of(*names):
    data = io.BytesIO()
    with tarfile.open(fileobj=data, mode="w") as tar:
        for name in names:
            tar.addfile(tarfile.TarInfo(name))
    return data.getvalue()


def zip_of(*names):
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name in names:
            archive.writestr(name, b"3")
    return data.getvalue()


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"<!DOCTYPE html><html>", "starts with b'<!DOCTYPE html>"),
        (b"\x80", "not a whole torch file"),
        (b"\x80\x02}q\x00.", "not"),
        (tar_of("sys_info", "pickle"), "tar form of PyTorch before 0.1.10, which runs code"),
        (tar_of("checkpoints/latest_net_G.pth"), "is a tar archive.*Unpack it"),
        (zip_of("a.txt"), "not a whole torch file"),
        (zip_of("x/constants.pkl", "x/data.pkl", "x/version"), "TorchScript.*a program"),
        (b"\x10\0\0\0\0\0\0\0{" + b" " * 20, "not a whole safetensors file"),
    ],
)
def test_what_is_no_checkpoint_says_what_it_is(path, content, message):
    path.write_bytes(content)
    with pytest.raises(CheckpointError, match=message):
        importers.load(path)


def test_a_folder_and_nothing_say_so(tmp_path):
    with pytest.raises(CheckpointError, match="is a folder"):
        importers.load(tmp_path)
    with pytest.raises(CheckpointError, match=r"no file.*nowhere"):
        importers.load(tmp_path / "nowhere.pth")


@pytest.mark.parametrize("form", ["zip", "legacy", "safetensors"])
@pytest.mark.parametrize("kept", [0.02, 0.5, 0.99])
def test_a_truncated_file_is_damaged(public, path, form, kept):
    data = write(public.state_dict(), path, form).read_bytes()
    path.write_bytes(data[: int(len(data) * kept)])
    with pytest.raises(CheckpointError, match=r"not a whole|not a checkpoint"):
        importers.load(path)


def test_the_kind_of_a_file_is_not_read_from_its_name(public, tmp_path):
    for form, suffix in (("zip", ".safetensors"), ("legacy", ".zip"), ("safetensors", ".pth")):
        path = write(public.state_dict(), tmp_path / f"x{suffix}", form)
        assert draws_alike(importers.load(path), public)


@pytest.mark.parametrize(
    "content", [[1], {}, {"state_dict": {}}, {"_metadata": 1}, {1: torch.zeros(1)}]
)
def test_what_holds_no_weights_is_refused(path, content):
    with pytest.raises(CheckpointError, match=r"no weights|no tensor"):
        importers.load(write(content, path))


def test_our_own_checkpoints_need_no_import(tmp_path):
    generator = create_generator("animegan2", width=2)
    path = tmp_path / "generator.safetensors"
    save_network(generator, CheckpointInfo("animegan2", generator.config), path)
    with pytest.raises(CheckpointError, match=r"nijigan's own.*export"):
        importers.load(path)


def test_a_torch_that_cannot_read_safely_reads_safetensors_alone(public, path, monkeypatch):
    monkeypatch.setattr(torch_file.torch, "__version__", "2.9.1")
    with pytest.raises(MissingExtraError, match=r"2\.9\.1.*torch 2\.10"):
        importers.load(write(public.state_dict(), path))
    assert draws_alike(importers.load(write(public.state_dict(), path, "safetensors")), public)
