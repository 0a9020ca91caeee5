"""The verbs `models list` and `models show`."""

import json
import tomllib
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.errors import UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.print_table import print_table

if TYPE_CHECKING:  # they need torch, or are slow to import
    from rich.table import Table

    from nijigan.core.models.layer_trace import Layer
    from nijigan.core.models.summary import Summary

app = typer.Typer(help="Show the networks that can be had by name.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_models(as_json: AsJson = False) -> None:
    """List all networks: what each is for, its size, and what one picture of 256×256 px costs."""
    with needs_extra("train"):
        from nijigan.core.models import available
        from nijigan.core.models.summary import summarize

        summaries = [summarize(name) for name in available()]
    if as_json:
        typer.echo(json.dumps([_row(summary) for summary in summaries], indent=1))
    else:
        print_table(_list_table(summaries))


@app.command("show")
def show_model(
    name: Annotated[str, typer.Argument(help="A name of `nijigan models list`.")],
    settings: Annotated[
        list[str] | None, typer.Option("--set", help="option=value, as often as wanted.")
    ] = None,
    size: Annotated[
        str | None, typer.Option(help="WIDTHxHEIGHT of the picture; otherwise 256x256.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show one network, layer by layer: shapes, parameters, cost, reach, options."""
    options = dict(_parse_setting(setting) for setting in settings or ())
    sides = None if size is None else _parse_size(size)
    with needs_extra("train"):
        from nijigan.core.models.summary import summarize

        summary = summarize(name, sides, **options)
    if as_json:
        typer.echo(json.dumps(summary.as_json(), indent=1))
    else:
        print_table(_facts_table(summary))
        print_table(_layer_table(summary.layers))


def _parse_setting(setting: str) -> tuple[str, Any]:
    key, equals, value = setting.partition("=")
    if not equals:
        raise UsageError(f"--set {setting} sets nothing.", "Write option=value.")
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except tomllib.TOMLDecodeError:
        return key.strip(), value.strip()  # a string without quotes


def _parse_size(text: str) -> tuple[int, int]:
    """Return height and width."""
    width, _, height = text.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise UsageError(f"--size {text} is no size.", "Write WIDTHxHEIGHT, 256x256, say.")
    return int(height), int(width)


def _row(summary: "Summary") -> dict[str, Any]:
    row = summary.as_json()
    keys = ("name", "kind", "about", "parameters", "macs", "size", "input_multiple", "fixed_size")
    return {key: row[key] for key in keys}


def _list_table(summaries: "list[Summary]") -> "Table":
    from rich.table import Table

    from nijigan.core.models.summary import SIDE

    table = Table(box=None, pad_edge=False)
    for heading in ("name", "kind"):
        table.add_column(heading, no_wrap=True)
    for heading in ("parameters", f"GMAC at {SIDE}²", "multiple"):
        table.add_column(heading, justify="right")
    table.add_column("description")
    for summary in summaries:
        cost = _giga(summary.macs) + f" at {summary.width}²" * (summary.width != SIDE)
        table.add_row(
            summary.name,
            summary.kind.label,
            f"{summary.parameters:,}",
            cost,
            f"{summary.fixed_size} only"
            if summary.fixed_size
            else str(summary.input_multiple or ""),
            summary.about,
        )
    return table


def _facts_table(summary: "Summary") -> "Table":
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=None, pad_edge=False, show_header=False)
    for key, value in {
        "name": summary.name,
        "kind": summary.kind.label,
        "description": summary.about,
        "takes": f"{summary.kind.takes}, {summary.width}×{summary.height} px here",
        "sides": f"{_sides(summary)} px",
        "parameters": _parameters(summary),
        "cost": _cost(summary),
        "beside it": ", ".join(f"{k} {_giga(v)} G" for k, v in summary.other_macs.items()),
        "sees": _reach(summary),
        "strength": summary.strength,
        "taps": ", ".join(summary.taps),
        "options": "\n".join(f"{key} = {value!r}" for key, value in summary.options.items()),
    }.items():
        if value:
            table.add_row(key, escape(value))
    return table


def _sides(summary: "Summary") -> str:
    if summary.fixed_size is not None:
        return f"{summary.fixed_size} only"
    multiple = summary.input_multiple or 1
    return f"multiples of {multiple}" if multiple > 1 else "any"


def _parameters(summary: "Summary") -> str:
    unused = summary.unused_parameters
    but = f", of which one pass uses all but {unused:,}" if unused else ""
    return f"{summary.parameters:,}{but}"


def _cost(summary: "Summary") -> str:
    """Return the multiply-accumulates in words; those of an ODE network by their parts."""
    counted = "multiply-accumulates of convolution and linear layers"
    ode = summary.ode
    if ode is None:
        return f"{_giga(summary.macs)} G {counted}"
    outside, each = _giga(summary.macs_outside_odes), _giga(ode.macs_per_evaluation)
    if ode.evaluations is None:
        return f"{outside} G and {each} G for every evaluation of f ({ode.solver}), {counted}"
    parts = f"{outside} G and {ode.evaluations} times {each} G in f ({ode.solver})"
    return f"{_giga(summary.macs)} G {counted}: {parts}"


def _reach(summary: "Summary") -> str:
    reach = []
    if summary.radius_px is not None:
        reach.append(f"{summary.radius_px} px to each side")
    elif summary.radius_note:
        reach.append(summary.radius_note.rstrip("."))
    if summary.patch_px is not None:
        reach.append(f"{summary.patch_px}×{summary.patch_px} px for each verdict")
    if summary.sees_everything:
        which = ", ".join(f"{count} {kind}" for kind, count in summary.sees_everything.items())
        reach.append(f"the whole picture in {which}")
    return "; ".join(reach)


def _layer_table(layers: "Sequence[Layer]") -> "Table":
    from rich.table import Table

    table = Table("layer", "type", "output", box=None, pad_edge=False)
    for heading in ("parameters", "MMAC", "used"):
        table.add_column(heading, justify="right")
    for layer in layers:
        table.add_row(
            layer.name or "(itself)",
            layer.type_name,
            "×".join(map(str, layer.output_shape[1:])),
            f"{layer.parameters:,}" if layer.parameters else "",
            f"{layer.macs / 1e6:,.2f}" if layer.macs else "",
            f"{layer.calls}×" if layer.calls > 1 else "",
        )
    return table


def _giga(macs: int | None) -> str:
    return "?" if macs is None else f"{macs / 1e9:.2f}"
