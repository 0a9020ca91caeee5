"""The work of a job: pictures to the sidecar, drawings back."""

from typing import Any, Callable, NamedTuple, Optional, Sequence, Tuple, Union

from nijigan.client import Client, Result
from nijigan.client.errors import (
    BusyError,
    CancelledError,
    IncompatibleError,
    SidecarNotRunningError,
    StylizerError,
    TokenError,
)
from nijigan_host.job import Job

# With these no other picture would fare better.
END_ALL = (CancelledError, IncompatibleError, SidecarNotRunningError, TokenError)
_RETRY_SECONDS = 1.0


class Look(NamedTuple):
    """How to draw; each as `Client.stylize` has it."""

    style: str
    strength: float = 1.0
    quality: str = "normal"
    scale: Union[str, int] = "auto"


class Picture(NamedTuple):
    """Rows from the top, without padding; straight alpha. The formats are those of the client.

    region: the part that is wanted, as `Client.stylize` has it; None is all.
    """

    pixels: Union[bytes, bytearray]
    width: int
    height: int
    format: str = "RGBA8"
    region: Optional[Tuple[int, int, int, int]] = None


class Drawn(NamedTuple):
    """What became of the picture of that number, from 0: one of the other two is None."""

    number: int
    result: Optional[Result]
    error: Optional[StylizerError]


def drawing(
    client: Callable[[], Client],
    pictures: Sequence[Picture],
    look: Look,
    preview_side: int = 0,
) -> Callable[[Job[Drawn]], None]:
    """Return work that draws each picture, in order, and gives a `Drawn` for each.

    client: called on the job's thread. preview_side: of a draft that is shown first, in pixels; 0
    is none. The job fails with what no other picture would escape: no sidecar, say.
    """

    def work(job: Job[Drawn]) -> None:
        connected = client()
        for number, picture in enumerate(pictures):
            part = _Part(job, number, len(pictures))
            try:
                result = draw_one(connected, picture, look, job, part.tell, preview_side)
            except END_ALL:
                raise
            except StylizerError as error:
                job.give(Drawn(number, None, error))
            else:
                job.give(Drawn(number, result, None))

    return work


def draw_one(
    client: Client,
    picture: Picture,
    look: Look,
    job: Job[Any],
    tell: Callable[[float, str], None],
    preview_side: int = 0,
    batch: bool = False,
    result_format: Optional[str] = None,
) -> Result:
    """Draw a picture, again and again while the sidecar has too much to do.

    result_format: the picture's own where None.

    Raises:
        StylizerError: as `Client.stylize`. CancelledError: the job was cancelled.
    """
    while True:
        try:
            return client.stylize(
                picture.pixels,
                picture.width,
                picture.height,
                **look._asdict(),
                format=picture.format,
                result_format=result_format,
                region=picture.region,
                on_progress=tell,
                on_preview=job.show if preview_side else None,
                preview_side=preview_side or 256,
                batch=batch,
                cancel=job.cancel,
                timeout=None,
            )
        except BusyError as error:
            tell(0.0, "waiting for a turn")
            if job.cancel.wait(error.retry_seconds or _RETRY_SECONDS):
                raise CancelledError("Stopped.") from error


class _Part(NamedTuple):
    """One picture's share of a job's progress."""

    job: Job[Any]
    number: int
    total: int

    def tell(self, fraction: float, stage: str) -> None:
        what = stage if self.total == 1 else f"{stage} {self.number + 1} of {self.total}"
        self.job.tell((self.number + fraction) / self.total, what)
