"""The verb `inspect`."""

import json
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.lazy import needs_extra

if TYPE_CHECKING:  # it needs onnx
    from nijigan.export.inspection import GraphFacts, Inspection
    from nijigan.export.style import Style


def inspect(
    style: Annotated[str, typer.Argument(help="A style's name, or the path of its folder.")],
    build: Annotated[
        bool,
        typer.Option("--build", help="Build a TensorRT engine of each graph, to see that it does."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Look into a style's graphs: operators, shapes, sizes, and which engines can run them.

    Its files are compared with their hashes first. Engines are judged by lists of the operators
    that they take; nothing is run. Engines built with --build are not kept.
    """
    from nijigan.export.styles import find_style

    with needs_extra("export"):
        from nijigan.export.inspection import inspect_style

        library, name = find_style(style)
        loaded = library.get(name)
        found = inspect_style(loaded)
        built = _build(loaded, found) if build else []
    if as_json:
        typer.echo(json.dumps({**found.as_json(), "built": built}, indent=1))
        return
    _print(found)
    for row in built:
        typer.echo(
            f"  {row['library']} built {row['file']}: {row['bytes']:,} bytes in {row['seconds']} s"
        )
        for line in row["log"]:
            typer.echo(f"    {line}")


def _build(style: "Style", found: "Inspection") -> list[dict[str, Any]]:
    from nijigan.export.tensorrt.build import build_engine
    from nijigan.export.tensorrt.library import load_library
    from nijigan.export.tensorrt.profile import Profile

    library, rows = load_library(), []
    for graph in found.graphs:
        begin = time.monotonic()
        engine = build_engine(style.folder / graph.file, Profile(), library)
        rows.append(
            {
                "library": f"{library.name} {library.version}",
                "file": graph.file,
                "bytes": len(engine.engine),
                "seconds": round(time.monotonic() - begin, 1),
                "log": engine.log,
            }
        )
    return rows


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
