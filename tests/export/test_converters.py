"""What a style is turned into for others: a Triton model repository, and graphs for Unity."""

import re

import onnx
import pytest

from nijigan.core.cli import main
from nijigan.core.errors import ExportError, OutputError
from nijigan.export.older_opset import in_older_opset
from nijigan.export.runtime import onnxruntime
from nijigan.export.style import load_style
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


def test_unity_gets_single_files_and_a_script(cel, tmp_path):
    written = write_unity(cel, tmp_path / "unity")
    assert sorted(path.name for path in (tmp_path / "unity").iterdir()) == [
        "README.md", "Stylize.cs", "cel_draft.onnx", "cel_fine.onnx", "cel_normal.onnx",
    ]  # fmt: skip
    for path in written:
        model = onnx.load(str(path), load_external_data=False)
        assert not any(tensor.external_data for tensor in model.graph.initializer)


def test_what_unity_does_not_take_is_refused_and_leaves_nothing(cel, tmp_path, monkeypatch):
    model = onnx.load(str(cel.graph("normal")))
    model.graph.node[0].op_type = "QuantizeLinear"
    monkeypatch.setattr("nijigan.export.unity.onnx.load", lambda _: model)
    with pytest.raises(ExportError, match=r"needs QuantizeLinear, which Unity's .* does not take"):
        write_unity(cel, tmp_path / "unity")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_something_else_is_left_alone(cel, tmp_path):
    (tmp_path / "thesis.txt").write_text("months of work")
    with pytest.raises(OutputError, match=r"has no Stylize\.cs"):
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
    for arguments, fault in {
        ("cel", "tritn"): "Did you mean 'triton'",
        ("cyclegan_resnet9", "triton"): "is no style. Export it to a style first",
    }.items():
        with pytest.raises(SystemExit) as ended:
            main(["export", arguments[0], "--to", arguments[1], "-o", str(tmp_path / "x")])
        assert ended.value.code == 2
        assert fault in capsys.readouterr().err
