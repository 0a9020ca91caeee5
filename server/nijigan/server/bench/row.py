"""What was timed of one case."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from nijigan.core.errors import DataError

_WIDE = 0.25
"""A spread past this share of the median says that something else was running."""


@dataclass(frozen=True)
class Row:
    """What was timed. Times in milliseconds, of the network alone on a picture in memory."""

    style: str
    style_sha256: str
    """Of the graph."""
    size: str
    quality: str
    engine: str
    precision: str
    threads: int | None
    """For one picture; None: all physical cores."""
    concurrency: int
    """Pictures that were drawn at once."""
    warm_ups: int
    """Untimed runs before times were stable."""
    iterations: int
    min_ms: float
    mean_ms: float
    p50_ms: float
    p90_ms: float
    p95_ms: float
    p99_ms: float
    pictures_per_s: float
    first_ms: float | None
    """The first picture in a fresh process; None where it was not measured."""
    load_ms: float | None
    """Loading the style in a fresh process."""
    upload_ms: float | None
    """To the memory of a device, by its clock, the median; None where the engine has no device."""
    compute_ms: float | None
    """On the device alone."""
    download_ms: float | None
    """Back from it."""
    peak_mib: float | None
    """The most memory of a fresh process that draws one picture."""
    conv_p50_ms: float
    """Of the reference convolution."""
    conv_gflops: float
    """What the machine reached in it: 10⁹ floating-point operations a second."""
    conv_ratio: float
    """The median round, for each picture, over the median of the reference convolution, which was
    timed in turn with it: figures of two machines can be compared."""
    conv_ratio_low: float
    """95 % interval, by bootstrap over rounds."""
    conv_ratio_high: float
    parity_psnr_db: float | None
    """The worst that the style tells of its graph against its generator in float32."""
    parity_ssim: float | None
    times_ms: Sequence[float] = field(repr=False, default=())
    """Of each round."""
    conv_times_ms: Sequence[float] = field(repr=False, default=())
    """Of each round, of the reference convolution."""

    @property
    def key(self) -> tuple[object, ...]:
        """What it is the time of: rows of two reports with the same key can be compared."""
        return (
            self.style,
            self.size,
            self.quality,
            self.engine,
            self.precision,
            self.threads,
            self.concurrency,
        )

    @property
    def spread(self) -> float:
        """How far p90 is above the median, as a share of it."""
        return self.p90_ms / self.p50_ms - 1

    @property
    def is_wide(self) -> bool:
        """Whether the spread is so wide that something else must have been running."""
        return self.spread > _WIDE

    @classmethod
    def read(cls, data: dict[str, Any]) -> "Row":
        """Return the row that a report has.

        Raises:
            DataError: a key is missing or unknown.
        """
        try:
            return cls(**data)
        except TypeError as error:
            raise DataError(
                f"A row of the report cannot be read ({error}).",
                "Give what `nijigan bench --json` of this version wrote.",
            ) from error
