import json
import math

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.datasets.pair_filter import (
    PairLimits,
    PairMeasures,
    class_entropy,
    measure_pairs,
    write_kept,
)
from nijigan.core.datasets.segmenter import OnnxSegmenter
from nijigan.core.datasets.split import read_split
from nijigan.core.errors import DataError
from nijigan.core.images import Picture, write_picture
from nijigan.core.verbs.pairs import app


def scene(seed):
    blocks = np.random.default_rng(seed).integers(0, 256, (8, 12, 3), dtype=np.uint8)
    return np.asarray(Image.fromarray(blocks).resize((96, 64), Image.Resampling.BICUBIC))


def write_pair(folder, name, photo, drawn):
    for kind, pixels in (("photo", photo), ("drawn", drawn)):
        write_picture(folder / kind / f"{name}.png", Picture(np.ascontiguousarray(pixels)))


@pytest.fixture
def pairs(tmp_path):
    """Two good pairs (one held out), one of two scenes, a negative, and one that is moved."""
    folder = tmp_path / "pairs"
    write_pair(folder, "good", scene(0), scene(0) // 2 + 60)
    write_pair(folder, "other", scene(1), scene(11))
    write_pair(folder, "negative", scene(2), 255 - scene(2))
    write_pair(folder, "moved", scene(3), np.roll(scene(3), 5, axis=1))
    write_pair(folder, "fine", scene(4), scene(4) // 2 + 60)
    split = {"made_with": {"teacher": "x"}, "train": ["good", "other", "negative", "moved"]}
    (folder / "split.json").write_text(json.dumps({**split, "val": ["fine"]}))
    return folder


@pytest.fixture
def make_segmenter(tmp_path):
    """Writes a graph that scores three classes by how red, green and blue a pixel is, and gives
    one score for each 4×4 block.
    """

    def make(height="H", width="W", scale=1.0):
        from onnx import TensorProto, helper

        graph = helper.make_graph(
            [
                helper.make_node(
                    "AveragePool", ["x"], ["small"], kernel_shape=[4, 4], strides=[4, 4]
                ),
                helper.make_node("Mul", ["small", "scale"], ["scores"]),
            ],
            "rgb",
            [helper.make_tensor_value_info("x", TensorProto.FLOAT, [1, 3, height, width])],
            [helper.make_tensor_value_info("scores", TensorProto.FLOAT, [1, 3, "h", "w"])],
            [helper.make_tensor("scale", TensorProto.FLOAT, [], [scale])],
        )
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)
        path = tmp_path / "rgb.onnx"
        path.write_bytes(model.SerializeToString())
        return path

    return make


def measure(folder, segmenter=None):
    return measure_pairs(folder, segmenter, lambda done, of: None)


def test_what_is_dropped_and_why(pairs):
    faults = {one.name: one.faults(PairLimits()) for one in measure(pairs)}
    words = {name: [fault.split()[0] for fault in found] for name, found in faults.items()}
    assert words["good"] == words["fine"] == []
    assert "edges" in words["other"]
    assert words["negative"] == ["color"]
    assert "shift" in words["moved"]
    assert "shift 5,0 > 2" in faults["moved"]


def test_the_kept_stay_on_their_side_and_nothing_is_lost(pairs):
    before = (pairs / "split.json").read_bytes()
    split = write_kept(pairs, pairs / "split.json", measure(pairs), PairLimits())
    assert read_split(pairs) == split
    assert (split.train, split.held_out) == (("good",), ("fine",))
    written = json.loads((pairs / "split.json").read_text())
    assert written["made_with"] == {"teacher": "x"}
    assert written["sha256"] == split.sha256
    assert set(written["dropped"]) == {"other", "negative", "moved"}
    assert (pairs / "split.1.json").read_bytes() == before
    assert len(list((pairs / "drawn").iterdir())) == 5
    # A second filter puts the first one's split aside as well.
    write_kept(pairs, pairs / "split.json", measure(pairs), PairLimits())
    assert (pairs / "split.1.json").read_bytes() == before
    assert json.loads((pairs / "split.2.json").read_text()) == written


def test_limits_that_no_pair_keeps_to(pairs):
    with pytest.raises(DataError, match="None of the 4 training pairs"):
        write_kept(pairs, pairs / "split.json", measure(pairs), PairLimits(least_edges=1.0))
    assert not (pairs / "split.1.json").exists()


def test_an_unreadable_pair_is_dropped_like_any_other(pairs):
    (pairs / "photo" / "other.png").write_bytes(b"not a picture")
    (pairs / "drawn" / "negative.png").unlink()
    result = CliRunner().invoke(app, ["filter", str(pairs), "-o", str(pairs / "split.json")])
    assert result.exit_code == 0, result.output
    dropped = json.loads((pairs / "split.json").read_text())["dropped"]
    assert "other.png" in dropped["other"][0]
    assert "missing" in dropped["negative"][0]
    assert read_split(pairs).train == ("good",)
    assert "2 of 5 pairs kept" in result.output


def test_entropy_of_classes():
    photo = np.zeros((4, 2, 3), np.float32)
    photo[1] = 1
    alike = np.zeros((4, 2, 3), np.float32)
    assert class_entropy(photo, alike) == pytest.approx(math.log(4))
    assert class_entropy(photo, 2000 * photo) == pytest.approx(0)
    drawn = np.zeros((4, 2, 3), np.float32)
    drawn[0, 0] = 7  # half of the pixels are of another class, with odds of e^7
    expected = (math.log(3 + math.exp(7)) + math.log(4)) / 2
    assert class_entropy(photo, drawn) == pytest.approx(expected)


def test_published_limits_of_classes():
    good = PairMeasures("x", edges=1, color=0, shift=(0, 0), entropy=4.9, classes=2)
    assert good.faults(PairLimits()) == []
    for wrong in ({"entropy": 5.0}, {"classes": 1}, {"entropy": float("nan")}):
        assert PairMeasures(**{**vars(good), **wrong}).faults(PairLimits())


def test_a_segmenter_sees_what_networks_are_trained_on(make_segmenter):
    pixels = np.full((64, 96, 3), 255, np.uint8)
    pixels[:, 48:] = (255, 0, 0)
    scores = OnnxSegmenter(make_segmenter())(pixels)
    assert scores.shape == (3, 128, 192)  # a short side of 512
    white = (1 - np.array([0.485, 0.456, 0.406])) / np.array([0.229, 0.224, 0.225])
    np.testing.assert_allclose(scores[:, 64, 10], white, rtol=1e-5)
    np.testing.assert_allclose(scores[0, 64, 180], white[0], rtol=1e-5)
    assert scores[1, 64, 180] < -2
    assert OnnxSegmenter(make_segmenter(32, 64))(pixels).shape == (3, 8, 16)


def test_a_drawing_of_other_classes_has_more_entropy(pairs, make_segmenter):
    measured = {one.name: one for one in measure(pairs, OnnxSegmenter(make_segmenter(scale=9)))}
    assert measured["good"].entropy < 1
    assert measured["negative"].entropy > 5
    assert measured["good"].classes == 3


def test_what_is_no_segmenter_is_refused(tmp_path, make_segmenter):
    (tmp_path / "none.onnx").write_text("none")
    with pytest.raises(DataError, match=r"none\.onnx cannot be run"):
        OnnxSegmenter(tmp_path / "none.onnx")
    with pytest.raises(DataError, match="cannot be run"):
        OnnxSegmenter(tmp_path / "missing.onnx")


def test_the_command_reports_and_writes_only_where_it_is_told(pairs, make_segmenter):
    run = CliRunner().invoke
    before = (pairs / "split.json").read_bytes()
    shown = run(app, ["filter", str(pairs)])
    assert shown.exit_code == 0, shown.output
    assert "dropped  negative: color" in shown.stdout
    assert "2 of 5 pairs kept" in shown.stdout
    assert (pairs / "split.json").read_bytes() == before
    out = pairs.parent / "kept.json"
    arguments = ["filter", str(pairs), "-o", str(out), "--most-color", "2", "--json"]
    result = run(app, [*arguments, "--segmenter", str(make_segmenter())])
    report = json.loads(result.stdout)
    assert set(report["dropped"]) == {"other", "moved"}
    assert report["measured"]["classes"]["min"] == 3
    assert json.loads(out.read_text())["train"] == ["good", "negative"]
    assert (pairs / "split.json").read_bytes() == before
