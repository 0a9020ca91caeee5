import json
import re
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from nijigan.core.errors import DataError, OutputError, UsageError
from nijigan.core.evaluation.mos.answers import Answers, read_answers
from nijigan.core.evaluation.mos.key import Key, Shown, read_key
from nijigan.core.evaluation.mos.score import score_study, wilson
from nijigan.core.evaluation.mos.study import make_study
from nijigan.core.verbs.mos import app

DRIVER = Path(__file__).with_name("mos_page.js")
METHODS = ("zebra", "quokka", "walrus")


def draw(folder, count=3, size=(40, 30), mode="RGB"):
    folder.mkdir(parents=True)
    rng = np.random.default_rng(len(folder.name))
    for i in range(count):
        pixels = rng.integers(0, 256, (size[1], size[0], len(mode)), dtype=np.uint8)
        Image.fromarray(pixels).save(folder / f"p{i}.png")
    return folder


@pytest.fixture
def folders(tmp_path):
    return {name: draw(tmp_path / name) for name in METHODS}


@pytest.fixture
def photos(tmp_path):
    return draw(tmp_path / "photos")


@pytest.fixture
def study(folders, photos, tmp_path):
    make_study(folders, photos, tmp_path / "study")
    return tmp_path / "study"


def answers_of(key, participant="a", mark=3, best=0):
    """What the page would save of a person who gives all one mark."""
    rows = [
        {
            "picture": shown.id,
            "aspect": aspect,
            "best": next(d for d, m in shown.drawings.items() if m == key.methods[best]),
            "ratings": dict.fromkeys(shown.drawings, mark),
        }
        for shown in key.pictures
        for aspect in key.aspects
    ]
    return {"format": 1, "study": key.study, "participant": participant, "answers": rows}


def test_the_page_is_one_file_that_names_no_method_photo_or_address(study):
    page = (study / "study.html").read_text()
    for name in (*METHODS, "p0", "p1", "p2"):
        assert not re.search(rf"\b{name}\b", page)
    assert "://" not in page
    assert "default-src 'none'" in page
    assert page.count("data:image/jpeg;base64,") == 3 * (1 + len(METHODS))


def test_the_order_of_ids_says_nothing_of_methods(folders, photos, tmp_path):
    firsts = set()
    for i in range(12):
        make_study(folders, photos, tmp_path / f"study{i}")
        page = (tmp_path / f"study{i}" / "study.html").read_text()
        content = json.loads(re.search(r'json">(.*?)</script>', page, re.DOTALL)[1])
        key = read_key(tmp_path / f"study{i}" / "key.json")
        methods = {d: m for shown in key.pictures for d, m in shown.drawings.items()}
        for picture in content["pictures"]:
            assert list(picture["drawings"]) == sorted(picture["drawings"])
            firsts.add(methods[next(iter(picture["drawings"]))])
    assert firsts == set(METHODS)


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node")
def test_people_fill_in_the_page_and_their_files_are_scored(study, tmp_path):
    key = read_key(study / "key.json")
    liking = {"zebra": 2, "quokka": 5, "walrus": 3}
    opinion = {d: liking[m] for shown in key.pictures for d, m in shown.drawings.items()}
    orders = set()
    for _ in range(4):
        command = ["node", DRIVER, study / "study.html", json.dumps(opinion)]
        result = subprocess.run(command, capture_output=True, text=True, check=True)
        person = json.loads(result.stdout)
        assert person["refused"] == ["One answer is missing."] * 3
        assert person["title"] == "Thank you!"
        orders.add(json.dumps(person["order"]))
        (tmp_path / "answers").mkdir(exist_ok=True)
        (tmp_path / "answers" / person["name"]).write_text(person["saved"])
    assert len(orders) > 1
    run = CliRunner().invoke(
        app, ["score", str(study / "key.json"), str(tmp_path / "answers"), "--json"]
    )
    scored = json.loads(run.stdout)
    assert (scored["people"], scored["pictures"]) == (4, 3)
    for row in scored["rows"]:
        assert row["mos"]["value"] == row["mos"]["low"] == liking[row["method"]]
        assert row["choices"] == (12 if row["method"] == "quokka" else 0)


def test_pictures_are_shrunk_and_chosen(folders, photos, tmp_path):
    key = make_study(folders, photos, tmp_path / "a", pictures=2, long_side=20, seed=1)
    again = make_study(folders, photos, tmp_path / "b", pictures=2, long_side=20, seed=1)
    assert [shown.name for shown in key.pictures] == [shown.name for shown in again.pictures]
    assert len(key.pictures) == 2
    with pytest.raises(UsageError, match="4 of 3"):
        make_study(folders, photos, tmp_path / "c", pictures=4)


def test_what_would_break_the_blind_or_the_study_is_refused(folders, photos, study, tmp_path):
    with pytest.raises(OutputError, match="another study"):
        make_study(folders, photos, study)
    with pytest.raises(UsageError, match="two"):
        make_study({"one": folders["zebra"]}, photos, tmp_path / "new")
    for name, how, message in (
        ("small", {"size": (20, 15)}, "20x15, its photo 40x30"),
        ("glass", {"mode": "RGBA"}, "transparent"),
        ("few", {"count": 2}, "p2 is missing"),
    ):
        with pytest.raises(DataError, match=message):
            make_study(
                folders | {name: draw(tmp_path / name, **how)}, photos, tmp_path / f"with-{name}"
            )
        assert not (tmp_path / f"with-{name}").exists()


def spoil(change):
    """Return a function that changes the first answer of a file."""
    return lambda table: change(table["answers"][0])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.update(study="other"), "study other"),
        (lambda table: table.update(format=2), "format 2"),
        (lambda table: table.update(answers=3), "damaged"),
        (lambda table: table["answers"].pop(), "8 of 9 questions"),
        (lambda table: table["answers"].append(table["answers"][0]), "twice"),
        (spoil(lambda row: row.update(best="nobody")), "not shown"),
        (spoil(lambda row: row["ratings"].update(dict.fromkeys(row["ratings"], 6))), "1 to 5"),
        (spoil(lambda row: row["ratings"].update(dict.fromkeys(row["ratings"], True))), "1 to 5"),
        (spoil(lambda row: row["ratings"].popitem()), "every drawing"),
    ],
)
def test_answers_that_are_not_whole_are_refused(study, tmp_path, change, message):
    key = read_key(study / "key.json")
    table = answers_of(key)
    change(table)
    (tmp_path / "a.json").write_text(json.dumps(table))
    with pytest.raises(DataError, match=message) as caught:
        read_answers(key, [tmp_path / "a.json"])
    assert "a.json" in str(caught.value)


def test_a_person_counts_once_and_a_cut_file_not_at_all(study, tmp_path):
    key = read_key(study / "key.json")
    text = json.dumps(answers_of(key))
    for name in ("a.json", "copy.json"):
        (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=r"copy\.json has the answers of the person of .*a\.json"):
        read_answers(key, [tmp_path / "a.json", tmp_path / "copy.json"])
    with pytest.raises(DataError, match="person"):
        read_answers(key, [tmp_path / "a.json", tmp_path / "a.json"])
    (tmp_path / "cut.json").write_text(text[:-20])
    with pytest.raises(DataError, match="damaged"):
        read_answers(key, [tmp_path / "cut.json"])
    with pytest.raises(DataError, match="No answers"):
        read_answers(key, [tmp_path / "photos"])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda table: table.update(format=2), "format 2"),
        (lambda table: table.pop("study"), "no whole key"),
        (lambda table: table["pictures"][0]["drawings"].popitem(), "p0"),
    ],
)
def test_a_damaged_key_is_refused(study, change, message):
    path = study / "key.json"
    table = json.loads(path.read_text())
    change(table)
    path.write_text(json.dumps(table))
    with pytest.raises(DataError, match=message):
        read_key(path)


@pytest.mark.parametrize(("hits", "trials"), [(8, 10), (0, 20), (20, 20), (1, 300)])
def test_wilsons_bounds_are_the_shares_that_a_score_test_just_keeps(hits, trials):
    rate = wilson(hits, trials)
    assert rate.value == hits / trials
    for bound in (rate.low, rate.high):
        error = abs(rate.value - bound)
        assert error == pytest.approx(1.959964 * np.sqrt(bound * (1 - bound) / trials), abs=1e-6)
    assert 0 <= rate.low <= rate.value <= rate.high <= 1


def random_study(rng, people, pictures, person_spread, picture_spread):
    """Marks around 3 for one method, with people and pictures that differ."""
    of_person = rng.normal(0, person_spread, (people, 1))
    of_picture = rng.normal(0, picture_spread, (1, pictures))
    marks = 3 + of_person + of_picture + rng.normal(0, 0.3, (people, pictures))
    return Answers(
        np.rint(marks).clip(1, 5).astype(np.int64)[:, :, None, None],
        np.zeros((people, pictures, 1), np.int64),
    )


def key_of(pictures):
    shown = tuple(Shown(str(i), str(i), {"d": "m"}) for i in range(pictures))
    return Key("s", ("m",), ("overall",), shown)


@pytest.mark.parametrize("spread", [(0.6, 0.0), (0.0, 0.6), (0.5, 0.5)])
def test_intervals_hold_the_truth_whether_people_or_pictures_differ(spread):
    rng = np.random.default_rng(0)
    inside = 0
    for _ in range(60):
        (row,) = score_study(key_of(12), random_study(rng, 12, 12, *spread)).rows
        inside += row.mos.low <= 3 <= row.mos.high
    assert inside >= 52  # 95 % of 60 are 57


def test_more_people_narrow_the_interval_only_as_far_as_pictures_let_them():
    rng = np.random.default_rng(1)
    widths = []
    for people in (5, 80):
        (row,) = score_study(key_of(5), random_study(rng, people, 5, 0.0, 0.8)).rows
        widths.append(row.mos.high - row.mos.low)
    assert widths[1] > 0.5  # five pictures stay five


def test_the_commands_make_and_score(folders, photos, tmp_path):
    named = [f"{name}={folder}" for name, folder in folders.items()]
    out = tmp_path / "out"
    made = CliRunner().invoke(app, ["make", *named, "--photos", str(photos), "-o", str(out)])
    assert made.exit_code == 0, made.output
    key = read_key(out / "key.json")
    for i in range(3):
        table = answers_of(key, participant=f"p{i}", mark=2 + i, best=1)
        (tmp_path / f"{i}.json").write_text(json.dumps(table))
    files = [str(tmp_path / f"{i}.json") for i in range(3)]
    scored = CliRunner().invoke(app, ["score", str(out / "key.json"), *files])
    assert "3 people, 3 pictures" in scored.stdout
    (line,) = (line for line in scored.stdout.splitlines() if line.startswith("overall  quokka"))
    assert re.search(r"3\.00 +2\.00–4\.00 +100% +70%–100%", line)
    assert "warning" not in scored.stderr
    alone = CliRunner().invoke(app, ["score", str(out / "key.json"), files[0]])
    assert "1 person, 3 pictures" in alone.stdout
    assert "warning: of one person" in alone.stderr


@pytest.mark.parametrize("methods", [["a"], ["a="], ["=x"], ["a=x", "a=y"]])
def test_a_method_is_a_name_and_a_folder(methods, photos, tmp_path):
    result = CliRunner().invoke(
        app, ["make", *methods, "--photos", str(photos), "-o", str(tmp_path / "o")]
    )
    assert isinstance(result.exception, UsageError)
