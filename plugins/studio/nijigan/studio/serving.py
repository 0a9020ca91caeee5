"""Serves the page on this machine until it is told to end."""

import os
import secrets
import socket
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import uvicorn

from nijigan.core.lazy import needs_extra
from nijigan.studio.guard import Guard
from nijigan.studio.sidecar import Sidecar
from nijigan.studio.studio import Studio
from nijigan.studio.workspace import Workspace

HOST = "127.0.0.1"
_END_SECONDS = 2
_READY_SECONDS = 60.0


@dataclass(frozen=True)
class Address:
    """Where a page is."""

    lasting: str
    """Whoever has it can use the page until it ends."""
    once: str
    """Leads there the first time that it is opened."""


def serve_studio(port: int, runs: Path, ready: Callable[[Address], None]) -> None:
    """Serve the page until Ctrl-C or SIGTERM; `ready` is told its address.

    port: 0, or one that is taken, is a free one. runs: the folder of the run folders.
    """
    with _prepared(port, runs) as (server, listening, address):
        ready(address)
        server.run(sockets=[listening])


@contextmanager
def running_studio(runs: Path, sidecar: Sidecar | None = None) -> Iterator[str]:
    """Serve the page on a thread while the body runs, and give its address."""
    with _prepared(0, runs, sidecar) as (server, listening, address):
        thread = Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
        thread.start()
        try:
            yield address.lasting
        finally:
            server.should_exit = True
            thread.join(_READY_SECONDS)


@contextmanager
def _prepared(
    port: int, runs: Path, sidecar: Sidecar | None = None
) -> Iterator[tuple[uvicorn.Server, socket.socket, Address]]:
    secret = secrets.token_urlsafe(24)
    with (
        tempfile.TemporaryDirectory(prefix="nijigan-studio-", ignore_cleanup_errors=True) as folder,
        closing(_listening(port)) as listening,
        closing(Studio(Workspace(Path(folder)), sidecar or Sidecar(), runs)) as studio,
    ):
        os.environ["GRADIO_TEMP_DIR"] = str(studio.workspace.uploads)  # read at the import
        with needs_extra("studio"):
            from nijigan.studio.application import build_application
        port = listening.getsockname()[1]
        guard = Guard(build_application(studio, f"/{secret}"), secret, port)
        config = uvicorn.Config(
            guard,
            log_level="error",
            access_log=False,  # addresses have the secret
            server_header=False,
            timeout_graceful_shutdown=_END_SECONDS,
        )
        page = f"http://{HOST}:{port}"
        address = Address(f"{page}/{secret}/", f"{page}/{guard.ticket}")
        yield uvicorn.Server(config), listening, address


def _listening(port: int) -> socket.socket:
    """Listen on this machine alone."""
    for wanted in dict.fromkeys((port, 0)):
        listening = socket.socket()
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, os.name != "nt")
        with suppress(OSError):
            listening.bind((HOST, wanted))
            listening.listen()  # whoever has the address may come before the page is there
            return listening
        listening.close()
    raise OSError("No port is free.")
