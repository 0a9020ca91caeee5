"""Figures in words: what the verbs under `eval` print."""

from collections.abc import Mapping

from nijigan.core.drawers import NetworkFacts
from nijigan.core.evaluation.evaluate import PHOTO, Estimate, Evaluation, Figure

NOTHING = "–"


def heading(figure: Figure) -> str:
    """The measure with its unit, and an arrow to where it is better."""
    arrow = {"higher": " ↑", "lower": " ↓"}.get(figure.better, "")
    return f"{figure.name}{f', {figure.unit}' if figure.unit else ''}{arrow}"


def value_text(figure: Figure, estimate: Estimate | None) -> str:
    """A value, with its spread where each picture has one."""
    if estimate is None:
        return NOTHING
    value = f"{estimate.value:.{figure.digits}f}"
    if estimate.spread is None:
        return value
    return f"{value} ± {estimate.spread:.{figure.digits}f}"


def interval_text(figure: Figure, estimate: Estimate | None) -> str:
    """The 95 % interval, where there is one."""
    if estimate is None or estimate.low is None or estimate.high is None:
        return ""
    digits = figure.digits
    return f"[{estimate.low:.{digits}f}, {estimate.high:.{digits}f}]"


def about(result: Evaluation) -> str:
    """How many pictures, which split, and what drawings were compared with."""
    against = (
        "each against its own drawing"
        if result.matched
        else f"against {result.references} held-out drawings of other things"
    )
    return (
        f"{result.photos} held-out photos, split {result.split_sha256[:12]}, {against}; "
        f"'{PHOTO}' is the photo itself, what doing nothing gets"
    )


def leak_warnings(networks: Mapping[str, NetworkFacts | None], split_sha256: str) -> list[str]:
    """Say of which networks, by source, held-out photos may be among those it learned from."""
    lines = []
    for name, network in networks.items():
        if network is None or network.split_sha256 == split_sha256:
            continue
        learned = f"learned from split {network.split_sha256[:12]}"
        lines.append(
            f"warning: {name} {learned if network.split_sha256 else 'does not say its split'}; "
            f"photos of split {split_sha256[:12]} may be among those that it learned from."
        )
    return lines


def notes(result: Evaluation) -> list[str]:
    """For each figure that looks through a network: which, at what size, of how many pictures."""
    lines = []
    for figure in result.figures:
        if not figure.features:
            continue
        networks = " and ".join(f"{part.label} (sha256 {part.sha256})" for part in figure.features)
        line = (
            f"{figure.name}: {networks}; pictures at {figure.resize}; {figure.photos} photos, "
            f"{figure.references} references"
        )
        if figure.needs and min(figure.photos, figure.references) <= figure.needs:
            line += (
                f", where it needs more than {figure.needs}: far too large, and comparable at "
                "these numbers alone"
            )
        lines.append(line)
    return lines
