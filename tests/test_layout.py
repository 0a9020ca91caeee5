"""The rules of the layout: who may import whom, and what must stay light."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PORTIONS = {
    "core": ROOT / "core/nijigan/core",
    "export": ROOT / "export/nijigan/export",
    "server": ROOT / "server/nijigan/server",
    "v1": ROOT / "server/nijigan/v1",
    "kserve": ROOT / "server/nijigan/kserve",
    "client": ROOT / "plugins/client/nijigan/client",
    "studio": ROOT / "plugins/studio/nijigan/studio",
}
# What plugins are made of. It is in no wheel, and has names of its own.
PLUGINS = {
    "host": (ROOT / "plugins/host/nijigan_host", ("nijigan.client", "nijigan_host")),
    "blender": (
        ROOT / "plugins/blender/nijigan_blender",
        ("nijigan.client", "nijigan_host", "nijigan_blender"),
    ),
    "krita": (
        ROOT / "plugins/krita/nijigan_krita",
        ("nijigan.client", "nijigan_host", "nijigan_krita"),
    ),
}
# The modules of other portions that a portion may import, by prefix.
ALLOWED = {
    "core": (),
    "export": ("nijigan.core",),
    "server": (
        "nijigan.core.atomic",
        "nijigan.core.datasets.photos",
        "nijigan.core.decibel_panel",
        "nijigan.core.drawers",
        "nijigan.core.errors",
        "nijigan.core.images",
        "nijigan.core.lazy",
        "nijigan.core.machine",
        "nijigan.core.metrics.psnr",
        "nijigan.core.nearest",
        "nijigan.core.print_table",
        "nijigan.core.progress_bar",
        "nijigan.core.spread",
        "nijigan.core.srgb_curve",
        "nijigan.core.user_data",
        "nijigan.core.video_file",
        "nijigan.core.verbs.default_command",
        "nijigan.export.feed",
        "nijigan.export.halftone",
        "nijigan.export.in_torch",
        "nijigan.export.inspection",
        "nijigan.export.photos",
        "nijigan.export.runtime",
        "nijigan.export.style",
        "nijigan.export.tensorrt",
        "nijigan.export.triton_name",
        "nijigan.kserve",
        "nijigan.v1",
        "nijigan.client",
    ),
    "v1": (),
    "kserve": (),
    "client": (),
    # It draws by the client alone: docs/decisions/0013-the-page-makes-files-as-the-commands-do.md
    "studio": (
        "nijigan.client",
        "nijigan.core.errors",
        "nijigan.core.images",
        "nijigan.core.latent_space",
        "nijigan.core.lazy",
        "nijigan.export.style",
        "nijigan.server.animation.containers.CONTAINERS",
        "nijigan.server.animation.plan.VideoJob",
        "nijigan.server.animation.video",
        "nijigan.server.avatar.background",
        "nijigan.server.avatar.sheet",
        "nijigan.server.bench.plot",
        "nijigan.server.bench.report",
        "nijigan.server.remote.RemoteStylizer",
        "nijigan.server.stylizer.Settings",
    ),
}
HEAVY = (
    "torch", "torchdiffeq", "onnx", "onnxruntime", "grpc", "scipy", "PIL", "numpy", "h2", "gradio",
)  # fmt: skip


def imports(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} has a relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def loaded_by(code):
    """The top-level modules that a fresh interpreter has after running the code."""
    script = f"{code}\nimport sys\nprint(*sorted(sys.modules))"
    command = [sys.executable, "-c", script]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    return {name.split(".")[0] for name in result.stdout.split()}


@pytest.mark.parametrize("portion", PORTIONS)
def test_dependencies_flow_one_way(portion):
    paths = list(PORTIONS[portion].rglob("*.py"))
    assert paths
    own = f"nijigan.{portion}"
    for path in paths:
        for name in imports(path):
            if name.startswith("nijigan.") and not name.startswith(own):
                assert name.startswith(ALLOWED[portion]), f"{path} imports {name}"


@pytest.mark.parametrize("plugin", PLUGINS)
def test_plugins_need_the_client_and_what_they_share_alone(plugin):
    folder, allowed = PLUGINS[plugin]
    paths = list(folder.rglob("*.py"))
    assert paths
    for path in paths:
        for name in imports(path):
            if name.startswith("nijigan"):
                assert name.startswith(allowed), f"{path} imports {name}"


@pytest.mark.parametrize("module", ["service", "stylizer", "engines.onnxruntime", "engines.triton"])
def test_the_server_runs_without_torch(module):
    assert not loaded_by(f"import nijigan.server.{module}") & {"torch", "onnx", "scipy"}


def test_pictures_are_drawn_without_what_videos_need():
    assert "av" not in loaded_by("import nijigan.server.animation.animate")


def test_the_page_draws_nothing_itself():
    pytest.importorskip("gradio", reason="gradio is not installed. Run: pip install '.[studio]'")
    loaded = loaded_by("import nijigan.studio.application")
    assert not loaded & {"torch", "onnx", "onnxruntime", "openvino", "scipy", "av", "grpc"}


def test_the_client_needs_h2_alone():
    loaded = loaded_by("import nijigan.client")
    assert not loaded & {*HEAVY, "google"} - {"h2"}


def test_help_is_light():
    code = "from nijigan.core.cli import main\ntry:\n    main(['--help'])\nexcept SystemExit: pass"
    assert not loaded_by(code) & set(HEAVY)


def test_every_portion_is_typed_and_hides_no_other():
    for folder in PORTIONS.values():
        assert (folder / "py.typed").exists(), folder
        assert not (folder.parent / "__init__.py").exists()
        assert not (folder.parent.parent / "__init__.py").exists()


def test_public_names_are_what_all_says():
    from nijigan.core import errors

    defined = [
        name
        for name, value in vars(errors).items()
        if isinstance(value, type) and value.__module__ == errors.__name__
    ]
    assert sorted(defined) == errors.__all__


def test_onnxruntime_leaves_nothing_in_the_home_folder(tmp_path):
    """Its telemetry would write a device id there."""
    code = "import nijigan.server.engines.onnxruntime"
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path)}
    subprocess.run([sys.executable, "-c", code], env=environment, check=True)
    assert list(tmp_path.rglob("*")) == []
