"""A style's card: what only a person can say of it, in a TOML file."""

import json
import re
import tomllib
from dataclasses import asdict, dataclass, field, fields
from importlib import resources
from pathlib import Path
from typing import Any

from nijigan.core.errors import ConfigError, StyleError
from nijigan.core.nearest import did_you_mean
from nijigan.core.ode import Solver, solver_from_name
from nijigan.export.source import Source
from nijigan.export.style import QUALITIES, Halftone, Style, check_described


@dataclass(frozen=True)
class Card:
    """Facts for `style.json` that cannot be measured, and the solver of each quality."""

    name: str
    """a-z, 0-9 and _."""
    title: str = ""
    """For people; the name where empty."""
    version: str = "0.1.0"
    """Of the style, SemVer."""
    description: str = ""
    """One or two sentences."""
    license: str = "LicenseRef-unknown"
    """SPDX expression of the weights."""
    working_short_side: int = 720
    """Pixels: what suits the style's lines and regions; larger pictures are drawn at it, and those
    below half of it at half."""
    auto: str = "guided"
    """What the scale `auto` does with such pictures: `guided`, or `native` to draw all as they
    are."""
    halftone: Halftone | None = None
    """Of a style whose grays become dots: see `style.json`."""
    limits: list[str] = field(default_factory=list)
    """What it is bad at."""
    training: dict[str, Any] = field(default_factory=dict)
    """Where its data came from."""
    qualities: dict[str, Any] = field(
        default_factory=lambda: {
            "draft": ["euler", 1],
            "normal": ["midpoint", 1],
            "fine": ["rk4", 1],
        }
    )
    """Solver and steps of each quality."""

    def solver(self, quality: str) -> Solver:
        """The solver of a quality.

        Raises:
            ConfigError: the card has none, or there is none of that name.
        """
        match self.qualities.get(quality):
            case [str(name), int(steps)]:
                return solver_from_name(name, steps)
            case other:
                raise ConfigError(
                    f"The card's quality '{quality}' is {other!r}.",
                    'Write a solver and its steps: ["midpoint", 1].',
                )


def default_card(name: str, source: Source) -> Card:
    """Return the card of a style that no one has written one for; of a style, what it says itself.

    Args:
        name: what the style is to be called; characters that a name may not have become `_`.
        source: what becomes the style.
    """
    if source.style is not None:
        return _card_of(source.style, name)
    info = source.info
    limit = "No one has written down yet what it is bad at."
    if source.is_random:
        limit = "Its weights are random: it draws nothing, and is for measuring how fast it is."
    return Card(
        name=_named(name),
        title=name,
        description=f"A generator `{info.name}`; no one has described it yet.",
        license=info.license or "LicenseRef-unknown",
        limits=[limit],
        training={"data": "not stated." if info.split_sha256 else info.data or "not stated."},
    )


def _card_of(style: Style, name: str) -> Card:
    return Card(
        name=_named(name),
        title=style.title,
        version=style.version,
        description=style.description,
        license=style.license,
        working_short_side=style.scale.working_short_side,
        auto=style.scale.auto,
        halftone=style.halftone,
        limits=list(style.limits),
        training=dict(style.training),
        qualities={
            key: [quality.solver, quality.steps]
            for key, quality in style.qualities.items()
            if quality.solver != "none"
        }
        or Card(name).qualities,
    )


def _named(text: str) -> str:
    return re.sub("[^a-z0-9_]+", "_", text.lower()).strip("_") or "style"


def card_names() -> list[str]:
    """The cards that come with nijigan."""
    folder = resources.files("nijigan.export") / "cards"
    return sorted(item.name[:-5] for item in folder.iterdir() if item.name.endswith(".toml"))


def load_card(source: str) -> Card:
    """Read a card: a path ending in `.toml`, or the name of one that comes with nijigan.

    Raises:
        ConfigError: there is no such card, or it has an unknown key, no name, or a value that no
            style can have.
    """
    table = _read(source)
    try:
        json.dumps(table)
    except TypeError as error:  # TOML has dates, JSON has none
        raise ConfigError(f"{source}: {error}.", "Write it in quotes.") from error
    known = [item.name for item in fields(Card)]
    for key in table:
        if key not in known:
            raise ConfigError(f"{source}: unknown key '{key}'.", did_you_mean(key, known))
    if missing := [q for q in QUALITIES if q not in table.get("qualities", QUALITIES)]:
        raise ConfigError(f"{source}: no quality '{missing[0]}'.", "Name its solver and steps.")
    if "name" not in table:
        raise ConfigError(f"{source}: 'name' is missing.", "Name the style.")
    if "halftone" in table:
        table["halftone"] = _halftone(source, table["halftone"])
    card = Card(**table)
    try:
        check_described(asdict(card), Path(source))
    except StyleError as error:
        raise ConfigError(error.message, "Correct the card.") from error
    for quality in QUALITIES:
        card.solver(quality)
    return card


def _halftone(source: str, table: dict[str, Any]) -> Halftone:
    try:
        return Halftone(**table)
    except TypeError as error:
        names = ", ".join(item.name for item in fields(Halftone))
        raise ConfigError(f"{source}: halftone is {table}.", f"Give it {names}.") from error


def _read(source: str) -> dict[str, Any]:
    try:
        if source.endswith(".toml"):
            return tomllib.loads(Path(source).read_text(encoding="utf-8-sig"))
        if source in card_names():
            card = resources.files("nijigan.export") / "cards" / f"{source}.toml"
            return tomllib.loads(card.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"The card '{source}' cannot be read.", f"{error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise ConfigError(f"{source} is not UTF-8: {error}.", "Save it as UTF-8 text.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{source}: not TOML: {error}.", "Correct that line.") from error
    raise ConfigError(f"There is no card '{source}'.", did_you_mean(source, card_names()))
