"""Who gets a place, and whose turn it is."""

import os
import sys
from concurrent import futures
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from threading import Event, get_native_id

import pytest

from nijigan.core.errors import BusyError, CancelledError
from nijigan.server import jobs as scheduling
from nijigan.server.jobs import Jobs

SECONDS = 10


@pytest.fixture
def order():
    """What ran, in that order."""
    return []


class Held:
    """Jobs whose workers are all busy until `free` is called."""

    def __init__(self, jobs, order):
        self.jobs, self.order = jobs, order
        self._free = Event()
        self.stack = ExitStack()
        for _ in range(jobs.concurrent):
            begun = Event()
            place = self.stack.enter_context(jobs.place("busy"))
            place.submit(lambda begun=begun: (begun.set(), self._free.wait(SECONDS)))
            assert begun.wait(SECONDS)

    def submit(self, name, client="one", batch=False):
        place = self.stack.enter_context(self.jobs.place(client))
        return place.submit(lambda: self.order.append(name), batch)

    def free(self, *futures):
        self._free.set()
        for future in futures:
            future.result(SECONDS)
        self.stack.close()
        self.jobs.close()


@pytest.mark.parametrize("name", ["comes again", "connects anew {}"])
def test_who_comes_again_for_each_picture_does_not_go_before_who_always_waits(name, order):
    jobs = Jobs(1, 8)
    with jobs.place("stays") as stays:
        stays.submit(lambda: None).result(SECONDS)
        for number in range(3):
            with jobs.place(name.format(number)) as place:
                place.submit(lambda: None).result(SECONDS)
        held = Held(jobs, order)
        again = held.submit("again", name.format(3))
        held.free(again, stays.submit(lambda: order.append("stayed")))
    assert order == ["stayed", "again"]


def test_of_many_clients_the_last_turns_are_remembered():
    jobs = Jobs(1, 8)
    for number in range(200):
        with jobs.place(str(number)) as place:
            place.submit(lambda: None).result(SECONDS)
    assert len(jobs._turns) == scheduling._REMEMBERED
    assert "199" in jobs._turns
    jobs.close()


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_workers_and_the_threads_that_they_start_go_behind_others():
    def priority():
        return os.getpriority(os.PRIO_PROCESS, get_native_id())

    def priority_of_a_thread():
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(priority).result(SECONDS)

    jobs = Jobs(1, 1)
    with jobs.place("one") as place:
        drawing = [place.submit(work).result(SECONDS) for work in (priority, priority_of_a_thread)]
    jobs.close()
    assert min(drawing) > priority() == priority_of_a_thread()


def test_what_somebody_waits_for_goes_before_batches(order):
    held = Held(Jobs(1, 8), order)
    futures = [held.submit("batch", batch=True), held.submit("urgent")]
    held.free(*futures)
    assert order == ["urgent", "batch"]


def test_a_batch_that_has_waited_long_enough_is_urgent(order, monkeypatch):
    monkeypatch.setattr(scheduling, "_LONGEST_WAIT_SECONDS", 0.0)
    held = Held(Jobs(1, 8), order)
    futures = [held.submit("batch", batch=True), held.submit("urgent")]
    held.free(*futures)
    assert order == ["batch", "urgent"]


def test_clients_take_turns(order):
    held = Held(Jobs(1, 16), order)
    futures = [held.submit(f"a{n}", "a") for n in range(3)]
    futures += [held.submit(f"b{n}", "b") for n in range(2)]
    held.free(*futures)
    assert order == ["a0", "b0", "a1", "b1", "a2"]


@pytest.mark.parametrize("longest_wait", [5.0, 0.0])
def test_batches_leave_a_worker_free_however_long_they_have_waited(
    longest_wait, order, monkeypatch
):
    monkeypatch.setattr(scheduling, "_LONGEST_WAIT_SECONDS", longest_wait)
    jobs, free, begun = Jobs(2, 8), Event(), Event()
    with jobs.place() as place:
        first = place.submit(lambda: (begun.set(), free.wait(SECONDS)), batch=True)
        second = place.submit(lambda: order.append("second batch"), batch=True)
        assert begun.wait(SECONDS)
        place.submit(lambda: order.append("waited for")).result(SECONDS)
        assert order == ["waited for"]
        assert not second.done()
        free.set()
        first.result(SECONDS)
        second.result(SECONDS)
    jobs.close()


def test_a_lone_worker_draws_batches(order):
    jobs = Jobs(1, 0)
    with jobs.place() as place:
        place.submit(lambda: order.append("batch"), batch=True).result(SECONDS)
    jobs.close()
    assert order == ["batch"]


def test_places_are_bounded_and_come_back():
    jobs = Jobs(1, 1)
    with jobs.place(), jobs.place(), pytest.raises(BusyError, match="2 of 2"), jobs.place():
        pass
    with jobs.place():
        pass
    jobs.close()


def test_no_client_can_shut_the_others_out():
    jobs = Jobs(2, 8)
    with ExitStack() as places:
        for _ in range(8):
            places.enter_context(jobs.place("greedy"))
        with pytest.raises(BusyError, match="8 of them yours"), jobs.place("greedy"):
            pass
        for other in ("one", "another"):
            places.enter_context(jobs.place(other))
        with pytest.raises(BusyError, match="0 of them yours"), jobs.place("a third"):
            pass
    with jobs.place("greedy"):
        pass
    jobs.close()


def test_errors_and_results_are_the_caller_s():
    jobs = Jobs(1, 1)
    with jobs.place() as place:
        assert place.submit(lambda: 7).result(SECONDS) == 7
        with pytest.raises(ZeroDivisionError):
            place.submit(lambda: 1 // 0).result(SECONDS)
        assert place.submit(lambda: 8).result(SECONDS) == 8
    jobs.close()


def test_at_the_end_what_has_not_begun_never_does(order):
    jobs, free, begun = Jobs(1, 4), Event(), Event()
    with jobs.place() as place, ThreadPoolExecutor(1) as pool:
        place.submit(lambda: (begun.set(), free.wait(SECONDS)))
        waiting = place.submit(lambda: order.append("late"))
        assert begun.wait(SECONDS)
        closing = pool.submit(jobs.close)
        with pytest.raises(futures.CancelledError):
            waiting.result(SECONDS)
        free.set()
        closing.result(SECONDS)
        assert place.submit(lambda: order.append("too late")).cancelled()
    assert order == []


def test_at_the_end_what_hangs_is_left_and_who_waits_for_it_is_told(monkeypatch):
    monkeypatch.setattr(scheduling, "_CLOSING_SECONDS", 0.05)
    jobs, free, begun = Jobs(1, 0), Event(), Event()
    with jobs.place() as place:
        hung = place.submit(lambda: (begun.set(), free.wait(SECONDS)))
        assert begun.wait(SECONDS)
        jobs.close()
        with pytest.raises(CancelledError):
            hung.result(0)
    free.set()


def test_the_worker_of_abandoned_work_is_replaced(order):
    jobs, free = Jobs(1, 1), Event()
    with jobs.place() as place:
        begun = Event()
        hung = place.submit(lambda: (begun.set(), free.wait(SECONDS)))
        assert begun.wait(SECONDS)
        place.abandon(hung)
        place.submit(lambda: order.append("next")).result(SECONDS)
        free.set()
        hung.result(SECONDS)
        place.submit(lambda: order.append("one worker as before")).result(SECONDS)
        assert jobs.running <= 1
    jobs.close()
    assert order == ["next", "one worker as before"]
