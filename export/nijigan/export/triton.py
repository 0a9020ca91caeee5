"""Writes a style as a model repository of Triton Inference Server.

    <out>/<style>_<quality>/config.pbtxt
                            1/model.onnx, weights.bin

One model for each quality that differs; the backend is ONNX Runtime. The layout and the fields are
those of Triton's documentation, `model_repository.md` and `model_configuration.md`.
"""

import shutil
from pathlib import Path

import onnx
from onnx import TensorProto, ValueInfoProto

from nijigan.export.folder import new_folder
from nijigan.export.style import WEIGHTS, Style
from nijigan.export.triton_name import triton_model_name

_TYPES: dict[int, str] = {
    TensorProto.FLOAT: "TYPE_FP32",
    TensorProto.FLOAT16: "TYPE_FP16",
    TensorProto.INT64: "TYPE_INT64",
}


def write_triton(style: Style, out: Path) -> list[Path]:
    """Write the repository; models of other styles that are in it already stay.

    Returns:
        the models' folders.

    Raises:
        OutputError: it cannot be written, or something else has a model's name.
    """
    written = []
    for quality in style.distinct():
        name = triton_model_name(style, quality)
        with new_folder(out / name, mark="config.pbtxt") as folder:
            version = folder / "1"
            version.mkdir()
            shutil.copyfile(style.graph(quality), version / "model.onnx")
            shutil.copyfile(style.folder / WEIGHTS, version / WEIGHTS)
            config = _config(style, quality, name)
            (folder / "config.pbtxt").write_text(config, encoding="utf-8")
        written.append(out / name)
    return written


def _config(style: Style, quality: str, name: str) -> str:
    graph = onnx.load(str(style.graph(quality)), load_external_data=False).graph
    facts = {
        "input_multiple": style.input_multiple,
        "radius_px": style.qualities[quality].radius_px,
        "normalization": style.normalization,
        "strength": style.strength,
        "precision": style.precision,
        "version": style.version,
        "license": style.license,
    }
    return "\n".join(
        [
            f"# {style.title} {style.version}, quality {quality}: written by nijigan export.",
            f'name: "{name}"',
            'backend: "onnxruntime"',
            "max_batch_size: 0",  # N is a dimension like any other
            "version_policy { latest { num_versions: 1 } }",
            *(line for value in graph.input for line in _tensor("input", value)),
            *(line for value in graph.output for line in _tensor("output", value)),
            *(
                f'parameters {{ key: "{key}" value {{ string_value: "{fact}" }} }}'
                for key, fact in facts.items()
            ),
            "",
        ]
    )


def _tensor(field: str, value: ValueInfoProto) -> list[str]:
    kind = value.type.tensor_type
    sides = [side.dim_value if side.HasField("dim_value") else -1 for side in kind.shape.dim]
    # Triton has no scalars: they travel as one number and are reshaped.
    reshape = [] if sides else ["  reshape { shape: [ ] }"]
    return [
        f"{field} {{",
        f'  name: "{value.name}"',
        f"  data_type: {_TYPES[kind.elem_type]}",
        f"  dims: [ {', '.join(map(str, sides or [1]))} ]",
        *reshape,
        "}",
    ]
