"""What every call of the service shares: a number, one line in the log, and errors as statuses."""

import itertools
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Lock

import grpc

from nijigan.core.errors import NijiganError, OutOfMemoryError
from nijigan.server.idle import Limits
from nijigan.server.metrics import Drawing, Metrics
from nijigan.server.shorten import shorten
from nijigan.server.status import to_status

_CANCELLED = "CANCELLED"
_MOST_ABOUT = 100  # characters: a client may send a name of a megabyte


class Call:
    """One call while it is answered.

    `about` says what of, for the log: never pixels, no token.
    """

    def __init__(self, number: int, method: str, metrics: Metrics) -> None:
        self.name = f"{number} {method}"
        self.number = number
        self.about = ""
        self._metrics = metrics

    def drew(self, drawing: Drawing) -> None:
        """Tell that a picture was sent whole."""
        self._metrics.drew(drawing)


class Calls:
    """Answers calls: whatever goes wrong in one, the sidecar lives on and the client is told."""

    def __init__(
        self, log: logging.Logger, log_path: Path, metrics: Metrics, limits: Limits
    ) -> None:
        self._log = log
        self._metrics = metrics
        self._limits = limits
        self._log_path = log_path
        self._numbers = itertools.count(1)
        self._lock = Lock()
        self._under_way = 0
        self._last = time.monotonic()

    def idle_seconds(self) -> float:
        """For how long there has been no call; 0 while there is one."""
        with self._lock:
            return 0.0 if self._under_way else time.monotonic() - self._last

    def _count(self, change: int) -> None:
        with self._lock:
            self._under_way += change
            self._last = time.monotonic()

    @contextmanager
    def answer(self, context: grpc.ServicerContext, method: str) -> Iterator[Call]:
        """Log the call; end it with the status of the error that the body raises, if it does."""
        call = Call(next(self._numbers), method, self._metrics)
        self._count(+1)
        start = time.monotonic()
        result, status = "ok", None
        try:
            yield call
        except GeneratorExit:  # gRPC drops the answer to a call that is no more
            result = _CANCELLED
            raise
        except grpc.RpcError:  # reading from a call that is no more
            result = _CANCELLED
        except NijiganError as error:
            result = error.reason
            status = to_status(error, {"request": str(call.number)})
        except MemoryError:
            result = OutOfMemoryError.reason
            status = to_status(_no_memory(), {"request": str(call.number)})
        except Exception:
            self._log.exception("%s failed", call.name)
            result = "INTERNAL"
            status = to_status(self._bug(), self._where(call))
        finally:
            self._count(-1)
            why = ""
            if result == _CANCELLED and (limit := self._limits.cut_off_after(context)) is not None:
                result, why = "CUT_OFF", f": the client took more than {limit:g} s"
            elapsed = time.monotonic() - start
            about = shorten(call.about, _MOST_ABOUT) or "-"
            milliseconds = round(elapsed * 1000)
            self._log.info("%s %s %d ms %s%s", call.name, about, milliseconds, result, why)
            self._metrics.called(method, result, elapsed)
        if status is not None:
            context.abort_with_status(status)

    def _bug(self) -> NijiganError:
        return NijiganError(
            "The sidecar made a mistake.", f"Please report it, with the log {self._log_path}."
        )

    def _where(self, call: Call) -> dict[str, str]:
        return {"request": str(call.number), "log": str(self._log_path)}


def _no_memory() -> NijiganError:
    return OutOfMemoryError(
        "There is too little memory for the picture.", "Send a smaller one, or close something."
    )
