"""The verb `inspect`."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from nijigan.core.lazy import needs_extra

if TYPE_CHECKING:  # it needs onnx
    from nijigan.export.inspection import GraphFacts, Inspection


def inspect(
    style: Annotated[str, typer.Argument(help="A style's name, or the path of its folder.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look into a style's graphs: operators, shapes, sizes, and which engines can run them.

    Its files are compared with their hashes first. Engines are judged by lists of the operators
    that they take; nothing is run.
    """
    from nijigan.server.styles import find_style

    with needs_extra("export"):
        from nijigan.export.inspection import inspect_style

        library, name = find_style(style)
        found = inspect_style(library.get(name))
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=1))
    else:
        _print(found)


def _print(found: "Inspection") -> None:
    typer.echo(f"{found.style} {found.version}: all hashes agree")
    typer.echo(f"weights.bin, of all graphs: {found.weights_bytes:,} bytes")
    for graph in found.graphs:
        typer.echo(f"\n{graph.file} ({', '.join(graph.qualities)})")
        for line in _lines(graph):
            typer.echo(f"  {line}")
    typer.echo("\nengines, by the operators that they take")
    for verdict in found.engines:
        lacking = f"lacks {', '.join(verdict.lacking)}" if verdict.lacking else "takes all"
        typer.echo(f"  {verdict.engine} {verdict.version}: {lacking}")


def _lines(graph: "GraphFacts") -> list[str]:
    counted = ", ".join(f"{count} {name}" for name, count in graph.operators.items())
    return [
        *(f"in   {name}: {shape}" for name, shape in graph.inputs.items()),
        *(f"out  {name}: {shape}" for name, shape in graph.outputs.items()),
        f"{graph.parameters:,} weights of {' and '.join(graph.weights)}, "
        f"{graph.bytes:,} bytes, opset {graph.opset}",
        f"{graph.evaluations} evaluations of the ODE in a block, radius {graph.radius_px} px",
        f"{graph.nodes} nodes: {counted}",
    ]
