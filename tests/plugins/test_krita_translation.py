"""Every text of Krita's plugin, and what shared code may say in it, is in every catalogue."""

import ast
import importlib.util
import re
import string
from pathlib import Path

import pytest

PLUGINS = Path(__file__).parents[2] / "plugins"
KRITA = PLUGINS / "krita/nijigan_krita"
SHARED = [KRITA, PLUGINS / "host/nijigan_host", PLUGINS / "client/nijigan/client"]
# Not for people, or with nothing but what varies.
SAYS = ("say", "_say", "_tell")
INTERNAL = {"DecodeError", "ValueError", "OSError", "ConnectionError"}
ALSO = ["Leave `exchange` out.", "The sidecar and this process share no folder for files."]


def messages(language):
    path = KRITA / f"languages/{language}.py"
    spec = importlib.util.spec_from_file_location(language, path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.MESSAGES


def text_of(node):
    """A literal, with 7 in its gaps; None where it is none."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(p.value if isinstance(p, ast.Constant) else "7" for p in node.values)
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        return None if node.func.attr != "format" else text_of(node.func.value).replace("{}", "7")
    return None


def calls(folders):
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call):
                    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                    yield name, [text for text in map(text_of, node.args) if text]


def said():
    """What the plugin says itself: these must be keys."""
    return {texts[0] for name, texts in calls([KRITA]) if name in SAYS and texts}


def sentences():
    """Facts and remedies of errors, lines about the sidecar, stages of jobs."""
    for name, texts in calls(SHARED):
        of_an_error = name.endswith("Error") and name not in INTERNAL
        if of_an_error or name in ("Condition", "Progress", "tell"):
            for text in texts:
                yield from re.split(r"(?<=\.) (?=[A-Z7])", text)


@pytest.mark.parametrize("language", ["de", "ja"])
def test_all_is_translated(language):
    known = messages(language)
    assert not said() - set(known)
    patterns = [re.compile(re.sub(r"\\{\w+\\}", ".+", re.escape(key))) for key in known]
    missing = {
        text
        for text in sentences()
        if text.strip("7 .:") and not any(p.fullmatch(text) for p in patterns)
    }
    assert not missing - set(ALSO)


def gaps(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", ["de", "ja"])
def test_gaps_are_the_same(language):
    for text, words in messages(language).items():
        gaps = [
            {name for _, name, _, _ in string.Formatter().parse(t) if name} for t in (text, words)
        ]
        assert gaps[0] == gaps[1], text


def test_catalogues_have_the_same_texts():
    assert set(messages("de")) == set(messages("ja"))
