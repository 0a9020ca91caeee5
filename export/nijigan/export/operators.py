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


# They can run for ever.
_CONTROL_FLOW = frozenset({"If", "Loop", "Scan"})
_RUN_ALL_STYLES = ("ONNX Runtime", "OpenVINO", "TensorRT")


@cache
def of_styles() -> frozenset[str]:
    """Return the operators that a style's graph may have: without control flow, and no custom one.

    Unity's inference engine takes fewer, and then not all styles.
    """
    taken = (each.operators for each in engines() if each.name in _RUN_ALL_STYLES)
    return frozenset.intersection(*taken) - _CONTROL_FLOW


@cache
def engines() -> tuple[Engine, ...]:
    """Return all engines that have a list, in the order of their names."""
    text = (resources.files("nijigan.export") / "operators.toml").read_text("utf-8")
    found = [
        Engine(item["engine"], item["version"], item["source"], frozenset(item["operators"]))
        for item in tomllib.loads(text)["engines"].values()
    ]
    return tuple(sorted(found, key=lambda engine: engine.name))
