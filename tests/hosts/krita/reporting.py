"""Runs cases inside Krita and writes what became of each, a line of JSON a case."""

import json
import os
import traceback
from pathlib import Path

CONFIG = json.loads(Path(os.environ["NIJIGAN_KRITA_CASES"]).read_text(encoding="utf-8"))


def cases_of(names):
    """The functions whose name says that they are cases, and that are wanted."""
    found = {name[5:]: case for name, case in names.items() if name.startswith("case_")}
    return {name: case for name, case in found.items() if name in CONFIG["cases"]}


def report(case, result="ok", **figures):
    with Path(CONFIG["results"]).open("a", encoding="utf-8") as file:
        file.write(json.dumps({"case": case, "result": result, **figures}) + "\n")


def report_error(case):
    report(case, traceback.format_exc())
