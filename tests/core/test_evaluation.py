"""What is measured of drawings, on pairs and on unpaired pictures, beside the photo itself."""

import hashlib
import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.core.config import load_recipe, with_folder
from nijigan.core.data import SemiPictures
from nijigan.core.errors import CheckpointError, DataError, UsageError
from nijigan.core.evaluation import measures as catalog
from nijigan.core.evaluation.drawn_folder import drawing_with, open_source
from nijigan.core.evaluation.evaluate import evaluate
from nijigan.core.evaluation.held_out import HeldOut
from nijigan.core.evaluation.measures import make_measures, parse_weights
from nijigan.core.images import to_tensor
from nijigan.core.metrics import feature_space
from nijigan.core.metrics.feature_space import SHORT_SIDE, TENSORFLOW, FeatureSpace
from nijigan.core.metrics.lpips import LAYERS
from nijigan.core.models.features import FeatureNetwork
from nijigan.core.models.inception_pool3 import InceptionPool3, TorchvisionInceptionPool3
from nijigan.core.models.mobilenet_v2 import MobileNetV2
from nijigan.core.models.vgg16 import VGG16
from nijigan.core.models.weights import File
from nijigan.core.training.loop import train

PIXELS = ("psnr", "ssim", "mse", "flatness")


@pytest.fixture
def pairs(pairs_folder):
    """Two pairs to train on and three held out; a drawing is its photo, inverted."""
    split = {"train": ["p0", "p1"], "val": ["p2", "p3", "p4"]}
    (pairs_folder / "split.json").write_text(json.dumps(split))
    return pairs_folder


@pytest.fixture
def unpaired(pairs):
    """The same pictures, of which three photos and two drawings are held out."""
    val = ["photo/p2", "photo/p3", "photo/p4", "drawn/p0", "drawn/p1"]
    train = ["photo/p0", "photo/p1", "drawn/p2", "drawn/p3", "drawn/p4"]
    (pairs / "split.json").write_text(json.dumps({"train": train, "val": val}))
    return pairs


def read(path):
    return np.asarray(Image.open(path))


def measured(source, data, names, **weights):
    features = [name for name in feature_space.SPACES if name == "tiny"]
    opened = open_source(str(source))
    measures = make_measures(names, features, weights)
    return evaluate({"it": drawing_with(opened, 1.0)}, HeldOut(data), measures)


class Tiny(FeatureNetwork):
    """The pixels, and their squares at half the size."""

    label = "Tiny"

    def __init__(self):
        super().__init__((0.5,) * 3, (0.5,) * 3)
        self.trunk = torch.nn.ModuleDict({"gain": torch.nn.Linear(1, 1)})
        self.layers = ("pixels", "squares")

    def _walk(self, h):
        yield "pixels", h
        yield "squares", torch.nn.functional.avg_pool2d(h, 2).square()


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    path = tmp_path / "tiny.pth"
    torch.save(Tiny().trunk.state_dict(), path)
    known = feature_space.Known(Tiny, SHORT_SIDE, File(path))
    monkeypatch.setitem(feature_space.SPACES, "tiny", known)
    return path


def test_drawing_photo_and_reference_are_in_order(pairs):
    as_reference = {f.name: f.values for f in measured(pairs / "drawn", pairs, PIXELS).figures}
    assert as_reference["PSNR"]["it"].value == float("inf")
    assert as_reference["SSIM"]["it"].value == pytest.approx(1)
    assert as_reference["MSE"]["it"].value == 0
    assert as_reference["flatness"]["it"] == as_reference["flatness"]["reference"]
    as_photo = {f.name: f.values for f in measured(pairs / "photo", pairs, PIXELS).figures}
    for name in ("PSNR", "SSIM", "MSE", "flatness"):
        assert as_photo[name]["it"] == as_photo[name]["photo"]
    photos, drawings = (
        [read(pairs / kind / f"p{i}.png") / 255 for i in (2, 3, 4)] for kind in ("photo", "drawn")
    )
    errors = [np.mean((p - d) ** 2) for p, d in zip(photos, drawings, strict=True)]
    mse = as_photo["MSE"]["photo"]
    assert mse.value == pytest.approx(np.mean(errors))
    assert mse.spread == pytest.approx(np.std(errors))
    assert min(errors) - 1e-9 < mse.low < mse.value < mse.high < max(errors) + 1e-9


@pytest.mark.parametrize("matched", [True, False])
def test_turns_are_against_the_photo_and_grids_of_the_drawing_alone(tmp_path, matched):
    shade = np.linspace(60, 200, 64 * 64).reshape(64, 64, 1) * [1.0, 0.5, 0.2]
    for kind, change in (("photo", 1.0), ("drawn", 1.0), ("same", 1.0), ("other", -1.0)):
        (tmp_path / kind).mkdir()
        pixels = shade if change > 0 else shade[..., ::-1]
        grid = 8 * (np.indices((64, 64)).sum(0) % 2)[..., None] * (kind == "other")
        Image.fromarray((pixels + grid).astype(np.uint8)).save(tmp_path / kind / "a.png")
        shutil.copy(tmp_path / kind / "a.png", tmp_path / kind / "b.png")
    names = ["a"] if matched else ["photo/a", "drawn/b"]
    train = ["b"] if matched else ["photo/b", "drawn/a"]
    (tmp_path / "split.json").write_text(json.dumps({"train": train, "val": names}))
    for folder, hue in (("same", 0), ("other", 1)):
        found = measured(tmp_path / folder, tmp_path, ["turn", "checkerboard"]).figures
        values = {figure.name: figure.values for figure in found}
        assert values["color of another hue"]["it"].value == pytest.approx(hue)
        assert values["color of another hue"]["photo"].value == 0
        assert values["day and night changed places"]["it"].value == 0
        assert ("reference" in values["color of another hue"]) == matched
        grids = values["checkerboard of 2 px"]
        assert (grids["it"].value > grids["photo"].value + 10) == (folder == "other")


def test_only_what_is_held_out_is_measured(pairs):
    result = measured(pairs / "photo", pairs, ["psnr"])
    assert (result.photos, result.references, result.matched) == (3, 3, True)
    assert result.figures[0].photos == 3


def test_sets_are_compared_with_held_out_drawings(unpaired, tiny):
    result = measured(unpaired / "photo", unpaired, ["kid", "frechet"])
    kid, frechet = result.figures
    assert (kid.name, frechet.name) == ("KID-Tiny", "Fréchet-Tiny")
    assert (kid.photos, kid.references, result.matched) == (3, 2, False)
    assert kid.values["it"] == kid.values["photo"]
    space = feature_space.load_space("tiny")
    points = [
        np.stack([space.embed(read(unpaired / name)) for name in names])
        for names in (
            ["photo/p2.png", "photo/p3.png", "photo/p4.png"],
            ["drawn/p0.png", "drawn/p1.png"],
        )
    ]
    assert kid.values["it"].value == pytest.approx(catalog.kid(*points))
    assert frechet.values["it"].value == pytest.approx(catalog.frechet_distance(*points))
    assert (frechet.needs, kid.needs) == (3, None)


def test_cyclegans_layout_is_measured_too(pairs, tmp_path, tiny):
    data = tmp_path / "cyclegan"
    for name, kind, numbers in (
        ("trainA", "photo", (0, 1)),
        ("trainB", "drawn", (0, 1)),
        ("testA", "photo", (2, 3, 4)),
        ("testB", "drawn", (2, 3)),
    ):
        (data / name).mkdir(parents=True)
        for i in numbers:
            (data / name / f"p{i}.png").write_bytes((pairs / kind / f"p{i}.png").read_bytes())
    result = measured(data / "testA", data, ["kid"])
    assert (result.photos, result.references) == (3, 2)


def test_pictures_side_by_side_are_pairs_in_either_direction(pairs, tmp_path):
    data = tmp_path / "facades"
    for part, numbers in (("train", (0, 1)), ("val", (2, 3))):
        (data / part).mkdir(parents=True)
        for i in numbers:
            both = [read(pairs / kind / f"p{i}.png") for kind in ("drawn", "photo")]
            Image.fromarray(np.concatenate(both, axis=1)).save(data / part / f"p{i}.png")
    right, wrong = (list(HeldOut(data, way).samples()) for way in ("BtoA", "AtoB"))
    np.testing.assert_array_equal(right[0].photo, read(pairs / "photo/p2.png"))
    np.testing.assert_array_equal(wrong[0].reference, read(pairs / "photo/p2.png"))


def test_of_pairs_and_unpaired_pictures_the_pairs_are_measured(pairs, tmp_path):
    both = tmp_path / "both"
    shutil.copytree(pairs, both / "pairs")
    shutil.copytree(pairs, both / "unpaired")
    held_out = HeldOut(both)
    assert [sample.name for sample in held_out.samples()] == ["p2", "p3", "p4"]
    assert held_out.matched
    assert held_out.split_sha256 == SemiPictures(both, 16, 1).split_sha256


def test_numbers_say_what_they_were_measured_through(pairs, tiny):
    result = measured(pairs / "photo", pairs, ["kid", "perceptual", "psnr"])
    kid, perceptual, psnr = result.figures
    digest = hashlib.sha256(tiny.read_bytes()).hexdigest()
    assert kid.features[0].sha256 == perceptual.features[0].sha256 == digest
    assert (kid.resize, perceptual.resize) == ("short side 256 px, Lanczos", "own size")
    assert psnr.features == ()
    assert 0 < perceptual.values["photo"].value < 4


def test_a_perfect_drawing_has_no_perceptual_distance(pairs, tiny):
    (figure,) = measured(pairs / "drawn", pairs, ["perceptual"]).figures
    assert figure.values["it"].value == 0


def test_a_style_a_teacher_and_a_run_are_measured(pairs, toy_style, tmp_path):
    run = tmp_path / "run"
    train(with_folder(load_recipe("tiny"), str(pairs)), run)
    for source in (toy_style, "teacher:cel", run):
        (figure,) = measured(source, pairs, ["psnr"]).figures
        assert set(figure.values) == {"it", "photo"}
        assert figure.values["it"].value != figure.values["photo"].value


def test_pairs_are_wanted_for_measures_of_pairs(unpaired):
    (measure,) = make_measures(["psnr"], [], {})
    with pytest.raises(UsageError, match="needs pairs"):
        evaluate({}, HeldOut(unpaired), [measure])


def test_what_is_missing_is_named(pairs, tmp_path):
    with pytest.raises(DataError, match=r"is missing.*held-out"):
        measured(tmp_path, pairs, ["psnr"])
    Image.new("RGB", (20, 20)).save(tmp_path / "p2.png")
    with pytest.raises(DataError, match="is 20x20, its photo 48x40"):
        measured(tmp_path, pairs, ["psnr"])
    (pairs / "split.json").write_text(json.dumps({"train": ["p0"], "val": []}))
    with pytest.raises(DataError, match="holds out 0 photos"):
        HeldOut(pairs)
    (pairs / "split.json").write_text(json.dumps({"train": ["p0"], "val": ["p1"]}))
    kid = catalog.SetMeasure("KID", None, catalog.kid)
    with pytest.raises(UsageError, match="1 photos and 1 drawings"):
        evaluate({}, HeldOut(pairs), [kid])


@pytest.mark.parametrize(
    ("names", "features", "weights", "message"),
    [
        (["psn"], [], {}, "Did you mean 'psnr'"),
        (["kid"], ["mobilenet"], {}, "mobilenet_v2"),
        (["psnr"], [], {"vgg": File("x")}, "No --weights is named 'vgg'"),
        (["lpips"], [], {}, "--weights lpips=vgg.pth"),
    ],
)
def test_what_nobody_knows_is_refused(names, features, weights, message):
    with pytest.raises(UsageError, match=message):
        make_measures(names, features, weights)


def test_names_of_the_literature_are_for_its_networks_alone():
    def space(network, resizing):
        return FeatureSpace(network, None, resizing)

    official = space(InceptionPool3(width=1), TENSORFLOW)
    others = [
        space(MobileNetV2(), SHORT_SIDE),
        space(TorchvisionInceptionPool3(width=1), SHORT_SIDE),
    ]
    assert catalog._kid(official).name == "KID"
    assert catalog._named("Fréchet", "FID", official) == "FID"
    assert [catalog._kid(other).name for other in others] == [
        "KID-MobileNetV2",
        "KID-InceptionV3-torchvision",
    ]
    assert not any("FID" in catalog._named("Fréchet", "FID", other) for other in others)


def saved(network, path):
    torch.save(network.trunk.state_dict(), path)
    return File(path)


@pytest.mark.parametrize(
    ("name", "key", "network", "label", "resize"),
    [
        ("fid", "inception", InceptionPool3, "FID", "TensorFlow"),
        ("fid_s0", "inception_torchvision", TorchvisionInceptionPool3, "FID-S0", "Pillow"),
    ],
)
def test_both_fids_take_their_weights_from_a_file(
    pairs, tmp_path, monkeypatch, name, key, network, label, resize
):
    known = feature_space.SPACES[key]
    small = feature_space.Known(lambda: network(width=1), known.resizing, known.published)
    monkeypatch.setitem(feature_space.SPACES, key, small)
    torch.manual_seed(0)
    state = network(width=1).trunk.state_dict() | {"fc.weight": torch.zeros(3, 3)}
    counted = {k: v for k, v in state.items() if "num_batches" not in k}  # as old files are
    torch.save(counted, tmp_path / "inception.pth")
    weights = {key: File(tmp_path / "inception.pth")}
    (figure,) = measured(pairs / "photo", pairs, [name], **weights).figures
    assert figure.name == label
    assert resize in figure.resize
    assert figure.needs == 64
    assert figure.values["photo"].value > 0


def test_lpips_takes_its_trunk_and_heads_from_files(pairs, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "VGG16", lambda: VGG16(width=1))
    torch.manual_seed(0)
    trunk = VGG16(width=1).freeze()
    widths = (1, 2, 4, 8, 8)
    heads = {f"lin{i}.model.1.weight": torch.rand(1, w, 1, 1) for i, w in enumerate(widths)}
    torch.save(heads, tmp_path / "heads.pth")
    files = {"vgg16": saved(trunk, tmp_path / "vgg16.pth"), "lpips": File(tmp_path / "heads.pth")}
    (figure,) = measured(pairs / "photo", pairs, ["lpips"], **files).figures
    assert [part.label for part in figure.features] == ["VGG16", "LPIPS heads"]
    distances = []
    for i in (2, 3, 4):
        pictures = [read(pairs / kind / f"p{i}.png") for kind in ("photo", "drawn")]
        a, b = (trunk.features(torch.from_numpy(to_tensor(p)), LAYERS) for p in pictures)
        parts = [
            (heads[f"lin{n}.model.1.weight"][0] * (unit(a[layer])[0] - unit(b[layer])[0]) ** 2)
            .sum(0)
            .mean()
            for n, layer in enumerate(LAYERS)
        ]
        distances.append(float(sum(parts)))
    assert figure.values["photo"].value == pytest.approx(np.mean(distances), rel=1e-4)
    torch.save(dict(list(heads.items())[:3]), tmp_path / "heads.pth")
    with pytest.raises(CheckpointError, match="no 'lin3"):
        make_measures(["lpips"], [], files)


def unit(h):
    return h / (h.norm(dim=1, keepdim=True) + 1e-10)


def test_a_source_cannot_be_called_as_the_no_op(pairs):
    with pytest.raises(UsageError, match="named 'photo'"):
        evaluate({"photo": lambda sample: sample.photo}, HeldOut(pairs), [])


def test_weights_are_files_or_urls_with_a_hash():
    sources = parse_weights(["vgg16=a/b.pth", "inception=https://x.org/i.pth#0123456789"])
    assert str(sources["vgg16"].path) == "a/b.pth"
    assert (sources["inception"].url, sources["inception"].sha256) == (
        "https://x.org/i.pth",
        "0123456789",
    )
    with pytest.raises(UsageError, match="is a URL"):
        parse_weights(["inception=https://x.org/i.pth"])
    with pytest.raises(UsageError, match="NETWORK=FILE"):
        parse_weights(["vgg.pth"])


def run(*arguments):
    return CliRunner().invoke(build_app(), ["eval", *map(str, arguments)])


def test_the_verb_needs_no_name(pairs):
    short = run(pairs / "photo", "--data", pairs, "--json")
    assert short.exit_code == 0, short.output
    assert short.stdout == run("measure", pairs / "photo", "--data", pairs, "--json").stdout
    assert short.stdout == run("--data", pairs, "--json", pairs / "photo").stdout
    shown = json.loads(short.stdout)
    assert [figure["name"] for figure in shown["figures"]] == ["PSNR", "SSIM", "MSE", "flatness"]
    assert all("photo" in figure["values"] for figure in shown["figures"])
    listed = run("--help").stdout
    assert all(name in listed for name in ("measure", "table", "mos", "solvers"))


def test_what_is_infinite_is_null_in_json(pairs):
    shown = json.loads(run(pairs / "drawn", "--data", pairs, "--json").stdout)
    assert shown["figures"][0]["values"]["pairs/drawn"]["value"] is None


def test_people_see_photo_network_hash_and_numbers_of_pictures(pairs, tiny):
    result = run(pairs / "photo", "--data", pairs, "--metrics", "psnr,kid", "--features", "tiny")
    assert result.exit_code == 0, result.output
    text = result.stdout
    for part in ("3 held-out photos", "split ", "PSNR, dB ↑", "KID-Tiny ↓", "sha256 ", "3 photos"):
        assert part in text
    assert text.count("photo ") >= 2


def test_a_network_that_may_have_seen_the_photos_is_told(pairs, toy_style):
    result = run(toy_style, "--data", pairs)
    assert "toy does not say its split" in result.stderr
    assert "split" not in run(pairs / "photo", "--data", pairs).stderr
