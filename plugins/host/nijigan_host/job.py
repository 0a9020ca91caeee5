"""Work on a thread of its own, which a host's timer asks how far it is."""

import traceback
from enum import Enum
from queue import Empty, SimpleQueue
from threading import Event, Thread
from typing import Callable, Generic, List, NamedTuple, Optional, TypeVar

from nijigan.client.errors import CancelledError, StylizerError
from nijigan_host.bare_error import bare

T = TypeVar("T")


class Progress(NamedTuple):
    """How far it is: what is done, 0 to 1, and what is being done."""

    fraction: float
    stage: str


class Preview(NamedTuple):
    """A small draft: RGB8, rows from the top, without padding."""

    pixels: bytes
    width: int
    height: int


class State(Enum):
    """How a job stands."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Job(Generic[T]):
    """Runs `work`, which is given the job to tell it things.

    Hosts allow nothing of theirs on other threads, so what comes of the work is handed over: the
    host's timer reads `state`, then calls `take` and `take_preview`. Where `state` was not RUNNING,
    `take` then gives the last pieces. The constructor does not start it. Of the work, with all the
    pixels that it was given, a job that has ended keeps nothing.

    error: what it failed with. trace: where, if that was a fault of ours.
    """

    def __init__(self, work: Callable[["Job[T]"], None], name: str) -> None:
        self.name = name
        self.state = State.RUNNING
        self.progress = Progress(0.0, "starting")
        self.error: Optional[StylizerError] = None
        self.trace = ""
        self.cancel = Event()
        self._pieces: "SimpleQueue[T]" = SimpleQueue()
        self._preview: Optional[Preview] = None
        self._thread = Thread(target=self._run, args=(work,), name="nijigan-job", daemon=True)

    # The host calls these.

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def take(self) -> List[T]:
        """Return the pieces that have come since."""
        pieces = []
        while True:
            try:
                pieces.append(self._pieces.get_nowait())
            except Empty:
                return pieces

    def take_preview(self) -> Optional[Preview]:
        """Return the draft, where one has come since."""
        preview, self._preview = self._preview, None
        return preview

    def wait(self, seconds: Optional[float] = None) -> None:
        """Wait until it has ended, `seconds` at most."""
        self._thread.join(seconds)

    # The work calls these.

    def tell(self, fraction: float, stage: str) -> None:
        """Say how far it is."""
        self.progress = Progress(fraction, stage)

    def show(self, pixels: bytes, width: int, height: int) -> None:
        """Show a draft."""
        self._preview = Preview(pixels, width, height)

    def give(self, piece: T) -> None:
        """Hand over a piece of the result."""
        self._pieces.put(piece)

    def _run(self, work: Callable[["Job[T]"], None]) -> None:
        try:
            work(self)
        except CancelledError:
            self.state = State.CANCELLED
        except StylizerError as error:
            self.error = bare(error)
            self.state = State.FAILED
        except Exception as error:
            self.trace = traceback.format_exc()
            self.error = StylizerError(f"{type(error).__name__}: {error}.", "Copy diagnostics.")
            self.state = State.FAILED
        else:
            self.state = State.CANCELLED if self.cancel.is_set() else State.DONE
