"""Asks the engines which ONNX operators they take, and writes the lists that `inspect` reads.

    python scripts/list_operators.py --unity UNITY.md 2.4.0 --tensorrt TENSORRT.md 10.1

Engines that are installed are asked themselves, operator by operator; what is not installed keeps
its list. TensorRT cannot be had everywhere and Unity's inference engine runs in its editor alone:
their lists are read from pages, `docs/operators.md` of onnx/onnx-tensorrt and
`Documentation~/supported-operators.md` of the package com.unity.ai.inference.
"""

import argparse
import re
import tomllib
from collections.abc import Callable, Mapping
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import onnx
from onnx import TensorProto, ValueInfoProto, helper

from nijigan.export.tensorrt.library import load_library

OUT = Path(__file__).parents[1] / "export/nijigan/export/operators.toml"
OPSET = 18
"""Of the graphs that nijigan writes."""
NOT_CONVERTED = ("No conversion rule found", "unconverted operation")


def operators() -> list[str]:
    """Return the names of all operators of the opset."""
    found = {s.name for s in onnx.defs.get_all_schemas_with_history() if not s.domain}
    return sorted(name for name in found if onnx.defs.has(name, OPSET))


def ask_onnxruntime() -> dict[str, Any]:
    """Return what ONNX Runtime's CPU provider has kernels for, or what it writes out in others."""
    from onnxruntime.capi.onnxruntime_pybind11_state import get_all_opkernel_def

    kernels = {
        kernel.op_name
        for kernel in get_all_opkernel_def()
        if kernel.provider == "CPUExecutionProvider" and kernel.domain in {"", "ai.onnx"}
    }
    return {
        "engine": "ONNX Runtime",
        "version": metadata.version("onnxruntime"),
        "source": "the kernels that the installed package lists for its CPU provider",
        "operators": [name for name in operators() if name in kernels],
    }


def values(names: list[str]) -> list[ValueInfoProto]:
    """Return inputs or outputs of any shape."""
    return [helper.make_tensor_value_info(name, TensorProto.FLOAT, None) for name in names]


def ask_openvino() -> dict[str, Any]:
    """Return what OpenVINO's ONNX frontend has a conversion rule for."""
    import openvino

    core = openvino.Core()

    def converts(name: str) -> bool:
        schema = onnx.defs.get_schema(name, OPSET)
        inputs = [f"i{number}" for number in range(schema.min_input)]
        outputs = [f"o{number}" for number in range(max(schema.min_output, 1))]
        graph = helper.make_graph(
            [helper.make_node(name, inputs, outputs)], "one", values(inputs), values(outputs)
        )
        opset = helper.make_opsetid("", OPSET)
        model = helper.make_model(graph, opset_imports=[opset], ir_version=10)
        try:
            core.read_model(model.SerializeToString())
        except RuntimeError as error:  # mostly that the inputs are wrong, which they are
            return not any(words in str(error) for words in NOT_CONVERTED)
        return True

    return {
        "engine": "OpenVINO",
        "version": openvino.__version__.split("-")[0],
        "source": "the installed package, asked to read a graph of each operator",
        "operators": [name for name in operators() if converts(name)],
    }


def ask_tensorrt_rtx() -> dict[str, Any]:
    """Return what the parser of TensorRT-RTX takes; TensorRT's own is another build of it."""
    library = load_library()
    trt = library.classes
    logger = trt.Logger(trt.Logger.ERROR)
    network = trt.Builder(logger).create_network(0)
    parser = trt.OnnxParser(network, logger)
    return {
        "engine": library.name,
        "version": library.version,
        "source": "the parser of the installed package, asked for each operator",
        "operators": [name for name in operators() if parser.supports_operator(name)],
    }


def read_tensorrt(page: Path, version: str) -> dict[str, Any]:
    """Return what a page of onnx-tensorrt lists: TensorRT's parser is built from it."""
    taken = set(re.findall(r"^\| (\w+) +\| Y ", page.read_text("utf-8"), re.M))
    return {
        "engine": "TensorRT",
        "version": version,
        "source": "onnx/onnx-tensorrt, docs/operators.md",
        "operators": [name for name in operators() if name in taken],
    }


def read_unity(page: Path, version: str) -> dict[str, Any]:
    """Return what a page of Unity's manual lists with support on the GPU (compute)."""
    rows = re.findall(r"^\|\[(\w+)\S* \|([^|]*)\|([^|]*)\|", page.read_text("utf-8"), re.M)
    taken = {name for name, _, gpu in rows if "Not supported" not in gpu}
    return {
        "engine": "Unity's inference engine",
        "version": version,
        "source": "com.unity.ai.inference, Documentation~/supported-operators.md, GPUCompute",
        "operators": [name for name in operators() if name in taken],
    }


def as_toml(lists: Mapping[str, Mapping[str, Any]]) -> str:
    """Return the lists as TOML, a few operators to a line."""
    text = "# ONNX operators that engines take. Made by scripts/list_operators.py.\n"
    text += f"opset = {OPSET}\n"
    for name, engine in lists.items():
        text += f"\n[engines.{name}]\n"
        text += "".join(f'{key} = "{engine[key]}"\n' for key in ("engine", "version", "source"))
        lines = [""]
        for operator in engine["operators"]:
            word = f'"{operator}", '
            if len(lines[-1]) + len(word) > 96:
                lines.append("")
            lines[-1] += word
        text += "operators = [\n" + "".join(f"  {line.rstrip()}\n" for line in lines) + "]\n"
    return text


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--unity", nargs=2, metavar=("PAGE", "VERSION"))
    parser.add_argument("--tensorrt", nargs=2, metavar=("PAGE", "VERSION"))
    options = parser.parse_args()
    lists = tomllib.loads(OUT.read_text("utf-8"))["engines"] if OUT.exists() else {}
    asked: dict[str, tuple[str, Callable[[], dict[str, Any]]]] = {
        "onnxruntime": ("onnxruntime", ask_onnxruntime),
        "openvino": ("openvino", ask_openvino),
        "tensorrt_rtx": ("tensorrt_rtx_bindings", ask_tensorrt_rtx),
    }
    for name, (package, ask) in asked.items():
        if find_spec(package):
            lists[name] = ask()
    for name, read in (("unity", read_unity), ("tensorrt", read_tensorrt)):
        if given := getattr(options, name):
            lists[name] = read(Path(given[0]), given[1])
    OUT.write_text(as_toml(dict(sorted(lists.items()))), encoding="utf-8")


if __name__ == "__main__":
    main()
