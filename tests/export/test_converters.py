"""What a style is turned into for others: a Triton model repository, and graphs for Unity."""

import hashlib
import json
import re
from dataclasses import replace

import onnx
import pytest

from nijigan.core.cli import main
from nijigan.core.errors import ExportError, OutputError
from nijigan.export.older_opset import in_older_opset
from nijigan.export.runtime import onnxruntime
from nijigan.export.style import Halftone, load_style
from nijigan.export.styles import style_of
from nijigan.export.triton import write_triton
from nijigan.export.triton_name import triton_model_name
from nijigan.export.unity import write_unity


@pytest.fixture
def cel():
    return style_of("cel")


def test_what_the_older_opset_cannot_say_is_refused():
    value = onnx.helper.make_tensor_value_info("x", onnx.TensorProto.FLOAT, [1])
    node = onnx.helper.make_node("Gelu", ["x"], ["y"])
    out = onnx.helper.make_tensor_value_info("y", onnx.TensorProto.FLOAT, [1])
    graph = onnx.helper.make_graph([node], "g", [value], [out])
    with pytest.raises(ExportError, match="cannot be written in opset 15"):
        in_older_opset(onnx.helper.make_model(graph))


def test_unity_gets_an_asset_and_single_files(cel, tmp_path):
    style, *graphs = write_unity(cel, tmp_path / "unity")
    assert sorted(path.name for path in (tmp_path / "unity").iterdir()) == [
        "README.md", "cel.nijiganstyle", "cel_draft.onnx", "cel_fine.onnx", "cel_normal.onnx",
        "preview.png",
    ]  # fmt: skip
    for path in graphs:
        model = onnx.load(str(path), load_external_data=False)
        assert not any(tensor.external_data for tensor in model.graph.initializer)
    said = json.loads(style.read_text("utf-8"))
    own = json.loads((cel.folder / "style.json").read_text("utf-8"))
    changed = {key for key in own if said.get(key) != own[key]}
    assert changed <= {"qualities", "sha256", "parity"}  # parity has null for what was not measured
    for quality, facts in said["qualities"].items():
        assert facts == {**own["qualities"][quality], "file": f"cel_{quality}.onnx"}
    assert set(said["sha256"]) == {"preview.png", *(path.name for path in graphs)}
    for name, expected in said["sha256"].items():
        content = (tmp_path / "unity" / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == expected


def test_what_unity_knows_its_assets_by_is_kept(cel, tmp_path):
    """Scenes refer to assets by the GUID in the .meta file beside them."""
    out = tmp_path / "unity"
    write_unity(cel, out)
    (out / "cel.nijiganstyle.meta").write_text("guid: 1")
    (out / "cel_best.onnx.meta").write_text("guid: 2")  # of a file that is there no more
    write_unity(cel, out)
    assert (out / "cel.nijiganstyle.meta").read_text() == "guid: 1"
    assert not (out / "cel_best.onnx.meta").exists()


def test_what_a_person_put_beside_a_style_is_left_alone(cel, tmp_path):
    write_unity(cel, tmp_path / "unity")
    (tmp_path / "unity/Level.unity").write_text("months of work")
    with pytest.raises(OutputError, match=r"not of the style cel: Level\.unity"):
        write_unity(cel, tmp_path / "unity")
    assert (tmp_path / "unity/Level.unity").read_text() == "months of work"
    assert (tmp_path / "unity/cel_fine.onnx").exists()


def test_qualities_that_share_a_graph_share_it_in_unity(cel, tmp_path):
    shared = replace(cel, qualities=dict.fromkeys(cel.qualities, cel.qualities["normal"]))
    style, graph = write_unity(shared, tmp_path / "unity")
    files = {facts["file"] for facts in json.loads(style.read_text())["qualities"].values()}
    assert files == {graph.name} == {"cel_normal.onnx"}


def test_a_style_says_that_its_dots_are_the_sidecar_s(cel, tmp_path):
    dotted = replace(cel, halftone=Halftone(cell_px=6, angle_degrees=45, line_px=4))
    style, *_ = write_unity(dotted, tmp_path / "unity")
    *own, last = json.loads(style.read_text("utf-8"))["limits"]
    assert own == list(cel.limits)
    assert "grays stay flat" in last


def test_what_unity_does_not_take_is_refused_and_leaves_nothing(cel, tmp_path, monkeypatch):
    model = onnx.load(str(cel.graph("normal")))
    model.graph.node[0].op_type = "QuantizeLinear"
    monkeypatch.setattr("nijigan.export.unity.onnx.load", lambda _: model)
    with pytest.raises(ExportError, match=r"needs QuantizeLinear, which Unity's .* does not take"):
        write_unity(cel, tmp_path / "unity")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_something_else_is_left_alone(cel, tmp_path):
    (tmp_path / "thesis.txt").write_text("months of work")
    with pytest.raises(OutputError, match=r"has no cel\.nijiganstyle"):
        write_unity(cel, tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_triton_repository_has_a_model_of_each_quality(cel, tmp_path):
    written = write_triton(cel, tmp_path / "models")
    assert [path.name for path in written] == ["cel_normal", "cel_draft", "cel_fine"]
    for path in written:
        config = (path / "config.pbtxt").read_text()
        assert f'name: "{path.name}"' in config
        assert re.search(
            r'name: "image"\n  data_type: TYPE_FP32\n  dims: \[ -1, 3, -1, -1 \]', config
        )
        assert re.search(r'"strength"\n  data_type: TYPE_FP32\n  dims: \[ 1 \]\n  reshape', config)
        assert 'parameters { key: "input_multiple" value { string_value: "4" } }' in config
        opened = onnxruntime.InferenceSession(str(path / "1/model.onnx"))
        assert [value.name for value in opened.get_inputs()] == ["image", "strength"]


def test_a_model_that_several_qualities_share_is_the_normal_one(toy_style, tmp_path):
    style = load_style(toy_style)
    assert len(write_triton(style, tmp_path)) == len(style.distinct())
    for quality in style.qualities:
        assert (tmp_path / triton_model_name(style, quality) / "config.pbtxt").is_file()


def test_the_command(tmp_path, capsys):
    for word, made in {"triton": "cel_fine", "unity": "cel_fine.onnx"}.items():
        with pytest.raises(SystemExit) as ended:
            main(["export", "cel", "--to", word, "-o", str(tmp_path / word)])
        assert not ended.value.code
        assert str(tmp_path / word / made) in capsys.readouterr().out
    for (source, to, *more), fault in {
        ("cel", "tritn"): "Did you mean 'triton'",
        ("cyclegan_resnet9", "triton"): "is no style. Export it to a style first",
        ("cel", "unity", "--precision", "fp32", "--no-check"): (
            "it has no use for --check/--no-check, --precision."
        ),
    }.items():
        with pytest.raises(SystemExit) as ended:
            main(["export", source, "--to", to, "-o", str(tmp_path / "x"), *more])
        assert ended.value.code == 2
        assert fault in capsys.readouterr().err
