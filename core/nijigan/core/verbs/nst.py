"""The verb `nst`."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from nijigan.core.errors import ModelNotFoundError, UsageError
from nijigan.core.lazy import needs_extra
from nijigan.core.nearest import did_you_mean
from nijigan.core.progress_bar import progress_bar

if TYPE_CHECKING:  # they need torch
    from nijigan.core.methods.nst import NstConfig, NstResult
    from nijigan.core.models.features import FeatureNetwork
    from nijigan.core.models.weights import FeatureWeights, Progress


def nst(
    content: Annotated[Path, typer.Argument(help="The photo.")],
    style: Annotated[Path, typer.Argument(help="The picture whose style it gets.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The picture to write.")],
    features: Annotated[
        str, typer.Option(help="vgg19, mobilenet_v2 or efficientnet_lite0.")
    ] = "vgg19",
    weights: Annotated[
        str | None, typer.Option(help="File or URL of the features' weights, if not the known.")
    ] = None,
    sha256: Annotated[
        str | None, typer.Option(help="Of the weights; all of it or its first 8 digits or more.")
    ] = None,
    content_layers: Annotated[
        str | None, typer.Option(help="LAYER=WEIGHT,… or LAYER,…, which share 1.")
    ] = None,
    style_layers: Annotated[str | None, typer.Option(help="As --content-layers.")] = None,
    content_weight: Annotated[float | None, typer.Option(help="1 if not given.")] = None,
    style_weight: Annotated[float | None, typer.Option(help="100 if not given.")] = None,
    sweep: Annotated[
        str | None, typer.Option(help="Style weights: W,W,…; one picture each, side by side.")
    ] = None,
    tv_weight: Annotated[
        float | None, typer.Option(help="Of the loss on noise; 1 if not given.")
    ] = None,
    losses: Annotated[
        str | None, typer.Option(help="relative, or paper: the sums of Gatys et al.")
    ] = None,
    steps: Annotated[
        int | None, typer.Option(help="Looks at the picture; 200 if not given.")
    ] = None,
    optimizer: Annotated[str | None, typer.Option(help="lbfgs or adam.")] = None,
    init: Annotated[str | None, typer.Option(help="content or noise.")] = None,
    octaves: Annotated[
        int | None, typer.Option(help="Sizes to draw at, each half the next; 2 if not given.")
    ] = None,
    enlarge: Annotated[
        int | None, typer.Option(help="How many times enlarged the features see the picture.")
    ] = None,
    margin: Annotated[
        int | None, typer.Option(help="Reflection around the picture, in pixels; 16 if not given.")
    ] = None,
    pooling: Annotated[
        str | None, typer.Option(help="Of vgg19: average, as Gatys et al. draw, or max.")
    ] = None,
    keep_colors: Annotated[
        bool, typer.Option("--keep-colors", help="Draw the luma, keep the photo's chroma.")
    ] = False,
    long_side: Annotated[
        int, typer.Option(help="Of both pictures, in pixels.", min=16, max=8192)
    ] = 512,
    preview: Annotated[
        Path | None, typer.Option(help="A picture that is rewritten as the drawing goes on.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Of the noise.", min=0)] = 0,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Draw a photo in the style of another picture, by optimizing it (Gatys et al. 2015).

    Prints the picture that was written and the features it was drawn with. Ctrl-C writes the best
    picture so far.
    """
    given = {
        "content_layers": _parse_layers(content_layers),
        "style_layers": _parse_layers(style_layers),
        "content_weight": content_weight,
        "style_weight": style_weight,
        "tv_weight": tv_weight,
        "losses": losses,
        "steps": steps,
        "optimizer": optimizer,
        "init": init,
        "octaves": octaves,
        "enlarge": enlarge,
        "margin": margin,
    }
    if sweep is not None and style_weight is not None:
        raise UsageError("--sweep and --style-weight contradict each other.", "Give one of them.")
    options = {key: value for key, value in given.items() if value is not None}
    options |= {"keep_colors": keep_colors, "seed": seed}
    with needs_extra("train"):
        from nijigan.core.images import encode_picture, write_picture
        from nijigan.core.nst_drawing import Drawing
        from nijigan.core.training.interrupt import Interrupt

        configs = _configs(features, options, sweep)
        drawing = Drawing(content, style, long_side, preview)
        for target in (out, preview or out):  # what cannot be written is told now, not at the end
            encode_picture(drawing.photo, target.suffix, str(target))
        with progress_bar() as show:
            network, known = _load(features, weights, sha256, pooling, show)
            with Interrupt() as interrupt:
                results = drawing.draw(network, configs, show, lambda: interrupt.requested)
        write_picture(out, drawing.strip(results))
    _report(out, known, configs, results, as_json)
    if interrupt.requested:
        taken = sum(result.steps for result in results)
        typer.echo(f"stopped after {taken} steps; the best picture so far is written", err=True)


def _configs(features: str, options: Mapping[str, Any], sweep: str | None) -> "list[NstConfig]":
    """One config, or one for each weight of a sweep."""
    from dataclasses import replace

    from nijigan.core.methods.nst import DEFAULTS

    if features not in DEFAULTS:
        raise ModelNotFoundError(
            f"No feature network '{features}'.", did_you_mean(features, DEFAULTS)
        )
    config = replace(DEFAULTS[features], **options)
    if sweep is None:
        return [config]
    return [replace(config, style_weight=_number(text)) for text in sweep.split(",")]


def _load(
    features: str, weights: str | None, sha256: str | None, pooling: str | None, show: "Progress"
) -> "tuple[FeatureNetwork, FeatureWeights]":
    from nijigan.core.models.weights import load_features, parse_source

    if sha256 is not None and weights is None:
        raise UsageError("--sha256 is of --weights, which is not given.", "Give both or none.")
    source = None if weights is None else parse_source(weights, sha256)
    options = {"pooling": pooling or "average"} if features == "vgg19" else {}
    if pooling is not None and not options:
        raise UsageError(f"{features} has no --pooling.", "Leave it out, or use vgg19.")
    return load_features(features, source, show, **options)


def _report(
    out: Path,
    known: "FeatureWeights",
    configs: "list[NstConfig]",
    results: "list[NstResult]",
    as_json: bool,
) -> None:
    rows = [
        {
            "style_weight": config.style_weight,
            "content_loss": result.losses["content"],
            "style_loss": result.losses["style"],
            "steps": result.steps,
            "seconds": round(result.seconds, 1),
        }
        for config, result in zip(configs, results, strict=False)  # fewer if stopped
    ]
    if as_json:
        told = {"features": known.label, "weights": known.source, "sha256": known.sha256}
        typer.echo(json.dumps({"output": str(out), **told, "pictures": rows}, indent=1))
        return
    typer.echo(out)
    typer.echo(f"features {known.label}, sha256 {known.sha256}")
    for row in rows if len(configs) > 1 else ():
        typer.echo(
            f"style weight {row['style_weight']:g}: content loss {row['content_loss']:.4g}, "
            f"style loss {row['style_loss']:.4g}"
        )


def _parse_layers(text: str | None) -> dict[str, float] | None:
    """Weights by layer: those that are written, or else equal ones that sum to 1."""
    if text is None:
        return None
    entries = [entry.strip().partition("=") for entry in text.split(",")]
    if any(equals for _, equals, _ in entries) and not all(equals for _, equals, _ in entries):
        raise UsageError(f"'{text}' gives some layers a weight.", "Give all of them one, or none.")
    return {
        layer: _number(weight) if equals else 1 / len(entries) for layer, equals, weight in entries
    }


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        raise UsageError(f"'{text}' is not a number.", "Write 100 or 1e2.") from None
