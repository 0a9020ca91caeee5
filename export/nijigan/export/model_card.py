"""The README of a style folder: a model card, with the front matter that model hubs read."""

from nijigan.export.style import QUALITIES, Style

_STRENGTH = {
    "style": "Strength is how much of the style's vector, and not of the photo's own, is drawn in.",
    "ode": "Strength is the time to which the ODE is integrated: 0 gives the photo back.",
    "blend": "Strength mixes the drawing with its photo.",
}

_IN_FLOAT32 = (
    " There the weights are rounded to bf16, and what is computed with them is not: no processor "
    "at hand could."
)


def model_card(style: Style) -> str:
    """The card as Markdown. Everything in it is in `style.json` too."""
    return "\n".join([*_front_matter(style), "", *_body(style)]) + "\n"


def _front_matter(style: Style) -> list[str]:
    return [
        "---",
        f"license: {style.license.lower()}",
        "library_name: nijigan",
        "pipeline_tag: image-to-image",
        "tags: [onnx, neural-ode, stylization]",
        "---",
    ]


def _body(style: Style) -> list[str]:
    training = style.training
    return [
        f"# {style.title} {style.version}",
        "",
        style.description,
        "",
        "![A photo and its drawing](preview.png)",
        "",
        f"    nijigan stylize photo.jpg --style {style.name} -o drawn.png",
        "",
        "## How it was made",
        "",
        f"Generator `{style.generator['name']}`, {style.generator['parameters']:,} parameters"
        f"{_training(style)}.",
        "",
        f"Data: {training.get('data', 'not stated.')}",
        *_split(training["split_sha256"]),
        "",
        "## Qualities",
        "",
        "| quality | solver | steps | evaluations of f | radius, px |",
        "|---|---|---|---|---|",
        *(_quality_row(style, quality) for quality in QUALITIES),
        "",
        _scale(style),
        _STRENGTH[style.strength],
        *_whole_picture(style),
        "",
        "## Parity",
        "",
        f"The graphs, which compute in {style.precision}, against the network they were exported "
        "from, in float32, on photos that take turns at the strengths 1, 0.5 and 0 (at the largest "
        "of several sizes, one at 1); where there is an ODE, also against a tight adaptive solve "
        "of it." + (_IN_FLOAT32 if style.precision == "bf16" else ""),
        "",
        "| quality | size | largest difference | PSNR, dB | SSIM | PSNR to the exact ODE, dB |",
        "|---|---|---|---|---|---|",
        *(
            f"| {row.quality} | {row.size} | {row.max_abs:.1e} | {row.psnr_db:.1f} | "
            f"{'' if row.ssim is None else f'{row.ssim:.4f}'} | "
            f"{'' if row.ode_psnr_db is None else f'{row.ode_psnr_db:.1f}'} |"
            for row in style.parity
        ),
        "",
        "## Limits",
        "",
        *(f"- {limit}" for limit in style.limits),
    ]


def _quality_row(style: Style, name: str) -> str:
    quality = style.qualities[name]
    return (
        f"| {name} | {quality.solver} | {quality.steps} | {quality.evaluations} | "
        f"{quality.radius_px} |"
    )


def _training(style: Style) -> str:
    if not style.training["steps"]:
        return ""
    seed = f" with the seed {style.training['seed']}" if "seed" in style.training else ""
    begin = style.training.get("began_with", "")
    on = f" on from `{begin}`" if begin else ""
    return (
        f", trained{on} by `{style.method}`{seed}, {style.training['steps']:,} steps in "
        f"{style.training['hours']} hours"
    )


def _split(sha256: str) -> list[str]:
    return [f"Photos were split by picture; sha256 of the split: `{sha256}`."] if sha256 else []


def _whole_picture(style: Style) -> list[str]:
    if style.normalization == "local":
        return []
    return [
        "It normalizes over the whole picture: a picture that is too large for the memory is drawn "
        "in tiles by the statistics of a smaller copy, and then deviates a little."
    ]


def _scale(style: Style) -> str:
    if style.fixed_size is not None:
        return (
            f"It draws {style.fixed_size}x{style.fixed_size} pixels and nothing else: pictures are "
            "resized to that and the drawing is resized back."
        )
    if style.scale.auto == "native":
        return "Pictures are drawn at their own size."
    return (
        f"Pictures with a short side well above {style.scale.working_short_side} pixels are drawn "
        "at that size and brought back, guided by the original; those below half of that are drawn "
        "at half of it and reduced."
    )
