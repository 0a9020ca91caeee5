"""Real engines, where TensorRT-RTX or TensorRT is installed: neither GPU nor driver is needed."""

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.errors import ExportError, UsageError
from nijigan.core.models import create_generator
from nijigan.core.ode import RK4
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.reopen import generator_of
from nijigan.export.style import QUALITIES, load_style
from nijigan.export.styles import default_folders
from nijigan.export.tensorrt.build import build_engine, log_of
from nijigan.export.tensorrt.profile import Profile, Shape


@pytest.fixture(scope="module")
def styles():
    return [
        load_style(style.parent)
        for folder in default_folders()
        for style in sorted(folder.glob("*/style.json"))
    ]


@pytest.mark.parametrize("quality", QUALITIES)
def test_shipped_styles_become_engines_of_any_size(library, styles, quality):
    for style in styles:
        built = build_engine(style.graph(quality), Profile(most=Shape(4, 1088, 1920)), library)
        weights = (style.folder / "weights.bin").stat().st_size
        assert len(built.engine) > weights
        assert built.log == ()


@pytest.mark.parametrize("precision", ["fp16", "bf16", "int8"])
def test_shipped_styles_become_engines_of_fewer_bits(library, styles, precision, tmp_path):
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, 64, 64)).astype(np.float32)
    for style in styles:
        generator = generator_of(style)
        graph = onnx_from_torch(generator, RK4(1), precision, [image])
        write_graphs({"normal": graph}, tmp_path)
        built = build_engine(tmp_path / "normal.onnx", Profile(most=Shape(4, 1088, 1920)), library)
        assert built.engine
        assert built.log == ()


def test_a_graph_with_statistics_of_the_whole_picture(library, tmp_path):
    torch.manual_seed(0)
    generator = create_generator("nijigan", ngf=4, bottleneck=8, n_blocks=1).eval()
    write_graphs({"normal": onnx_from_torch(generator, RK4(1))}, tmp_path)
    built = build_engine(tmp_path / "normal.onnx", Profile(most=Shape(2, 512, 512)), library)
    assert built.engine


def test_float32_is_not_rounded_to_tf32(library, styles, monkeypatch):
    configs, kind = [], library.classes.Builder
    create = kind.create_builder_config
    monkeypatch.setattr(
        kind, "create_builder_config", lambda self: configs.append(create(self)) or configs[0]
    )
    assert create(kind(log_of(library.classes))).get_flag(library.classes.BuilderFlag.TF32)
    build_engine(styles[0].graph("draft"), Profile(), library)
    assert not configs[0].get_flag(library.classes.BuilderFlag.TF32)


def test_what_is_no_graph_is_refused_with_what_the_parser_says(library, tmp_path):
    (tmp_path / "normal.onnx").write_bytes(b"no graph")
    with pytest.raises(ExportError, match=r"normal\.onnx is not taken"):
        build_engine(tmp_path / "normal.onnx", Profile(), library)


def test_the_verb_builds_every_graph(library):
    result = CliRunner().invoke(build_app(), ["inspect", "cel", "--build"])
    assert result.exit_code == 0, result.output
    for quality in QUALITIES:
        assert f"{library.name} {library.version} built {quality}.onnx: " in result.output


def test_a_profile_grows_in_steps_to_what_it_must_take():
    profile = Profile()
    assert profile.covering(Shape(1, 720, 1280)) is profile
    grown = profile.covering(Shape(2, 1500, 900))
    assert grown.most == Shape(2, 1536, 1920)
    assert grown.least == profile.least
    assert grown.covering(Shape(1, 1536, 1100)) is grown
    assert profile.covering(Shape(1, 16, 512)).least == Shape(1, 16, 64)


def test_a_profile_rises():
    assert Profile().images()[1] == (1, 3, 512, 512)
    with pytest.raises(UsageError, match="width is 64, 32, 1920"):
        Profile(usual=Shape(1, 512, 32))
