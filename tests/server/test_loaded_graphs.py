"""Graphs are loaded once, kept while they are used, and never wait for each other."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from nijigan.core.errors import CancelledError, EngineError
from nijigan.server.cancel import Cancel
from nijigan.server.loaded_graphs import LoadedGraphs

SECONDS = 10


class Slow:
    """Loads `engine`, or fails with it, once `go_on` is set."""

    def __init__(self, engine):
        self.engine = engine
        self.begun, self.go_on = Event(), Event()

    def __call__(self):
        self.begun.set()
        assert self.go_on.wait(SECONDS)
        if isinstance(self.engine, Exception):
            raise self.engine
        return self.engine


@pytest.fixture
def pool():
    with ThreadPoolExecutor(2) as threads:
        yield threads


@pytest.fixture
def graphs():
    return LoadedGraphs(2)


def begin(pool, graphs, load):
    """Get the graph of key "a" in another thread, which has begun to load it."""
    coming = pool.submit(graphs.get, ("a",), load, Cancel())
    assert load.begun.wait(SECONDS)
    return coming


def refuse():
    raise AssertionError("It is loaded, or being loaded.")


def test_who_comes_while_it_is_loaded_waits_for_it(pool, graphs):
    load = Slow("engine")
    first = begin(pool, graphs, load)
    other = pool.submit(graphs.get, ("a",), refuse, Cancel())
    load.go_on.set()
    assert (first.result(SECONDS), other.result(SECONDS)) == ("engine", "engine")
    assert len(graphs) == 1


def test_who_waits_can_stop(pool, graphs):
    load, cancel = Slow("engine"), Cancel()
    first = begin(pool, graphs, load)
    other = pool.submit(graphs.get, ("a",), refuse, cancel)
    cancel.set()
    with pytest.raises(CancelledError):
        other.result(SECONDS)
    load.go_on.set()
    assert first.result(SECONDS) == "engine"


def test_where_loading_fails_who_waits_tries_it_too(pool, graphs):
    load = Slow(EngineError("No."))
    first = begin(pool, graphs, load)
    other = pool.submit(graphs.get, ("a",), lambda: "engine", Cancel())
    load.go_on.set()
    with pytest.raises(EngineError):
        first.result(SECONDS)
    assert other.result(SECONDS) == "engine"


def test_what_is_forgotten_while_it_is_loaded_is_loaded_anew(pool, graphs):
    load = Slow("late")
    first = begin(pool, graphs, load)
    assert graphs.forget([("a",)]) == 0
    assert graphs.get(("a",), lambda: "anew", Cancel()) == "anew"
    load.go_on.set()
    assert first.result(SECONDS) == "late"
    assert graphs.get(("a",), refuse, Cancel()) == "anew"


def test_those_used_last_are_kept(graphs):
    for key in "abac":
        graphs.get((key,), lambda key=key: key, Cancel())
    assert len(graphs) == 2
    assert graphs.get(("a",), refuse, Cancel()) == "a"
    assert graphs.get(("b",), lambda: "anew", Cancel()) == "anew"
