"""The scenes of Unity's samples, as Unity reads them: text, references, scripts and fields."""

import re
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

import unity_meta  # noqa: E402
import unity_scene  # noqa: E402

SCENES = sorted(unity_meta.PACKAGE.glob("Samples~/*/*.unity"))
HEADER = "%YAML 1.1\n%TAG !u! tag:unity3d.com,2011:\n"
UNITY_S_OWN = re.compile(r"0000000000000000[ef]000000000000000")
FIELD = re.compile(r"\[SerializeField[^\]]*\]\s+private (?P<type>[\w\[\]]+) (?P<name>\w+) = ")
OF_EVERY_BEHAVIOUR = [
    "m_ObjectHideFlags", "m_CorrespondingSourceObject", "m_PrefabInstance", "m_PrefabAsset",
    "m_GameObject", "m_Enabled", "m_EditorHideFlags", "m_Script", "m_Name",
    "m_EditorClassIdentifier",
]  # fmt: skip


class Document(NamedTuple):
    number: int
    kind: str
    content: dict[str, Any]


@pytest.fixture(params=SCENES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def scene(path) -> dict[int, Document]:
    return read(path.read_text("utf-8"))


def read(text: str) -> dict[int, Document]:
    """The documents of a scene by their IDs: the part of YAML that Unity writes."""
    assert text.startswith(HEADER)
    parts = re.split(r"^--- !u!(\d+) &(\d+)\n", text.removeprefix(HEADER), flags=re.MULTILINE)
    assert parts.pop(0) == ""
    found = {}
    for number, own, body in zip(parts[::3], parts[1::3], parts[2::3], strict=True):
        lines = deque(body.splitlines())
        ((kind, content),) = mapping(lines, 0).items()
        assert not lines, lines[0]
        assert int(own) not in found
        found[int(own)] = Document(int(number), kind, content)
    return found


def mapping(lines: deque[str], indent: int) -> dict[str, Any]:
    made: dict[str, Any] = {}
    while lines and depth(lines[0]) == indent and lines[0][indent] != "-":
        key, colon, rest = lines.popleft()[indent:].partition(":")
        assert colon, key
        assert key not in made
        made[key] = value(rest.strip()) if rest.strip() else below(lines, indent)
    return made


def below(lines: deque[str], indent: int) -> Any:
    """What a key has in the lines after it: items at its own depth, keys deeper, or nothing."""
    if lines and lines[0].startswith(" " * indent + "- "):
        return list(items(lines, indent))
    return mapping(lines, depth(lines[0])) if lines and depth(lines[0]) > indent else ""


def items(lines: deque[str], indent: int) -> Iterator[Any]:
    while lines and lines[0].startswith(" " * indent + "- "):
        text = lines.popleft()[indent + 2 :]
        key, colon, rest = text.partition(": ")
        yield {key: value(rest)} if colon else value(text)


def value(text: str) -> Any:
    if text == "[]":
        return []
    if text.startswith("{"):
        pairs = (pair.split(": ") for pair in text[1:-1].split(", "))
        return {key: value(inner) for key, inner in pairs}
    return float(text) if re.fullmatch(r"-?\d+(\.\d+)?", text) and len(text) < 20 else text


def depth(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def references(content: Any) -> Iterator[dict[str, Any]]:
    if isinstance(content, dict):
        if "fileID" in content:
            yield content
        for inner in content.values():
            yield from references(inner)
    elif isinstance(content, list):
        for inner in content:
            yield from references(inner)


def by_kind(scene: dict[int, Document], kind: str) -> dict[int, dict[str, Any]]:
    return {own: each.content for own, each in scene.items() if each.kind == kind}


def fields(script: Path) -> dict[str, str]:
    """The type of each field that Unity keeps, by its name."""
    return {each["name"]: each["type"] for each in FIELD.finditer(script.read_text("utf-8"))}


def assets_by_guid() -> dict[str, Path]:
    package = unity_meta.PACKAGE
    found = {}
    for asset in unity_meta.assets(package):
        meta = unity_meta.meta_path(asset).read_text("utf-8")
        found[meta.split("guid: ")[1][:32]] = asset
    return found


def test_each_sample_has_one():
    samples = {path.name for path in (unity_meta.PACKAGE / "Samples~").iterdir()}
    assert {path.stem for path in SCENES} == {path.parent.name for path in SCENES} == samples


def test_the_text_is_as_unity_writes_it(path):
    raw = path.read_bytes()
    assert b"\r" not in raw
    assert b"\t" not in raw
    assert raw.endswith(b"\n")
    assert raw == unity_scene.generate()[path.relative_to(ROOT).as_posix()]


def test_the_settings_are_those_of_unity_2021(scene):
    settings = {own: (scene[own].number, scene[own].kind) for own in (1, 2, 3, 4)}
    assert settings == {
        1: (29, "OcclusionCullingSettings"),
        2: (104, "RenderSettings"),
        3: (157, "LightmapSettings"),
        4: (196, "NavMeshSettings"),
    }
    assert [scene[own].content["serializedVersion"] for own in (1, 2, 3, 4)] == [2, 9, 12, 2]
    # Where later versions have other keys.
    assert "m_LightingSettings" in scene[3].content
    assert "accuratePlacement" in scene[4].content["m_BuildSettings"]
    assert all("m_RootOrder" in each for each in by_kind(scene, "Transform").values())
    assert by_kind(scene, "SceneRoots") == {}


def test_ids_are_in_order_and_classes_have_unity_s_numbers(scene):
    assert list(scene) == sorted(scene)
    numbers = {each.kind: each.number for own, each in scene.items() if own > 4}
    assert numbers == {
        "GameObject": 1,
        "Transform": 4,
        "Camera": 20,
        "AudioListener": 81,
        "MonoBehaviour": 114,
    }


def test_every_reference_leads_somewhere(scene):
    guids = assets_by_guid()
    found = [each for document in scene.values() for each in references(document.content)]
    assert len(found) > 20
    for each in found:
        if "guid" in each:
            assert each["guid"] in guids or UNITY_S_OWN.fullmatch(str(each["guid"])), each
        else:
            assert each["fileID"] == 0 or each["fileID"] in scene, each


def test_objects_and_components_belong_together(scene):
    objects = by_kind(scene, "GameObject")
    assert len(objects) == 2
    listed = [
        (owner, each["component"]["fileID"])
        for owner, content in objects.items()
        for each in content["m_Component"]
    ]
    told = [
        (each.content["m_GameObject"]["fileID"], own)
        for own, each in scene.items()
        if "m_GameObject" in each.content
    ]
    assert sorted(listed) == sorted(told)
    for content in objects.values():
        first = content["m_Component"][0]["component"]["fileID"]
        assert scene[int(first)].kind == "Transform"  # Unity wants it there


def test_there_is_a_camera_that_draws_and_hears(scene):
    (camera,) = by_kind(scene, "Camera").values()
    (listener,) = by_kind(scene, "AudioListener").values()
    assert camera["m_GameObject"] == listener["m_GameObject"]
    owner = scene[int(camera["m_GameObject"]["fileID"])].content
    assert owner["m_TagString"] == "MainCamera"
    assert owner["m_IsActive"] == 1
    assert camera["m_Enabled"] == 1


def test_the_component_is_a_script_of_the_sample(path, scene):
    (component,) = by_kind(scene, "MonoBehaviour").values()
    reference = component["m_Script"]
    assert (reference["fileID"], reference["type"]) == (11500000, 3)  # a script, imported
    script = assets_by_guid()[reference["guid"]]
    assert script.parent == path.parent
    assert re.search(rf"\bclass {script.stem} : MonoBehaviour\b", script.read_text("utf-8"))


def test_its_fields_are_those_of_the_script(scene):
    (component,) = by_kind(scene, "MonoBehaviour").values()
    assert list(component)[: len(OF_EVERY_BEHAVIOUR)] == OF_EVERY_BEHAVIOUR
    own = {key: component[key] for key in component if key not in OF_EVERY_BEHAVIOUR}
    declared = fields(assets_by_guid()[component["m_Script"]["guid"]])
    assert list(own) == list(declared)
    for name, kept in own.items():
        match declared[name]:
            case "bool":
                assert kept in (0, 1), name
            case "string[]":
                assert all(isinstance(each, str) and each for each in kept), name
                assert len(kept) > 0, name
            case "StylizerProfile" | "StyleNetwork":
                assert kept == {"fileID": 0}, name  # assets of the project, which are the user's
            case other:
                pytest.fail(f"The scene says nothing fitting of {name}, a {other}.")
