import hashlib
import json

import pytest
import torch
from typer.testing import CliRunner

from nijigan.core.checkpoint import load_generator
from nijigan.core.cli import build_app, main
from nijigan.core.models.animegan2 import AnimeGAN2
from nijigan.core.models.ugatit import UGATIT


def cut_weights(ngf=2, n_blocks=1):
    """The keys and shapes of CUT's checkpoints, without the blurs."""
    shapes = {"model.1": (ngf, 3, 7, 7), "model.4": (2 * ngf, ngf, 3, 3)}
    shapes["model.8"] = (4 * ngf, 2 * ngf, 3, 3)
    for i in range(n_blocks):
        for j in (1, 5):
            shapes[f"model.{12 + i}.conv_block.{j}"] = (4 * ngf, 4 * ngf, 3, 3)
    shapes[f"model.{13 + n_blocks}"] = (2 * ngf, 4 * ngf, 3, 3)
    shapes[f"model.{17 + n_blocks}"] = (ngf, 2 * ngf, 3, 3)
    shapes[f"model.{21 + n_blocks}"] = (3, ngf, 7, 7)
    weights = {f"{key}.weight": torch.randn(shape) for key, shape in shapes.items()}
    return weights | {f"{key}.bias": torch.randn(shape[0]) for key, shape in shapes.items()}


@pytest.fixture
def paprika(tmp_path):
    path = tmp_path / "paprika.pt"
    torch.save(AnimeGAN2(width=2).state_dict(), path)
    return path


@pytest.fixture
def net_g(tmp_path):
    path = tmp_path / "latest_net_G.pth"
    torch.save(cut_weights(), path)
    return path


def run(*arguments):
    return CliRunner().invoke(build_app(), ["import", *map(str, arguments)])


def test_a_checkpoint_is_written_that_says_where_it_is_from(paprika, tmp_path):
    out = tmp_path / "imported/paprika"
    result = run(paprika, "-o", out, "--upsampling", "double", "--license", "MIT")
    assert result.exit_code == 0, result.output
    assert result.stdout == f"{out}\n"
    assert [path.name for path in out.iterdir()] == ["generator.safetensors"]
    generator, info = load_generator(out)
    assert (info.name, info.config) == ("animegan2", {"width": 2, "upsampling": "double"})
    assert (info.license, info.step) == ("MIT", 0)
    sha256 = hashlib.sha256(paprika.read_bytes()).hexdigest()
    assert info.data == f"imported from paprika.pt (animegan2, sha256 {sha256})"
    public = AnimeGAN2(width=2, upsampling="double").eval()
    public.load_state_dict(torch.load(paprika))
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert torch.equal(generator(image), public(image))


def test_a_suffix_makes_it_a_file(paprika, tmp_path):
    out = tmp_path / "paprika.safetensors"
    assert run(paprika, "-o", out).exit_code == 0
    assert load_generator(out)[1].license == "LicenseRef-unknown"


def test_what_was_assumed_is_told_on_stderr(net_g, tmp_path):
    result = run(net_g, "-o", tmp_path / "x", "--json")
    assert "note: Files of scenimefy have the same keys" in result.stderr
    told = json.loads(result.stdout)
    assert (told["family"], told["name"], told["config"]["n_blocks"]) == ("cut", "cut_resnet9", 1)
    assert told["path"] == str(tmp_path / "x")


def test_scenimefy_is_non_commercial_and_says_so(net_g, tmp_path):
    result = run(net_g, "-o", tmp_path / "x", "--family", "scenimefy")
    assert "non-commercial" in result.stderr
    assert load_generator(tmp_path / "x")[1].license == "LicenseRef-S-Lab-1.0"


def test_the_direction_is_recorded(tmp_path):
    def public(name):
        part, _, rest = name.partition(".")
        if part == "adaptive":
            index, _, rest = rest.partition(".")
            return f"UpBlock1_{int(index) + 1}.{rest}"
        named = {"down": "DownBlock", "up": "UpBlock2", "fc": "FC"}.get(part, part)
        return rest if part == "cam" else f"{named}.{rest}"

    weights = UGATIT("light", ngf=1, n_blocks=1).state_dict()
    weights = {public(name): value for name, value in weights.items()}
    path = tmp_path / "selfie_params_latest.pt"
    torch.save({"genA2B": weights, "genB2A": weights}, path)
    assert run(path, "-o", tmp_path / "x", "--direction", "B2A").exit_code == 0
    assert "(ugatit B2A, sha256" in load_generator(tmp_path / "x")[1].data


def test_a_refused_file_is_one_line_and_leaves_nothing(tmp_path, capsys):
    path = tmp_path / "x.pth"
    path.write_text("<html>")
    with pytest.raises(SystemExit) as stopped:
        main(["import", str(path), "-o", str(tmp_path / "out")])
    assert stopped.value.code == 3
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith(f"error: {path} is not a checkpoint")
    assert not (tmp_path / "out").exists()
