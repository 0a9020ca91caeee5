"""Runs what is to be timed in turn, round after round."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import numpy as np

_LEAST_WARM_UPS, _MOST_WARM_UPS = 3, 30
_WARM_UP_SECONDS = 10.0
_LONG_MILLISECONDS = 1000.0
_STABLE = 0.05
"""A case is warm when its last times differ from those before by no more than this share."""


@dataclass
class Timed:
    """Something that runs, and how long each timed run took.

    Args:
        run: draws one picture; any number of threads may call it.
        at_once: how many threads call it in each round.
    """

    run: Callable[[], object]
    at_once: int = 1
    milliseconds: list[float] = field(default_factory=list)
    """Of each run, the runs of a round one after another."""
    round_milliseconds: list[float] = field(default_factory=list)
    """Of each round: until the last of those that ran at once was done."""
    warm_ups: int = 0
    """How often it ran before it was stable."""
    is_long: bool = False
    """Whether a run takes so long that how it begins does not matter."""

    def time(self) -> None:
        """Run once, or `at_once` times at the same time, and note how long that took."""
        began = time.perf_counter()
        if self.at_once == 1:
            self.milliseconds.append(self._one())
        else:
            with ThreadPoolExecutor(self.at_once) as pool:
                jobs = [pool.submit(self._one) for _ in range(self.at_once)]
                self.milliseconds += [job.result() for job in jobs]
        self.round_milliseconds.append(1000 * (time.perf_counter() - began))

    def warm_up(self) -> None:
        """Run until times are stable, or for 10 seconds."""
        began, times = time.monotonic(), list[float]()
        while len(times) < _MOST_WARM_UPS and time.monotonic() - began < _WARM_UP_SECONDS:
            times.append(self._one())
            if len(times) >= 2 * _LEAST_WARM_UPS and _is_stable(times):
                break
        self.warm_ups = len(times)
        self.is_long = float(np.median(times)) > _LONG_MILLISECONDS

    def _one(self) -> float:
        began = time.perf_counter()
        self.run()
        return 1000 * (time.perf_counter() - began)


def time_in_turn(
    timed: Sequence[Timed],
    iterations: int,
    seconds: float,
    progress: Callable[[float, str], None] = lambda _done, _what: None,
) -> None:
    """Time all of them once in each round, so that what else the machine does meets all alike.

    Before it is timed each runs once untimed, but those that take seconds: cold caches, and threads
    of the one before that still spin, are not its own.

    Args:
        timed: what to time.
        iterations, seconds: rounds go on until there were so many and until so long has passed.
        progress: told the part that is done, and what is being done.
    """
    for number, one in enumerate(timed):
        progress(0.0, f"warming up {number + 1} of {len(timed)}")
        one.warm_up()
    began, done = time.monotonic(), 0
    while done < iterations or time.monotonic() - began < seconds:
        for one in timed:
            if not one.is_long:
                one.run()
            one.time()
        done += 1
        passed = (time.monotonic() - began) / seconds if seconds else 1.0
        progress(min(done / iterations, passed, 1.0), f"round {done}")


def _is_stable(times: Sequence[float]) -> bool:
    last = float(np.median(times[-_LEAST_WARM_UPS:]))
    before = float(np.median(times[-2 * _LEAST_WARM_UPS : -_LEAST_WARM_UPS]))
    return abs(last - before) <= _STABLE * before
