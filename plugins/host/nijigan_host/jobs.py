"""One job at a time for each document."""

from typing import Any, Callable, Dict, Hashable, Optional, TypeVar

from nijigan_host.errors import DocumentBusyError
from nijigan_host.job import Job, State

T = TypeVar("T")


class Jobs:
    """The jobs that run, by what stands for their document. Used by the host's thread alone."""

    def __init__(self) -> None:
        self._jobs: Dict[Hashable, Job[Any]] = {}

    def begin(self, document: Hashable, work: Callable[[Job[T]], None], name: str) -> Job[T]:
        """Begin work for a document.

        Raises:
            DocumentBusyError: something is being drawn for it.
        """
        running = self.of(document)
        if running is not None:
            raise DocumentBusyError(f"{running.name} is not done yet.", "Wait, or cancel it.")
        self._jobs = {of: job for of, job in self._jobs.items() if job.state is State.RUNNING}
        job: Job[T] = Job(work, name)
        self._jobs[document] = job
        job.start()
        return job

    def of(self, document: Hashable) -> Optional[Job[Any]]:
        """Return the job that runs for a document."""
        job = self._jobs.get(document)
        return job if job is not None and job.state is State.RUNNING else None

    def cancel_all(self) -> None:
        """Have all of them stop; they do within a tenth of a second."""
        for job in self._jobs.values():
            job.cancel.set()
