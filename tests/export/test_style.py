"""The style folder: what is read, and what is refused."""

import json
import math
import shutil
from dataclasses import replace

import pytest

from nijigan.core.errors import StyleError
from nijigan.export.graph_reader import external_files, operators
from nijigan.export.style import QUALITIES, Halftone, load_style, write_style_json

PARITY = {"quality": "fine", "size": "64x64", "max_abs": 0, "psnr_db": 99, "ode_psnr_db": None}


@pytest.fixture
def folder(toy_style, tmp_path):
    return shutil.copytree(toy_style, tmp_path / "toy")


def edit(folder, **changes):
    """Change keys of `style.json`; a dotted key goes down, None deletes."""
    data = json.loads((folder / "style.json").read_text())
    for key, value in changes.items():
        *path, last = key.split("__")
        target = data
        for part in path:
            target = target[part]
        if value is None:
            del target[last]
        else:
            target[last] = value
    (folder / "style.json").write_text(json.dumps(data))


def test_a_written_style_is_read_back_whole(folder):
    style = load_style(folder)
    assert style.name == "toy"
    assert style.scale.working_short_side == 64
    assert [style.qualities[quality].radius_px for quality in QUALITIES] == [5, 7, 9]
    assert style.graph("fine") == folder / "fine.onnx"
    assert write_style_json(folder, style) == style == load_style(folder)
    assert not list(folder.glob(".*"))


def test_a_halftone_is_read_back(folder):
    halftone = Halftone(6.0, 45.0, 3)
    write_style_json(folder, replace(load_style(folder), halftone=halftone))
    assert load_style(folder).halftone == halftone
    edit(folder, halftone=None)
    assert load_style(folder).halftone is None


def test_the_content_changes_with_what_drawings_hang_on_alone(folder):
    style = load_style(folder)
    (folder / "README.md").write_text("Another card.")
    assert write_style_json(folder, replace(style, title="Other")).content == style.content
    dots = Halftone(8.0, 45.0, 4)
    drawn_otherwise = [
        style,
        replace(style, halftone=dots),
        replace(style, scale=replace(style.scale, working_short_side=80)),
        replace(style, sha256={**style.sha256, "weights.bin": "other"}),
        replace(style, sha256={**style.sha256, "draft.onnx": "other"}),
    ]
    assert len({each.content for each in drawn_otherwise}) == len(drawn_otherwise)


def test_unknown_keys_are_for_later(folder):
    edit(folder, mood="calm")
    assert load_style(folder).name == "toy"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"format": 2}, r"the file has format 2, and this nijigan reads format 1"),
        ({"name": "../evil"}, r"name '\.\./evil', which is not of the form \[a-z0-9_\]\+"),
        ({"name": "Toy"}, r"name 'Toy'"),
        ({"name": None}, r"name is missing"),
        ({"qualities__fine": None}, r"qualities\.fine is missing"),
        ({"qualities__normal__file": "../../x.onnx"}, r"qualities\.normal has file '\.\./"),
        ({"qualities__normal__radius_px": -1}, r"radius_px -1, which is not in 0…8192"),
        ({"qualities__normal__radius_px": 8193}, r"radius_px 8193, which is not in 0…8192"),
        ({"qualities__normal__evaluations": 10**9}, r"evaluations 1000000000, which is not in"),
        ({"qualities__normal__steps": True}, r"qualities\.normal\.steps is True, not int"),
        ({"input_multiple": "4"}, r"input_multiple is '4', not int"),
        ({"input_multiple": 0}, r"input_multiple 0, which is not in 1…1024"),
        ({"input_multiple": 10**6}, r"input_multiple 1000000, which is not in 1…1024"),
        ({"normalization": "none"}, r"normalization 'none'; known: local, global"),
        ({"fixed_size": 8}, r"fixed_size 8, which is not in 16…8192"),
        ({"strength": "both"}, r"strength 'both'; known: ode, style, blend"),
        ({"scale__auto": "big"}, r"scale has auto 'big'"),
        ({"scale__working_short_side": 8}, r"working_short_side 8, which is not in 16…8192"),
        ({"scale__working_short_side": 10**6}, r"working_short_side 1000000, which is not"),
        ({"scale": 3}, r"scale is 3, not dict"),
        ({"parity": [{"quality": "best"}]}, r"parity\[0\]"),
        ({"parity": [PARITY | {"max_abs": 10**400}]}, r"max_abs 1000.*, which is no finite"),
        ({"parity": [PARITY | {"psnr_db": math.inf}]}, r"psnr_db inf, which is no finite"),
        ({"parity": [PARITY | {"ode_psnr_db": math.nan}]}, r"ode_psnr_db nan, which is no finite"),
        ({"halftone": 6}, r"halftone is 6, not dict"),
        ({"halftone": {"cell_px": 1.0}}, r"halftone has cell_px 1\.0, which is not in 2…64"),
        ({"halftone": {"cell_px": 6}}, r"halftone\.angle_degrees is missing"),
        ({"sha256__weights.bin": None}, r"sha256\.weights\.bin is missing"),
        ({"sha256__README.md": "0" * 64}, r"README\.md: not the file that style\.json names"),
    ],
)
def test_a_value_that_is_not_allowed(folder, changes, says):
    edit(folder, **changes)
    with pytest.raises(StyleError, match=says) as caught:
        load_style(folder)
    assert str(folder) in str(caught.value)
    assert len(str(caught.value)) < len(str(folder)) + 250


@pytest.mark.parametrize("name", ["normal.onnx", "weights.bin", "preview.png", "README.md"])
def test_a_changed_or_missing_file_is_named(folder, name):
    data = bytearray((folder / name).read_bytes())
    data[0] ^= 1
    (folder / name).write_bytes(data)
    with pytest.raises(StyleError, match=rf"{name}.*sha256"):
        load_style(folder)
    assert load_style(folder, verify=False).name == "toy"
    (folder / name).unlink()
    with pytest.raises(StyleError, match=rf"{name}.*No such file"):
        load_style(folder)


@pytest.mark.parametrize("content", [b"", b"[1]", b"{", b"\xff", b"[" * 10**5, b"9" * 5000])
def test_a_style_json_that_is_none(folder, content):
    (folder / "style.json").write_bytes(content)
    with pytest.raises(StyleError, match=r"style\.json"):
        load_style(folder)


def test_a_folder_that_is_no_style(tmp_path):
    with pytest.raises(StyleError, match=r"style\.json.*No such file"):
        load_style(tmp_path)


@pytest.mark.parametrize("place", ["initializer", "attribute"])
def test_a_graph_that_names_another_file(folder, place):
    import onnx

    path = folder / "draft.onnx"
    model = onnx.load_model(path, load_external_data=False)
    if place == "initializer":
        model.graph.initializer[0].external_data[0].value = "../weights.bin"
    else:
        tensor = onnx.TensorProto(data_location=onnx.TensorProto.EXTERNAL, data_type=1, dims=[1])
        tensor.external_data.add(key="location", value="/etc/passwd")
        model.graph.node.append(onnx.helper.make_node("Constant", [], ["c"], value=tensor))
    path.write_bytes(model.SerializeToString())
    with pytest.raises(
        StyleError, match=r"draft\.onnx: keeps weights in '(\.\./weights|/etc/pass)"
    ):
        write_style_json(folder, load_style(folder, verify=False))


@pytest.mark.parametrize(
    ("operator", "domain"), [("Loop", ""), ("Frobnicate", ""), ("Conv", "com.example")]
)
@pytest.mark.parametrize("inside", [False, True])
def test_a_graph_with_an_operator_that_no_style_has(folder, operator, domain, inside):
    import onnx

    path = folder / "draft.onnx"
    model = onnx.load_model(path, load_external_data=False)
    node = onnx.helper.make_node(operator, [], ["x"], domain=domain)
    if inside:
        body = onnx.helper.make_graph([node], "body", [], [])
        node = onnx.helper.make_node("Relu", [], ["y"])
        node.attribute.append(onnx.helper.make_attribute("body", body))
    model.graph.node.append(node)
    path.write_bytes(model.SerializeToString())
    with pytest.raises(StyleError, match=rf"draft\.onnx: has the operator '{operator}'"):
        write_style_json(folder, load_style(folder, verify=False))


def test_operators_are_read_as_onnx_reads_them(toy_style):
    import onnx

    model = onnx.load(toy_style / "normal.onnx", load_external_data=False)
    expected = {(node.domain, node.op_type) for node in model.graph.node}
    assert operators((toy_style / "normal.onnx").read_bytes()) == expected


def test_a_graph_that_is_none(folder):
    (folder / "fine.onnx").write_bytes(b"<html>not found</html>")
    with pytest.raises(StyleError, match=r"fine\.onnx: not an ONNX graph"):
        write_style_json(folder, load_style(folder, verify=False))


def test_a_cut_graph_is_told(toy_style):
    graph = (toy_style / "normal.onnx").read_bytes()
    assert external_files(graph) == {"weights.bin"}
    told = 0
    for size in range(1, len(graph), 7):
        try:
            external_files(graph[:size])
            operators(graph[:size])
        except ValueError:
            told += 1
    assert told > 0.8 * len(graph) / 7
