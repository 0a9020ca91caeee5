"""What draws for a command, by the options that say where: in this process, or in a sidecar."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from nijigan.core.errors import UsageError

if TYPE_CHECKING:
    from nijigan.server.remote import RemoteStylizer
    from nijigan.server.stylizer import Stylizer


@dataclass(frozen=True)
class Where:
    """The options, as they were given. engine, threads, memory: of this process alone."""

    server: bool = False
    address: str | None = None
    ca: Path | None = None
    client_cert: Path | None = None
    client_key: Path | None = None
    engine: str | None = None
    threads: int | None = None
    memory: str | None = None

    @property
    def in_sidecar(self) -> bool:
        """Whether a sidecar draws."""
        return self.server or self.address is not None

    def certificate(self) -> tuple[Path, Path] | None:
        """Return this client's own certificate and its key.

        Raises:
            UsageError: one without the other.
        """
        if self.client_cert is None and self.client_key is None:
            return None
        if self.client_cert is None or self.client_key is None:
            raise UsageError("A certificate needs its key.", "Give --client-cert and --client-key.")
        return self.client_cert, self.client_key

    def refuse_for_sidecar(self) -> None:
        """Refuse what a sidecar has settled when it was started.

        Raises:
            UsageError: such an option was given.
        """
        given = {"--engine": self.engine, "--threads": self.threads, "--memory": self.memory}
        for option, value in given.items():
            if value is not None:
                raise UsageError(
                    f"{option} {value} has no effect on a sidecar.",
                    "Leave it out, or give it to: nijigan serve",
                )


@contextmanager
def chosen_stylizer(
    styles: Sequence[str], where: Where, batch: bool = False
) -> Iterator[tuple["Stylizer | RemoteStylizer", list[str]]]:
    """Give what draws, and the names that it knows the styles by.

    styles: names, or for this process paths of folders. batch: see `RemoteStylizer`.

    Raises:
        NijiganError: no such style, engine or sidecar; options that contradict each other.
    """
    if not where.in_sidecar:
        yield _local(styles, where)
        return
    from nijigan.server.remote import RemoteStylizer

    where.refuse_for_sidecar()
    with RemoteStylizer(where.address, batch, where.ca, where.certificate()) as remote:
        yield remote, list(styles)


def _local(styles: Sequence[str], where: Where) -> tuple["Stylizer", list[str]]:
    from nijigan.export.styles import StyleLibrary, find_style
    from nijigan.server.engines.choice import choose_engine
    from nijigan.server.memory_size import parse_memory
    from nijigan.server.stylizer import Stylizer

    named = [(name, library.get(name)) for library, name in map(find_style, styles)]
    for _, style in named:
        if (side := style.fixed_size) is not None:
            typer.echo(
                f"{style.name} draws {side}x{side} pixels and nothing else: pictures are resized "
                "to that, and the drawing is resized back.",
                err=True,
            )
    engine = where.engine or "onnxruntime"
    choice = choose_engine(engine)
    if choice.engine != engine:
        typer.echo(f"engine {choice.engine}: {choice.why}", err=True)
    # One in fewer bits is found within the whole one.
    folders = [style.folder.parent if ":" in name else style.folder for name, style in named]
    memory = parse_memory(where.memory or "3G")
    stylizer = Stylizer(StyleLibrary(folders), choice.engine, where.threads, memory)
    return stylizer, [name for name, _ in named]
