import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file, save_file

from nijigan.core import checkpoint
from nijigan.core.checkpoint import (
    CheckpointInfo,
    latest_folder,
    load_generator,
    load_network,
    read_info,
    save_network,
)
from nijigan.core.errors import CheckpointError
from nijigan.core.models import create, create_generator
from nijigan.core.ode import Heun


@pytest.fixture
def generator():
    torch.manual_seed(0)
    generator = create_generator(
        "nijigan", ngf=4, bottleneck=8, n_blocks=1, norm="batch", stem="unshuffle"
    )
    generator.set_solver(Heun(2))
    return generator.eval()


@pytest.fixture
def saved(generator, tmp_path):
    path = tmp_path / "generator.safetensors"
    info = CheckpointInfo(
        name="nijigan",
        config=generator.config,
        step=7,
        license="CC0-1.0",
        data="abc",
        recipe={"optim": {"lr": 1e-4}},
    )
    save_network(generator, info, path)
    return path


def rewrite(path, **changes):
    """Write the checkpoint again with other metadata, keys without their prefix."""
    tensors = load_file(path)
    with safe_open(path, framework="pt") as file:
        metadata = dict(file.metadata())
    for key, value in changes.items():
        if value is None:
            del metadata[f"nijigan.{key}"]
        else:
            metadata[f"nijigan.{key}"] = value
    save_file(tensors, path, metadata)


def test_a_checkpoint_gives_back_the_generator_and_what_was_said(generator, saved):
    loaded, info = load_generator(saved)
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert torch.equal(loaded(image, 0.5), generator(image, 0.5))
    assert loaded.solver == Heun(2)
    assert not loaded.training
    assert (info.step, info.license, info.data) == (7, "CC0-1.0", "abc")
    assert info.recipe == {"optim": {"lr": 1e-4}}
    assert info.version


def test_nothing_partial_stays_behind(saved):
    assert [path.name for path in saved.parent.iterdir()] == [saved.name]


def test_a_cut_file_is_damaged(saved):
    saved.write_bytes(saved.read_bytes()[:-10])
    with pytest.raises(CheckpointError, match="not a whole safetensors file"):
        load_generator(saved)


def test_a_file_of_another_program_is_refused(saved):
    save_file({"x": torch.zeros(1)}, saved)
    with pytest.raises(CheckpointError, match="no nijigan metadata"):
        load_generator(saved)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"format": "2", "version": "9.9"}, "format 2; this nijigan reads up to 1.*9.9"),
        ({"config": "{"}, "damaged metadata"),
        ({"step": None}, "damaged metadata.*step"),
        ({"name": "nijigan3"}, "cannot build.*nijigan3"),
        ({"config": '{"ngf": 8}'}, "do not fit.*not float32"),
        ({"config": '{"stem": "unshuffle", "n_blocks": 2}'}, "do not fit"),
        ({"config": '{"colour": 8}'}, "cannot build.*colour"),
        ({"config": "[]"}, r"damaged metadata: \[\] is not a table"),
        ({"config": "null"}, "damaged metadata"),
        ({"config": "[" * 100_000}, "damaged metadata"),
        ({"recipe": "3"}, "damaged metadata"),
        ({"config": '{"ngf": "x"}'}, "cannot build.*'ngf' of 'nijigan' is 'x'"),
        ({"config": '{"ngf": -1}'}, "cannot build.*'ngf'"),
        ({"config": '{"ngf": 0}'}, "cannot build.*'ngf'"),
        ({"config": '{"ngf": 1000000000000}'}, "cannot build.*'ngf'"),
        ({"config": '{"ngf": true}'}, "cannot build.*'ngf'"),
        ({"config": '{"n_blocks": 0}'}, "cannot build.*'n_blocks'"),
        ({"config": '{"dilations": 5}'}, "cannot build.*'dilations'"),
        ({"config": '{"dilations": [1, "x", 1, 1]}'}, "cannot build.*'dilations'"),
        ({"config": '{"stem": []}'}, "cannot build.*'stem'"),
        ({"config": '{"steps": "a"}'}, "cannot build.*'steps'"),
        ({"name": "patchgan70", "config": "{}"}, "cannot build.*does not turn one"),
        ({"format": "²"}, "no nijigan metadata"),
        ({"format": "9" * 5000}, "no nijigan metadata"),
    ],
)
def test_metadata_that_cannot_be_used_says_why(saved, changes, message):
    rewrite(saved, **changes)
    with pytest.raises(CheckpointError, match=message):
        load_generator(saved)


@pytest.mark.parametrize("damage", ["dtype", "extra"])
def test_tensors_that_are_not_the_networks_are_refused(saved, damage):
    tensors = load_file(saved)
    with safe_open(saved, framework="pt") as file:
        metadata = dict(file.metadata())
    if damage == "dtype":
        tensors = {name: tensor.half() for name, tensor in tensors.items()}
    else:
        tensors["zzz"] = torch.zeros(1)
    save_file(tensors, saved, metadata)
    with pytest.raises(CheckpointError, match=r"do not fit the network: '.*not (float32|in the)"):
        load_generator(saved)


def test_a_network_takes_no_memory_before_the_weights_are_known_to_fit(saved, monkeypatch):
    built = []

    def build(name, **config):
        built.append(create_generator(name, **config))
        return built[-1]

    monkeypatch.setattr(checkpoint, "create_generator", build)
    rewrite(saved, config='{"ngf": 4096, "bottleneck": 4096}')
    with pytest.raises(CheckpointError, match="do not fit"):
        load_generator(saved)
    assert all(parameter.is_meta for parameter in built[0].parameters())


@pytest.mark.parametrize("stem", ["conv7", "unshuffle"])
@pytest.mark.parametrize("norm", ["batch", "instance", "none"])
def test_every_kind_of_network_comes_back_whole(tmp_path, stem, norm):
    torch.manual_seed(0)
    generator = create_generator(
        "nijigan", ngf=4, bottleneck=8, n_blocks=1, norm=norm, stem=stem
    ).eval()
    path = tmp_path / "generator.safetensors"
    save_network(generator, CheckpointInfo("nijigan", generator.config), path)
    loaded, _ = load_generator(path)
    path.write_bytes(b"\0" * path.stat().st_size)  # the weights are in memory by now
    image = torch.rand(1, 3, 16, 16) * 2 - 1
    assert torch.equal(loaded(image), generator(image))
    assert all(parameter.requires_grad for parameter in loaded.parameters())


def test_a_network_of_another_kind_comes_back_as_such_alone(tmp_path):
    network = create("patchgan70", ndf=4).eval()
    path = tmp_path / "generator.safetensors"
    save_network(network, CheckpointInfo("patchgan70", {"ndf": 4}, step=3), path)
    loaded, info = load_network(path)
    image = torch.rand(1, 3, 64, 64)
    assert torch.equal(loaded(image), network(image))
    assert info.step == 3
    with pytest.raises(CheckpointError, match="'patchgan70' does not turn one picture"):
        load_generator(path)


def test_a_missing_checkpoint_is_named(tmp_path):
    with pytest.raises(CheckpointError, match="nowhere"):
        load_generator(tmp_path / "nowhere")


def test_a_run_folder_means_its_latest_checkpoint(saved, tmp_path):
    run = tmp_path / "run"
    folder = run / "checkpoints" / "step_0000007"
    folder.mkdir(parents=True)
    saved.rename(folder / saved.name)
    (run / "checkpoints" / "latest").write_text("step_0000007\n")
    assert load_generator(run)[1].step == read_info(run).step == 7
    assert load_generator(folder)[1].step == 7


def test_a_checkpoint_that_is_not_whole_is_not_the_latest(tmp_path):
    folder = tmp_path / "checkpoints"
    for name in ("step_0000002", "step_0000004", "step_0000006.partial"):
        (folder / name).mkdir(parents=True)
        (folder / name / "generator.safetensors").touch()
    (folder / "latest").write_text("step_0000005\n")
    assert latest_folder(tmp_path) == folder / "step_0000004"
