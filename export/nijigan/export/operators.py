"""Which ONNX operators which engine takes, from lists that scripts/list_operators.py makes."""

import tomllib
from collections.abc import Set
from dataclasses import dataclass
from functools import cache
from importlib import resources


@dataclass(frozen=True)
class Engine:
    """What is known of an engine without running it."""

    name: str
    version: str
    source: str
    """Where the list is from."""
    operators: frozenset[str]

    def __str__(self) -> str:
        return f"{self.name} {self.version}"

    def lacks(self, used: Set[str]) -> list[str]:
        """Return those of the operators that it does not take."""
        return sorted(used - self.operators)


@cache
def engines() -> tuple[Engine, ...]:
    """Return all engines that have a list, in the order of their names."""
    text = (resources.files("nijigan.export") / "operators.toml").read_text("utf-8")
    found = [
        Engine(item["engine"], item["version"], item["source"], frozenset(item["operators"]))
        for item in tomllib.loads(text)["engines"].values()
    ]
    return tuple(sorted(found, key=lambda engine: engine.name))
