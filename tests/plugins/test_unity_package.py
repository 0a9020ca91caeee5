"""Unity's package: compiled without warnings against Unity's signatures, driven against sidecars.

There is no Unity here. `unity/shim` stands for the engine and the Editor; mono runs both.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from PIL import Image

from nijigan.core.cli import main
from nijigan.server.idle import Patience
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan_host.stop import stop_sidecar

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "plugins/unity/com.nijigan.stylizer"
HERE = Path(__file__).parent / "unity"
PHOTOS = ROOT / "export/nijigan/export/data"
CEL = ROOT / "server/nijigan/styles/cel"
SECONDS = 60
ENGINE = "InferenceEngine"
SHIMS = ("Objects", "Collections", "Textures", "ImageConversion", "Imgui", ENGINE)
EDITOR = "-d:UNITY_EDITOR"
IN_ENGINE = (EDITOR, "-d:NIJIGAN_INFERENCE_ENGINE")

pytestmark = pytest.mark.skipif(
    not (shutil.which("mcs") and shutil.which("mono")),
    reason="no mono here: apt-get install mono-mcs mono-runtime libmono-system-core4.0-cil",
)


class Build:
    """Compiles into a folder, as C# 7.2, with warnings as errors."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def library(
        self,
        name: str,
        sources: Sequence[Path],
        *references: str,
        options: Sequence[str] = (EDITOR,),
        documented: bool = False,
    ) -> None:
        """documented: whether each public member must have a comment."""
        if documented:
            options = (*options, f"-doc:{self.folder / name}.xml")
        self._compile(f"{name}.dll", sources, ("-target:library", *options), references)

    def program(self, name: str, sources: Sequence[Path], *references: str) -> None:
        self._compile(f"{name}.exe", sources, (EDITOR,), references)

    def _compile(
        self, name: str, sources: Sequence[Path], options: Sequence[str], references: Sequence[str]
    ) -> None:
        assert sources, name
        command = [
            "mcs",
            "-langversion:7.2",
            "-warnaserror",
            *options,
            f"-out:{self.folder / name}",
        ]
        command += [f"-r:{self.folder / reference}.dll" for reference in references]
        command += ["-r:System.Core.dll", *map(str, sources)]
        compiled = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS)
        assert compiled.returncode == 0, f"{name}:\n{compiled.stdout}{compiled.stderr}"


def sources(folder: str, without: str | None = None) -> list[Path]:
    found = sorted((PACKAGE / folder).rglob("*.cs"))
    return [path for path in found if without is None or without not in path.parts]


@pytest.fixture(scope="session")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Build:
    build = Build(tmp_path_factory.mktemp("unity"))
    build.library("UnityEngine", [HERE / f"shim/{name}.cs" for name in SHIMS])
    build.library("UnityEditor", [HERE / "shim/Editor.cs"], "UnityEngine")
    build.library("nunit.framework", [HERE / "shim/NUnit.cs"])
    return build


@pytest.fixture(scope="session")
def package(shim: Build) -> Build:
    """Everything that Unity compiles, by assembly, and the program that drives it."""
    unity, runtime, editor = (
        ("UnityEngine", "UnityEditor"),
        "Nijigan.Stylizer",
        "Nijigan.Stylizer.Editor",
    )
    documented = sources("Runtime", without=ENGINE)
    shim.library(runtime, documented, *unity, documented=True)
    shim.library(editor, sources("Editor"), *unity, runtime, documented=True)
    in_engine = f"{runtime}.{ENGINE}"
    shim.library(
        in_engine, sources(f"Runtime/{ENGINE}"), *unity, runtime, options=IN_ENGINE, documented=True
    )
    tests = ("nunit.framework", "UnityEngine", runtime)
    shim.library(f"{runtime}.Tests", sources("Tests/Runtime"), *tests)
    shim.library(f"{editor}.Tests", sources("Tests/Editor"), *tests, editor)
    samples = [f"Sample.{path.name}" for path in SAMPLES]
    for sample, path in zip(samples, SAMPLES, strict=True):
        mine = sources(f"Samples~/{path.name}")
        shim.library(sample, mine, *unity, runtime, documented=True)
        shim.library(sample, mine, *unity, runtime, in_engine, options=IN_ENGINE, documented=True)
    shim.program(
        "drive", sorted((HERE / "driver").glob("*.cs")), *unity, *tests, editor, in_engine, *samples
    )
    return shim


SAMPLES = sorted((PACKAGE / "Samples~").iterdir())


@contextmanager
def playing(
    package: Build, scene: str, folder: Path, *arguments: str
) -> Iterator[subprocess.Popen[str]]:
    """A scene that is going on; when the body is done, it must end well."""
    command = ["mono", str(package.folder / "drive.exe"), scene, str(folder), *arguments]
    folder.mkdir(exist_ok=True)
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            yield process
            said, errors = process.communicate(timeout=SECONDS)
        finally:
            process.kill()
    # Not by the exit status: mono now and then fails to end its thread of timers.
    assert said.endswith("done\n"), errors


def play(package: Build, scene: str, folder: Path, *arguments: str) -> None:
    with playing(package, scene, folder, *arguments):
        pass


def test_assemblies_refer_to_what_there_is():
    found = {path: json.loads(path.read_text()) for path in PACKAGE.rglob("*.asmdef")}
    names = {assembly["name"] for assembly in found.values()}
    assert len(names) == len(found) == 7
    unity = {"Unity.InferenceEngine", "UnityEngine.TestRunner", "UnityEditor.TestRunner"}
    for path, assembly in found.items():
        assert path.stem == assembly["name"]
        assert set(assembly["references"]) <= names | unity, path
        # What needs the inference engine is left out where it is not installed.
        defines = [each["define"] for each in assembly["versionDefines"]]
        if "Unity.InferenceEngine" in assembly["references"]:
            assert defines == ["NIJIGAN_INFERENCE_ENGINE"]
        if path.parent.name == ENGINE:
            assert assembly["defineConstraints"] == defines


def test_the_code_in_the_documents_compiles(package, tmp_path):
    documents = [PACKAGE / "README.md", *(PACKAGE / "Documentation~").glob("*.md")]
    texts = [path.read_text(encoding="utf-8") for path in documents]
    blocks = [
        block for text in texts for block in re.findall(r"```csharp\n(.*?)```", text, re.DOTALL)
    ]
    assert len(blocks) > 5
    everything = [path.stem for path in package.folder.glob("*.dll")]
    for number, block in enumerate(blocks):
        (tmp_path / "Block.cs").write_text(block)
        package.library(f"Block{number}", [tmp_path / "Block.cs"], *everything)


@pytest.mark.parametrize(
    ("of_player", "scene"),
    [
        ("UNITY_WEBGL", "WithoutSocketsTheRemedyIsTold"),
        ("ENABLE_IL2CPP", "WithoutProcessesTheRemedyIsTold"),
    ],
)
def test_players_are_told_what_they_do_not_have(package, tmp_path, no_sidecar, of_player, scene):
    player = Build(tmp_path / "player")
    shutil.copytree(package.folder, player.folder)
    documented = sources("Runtime", without=ENGINE)
    player.library("Nijigan.Stylizer", documented, "UnityEngine", options=[f"-d:{of_player}"])
    play(player, scene, tmp_path / "scene")


def test_the_package_s_own_tests(package):
    assemblies = [f"Nijigan.Stylizer{part}.Tests.dll" for part in ("", ".Editor")]
    command = ["mono", "drive.exe", "tests", *assemblies]
    ran = subprocess.run(
        command, cwd=package.folder, capture_output=True, text=True, timeout=SECONDS
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert re.search(r"^\d{2,} passed, 0 failed$", ran.stdout, re.MULTILINE)


@pytest.mark.parametrize(
    "scene",
    [
        "ATextureIsDrawnTheRightWayUp",
        "TexturesAreReadFromTheGpu",
        "LinearLightIsEncoded",
        "ColorsAreTheSameInGuiEvents",
        "CamerasAreTurnedUpright",
        "TheEventsTell",
        "NothingIsAllocatedInTheSteadyState",
        "WhatNobodyExpectsIsToldToo",
        "WhatAListenerThrowsIsNoFailure",
    ],
)
def test_drawing(package, tmp_path, scene):
    with running_sidecar([], FakeStylizer()):
        play(package, scene, tmp_path / "scene")


@pytest.mark.parametrize(
    "scene", ["ARequestIsCancelled", "TheObjectIsDestroyedMeanwhile", "ItIsDestroyedMeanwhile"]
)
def test_what_is_given_up_is_cancelled_in_the_sidecar(package, tmp_path, scene):
    fake = FakeStylizer(held=True)
    with running_sidecar([], fake), playing(package, scene, tmp_path / "scene"):
        assert fake.started.acquire(timeout=SECONDS)
        (tmp_path / "scene/begun").touch()
        assert fake.cancelled.acquire(timeout=SECONDS)


def test_all_ends_with_the_application(package, tmp_path):
    with running_sidecar([], FakeStylizer(held=True)):
        play(package, "AllEndsWithTheApplication", tmp_path / "scene")


@pytest.mark.parametrize(
    "scene", ["TheTargetIsDestroyedMeanwhile", "PicturesAreDroppedAndTheNewestIsDrawn"]
)
def test_what_happens_while_the_sidecar_draws(package, tmp_path, scene):
    fake = FakeStylizer(held=True)
    with running_sidecar([], fake), playing(package, scene, tmp_path / "scene") as process:
        assert fake.started.acquire(timeout=SECONDS)
        (tmp_path / "scene/begun").touch()
        assert process.stdout is not None
        if process.stdout.readline() == "release\n":
            fake.release()


def test_a_live_picture_that_never_comes(package, tmp_path):
    with running_sidecar([], FakeStylizer(held=True)):
        play(package, "NoDrawingComes", tmp_path / "scene")


def test_the_live_strength_is_the_profile_s(package, tmp_path):
    fake = FakeStylizer()
    with running_sidecar([], fake):
        play(package, "ChangesOfTheProfileAreSeen", tmp_path / "scene")
    assert {(each.style, each.strength) for each in fake.settings} == {("toy", 1.0), ("toy", 0.25)}


def test_a_live_source_may_pause(package, tmp_path, monkeypatch):
    """For longer than the sidecar waits for frames: ten minutes, here half a second."""
    monkeypatch.setattr("nijigan.server.sidecar.Patience", partial(Patience, frame=0.5))
    with running_sidecar([], FakeStylizer()):
        play(package, "TheSourcePauses", tmp_path / "scene")


@pytest.mark.parametrize(
    "scene",
    [
        "WithoutASidecarTheRemedyIsTold",
        "AFailureDisablesAndEnablingTriesAgain",
        "AnAddressThatIsNoneIsTold",
        "TheLiveSampleGoesByItsProfile",
        "TheAvatarSampleTellsOfAnAddressThatIsNone",
    ],
)
def test_no_sidecar(package, tmp_path, monkeypatch, scene):
    monkeypatch.setenv("NIJIGAN_HOME", str(tmp_path / "home"))
    play(package, scene, tmp_path / "scene")


@pytest.mark.parametrize("scene", ["TheComponentDrawsInTheEngine", "TexturesStayOnTheGpu"])
def test_drawing_in_the_engine(package, tmp_path, scene):
    play(package, scene, tmp_path / "scene")


def as_png(photo: str, folder: Path, copies: int = 1) -> str:
    """The photo as a PNG file, which the shim can read; several beside each other."""
    with Image.open(PHOTOS / photo) as opened:
        picture = opened.convert("RGB")
    row = Image.new("RGB", (picture.width * copies, picture.height))
    for i in range(copies):
        row.paste(picture, (picture.width * i, 0))
    row.save(folder / "photo.png")
    return str(folder / "photo.png")


def test_an_avatar_from_a_file_by_a_real_style(package, tmp_path):
    with running_sidecar([CEL]):
        photo = str(PHOTOS / "astronaut.jpg")
        play(package, "AFileBecomesAnAvatar", tmp_path / "scene", photo)


def test_an_avatar_from_the_camera(package, tmp_path):
    with running_sidecar([], FakeStylizer()):
        photo = as_png("astronaut.jpg", tmp_path)
        play(package, "APhotoIsTakenByTheCamera", tmp_path / "scene", photo)


def test_an_avatar_of_no_face(package, tmp_path):
    fake = FakeStylizer(held=True)
    with running_sidecar([], fake):
        scene = "APhotoWithoutAFaceIsRefusedAndTakenAllTheSame"
        play(package, scene, tmp_path / "scene", str(PHOTOS / "coffee.jpg"))


def test_an_avatar_of_one_of_several_faces(package, tmp_path):
    with running_sidecar([], FakeStylizer()):
        photo = as_png("astronaut.jpg", tmp_path, copies=2)
        play(package, "OneOfSeveralFacesIsChosen", tmp_path / "scene", photo)


@pytest.fixture(scope="session")
def exported(tmp_path_factory):
    """The folder that `nijigan export` writes for a project."""
    folder = tmp_path_factory.mktemp("exported") / "Cel"
    with pytest.raises(SystemExit) as ended:
        main(["export", "cel", "--to", "unity", "-o", str(folder)])
    assert not ended.value.code
    return folder


@pytest.fixture
def project(exported, tmp_path):
    """A project that has the exported style."""
    shutil.copytree(exported, tmp_path / "project/Assets/Cel")
    return tmp_path / "project"


@pytest.mark.parametrize(
    "scene",
    [
        "AStyleIsImportedAndShown",
        "WithoutTheInferenceEngineAStyleIsShownToo",
        "WhatIsWrongWithAStyleIsTold",
        "TheAvatarSampleDrawsInTheStyle",
        "TheLiveSampleDrawsInTheStyle",
    ],
)
def test_a_style_in_the_project(package, project, scene):
    play(package, scene, project)


def test_a_style_of_one_size_in_the_project(package, project):
    """Its graphs take squares of that size alone; here it is said of graphs that take any."""
    path = project / "Assets/Cel/cel.nijiganstyle"
    said = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**said, "fixed_size": 32}), "utf-8")
    play(package, "AStyleOfOneSizeRefusesLargerPictures", project)


def test_an_avatar_without_a_sidecar(package, tmp_path):
    play(
        package, "AnAvatarIsDrawnInTheEngine", tmp_path / "scene", as_png("astronaut.jpg", tmp_path)
    )


@pytest.fixture
def no_sidecar(tmp_path, monkeypatch):
    """None is running. One that is started is found, and told to end afterwards."""
    home = tmp_path / "home"
    monkeypatch.setenv("NIJIGAN_HOME", str(home))
    monkeypatch.setenv("PATH", f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}")
    yield
    if (home / "sidecar.json").exists():
        stop_sidecar(SECONDS)


def test_an_avatar_where_the_player_starts_the_sidecar(package, tmp_path, no_sidecar):
    scene = "WithoutASidecarThePlayerIsToldAndCanStartOne"
    play(package, scene, tmp_path / "scene", str(PHOTOS / "astronaut.jpg"))


@pytest.mark.parametrize(
    "scene",
    [
        "TexturesAreDrawnInBatch",
        "TexturesOfPackagesAreDrawn",
        "FilesAreDrawnWithoutAGpu",
        "WhatACameraSeesIsDrawn",
    ],
)
def test_the_editor_s_window(package, tmp_path, scene):
    with running_sidecar([], FakeStylizer()):
        play(package, scene, tmp_path / "scene")


def test_a_batch_is_cancelled(package, tmp_path):
    with running_sidecar([], FakeStylizer(held=True)):
        play(package, "ABatchIsCancelled", tmp_path / "scene")


@pytest.mark.parametrize(
    "scene",
    ["StylesAreShown", "TheWatchEndsBeforeScriptsAreReloaded", "WhatTheWatchDidNotExpectIsShown"],
)
def test_the_editor_s_window_of_styles(package, toy_style, tmp_path, scene):
    with running_sidecar([toy_style], FakeStylizer()):
        play(package, scene, tmp_path / "scene")


@pytest.mark.parametrize("scene", ["TheSidecarIsStartedAndStopped", "TheSidecarOutlivesAReload"])
def test_the_editor_starts_and_stops_the_sidecar(package, tmp_path, no_sidecar, scene):
    command = str(Path(sys.executable).parent / "nijigan")
    play(package, scene, tmp_path / "scene", command)
