"""Writes a style for Unity, and its inference engine (the package com.unity.ai.inference).

    <out>/<style>.nijiganstyle      style.json, with the names and hashes of the files beside it
          <style>_<quality>.onnx
          preview.png, README.md

Nijigan's package for Unity imports the first. Graphs are of opset 15, the newest that the engine's
documentation promises, with their weights within. Compared with the style's own in ONNX Runtime;
Unity's editor was not run.
"""

import hashlib
import json
import re
import shutil
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import onnx
from onnx import ModelProto

from nijigan.core.errors import CheckFailedError, ExportError, OutputError
from nijigan.export.folder import new_folder
from nijigan.export.older_opset import OPSET, in_older_opset
from nijigan.export.operators import engines
from nijigan.export.runtime import onnxruntime, open_session, run_graph
from nijigan.export.style import FORMAT, PREVIEW, Style

ENGINE = "Unity's inference engine"
_RESIZE_MODES = (b"nearest", b"linear")
"""What its importer takes; anything else becomes `nearest`, with a warning."""
_MOST_DIFFERENCE = 1e-5
_NO_DOTS = "Its dots are drawn by the sidecar alone: in the inference engine, grays stay flat."


def write_unity(style: Style, out: Path) -> list[Path]:
    """Write the style: what it is, its graphs, its preview, and what to do with them.

    A folder of this style alone that is there already is replaced. The `.meta` files by which Unity
    knows its assets are kept, so that what refers to them in a project still does.

    Returns:
        `<style>.nijiganstyle`, and the graphs.

    Raises:
        ExportError: the engine would not import a graph, or import it as something else.
        CheckFailedError: a graph draws something else than the style's.
        OutputError: `out` cannot be written, or has something else.
    """
    named = f"{style.name}.nijiganstyle"
    names = {file: f"{style.name}_{quality}.onnx" for quality, file in style.distinct().items()}
    if (out / named).is_file():
        _must_be_of_the_style_alone(style, out, named)
    with new_folder(out, mark=named) as folder:
        for quality, file in style.distinct().items():
            model = _converted(style.folder / file)
            _compare(style, quality, model)
            onnx.save(model, str(folder / names[file]))
        shutil.copyfile(style.folder / PREVIEW, folder / PREVIEW)
        (folder / named).write_text(_style_file(style, folder, names), encoding="utf-8")
        (folder / "README.md").write_text(_readme(style, named), encoding="utf-8")
        for path in list(folder.iterdir()):
            if (meta := out / f"{path.name}.meta").is_file():
                shutil.copyfile(meta, folder / meta.name)
    return [out / named, *(out / name for name in names.values())]


def _must_be_of_the_style_alone(style: Style, out: Path, named: str) -> None:
    """In a project, people put files of their own anywhere."""
    own = re.compile(
        rf"({re.escape(named)}|{style.name}_[a-z]+\.onnx|{PREVIEW}|README\.md)(\.meta)?"
    )
    if others := sorted(path.name for path in out.iterdir() if not own.fullmatch(path.name)):
        raise OutputError(
            f"'{out}' has files that are not of the style {style.name}: {', '.join(others)}.",
            "Move them out of it, or name another folder.",
        )


def _style_file(style: Style, folder: Path, names: Mapping[str, str]) -> str:
    """What `style.json` says, of the files in `folder`; `names` are the graphs' here."""
    qualities = {key: replace(q, file=names[q.file]) for key, q in style.qualities.items()}
    files = [*names.values(), PREVIEW]
    hashes = {name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in files}
    limits = (*style.limits, _NO_DOTS) if style.halftone else style.limits
    here = replace(style, qualities=qualities, limits=limits, sha256=hashes)
    data = {"format": FORMAT, **asdict(here)}
    del data["folder"]
    return json.dumps(data, indent=1, ensure_ascii=False) + "\n"


def _converted(graph: Path) -> ModelProto:
    """Return the graph in the older opset, and refuse what the importer does not take."""
    model = onnx.load(str(graph))
    engine = next(engine for engine in engines() if engine.name == ENGINE)
    if lacking := engine.lacks({node.op_type for node in model.graph.node}):
        raise ExportError(
            f"{graph.name} needs {', '.join(lacking)}, which {engine} does not take.",
            "Export the style in fp32 or fp16.",
        )
    resizes = [node for node in model.graph.node if node.op_type == "Resize"]
    for mode in (a.s for node in resizes for a in node.attribute if a.name == "mode"):
        if mode not in _RESIZE_MODES:
            raise ExportError(
                f"{graph.name} resizes by {mode.decode()}, which {engine} does not.",
                "Use a network that enlarges by nearest or linear.",
            )
    keep_own_statistics(model)
    return in_older_opset(model)


def keep_own_statistics(model: ModelProto) -> None:
    """Leave the picture's own statistics alone to draw by: inputs for others become constants."""
    for value in [v for v in model.graph.input if v.name in ("norm_stats", "norm_mix")]:
        sides = [side.dim_value or 1 for side in value.type.tensor_type.shape.dim]
        zeros = np.zeros(sides, np.float32)
        model.graph.initializer.append(onnx.numpy_helper.from_array(zeros, value.name))
        model.graph.input.remove(value)
    for value in [v for v in model.graph.output if v.name == "measured_norm_stats"]:
        model.graph.output.remove(value)


def _compare(style: Style, quality: str, model: ModelProto) -> None:
    side = style.fixed_size or 16 * style.input_multiple
    image = np.random.default_rng(0).uniform(-1, 1, (1, 3, side, side)).astype(np.float32)
    own = run_graph(open_session(style.graph(quality), style.precision), image, 0.7)
    session = onnxruntime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    difference = float(np.abs(run_graph(session, image, 0.7) - own).max())
    if not difference <= _MOST_DIFFERENCE:
        raise CheckFailedError(
            f"In opset {OPSET} the graph of '{quality}' draws something else, by {difference:.2g}.",
            "Report this with the style.",
        )


def _readme(style: Style, named: str) -> str:
    size = (
        f"{style.fixed_size}x{style.fixed_size} pixels alone"
        if style.fixed_size
        else f"pictures whose sides are multiples of {style.input_multiple} pixels"
    )
    return f"""# {style.title} {style.version} for Unity

1. Install nijigan's package for Unity, `com.nijigan.stylizer`, and put this folder under `Assets/`.
   `{named}` shows the style in the Inspector: its preview, license, limits, and how it was made.
2. To draw with it in a game (Unity 6), install the package `com.unity.ai.inference` 2.2 or newer
   (Package Manager, by name). Unity imports each `.onnx` as a model asset.
3. Within `{named}` are its networks, one a quality. Give one to a sample of nijigan's package, or
   to its `InferenceEngineStylizer` in a script. A game has those alone that it refers to.

The graphs take {size}. They are of opset {OPSET}, and equal the style's own in ONNX Runtime; they
have not been run in Unity.

License of the weights: {style.license}.
"""
