"""What comes next is fetched meanwhile, and not more of it than was said."""

from itertools import count
from threading import Event

import pytest

from nijigan.server.prefetch import prefetched


def test_as_many_are_fetched_ahead_as_was_said():
    begun = []

    def items():
        for number in count():
            begun.append(number)
            yield number

    coming = prefetched(items(), 2)
    for number in range(3):
        assert next(coming) == number
        Event().wait(0.1)
        assert begun == list(range(number + 3))
    coming.close()


def test_all_come_and_then_what_fetching_raised():
    def items():
        yield 1
        raise ZeroDivisionError

    assert list(prefetched(iter("abc"), 1)) == ["a", "b", "c"]
    coming = prefetched(items(), 2)
    assert next(coming) == 1
    with pytest.raises(ZeroDivisionError):
        next(coming)
