"""Bounds how many pictures are drawn at once and how many wait, and decides whose turn it is."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, InvalidStateError
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from threading import Condition, Thread, current_thread
from typing import Any, TypeVar

from nijigan.core.errors import BusyError, CancelledError
from nijigan.server.thread_priority import go_behind

T = TypeVar("T")

# A batch picture that has waited so long is taken for one that somebody waits for: an animation
# goes on, if slowly, beside a game that draws its camera without pause.
_LONGEST_WAIT_SECONDS = 5.0
# For work that was told to stop, at the end of all.
_CLOSING_SECONDS = 2.0
# Clients whose last turn is remembered.
_REMEMBERED = 64
# Of the places to wait in, the part that is kept for clients who hold none.
_KEPT_PART = 4


@dataclass(eq=False)
class _Job:
    work: Callable[[], Any]
    future: "Future[Any]"
    client: str
    batch: bool
    since: float
    turn: int = 0  # how many turns had been given when it began to wait
    worker: Thread | None = None
    abandoned: bool = False

    @property
    def urgent(self) -> bool:
        return not self.batch or time.monotonic() - self.since > _LONGEST_WAIT_SECONDS


class Place:
    """The right to have one thing done, or several one after the other."""

    def __init__(self, jobs: "Jobs", client: str) -> None:
        self._jobs = jobs
        self._client = client

    def submit(self, work: Callable[[], T], batch: bool = False) -> "Future[T]":
        """Run `work` on a worker when it is its turn; `batch`: nobody waits for it."""
        job = _Job(work, Future(), self._client, batch, time.monotonic())
        self._jobs.enqueue(job)
        return job.future

    def abandon(self, future: "Future[Any]") -> None:
        """Give up on work that hangs: another worker takes the place of the one that it has."""
        self._jobs.abandon(future)


class Jobs:
    """Worker threads with a bounded queue.

    What somebody waits for goes before batches, and batches leave one worker free where there are
    several. Among equals it is the turn of the client who has been served least recently; one who
    is new counts as served when it came. The last quarter of the places to wait in is for clients
    who hold no place yet, so that none can shut the others out. What is a client is for the caller
    to say: the sidecar names connections, and origins of web pages, so one that opens several
    connections counts as several. Workers go behind other threads of the machine: see `go_behind`.

    concurrent: pictures drawn at once. queued: how many more may wait.
    """

    def __init__(self, concurrent: int, queued: int) -> None:
        self.concurrent = concurrent
        self.queued = queued
        self._changed = Condition()  # and the lock of all below
        self._held: Counter[str] = Counter()
        self._waiting: list[_Job] = []
        self._running: list[_Job] = []
        self._turns_given = 0
        self._turns: dict[str, int] = {}  # when clients were served last, the latest at the end
        self._closed = False
        self._workers: list[Thread] = []
        with self._changed:
            for _ in range(concurrent):
                self._start_worker()

    @property
    def waiting(self) -> int:
        """How many wait for a worker now."""
        return len(self._waiting)

    @property
    def running(self) -> int:
        """How many have one."""
        return len(self._running)

    @contextmanager
    def place(self, client: str = "") -> Iterator[Place]:
        """Hold one of the places while the body runs.

        Raises:
            BusyError: all are taken, or this client holds so many that the rest is for others.
        """
        with self._changed:
            places = self.concurrent + self.queued
            free = places - self._held.total()
            if free <= (self.queued // _KEPT_PART if self._held[client] else 0):
                raise BusyError(
                    f"{places - free} of {places} pictures are being drawn or waiting, "
                    f"{self._held[client]} of them yours.",
                    "Try again in a moment.",
                )
            self._held[client] += 1
        try:
            yield Place(self, client)
        finally:
            with self._changed:
                self._held[client] -= 1
                if not self._held[client]:
                    del self._held[client]

    def enqueue(self, job: _Job) -> None:
        """Let a job wait for its turn; for a `Place`."""
        with self._changed:
            if self._closed:
                job.future.cancel()
                return
            job.turn = self._turns_given
            self._waiting.append(job)
            self._changed.notify_all()

    def abandon(self, future: "Future[Any]") -> None:
        """See `Place.abandon`."""
        with self._changed:
            for job in self._running:
                if job.future is future:
                    job.abandoned = True
                    self._running.remove(job)
                    if job.worker is not None:
                        self._workers.remove(job.worker)
                    self._start_worker()
                    return

    def close(self) -> None:
        """Wait a little for the work that runs; what has not begun never will.

        What hangs is left, and whoever waits for it gets a `CancelledError`.
        """
        with self._changed:
            self._closed = True
            for job in self._waiting:
                job.future.cancel()
            workers = list(self._workers)
            self._changed.notify_all()
        end = time.monotonic() + _CLOSING_SECONDS
        for worker in workers:
            worker.join(max(0.0, end - time.monotonic()))
        with self._changed:
            for job in self._running:
                with suppress(InvalidStateError):  # it is done this moment
                    job.future.set_exception(CancelledError("It went on for too long at the end."))

    def _start_worker(self) -> None:
        worker = Thread(target=self._work, name="draw", daemon=True)
        self._workers.append(worker)
        worker.start()

    def _work(self) -> None:
        go_behind()
        while (job := self._take()) is not None:
            _run(job)
            with self._changed:
                if job.abandoned:
                    return
                self._running.remove(job)
                self._changed.notify_all()
            del job  # else its picture stayed until the next one comes

    def _take(self) -> _Job | None:
        """Wait for a job whose turn it is; None at the end."""
        with self._changed:
            while not self._closed:
                if (job := self._next()) is not None:
                    self._waiting.remove(job)
                    self._running.append(job)
                    job.worker = current_thread()
                    self._remember_turn(job.client)
                    return job
                self._changed.wait(_LONGEST_WAIT_SECONDS if self._waiting else None)
            return None

    def _remember_turn(self, client: str) -> None:
        """Note that a client is served now, and forget whoever was longest ago; under the lock.

        Those who have left are remembered too, so that one who comes again for each picture waits
        for its turn like one who stays.
        """
        self._turns_given += 1
        self._turns.pop(client, None)
        self._turns[client] = self._turns_given
        if len(self._turns) > _REMEMBERED:
            del self._turns[next(iter(self._turns))]

    def _next(self) -> _Job | None:
        """Whose turn it is; the lock is held."""
        batches = sum(job.batch for job in self._running)
        room = batches < max(1, self.concurrent - 1)  # for one more, however long it has waited
        may_run = [job for job in self._waiting if room or not job.batch]
        candidates = [job for job in may_run if job.urgent] or may_run
        # Who is not known joins at the turn that it came at: if all who are new went first, one
        # with a new connection for each picture would always go before one that stays. `min` takes
        # the first of equals, which has waited longest.
        return min(candidates, key=lambda job: self._turns.get(job.client, job.turn), default=None)


def _run(job: _Job) -> None:
    if not job.future.set_running_or_notify_cancel():
        return
    try:
        result = job.work()
    except BaseException as error:
        with suppress(InvalidStateError):
            job.future.set_exception(error)
        del job  # the error holds this frame, and with it the job, its future and so itself
    else:
        with suppress(InvalidStateError):
            job.future.set_result(result)
