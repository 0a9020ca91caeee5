"""A progress bar on stderr, for people."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

# What is done sooner shows none.
_PATIENCE_SECONDS = 1.0
# How far back the time left is judged by: a step that takes a minute must not fall out of it.
_JUDGED_SECONDS = 600.0


@contextmanager
def progress_bar() -> Iterator[Callable[[float, str], None]]:
    """Yield what is to be told the part that is done, 0…1, and what is being done.

    The bar, and the time left, show themselves once a second has gone by, and on a terminal only.
    """
    if not sys.stderr.isatty():
        yield lambda _done, _what: None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    # What is printed meanwhile goes above the bar, unless stdout is a file or a pipe.
    bar = Progress(
        console=Console(stderr=True),
        transient=True,
        redirect_stdout=sys.stdout.isatty(),
        speed_estimate_period=_JUDGED_SECONDS,
    )
    task = bar.add_task("", total=1.0)
    began = time.monotonic()

    def update(done: float, what: str) -> None:
        bar.update(task, completed=done, description=escape(what))
        if time.monotonic() - began > _PATIENCE_SECONDS:
            bar.start()

    try:
        yield update
    finally:
        bar.stop()
