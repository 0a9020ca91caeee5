"""Tells what changed between two reports from what is noise."""

from collections.abc import Sequence
from dataclasses import dataclass

from nijigan.core.errors import DataError
from nijigan.server.bench.ratio import Ratio, ratio_of_ratios
from nijigan.server.bench.report import Report
from nijigan.server.bench.row import Row


@dataclass(frozen=True)
class Change:
    """One case that both reports have."""

    before: Row
    after: Row
    ratio: Ratio
    """Of the conv_ratios, after over before: above 1 it became slower. A machine that is slower as
    a whole, or for a while, is slower in the reference too and changes nothing."""
    verdict: str
    """`slower`, `faster` or `same`."""


def changes(before: Report, after: Report, tolerance: float) -> list[Change]:
    """Return what became of each case that both reports have, in the second one's order.

    A case is slower, or faster, where the whole 95 % interval of the ratio lies past the tolerance.

    Args:
        before, after: the reports.
        tolerance: as a share: 0.03 forgives 3 %.

    Raises:
        DataError: they have no case in common.
    """
    known = {row.key: row for row in before.rows}
    found = [_change(known[row.key], row, tolerance) for row in after.rows if row.key in known]
    if not found:
        raise DataError(
            "The reports have no case in common.",
            "Time the same styles, sizes, qualities, engines and threads.",
        )
    return found


def slower(found: Sequence[Change]) -> list[Change]:
    """Return what became slower."""
    return [change for change in found if change.verdict == "slower"]


def _change(before: Row, after: Row, tolerance: float) -> Change:
    ratio = ratio_of_ratios(
        (before.times_ms, before.conv_times_ms), (after.times_ms, after.conv_times_ms)
    )
    verdict = "same"
    if ratio.low > 1 + tolerance:
        verdict = "slower"
    elif ratio.high < 1 - tolerance:
        verdict = "faster"
    return Change(before, after, ratio, verdict)
