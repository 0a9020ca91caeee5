"""The check that the protocol only adds to the released one, on a copy that each test changes."""

import os
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
BUF = shutil.which("buf", path=sysconfig.get_path("scripts"))
STYLIZER = "nijigan/v1/stylizer.proto"

pytestmark = pytest.mark.skipif(
    BUF is None, reason="buf is not installed. Run: pip install -c constraints.txt buf-bin"
)


@pytest.fixture
def breaking(tmp_path):
    """Compare the released protocol, after some text in it was replaced, with what it was."""
    shutil.copy(ROOT / "buf.yaml", tmp_path)
    shutil.copytree(ROOT / "proto/released", tmp_path / "proto/released")
    released = (tmp_path / "proto/released" / STYLIZER).read_text(encoding="utf-8")
    changed = tmp_path / "proto" / STYLIZER
    changed.parent.mkdir(parents=True)

    def run(old: str = "", new: str = "") -> subprocess.CompletedProcess:
        assert old in released
        changed.write_text(released.replace(old, new, 1), encoding="utf-8")
        command = [BUF, "breaking", "--against", "proto/released"]
        environment = {**os.environ, "BUF_CACHE_DIR": str(tmp_path / "cache")}
        return subprocess.run(
            command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
        )

    return run


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        ("  string title = 2;\n", "", 'field "2" with name "title" on message "Style" was deleted'),
        ("string title = 2;", "bytes title = 2;", 'type from "string" to "bytes"'),
        ("string title = 2;", "string title = 99;", 'field "2" with name "title"'),
        ("string title = 2;", "string heading = 2;", 'name from "title" to "heading"'),
        ("QUALITY_DRAFT = 1;", "QUALITY_FAST = 1;", '"QUALITY_DRAFT" to "QUALITY_FAST"'),
        ("QUALITY_DRAFT = 1;", "QUALITY_DRAFT = 99;", 'enum value "1" on enum "Quality"'),
        ("  rpc GetStyle(GetStyleRequest) returns (GetStyleResponse);\n", "", '"GetStyle"'),
        ("(stream StylizeRequest)", "(StylizeRequest)", '"Stylize"'),
    ],
    ids=[
        "field removed",
        "type of a field",
        "number of a field",
        "name of a field",
        "name of an enum value",
        "number of an enum value",
        "method removed",
        "stream of a method",
    ],
)
def test_what_breaks_clients_is_refused(breaking, old, new, complaint):
    done = breaking(old, new)
    assert done.returncode != 0
    assert complaint in done.stdout
    assert STYLIZER in done.stdout


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("", ""),
        ("string title = 2;", "string title = 2;\n  string added = 99;"),
        ("QUALITY_DRAFT = 1;", "QUALITY_DRAFT = 1;\n  QUALITY_ADDED = 99;"),
        (
            "  rpc GetStyle(",
            "  rpc Added(GetStyleRequest) returns (GetStyleResponse);\n  rpc GetStyle(",
        ),
        ("// Draws pictures in styles.", "// Another comment."),
    ],
    ids=["nothing", "field", "enum value", "method", "comment"],
)
def test_what_is_added_is_accepted(breaking, old, new):
    done = breaking(old, new)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
