"""What people answered: the files that a study's page saves."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import DataError
from nijigan.core.evaluation.mos.key import Key

FORMAT = 1

_REMEDY = "Leave it out, or ask for the file again."


@dataclass(frozen=True, eq=False)
class Answers:
    """All answers to a study; methods, aspects and pictures in the key's order.

    ratings: int 1…5, `(people, pictures, aspects, methods)`. best: index of the method that was
    preferred, `(people, pictures, aspects)`.
    """

    ratings: NDArray[np.int64]
    best: NDArray[np.int64]


def read_answers(key: Key, paths: Sequence[Path]) -> Answers:
    """Read the files of all people; a folder means the `.json` files in it.

    Raises:
        DataError: there is none, or a file is damaged, not whole, of another study, or of somebody
            whose answers another file has.
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise DataError("No answers.", "Give the files that people saved.")
    people: dict[str, Path] = {}
    ratings, best = [], []
    for file in files:
        table = _read(file, key)
        earlier = people.setdefault(str(table["participant"]), file)
        if earlier is not file:
            raise DataError(f"{file} has the answers of the person of {earlier}.", "Drop one.")
        by_question = _by_question(table, key, file)
        rows = [
            [
                _row(by_question[shown.id, aspect], shown.drawings, key, file)
                for aspect in key.aspects
            ]
            for shown in key.pictures
        ]
        ratings.append([[marks for marks, _ in row] for row in rows])
        best.append([[choice for _, choice in row] for row in rows])
    return Answers(np.array(ratings, np.int64), np.array(best, np.int64))


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.json")) if path.is_dir() else [path]


def _read(file: Path, key: Key) -> dict[str, Any]:
    try:
        table = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"{file} cannot be read ({error.strerror}).", _REMEDY) from error
    except ValueError as error:
        raise DataError(f"{file} is damaged: {error}.", _REMEDY) from error
    if not isinstance(table, dict) or "study" not in table or not table.get("participant"):
        raise DataError(f"{file} has no answers to a study.", _REMEDY)
    if table["study"] != key.study:
        raise DataError(
            f"{file} answers the study {table['study']}, not {key.study}.",
            "Score it with the key.json of its own.",
        )
    if table.get("format") != FORMAT:
        raise DataError(f"{file} has format {table.get('format')}, not {FORMAT}.", _REMEDY)
    return table


def _by_question(
    table: dict[str, Any], key: Key, file: Path
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return each answer by picture and aspect; all of the study's, and each once."""
    found: dict[tuple[str, str], dict[str, Any]] = {}
    try:
        for answer in table["answers"]:
            question = answer["picture"], answer["aspect"]
            if question in found:
                raise DataError(f"{file} answers a question twice.", _REMEDY)
            found[question] = answer
    except (TypeError, KeyError) as error:
        raise DataError(f"{file} is damaged: {error!r}.", _REMEDY) from error
    asked = {(shown.id, aspect) for shown in key.pictures for aspect in key.aspects}
    if found.keys() != asked:
        raise DataError(
            f"{file} answers {len(asked & found.keys())} of {len(asked)} questions, and "
            f"{len(found.keys() - asked)} that were not asked.",
            _REMEDY,
        )
    return found


def _row(
    answer: dict[str, Any], drawings: dict[str, str], key: Key, file: Path
) -> tuple[list[int], int]:
    """Return the marks in the order of the key's methods, and which method was preferred."""
    ratings, best = answer.get("ratings"), answer.get("best")
    if not isinstance(ratings, dict) or ratings.keys() != drawings.keys():
        raise DataError(f"{file} does not rate every drawing.", _REMEDY)
    if not all(type(mark) is int and 1 <= mark <= 5 for mark in ratings.values()):
        raise DataError(f"{file} has a mark that is not 1 to 5.", _REMEDY)
    if not isinstance(best, str) or best not in drawings:
        raise DataError(f"{file} prefers a drawing that was not shown.", _REMEDY)
    marks = {drawings[id_]: mark for id_, mark in ratings.items()}
    return [marks[method] for method in key.methods], key.methods.index(drawings[best])
