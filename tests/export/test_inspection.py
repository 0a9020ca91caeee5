import json
import shutil

import onnx
import pytest
from onnx import helper
from typer.testing import CliRunner

from nijigan.core.cli import build_app
from nijigan.export.inspection import inspect_style
from nijigan.export.operators import engines
from nijigan.export.style import load_style, write_style_json
from nijigan.export.styles import default_folders


@pytest.fixture(scope="module")
def cel():
    return load_style(
        next(folder / "cel" for folder in default_folders() if (folder / "cel").is_dir())
    )


def test_every_list_names_its_source_and_knows_what_a_generator_is_made_of():
    names = [engine.name for engine in engines()]
    assert names == [
        "ONNX Runtime",
        "OpenVINO",
        "TensorRT",
        "TensorRT-RTX",
        "Unity's inference engine",
    ]
    for engine in engines():
        assert engine.version
        assert engine.source
        assert engine.lacks({"Conv", "Pad", "Resize", "Made_Up"}) == ["Made_Up"]
    # what engines are known to differ in
    lacking = {engine.name for engine in engines() if engine.lacks({"QuantizeLinear"})}
    assert lacking == {"Unity's inference engine"}


def test_a_shipped_style(cel):
    found = inspect_style(cel)
    assert [graph.qualities for graph in found.graphs] == [("draft",), ("normal",), ("fine",)]
    assert not any(verdict.lacking for verdict in found.engines)
    graph = found.graphs[1]
    assert graph.inputs["image"].startswith("float32 (N, 3, ")
    assert graph.inputs["strength"] == "float32 ()"
    assert graph.weights == ("float32",)
    # Norms are folded away, and there are some constants of the graph's own.
    assert 0.9 < graph.parameters / cel.generator["parameters"] < 1.001
    assert sum(graph.operators.values()) == graph.nodes
    assert found.graphs[2].operators["Conv"] > graph.operators["Conv"]


def test_an_engine_that_cannot_run_it_is_told(cel, tmp_path):
    folder = shutil.copytree(cel.folder, tmp_path / "cel")
    path = folder / "fine.onnx"
    model = onnx.load(path, load_external_data=False)
    model.graph.node.append(helper.make_node("QuantizeLinear", ["image", "strength"], ["q"]))
    path.write_bytes(model.SerializeToString())
    write_style_json(folder, load_style(folder, verify=False))
    lacking = {v.engine: v.lacking for v in inspect_style(load_style(folder)).engines if v.lacking}
    assert lacking == {"Unity's inference engine": ("QuantizeLinear",)}


def test_the_verb(cel, tmp_path):
    runner = CliRunner()
    shown = runner.invoke(build_app(), ["inspect", "cel"])
    assert shown.exit_code == 0, shown.output
    assert "Unity's inference engine 2.4.0: takes all" in shown.output
    assert "all hashes agree" in shown.output
    data = json.loads(runner.invoke(build_app(), ["inspect", "cel", "--json"]).output)
    assert data["graphs"][0]["file"] == "draft.onnx"
    assert data["engines"][0]["lacking"] == []
