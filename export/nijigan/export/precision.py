"""The types of numbers that a style's graphs compute in, and how near they must stay to torch."""

from dataclasses import dataclass

from nijigan.core.errors import UsageError
from nijigan.core.nearest import did_you_mean
from nijigan.export.style import Parity


@dataclass(frozen=True)
class Precision:
    """What a graph computes in.

    Each is proved against the generator in float32. A difference counts as a mistake of the export
    past `most_max_abs` in any value, of an output in [-1, 1], or below `least_psnr_db` over all.
    """

    name: str
    most_max_abs: float
    least_psnr_db: float

    def allows(self, row: Parity) -> bool:
        """Whether a measured difference, which may be no number, is not a mistake."""
        return row.max_abs <= self.most_max_abs and row.psnr_db >= self.least_psnr_db


PRECISIONS = {
    precision.name: precision
    for precision in (
        # An eighth of an 8-bit level.
        Precision("fp32", 1e-3, 60.0),
        # 11 and 8 bits of mantissa: whole levels here and there, no picture that looks otherwise.
        Precision("fp16", 2.0, 45.0),
        Precision("bf16", 2.0, 35.0),
        # Weights and what goes into convolutions, in 255 levels each.
        Precision("int8", 2.0, 30.0),
    )
}


def precision_of(name: str) -> Precision:
    """Return the precision of that name.

    Raises:
        UsageError: there is none.
    """
    if name not in PRECISIONS:
        raise UsageError(f"No precision is named {name!r}.", did_you_mean(name, PRECISIONS))
    return PRECISIONS[name]
