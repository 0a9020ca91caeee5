# SPDX-License-Identifier: GPL-3.0-or-later
"""What there is once in a running Blender: the sidecar, the job, what went wrong."""

from collections import deque
from typing import Any

import bpy

from nijigan_blender.after_render import AfterRender
from nijigan_blender.preferences import command
from nijigan_blender.thumbnails import Thumbnails
from nijigan_host.command import serve_command
from nijigan_host.diagnostics import diagnostics
from nijigan_host.errors import CommandError
from nijigan_host.job import Job
from nijigan_host.jobs import Jobs
from nijigan_host.sidecar import Sidecar

_ERRORS_KEPT = 20
DOCUMENT = "blend"  # Blender has one open


class Session:
    """Begins when the extension is enabled and ends when it is disabled."""

    def __init__(self) -> None:
        self.sidecar = Sidecar(lambda: serve_command(command()))
        self.jobs = Jobs()
        self.thumbnails = Thumbnails()
        self.errors: deque[str] = deque(maxlen=_ERRORS_KEPT)
        self.frame_errors: list[str] = []  # of the last animation or render
        self.after_render = AfterRender(self.sidecar.client, self.jobs, DOCUMENT, self.frame_errors)
        self.panel_seen = False  # since the pump has looked

    @property
    def job(self) -> Job[Any] | None:
        """The job that runs."""
        return self.jobs.of(DOCUMENT)

    def diagnostics(self) -> str:
        """Return what somebody who wants to help needs to know."""
        try:
            words = serve_command(command())
        except CommandError as error:
            words = [str(error)]
        errors = [*self.errors, *self.frame_errors]
        host = f"Blender {bpy.app.version_string}"
        return diagnostics("nijigan_blender", host, self.sidecar.condition, words, errors)

    def close(self) -> None:
        """Stop what runs, and let go of the sidecar."""
        self.jobs.cancel_all()
        self.sidecar.close()
        self.thumbnails.close()


_sessions: list[Session] = []


def begin() -> None:
    """Make the session."""
    _sessions.append(Session())


def end() -> None:
    """End it."""
    _sessions.pop().close()


def session() -> Session:
    """Return the one that there is while the extension is enabled."""
    return _sessions[-1]
