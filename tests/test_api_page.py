"""docs/api.md against what the generated code and the errors say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from nijigan.core import errors
from nijigan.v1 import stylizer_pb2

sys.path.insert(0, str(Path(__file__).parents[1] / "scripts"))

from generate_api_page import cell, generate, prose

DECLARED = stylizer_pb2.DESCRIPTOR


@pytest.fixture(scope="module")
def page():
    (content,) = generate().values()
    return content.decode()


def section(page, heading):
    """What is below a heading."""
    return re.split(r"\n##+ ", page.partition(f"\n### {heading}\n\n")[2])[0]


def test_the_page_is_up_to_date():
    script = Path(__file__).parents[1] / "scripts/generate_api_page.py"
    done = subprocess.run(
        [sys.executable, script, "--check"], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (0, ""), done.stderr


def test_every_method_says_what_is_streamed(page):
    for method in DECLARED.services_by_name["StylizerService"].methods:
        taken, given = section(page, method.name).split("\n\n")[0].split(" → ")
        assert taken.startswith("stream of ") == method.client_streaming, method.name
        assert given.startswith("stream of ") == method.server_streaming, method.name
        assert f"[{method.input_type.name}]" in taken
        assert f"[{method.output_type.name}]" in given


def test_every_field_and_value_has_its_number_and_a_meaning(page):
    things = [(m, m.fields) for m in DECLARED.message_types_by_name.values()]
    things += [(e, e.values) for e in DECLARED.enum_types_by_name.values()]
    for thing, parts in things:
        rows = [line for line in section(page, thing.name).splitlines() if line.startswith("| `")]
        assert len(rows) == len(parts), thing.name
        for row, part in zip(rows, parts, strict=True):
            assert row.startswith(f"| `{part.name}` | {part.number} | "), row
            assert not row.endswith("|  |"), row


def test_links_lead_to_headings(page):
    headings = re.findall(r"^### (\w+)$", page, re.MULTILINE)
    assert len(set(headings)) == len(headings)
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= {heading.lower() for heading in headings}


def test_every_reason_is_there_once(page):
    for name in errors.__all__:
        error = getattr(errors, name)
        assert page.count(f"\n| `{error.reason}` | `{error.grpc_code}` | ") == 1, name


def test_comments_are_no_markup():
    assert prose("styles.<name>, `<token>`, 2 * 3 * 4") == r"styles.\<name>, `<token>`, 2 \* 3 \* 4"
    assert cell("one | two\n\n`a|b`") == r"one \| two `a\|b`"
