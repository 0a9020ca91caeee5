"""Draws docs/images/networks/*.svg from the networks themselves, and the tables of docs/networks.

    python scripts/draw_networks.py [--check]

Shapes, layers, repetitions and figures are read off a pass through each network; only how layers
are put together to one slab is said here. With --check nothing is written, and the exit code is 1
where a file is not what would be.
"""

import argparse
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from torch import nn

from nijigan.core.models import available
from nijigan.core.models.layer_trace import Layer
from nijigan.core.models.summary import Summary, summarize
from svg_figure import Branch, Node, Row, Stage, draw_figure

ROOT = Path(__file__).parent.parent
IMAGES = ROOT / "docs/images/networks"
PAGES = ROOT / "docs/networks"
# What is between such marks on a page is written by this script: of all networks, or of one.
TABLE = re.compile(r"(<!-- table: (\w+) -->\n).*?(<!-- end of table -->)", re.DOTALL)


@dataclass(frozen=True)
class Part:
    """Some layers of a network that are one slab of its figure."""

    names: str
    """A regular expression that the layers' names match as a whole."""
    role: str
    block: str = ""
    """Of blocks that are alike: an expression whose groups say which block a layer is of."""
    wrap: str = ""
    say: tuple[str, ...] = ()
    """What to write instead of the layers."""
    note: tuple[str, ...] = ()


@dataclass(frozen=True)
class Side:
    """Layers that are boxes below the row, between some of its slabs; slab 0 is the picture."""

    parts: tuple[Part, ...]
    ends: tuple[int, ...]
    start: int | None = None
    source: str = ""
    """What it begins with, where that is not a slab."""


@dataclass(frozen=True)
class Figure:
    """How the layers of a network are put together to a row."""

    network: str
    title: str
    parts: tuple[Part, ...]
    skips: tuple[tuple[int, int], ...] = ()
    sides: tuple[Side, ...] = ()


def main() -> int:
    """Write the figures and the table, or with --check compare them with what they would be."""
    parser = argparse.ArgumentParser(description="Draw the networks of the docs.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if one is old")
    check = parser.parse_args().check
    summaries = {name: summarize(name) for name in available()}
    files = {IMAGES / f"{name}.svg": draw(name, summaries) for name in FIGURES}
    for page in sorted(PAGES.glob("*.md")):
        files[page] = with_tables(page.read_text(encoding="utf-8"), summaries)
    stale = [
        path
        for path, content in files.items()
        if not path.is_file() or path.read_text(encoding="utf-8") != content
    ]
    for path in stale:
        if check:
            print(f"{path.relative_to(ROOT)} is old. Run: python scripts/draw_networks.py")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(files[path], encoding="utf-8")
            print(f"wrote {path.relative_to(ROOT)}")
    return 1 if check and stale else 0


def draw(name: str, summaries: dict[str, Summary]) -> str:
    """Return the SVG of a figure."""
    rows = [row_of(figure, summaries[figure.network]) for figure in FIGURES[name]]
    return draw_figure(f"Data flow of {', '.join(row.title for row in rows)}", rows)


def row_of(figure: Figure, summary: Summary) -> Row:
    """Return the row of a network, its parts as slabs and boxes."""
    members = members_of(figure, summary)
    channels = members[figure.parts[0]][0].input_shape[1]
    picture = Stage((channels, summary.height, summary.width), ("picture",), "picture")
    stages = [stage_of(part, members[part]) for part in figure.parts]
    branches = tuple(branch_of(side, members) for side in figure.sides)
    return Row(figure.title, facts_of(summary), (picture, *stages), figure.skips, branches)


def members_of(figure: Figure, summary: Summary) -> dict[Part, list[Layer]]:
    """Return the layers of each part; all layers must be in one, and all parts have some."""
    side_parts = [part for side in figure.sides for part in side.parts]
    members: dict[Part, list[Layer]] = {part: [] for part in (*figure.parts, *side_parts)}
    for layer in summary.layers:
        # A module that is used in several places is listed once for each, in order.
        fitting = [
            layers
            for part, layers in members.items()
            if re.fullmatch(part.names, layer.name)
            and not any(layer.module is other.module for other in layers)
        ]
        if not fitting:
            sys.exit(f"{figure.network}: the figure has no part for the layer '{layer.name}'.")
        fitting[0].append(layer)
    for part, layers in members.items():
        if not layers:
            sys.exit(f"{figure.network}: no layer matches '{part.names}'.")
    return members


def branch_of(side: Side, members: dict[Part, list[Layer]]) -> Branch:
    """Return the boxes of a side: what they do, and how many numbers or channels they hand on."""
    nodes = [Node((side.source, shape_text(members[side.parts[0]][0].input_shape)), "picture")]
    for part, following in zip(side.parts, (*side.parts[1:], None), strict=True):
        layers = members[part]
        made = numbers_of(layers) if following is None else members[following][0].input_shape
        nodes.append(Node((*(part.say or operations(layers)), f"→ {shape_text(made)}")))
    return Branch(side.start, tuple(nodes if side.source else nodes[1:]), side.ends)


def numbers_of(layers: Sequence[Layer]) -> tuple[int, int]:
    """Return the shape of what layers make: of those beside each other, all together."""
    beside = [layer for layer in layers if layer.input_shape == layers[0].input_shape]
    ends = layers if len(beside) == len(layers) else layers[-1:]
    return 1, sum(layer.output_shape[1] for layer in ends)


def shape_text(shape: tuple[int, ...]) -> str:
    """Return a shape without the batch, and one pixel as the numbers that it has."""
    sides = shape[1:2] if shape[2:] == (1, 1) else shape[1:]
    return "×".join(map(str, sides)) + (" numbers" if len(sides) == 1 else "")


def facts_of(summary: Summary) -> str:
    """Return the size and the cost of a network in a line."""
    cost = (summary.macs or 0) / 1e9
    facts = [f"{summary.parameters:,} parameters", f"{cost:.2f} GMAC at {summary.height}²"]
    if summary.ode is not None:
        facts.append(f"{summary.ode.solver}: each f {summary.ode.evaluations} times")
    if summary.patch_px is not None:
        facts.append(f"a verdict sees {summary.patch_px}×{summary.patch_px} px")
    return " · ".join(facts)


def stage_of(part: Part, layers: Sequence[Layer]) -> Stage:
    """Return the slab of some layers; blocks that are alike become one."""
    shape = map_shape(layers)
    if not part.block:
        said = part.say or operations(layers)
        return Stage(shape, said, part.role, wrap=part.wrap, note=part.note)
    blocks: dict[tuple[str | None, ...], list[Layer]] = {}
    for layer in layers:
        found = re.match(part.block, layer.name)
        if found is None:
            sys.exit(f"The layer '{layer.name}' is of no block.")
        blocks.setdefault(found.groups(), []).append(layer)
    kinds = {operations(block) for block in blocks.values()}
    if len(kinds) > 1 and not part.say:
        sys.exit(f"The blocks '{part.names}' are not alike: {kinds}.")
    said = part.say or kinds.pop()
    return Stage(shape, said, part.role, len(blocks), part.wrap, part.note)


def map_shape(layers: Sequence[Layer]) -> tuple[int, ...]:
    """Return the shape that layers end in; statistics on the way are none."""
    last = [layer for layer in layers if layer.type_name != "PictureStatistics"] or layers
    shape = last[-1].output_shape[1:]
    return shape[:1] if shape[1:] == (1, 1) and len(layers[0].output_shape) < 4 else shape


def operations(layers: Sequence[Layer]) -> tuple[str, ...]:
    """Return the layers in words; a norm and what follows it share a line."""
    lines: list[str] = []
    for layer in layers:
        word = word_for(layer)
        follows = lines and lines[-1] in ("LN", *NORMS.values())
        if word and follows and word in ACTIVATIONS.values():
            lines[-1] += f" · {word}"
        elif word:
            lines.append(word)
    return tuple(repeated(lines))


def repeated(lines: list[str]) -> list[str]:
    """Return the lines with those that come in a row several times, two by two, said once."""
    for start in range(len(lines)):
        pair, times = lines[start : start + 2], 1
        while lines[start + 2 * times : start + 2 * times + 2] == pair and len(pair) == 2:
            times += 1
        if times > 1:
            said = [f"{times} × ({pair[0]},", f"{pair[1]})"]
            return [*lines[:start], *said, *lines[start + 2 * times :]]
    return lines


NORMS = {
    "InstanceNorm2d": "IN",
    "BatchNorm2d": "BN",
    "ShiftNorm2d": "BN",
    "GroupNorm": "GN",
    "AdaLIN": "AdaLIN",
    "LIN": "LIN",
    "AdaIN": "AdaIN",
    "CIN": "CIN",
}
ACTIVATIONS = {
    "ReLU": "ReLU",
    "LeakyReLU": "LReLU",
    "ReLU6": "ReLU6",
    "SiLU": "swish",
    "Tanh": "tanh",
}
OTHERS = {
    "BlurDown": "blur ÷2",
    "BlurUp": "bilinear ×2",
    "Enlarge": "bilinear ×2",
    "Upsample": "nearest ×2",
    "MaxPool2d": "max ÷2",
    "AdaptiveAvgPool2d": "mean",
    "Linear": "linear",
    "Dropout": "dropout",
    "VectorQuantizer": "nearest codeword",
}
SILENT = ("ReflectionPad2d", "ZeroPad2d", "Flatten", "Unflatten")


def word_for(layer: Layer) -> str:
    """Return a layer in a word or two, or nothing of one that only pads or reshapes."""
    kind, module = layer.type_name, layer.module
    if isinstance(module, nn.Conv2d | nn.ConvTranspose2d):
        rows, columns = module.kernel_size
        scale = "×" if isinstance(module, nn.ConvTranspose2d) else "÷"
        size = f" {scale}{module.stride[0]}" if module.stride[0] > 1 else ""
        name = {"×": "convT", "÷": "conv"}[scale]
        alone = module.groups == module.in_channels > 1
        return f"{'dw' if alone else name} {rows}×{columns}{size}"
    if kind == "PictureStatistics":
        return "CIN" if layer.name.endswith("norm.statistics") else "mean"
    if isinstance(module, nn.GroupNorm):
        return "LN" if module.num_groups == 1 else "GN"
    if kind in SILENT:
        return ""
    known = NORMS | ACTIVATIONS | OTHERS
    if kind not in known:
        sys.exit(f"There is no word for {kind}.")
    return known[kind]


def with_tables(page: str, summaries: dict[str, Summary]) -> str:
    """Return a page with its tables as they are now: `all` networks, or the parts of one."""
    figures = {figure.network: figure for row in FIGURES.values() for figure in row}

    def table(found: re.Match[str]) -> str:
        start, name, end = found.groups()
        if name == "all":
            lines = index_table(summaries)
        else:
            lines = parts_table(figures[name], summaries[name])
        return "\n".join([start, *lines, "", end])

    return TABLE.sub(table, page)


def index_table(summaries: dict[str, Summary]) -> list[str]:
    """Return the lines of the table of all networks."""
    lines = [
        "| name | kind | parameters | GMAC at 256² | sides, multiples of | sees, px |",
        "|---|---|--:|--:|--:|---|",
    ]
    for name, summary in summaries.items():
        cost = f"{(summary.macs or 0) / 1e9:.2f}"
        if summary.height != 256:
            cost += f" (at {summary.height}²)"
        sides = str(summary.input_multiple or "")
        if summary.fixed_size is not None:
            sides = f"{summary.fixed_size} only"
        page_of = f"[`{name}`]({PAGE_OF[name]}.md)"
        cells = [page_of, summary.kind.label, f"{summary.parameters:,}", cost, sides]
        lines.append("| " + " | ".join([*cells, seen_by(summary)]) + " |")
    return lines


def parts_table(figure: Figure, summary: Summary) -> list[str]:
    """Return the lines of the table of a network's parts, in order of use."""
    order = {id(layer): number for number, layer in enumerate(summary.layers)}
    members = members_of(figure, summary)
    lines = ["| layers | channels × size | parameters | GMAC |", "|---|---|--:|--:|"]
    for part, layers in sorted(members.items(), key=lambda item: order[id(item[1][0])]):
        in_row = part in figure.parts
        stage = stage_of(part, layers) if in_row else None
        said = ", ".join(part.say or operations(layers) if stage is None else stage.operations)
        said = said.replace(",,", ",")
        if stage is not None and stage.repeat > 1:
            said = f"{stage.repeat} × ({said})"
        made = shape_of(stage.shape if stage is not None else numbers_of(layers)[1:])
        learned = sum(layer.parameters for layer in layers)
        macs = sum(layer.macs for layer in layers if layer.is_learned) / 1e9
        cost = f"{macs:.2f}" if macs >= 0.005 else ""
        lines.append(f"| {said} | {made} | {f'{learned:,}' if learned else ''} | {cost} |")
    total = f"{(summary.macs or 0) / 1e9:.2f}"
    lines.append(f"| **all** | | **{summary.parameters:,}** | **{total}** |")
    return lines


def shape_of(shape: tuple[int, ...]) -> str:
    """Return a shape as the tables write it: 64 × 128²."""
    return f"{shape[0]} × {shape[1]}²" if len(shape) == 3 else f"{shape[0]} numbers"


def seen_by(summary: Summary) -> str:
    """Return how far a pixel or a verdict sees, and whether norms see the rest too."""
    if summary.radius_note:
        return "the whole picture"
    if summary.patch_px is not None:
        reach = f"{summary.patch_px}×{summary.patch_px}"
    elif summary.radius_px is not None:
        reach = f"{summary.radius_px} to each side"
    else:
        return ""
    return reach + (" + norms" if summary.sees_everything else "")


RESNET_ENCODER = (
    Part(r"encoder\.(pad|stem.*)", "encoder"),
    Part(r"encoder\.down1.*", "encoder"),
    Part(r"encoder\.down2.*", "encoder"),
)
RESNET_DECODER = (
    Part(r"decoder\.up1.*", "decoder"),
    Part(r"decoder\.up2.*", "decoder"),
    Part(r"decoder\.(pad|head|tanh)", "picture"),
)
RESIDUAL = Part(
    r"blocks\..*", "middle", r"blocks\.(\d+)\.", wrap="residual", note=("residual blocks",)
)
ODE = replace(RESIDUAL, wrap="ode", note=("ODE blocks,", "t from 0 to strength"))


def ugatit(network: str, title: str, summary: str, pooled: str) -> Figure:
    """Return U-GAT-IT's row; its versions differ in what the perceptron gets to see."""
    adaptive = replace(
        RESIDUAL, names=r"adaptive\..*", block=r"adaptive\.(\d+)\.", note=("AdaLIN blocks",)
    )
    return Figure(
        network,
        title,
        (
            Part(r"down\.[0-3]", "encoder"),
            Part(r"down\.[4-7]", "encoder"),
            Part(r"down\.([89]|1[01])", "encoder"),
            replace(RESIDUAL, names=r"down\.1[2-5]\..*", block=r"down\.(\d+)\."),
            Part(
                r"cam\..*",
                "middle",
                say=("channels × CAM weights", "conv 1×1 · ReLU"),
                note=("attention", "(logits to the loss)"),
            ),
            adaptive,
            Part(r"up\.[0-4]", "decoder"),
            Part(r"up\.[5-9]", "decoder"),
            Part(r"up\.1[0-2]", "picture"),
        ),
        sides=(
            Side(
                (
                    Part(pooled, "style", say=(summary, "2 × (linear, ReLU)")),
                    Part("gamma|beta", "style", say=("linear: γ and β", "for every AdaLIN")),
                ),
                ends=(6,),
                start=5,
            ),
        ),
    )


def ugatit_disc(network: str, title: str, halvings: int) -> Figure:
    """Return the row of one of U-GAT-IT's discriminators."""
    steps = [rf"layers\.({3 * i}|{3 * i + 1}|{3 * i + 2})" for i in range(halvings + 1)]
    attention = Part(
        r"cam\..*",
        "middle",
        say=("channels × CAM weights", "conv 1×1 · LReLU"),
        note=("attention", "(logits to the loss)"),
    )
    return Figure(
        network,
        title,
        (*(Part(step, "encoder") for step in steps), attention, Part("pad|conv", "verdict")),
    )


def vqi2i(network: str, title: str) -> Figure:
    """Return the row of VQ-I2I: content through the codebook, style from another picture."""
    encode = r"content_encoder\.layers\.({})(\..*)?"
    decode = r"decoders\.0\.layers\.({})(\..*)?"
    down, up = ("conv 3×3 ÷2", "2 res. blocks"), ("nearest ×2", "conv 3×3", "3 res. blocks")
    return Figure(
        network,
        title,
        (
            Part(encode.format("[0-2]"), "encoder", say=("conv 3×3", "2 res. blocks")),
            Part(encode.format("[3-6]"), "encoder", say=down),
            Part(encode.format("[7-9]|10"), "encoder", say=down),
            Part(encode.format("1[1-4]"), "encoder", say=down),
            Part(
                encode.format("1[5-9]|20"),
                "encoder",
                say=("conv 3×3 ÷2", "2 × (res. block,", "attention)"),
            ),
            Part(
                encode.format("2[1-6]"),
                "encoder",
                say=("res. block,", "attention,", "res. block, GN,", "swish, conv 3×3"),
            ),
            Part(
                r"quant_conv|quantizer",
                "middle",
                say=("conv 1×1", "nearest", "codeword"),
                note=("codebook of", "512 codewords"),
            ),
            Part(r"post_quant_conv|decoders\.0\.conv_in", "decoder"),
            replace(
                RESIDUAL,
                names=r"decoders\.0\.adain\..*",
                role="decoder",
                block=r"decoders\.0\.adain\.(\d+)\.",
                say=("conv 3×3", "AdaIN · ReLU", "conv 3×3", "AdaIN"),
                note=("AdaIN blocks",),
            ),
            Part(
                decode.format("[0-8]"),
                "decoder",
                say=("res. block,", "attention,", "res. block,", "3 × (res. block,", "attention)"),
            ),
            Part(decode.format("9|1[0-3]"), "decoder", say=up),
            Part(decode.format("1[4-8]"), "decoder", say=up),
            Part(decode.format("19|2[0-3]"), "decoder", say=up),
            Part(decode.format("2[4-8]"), "decoder", say=up),
            Part(decode.format("29|3[01]"), "picture"),
        ),
        sides=(
            Side(
                (
                    Part(
                        r"style_encoders\.0\..*",
                        "style",
                        say=("style encoder: conv 7×7, then", "conv 4×4 ÷2; mean, conv 1×1"),
                    ),
                    Part(r"style_maps\.0(\..*)?", "style", say=("style map: γ and β",)),
                ),
                ends=(9,),
                source="style picture",
            ),
        ),
    )


def vae_steps(part: str, role: str, convolution: str, last: int) -> tuple[Part, ...]:
    """Return the slabs of one half of the residual autoencoder."""
    said = (convolution, "ReLU", "residual block")
    return tuple(Part(rf"{part}\.{i}\..*", role, say=said) for i in range(last - 3, last + 1))


def blocks_between(first: int, last: int, names: str) -> Part:
    """Return inverted residual blocks of one size of a feature network."""
    numbers = "|".join(map(str, range(first, last + 1)))
    return Part(names.format(numbers), "encoder", names.format(numbers), say=("inverted residual",))


STAGES = ((1, 1), (2, 3), (4, 6), (7, 10), (11, 13), (14, 16), (17, 17))
LITE_STAGES = ((0, 0), (1, 2), (3, 4), (5, 7), (8, 10), (11, 14), (15, 15))

FIGURES: dict[str, tuple[Figure, ...]] = {
    "nijigan": (
        Figure(
            "nijigan",
            "NijiGAN",
            (
                *RESNET_ENCODER,
                ODE,
                Part(r"decoder\.[0-3]", "decoder"),
                Part(r"decoder\.[4-7]", "decoder"),
                Part(r"decoder\.(8|9|10)", "picture"),
            ),
        ),
    ),
    "cut": (Figure("cut_resnet9", "CUT", (*RESNET_ENCODER, RESIDUAL, *RESNET_DECODER)),),
    "cyclegan": (
        Figure("cyclegan_resnet9", "CycleGAN", (*RESNET_ENCODER, RESIDUAL, *RESNET_DECODER)),
    ),
    "pix2pix": (
        Figure(
            "unet_256",
            "pix2pix U-Net",
            (
                *(Part(rf"down\.{i}\..*", "encoder" if i < 7 else "middle") for i in range(8)),
                *(Part(rf"up\.{i}\..*", "decoder") for i in range(7, 0, -1)),
                Part(r"up\.0\..*", "picture"),
            ),
            skips=tuple((level, 16 - level) for level in range(1, 8)),
        ),
    ),
    "ugatit": (
        ugatit("ugatit_light", "U-GAT-IT, light", "mean of each channel", r"pool|fc\..*"),
        ugatit("ugatit_full", "U-GAT-IT, full", "every value", r"fc\..*"),
    ),
    "ugatit_disc": (
        ugatit_disc("ugatit_disc_local", "U-GAT-IT, local discriminator", 3),
        ugatit_disc("ugatit_disc_global", "U-GAT-IT, global discriminator", 5),
    ),
    "animegan2": (
        Figure(
            "animegan2",
            "AnimeGANv2",
            (
                Part(r"block_a\.0\..*", "encoder"),
                Part(r"block_a\.[12]\..*", "encoder"),
                Part(r"block_b\..*", "encoder"),
                Part(r"block_c\.0\..*", "middle"),
                Part(r"block_c\.1\..*", "middle"),
                Part(
                    r"block_c\.[2-4]\..*",
                    "middle",
                    r"block_c\.(\d)\.",
                    wrap="residual",
                    note=("inverted residual",),
                ),
                Part(r"block_c\.5\..*", "middle"),
                Part(r"enlarge|block_d\..*", "decoder"),
                Part(r"enlarge|block_e\.[01]\..*", "decoder"),
                Part(r"block_e\.2\..*", "decoder"),
                Part(r"out_layer\..*", "picture"),
            ),
        ),
    ),
    "cartoongan": (
        Figure(
            "cartoongan",
            "CartoonGAN",
            (
                Part(r"encoder\.(pad|stem.*)", "encoder"),
                Part(r"encoder\.(down|conv|norm|relu)1", "encoder"),
                Part(r"encoder\.(down|conv|norm|relu)2", "encoder"),
                RESIDUAL,
                Part(r"decoder\.(up|conv|norm|relu)1", "decoder"),
                Part(r"decoder\.(up|conv|norm|relu)2", "decoder"),
                Part(r"decoder\.(pad|out|tanh)", "picture"),
            ),
        ),
    ),
    "patchgan": (
        Figure(
            "patchgan70",
            "PatchGAN",
            (
                Part(r"layers\.[01]", "encoder"),
                Part(r"layers\.[2-4]", "encoder"),
                Part(r"layers\.[5-7]", "encoder"),
                Part(r"layers\.([89]|10)", "encoder"),
                Part(r"layers\.11", "verdict"),
            ),
        ),
        Figure(
            "patchgan70_cut",
            "PatchGAN of CUT",
            (
                Part(r"layers\.[0-2]", "encoder"),
                Part(r"layers\.[3-6]", "encoder"),
                Part(r"layers\.([7-9]|10)", "encoder"),
                Part(r"layers\.1[1-3]", "encoder"),
                Part(r"layers\.14", "verdict"),
            ),
        ),
    ),
    "arbitrary": (
        Figure(
            "arbitrary",
            "Arbitrary stylization",
            (
                Part(r"transformer\.contract\.0\..*", "encoder"),
                Part(r"transformer\.contract\.1\..*", "encoder"),
                Part(r"transformer\.contract\.2\..*", "encoder"),
                replace(
                    RESIDUAL,
                    names=r"transformer\.blocks\.\d+\.styled\d\.(conv|norm\.statistics)",
                    block=r"transformer\.blocks\.(\d+)\.",
                    say=("conv 3×3", "CIN · ReLU", "conv 3×3", "CIN"),
                ),
                Part(
                    r"transformer\.(enlarge|expand1\.(conv|norm\.statistics))",
                    "decoder",
                    say=("nearest ×2", "conv 3×3", "CIN · ReLU"),
                ),
                Part(
                    r"transformer\.(enlarge|expand2\.(conv|norm\.statistics))",
                    "decoder",
                    say=("nearest ×2", "conv 3×3", "CIN · ReLU"),
                ),
                Part(r"transformer\.(head\.(conv|norm\.statistics)|tanh)", "picture"),
            ),
            sides=(
                Side(
                    (
                        Part(
                            r"predictor\.trunk\..*",
                            "style",
                            say=("Inception-v3", "to Mixed_6e"),
                        ),
                        Part(r"predictor\.(pool|bottleneck)", "style"),
                        Part(
                            r"transformer\..*\.norm\.to_(gamma|beta)",
                            "style",
                            say=("linear: γ and β", "for every CIN"),
                        ),
                    ),
                    ends=(4, 5, 6, 7),
                    source="style picture",
                ),
            ),
        ),
    ),
    "vqi2i_cross": (
        vqi2i("vqi2i_cross", "VQ-I2I"),
        vqi2i("vqi2i_adain", "VQ-I2I of the NijiGAN report"),
    ),
    "vae_residual": (
        Figure(
            "vae_residual",
            "Residual VAE",
            (
                Part(r"encoder\.0\..*", "encoder", say=("conv 4×4 ÷2", "ReLU", "residual block")),
                *vae_steps("encoder", "encoder", "conv 4×4 ÷2", 4),
                Part(r"encoder\.5|to_mu|to_logvar", "middle", say=("linear", "μ, log σ²; z")),
                Part(r"from_latent|decoder\.0", "decoder"),
                *vae_steps("decoder", "decoder", "convT 4×4 ×2", 4),
                Part(r"decoder\.[56]", "picture"),
            ),
        ),
    ),
    "features": (
        Figure(
            "vgg19",
            "VGG19",
            (
                Part(r"trunk\.features\.[0-3]", "encoder"),
                Part(r"trunk\.features\.[4-8]", "encoder"),
                Part(r"trunk\.features\.(9|1[0-7])", "encoder"),
                Part(r"trunk\.features\.(1[89]|2[0-6])", "encoder"),
                Part(r"trunk\.features\.(2[7-9]|3[0-5])", "encoder"),
            ),
        ),
        Figure(
            "mobilenet_v2",
            "MobileNetV2",
            (
                Part(r"trunk\.features\.0\..*", "encoder"),
                *(blocks_between(*pair, r"trunk\.features\.({})\..*") for pair in STAGES),
                Part(r"trunk\.features\.18\..*", "encoder"),
                Part(r"trunk\.classifier\..*", "verdict", say=("mean", "linear")),
            ),
        ),
        Figure(
            "efficientnet_lite0",
            "EfficientNet-Lite0",
            (
                Part(r"trunk\._(conv_stem|bn0)", "encoder", say=("conv 3×3 ÷2", "BN · ReLU6")),
                *(blocks_between(*pair, r"trunk\._blocks\.({})\..*") for pair in LITE_STAGES),
                Part(r"trunk\._(conv_head|bn1)", "encoder", say=("conv 1×1", "BN · ReLU6")),
                Part(r"trunk\._fc", "verdict", say=("mean", "linear")),
            ),
        ),
    ),
}

PAGE_OF = {
    "animegan2": "animegan2",
    "arbitrary": "arbitrary",
    "cartoongan": "cartoongan",
    **dict.fromkeys(("cut_resnet4", "cut_resnet6", "cut_resnet9"), "cut"),
    **dict.fromkeys(("cyclegan_resnet4", "cyclegan_resnet6", "cyclegan_resnet9"), "cyclegan"),
    **dict.fromkeys(("efficientnet_lite0", "mobilenet_v2", "vgg19", "patch_sample"), "features"),
    "nijigan": "nijigan",
    **dict.fromkeys(("patchgan70", "patchgan70_cut"), "patchgan"),
    **dict.fromkeys(("ugatit_full", "ugatit_light"), "ugatit"),
    **dict.fromkeys(("ugatit_disc_global", "ugatit_disc_local"), "ugatit"),
    **dict.fromkeys(("unet_128", "unet_256"), "pix2pix"),
    "vae_residual": "vae_residual",
    **dict.fromkeys(("vqi2i_adain", "vqi2i_cross"), "vqi2i"),
}

if __name__ == "__main__":
    sys.exit(main())
