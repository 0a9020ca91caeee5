"""Times styles and networks of published size on an NVIDIA GPU, and writes the page of it.

    python scripts/bench_gpu.py -o docs/benchmarks/gpu.md

Weights of the networks are random. Not run yet: no GPU was at hand.
"""

import argparse
import itertools
import tempfile
from functools import partial
from pathlib import Path

from bench_cpu import NETWORKS, PEER, open_case, style_for
from nijigan.server.bench.case import Case
from nijigan.server.bench.measure import bench
from nijigan.server.bench.report import Report, machine_facts
from nijigan.server.bench.row import Row
from nijigan.server.engines.cuda import gpu_name
from nijigan.server.engines.providers import present

SIZES = ((256, 256), (512, 512), (1024, 1024), (1920, 1080))
PRECISIONS = ("fp32", "fp16", "int8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("-o", "--out", type=Path, required=True, help="the page")
    out: Path = parser.parse_args().out
    gpu = gpu_name()
    engines = ["tensorrt", *(["onnxruntime:cuda"] if "cuda" in present() else [])]
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as work:
        networks = [network for network in NETWORKS if network.name != PEER]
        for network, (width, height) in itertools.product(networks, SIZES):
            styles = [style_for(network, precision, Path(work)) for precision in PRECISIONS]
            cases = [
                Case(style, width, height, "normal", engine)
                for style, engine in itertools.product(styles, engines)
            ]
            rows += bench(cases, 50, 5.0, cold=False, open_case=partial(open_case, network))
    report = Report(machine_facts(engines), tuple(rows))
    out.write_text(f"# Times on a GPU\n\n{gpu}.\n\n{report.as_markdown()}", encoding="utf-8")


if __name__ == "__main__":
    main()
