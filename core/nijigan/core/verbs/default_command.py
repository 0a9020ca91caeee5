"""Verbs one of which needs no name: `nijigan eval SOURCE` beside `nijigan eval table`."""

from typing import Any

from typer.core import TyperGroup


class DefaultCommand(TyperGroup):
    """Runs its first command where the first word is not the name of any."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the name there, unless nothing or help is asked for."""
        if args and args[0] not in self.commands and args[0] != "--help":
            args = [next(iter(self.commands)), *args]
        rest: list[str] = super().parse_args(ctx, args)
        return rest
