"""Which pictures are read, and where each is written."""

from pathlib import Path

import pytest

from nijigan.core.errors import UsageError
from nijigan.server.files import Job, plan


@pytest.fixture
def photos(tmp_path, monkeypatch):
    """Folders `a` and `b` of empty files; the working folder is above them."""
    for name in ["a/2.jpg", "a/1.PNG", "a/notes.txt", "a/.hidden.png", "a/sub/3.png", "b/2.jpg"]:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
    monkeypatch.chdir(tmp_path)
    return tmp_path


def planned(*sources: str, out: str) -> list[tuple[str, str]]:
    jobs = plan([Path(source) for source in sources], Path(out))
    return [(job.source.as_posix(), job.target.as_posix()) for job in jobs]


def test_one_picture_to_one_file(photos):
    assert plan([Path("a/2.jpg")], Path("x.png")) == [Job(Path("a/2.jpg"), Path("x.png"))]


def test_a_folder_gives_its_own_pictures_by_name(photos):
    assert planned("a", out="out") == [("a/1.PNG", "out/1.PNG"), ("a/2.jpg", "out/2.jpg")]


def test_a_folder_with_a_dot_in_its_name_is_a_folder(photos):
    (photos / "v1.0").mkdir()
    assert planned("a/2.jpg", out="v1.0") == [("a/2.jpg", "v1.0/2.jpg")]


def test_a_source_without_a_suffix_of_a_picture(photos):
    assert planned("a/notes.txt", "b/2.jpg", out="out") == [
        ("a/notes.txt", "out/notes.txt.png"),
        ("b/2.jpg", "out/2.jpg"),
    ]


@pytest.mark.parametrize(
    ("sources", "out", "says"),
    [
        (["a"], "x.png", "x.png is one file, and there are 2 pictures"),
        (["a/2.jpg"], "x.gif", "suffix '.gif'"),
        (["a/sub/..", "b"], "out", "would both be written to out/2.jpg"),
        (["a"], "a", "would be overwritten, and it is a source"),
        (["a/2.jpg"], "b/../a/2.jpg", "would be overwritten"),
        (["a/2.jpg", "b/2.jpg"], "b", "b/2.jpg would be overwritten"),
        (["empty"], "out", "empty has no pictures"),
    ],
)
def test_what_would_lose_a_picture_is_refused(photos, sources, out, says):
    (photos / "empty").mkdir()
    with pytest.raises(UsageError, match=says):
        plan([Path(source) for source in sources], Path(out))


def test_a_link_to_the_source_is_the_source(photos):
    (photos / "link").symlink_to(photos / "a")
    with pytest.raises(UsageError, match="would be overwritten"):
        plan([Path("a/2.jpg")], Path("link"))


def test_a_picture_named_twice_is_drawn_once(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in/a.png").touch()
    jobs = plan([tmp_path / "in", tmp_path / "in/a.png"], tmp_path / "out")
    assert [job.target for job in jobs] == [tmp_path / "out/a.png"]


def test_several_pictures_go_to_a_folder_whose_name_has_a_dot(tmp_path):
    sources = [tmp_path / "a.png", tmp_path / "b.png"]
    jobs = plan(sources, tmp_path / "strength_0.5")
    assert [job.target.parent.name for job in jobs] == ["strength_0.5"] * 2
