"""Options of the verbs that draw, on the command line: how, and by what."""

from pathlib import Path
from typing import Annotated

import typer

Strength = Annotated[float, typer.Option(help="0 is the photo, 1 is fully drawn.")]
Quality = Annotated[str, typer.Option(help="draft, normal or fine.")]
Engine = Annotated[
    str | None,
    typer.Option(
        help="What runs the style: onnxruntime, onnxruntime:cuda, openvino, tensorrt, triton, "
        "or auto: a GPU's where one works, else onnxruntime; onnxruntime if not given."
    ),
]
Threads = Annotated[
    int | None, typer.Option(help="Threads to draw with; all cores if not given.", min=1)
]
Memory = Annotated[
    str | None, typer.Option(help="About what the network may use, such as 2G; 3G if not given.")
]
InSidecar = Annotated[
    bool, typer.Option("--server", help="Draw in the sidecar that runs, not in this process.")
]
Address = Annotated[
    str | None,
    typer.Option(
        help="host:port of the sidecar, if it is another one; tls://host:port if encrypted. "
        "Its token is in $NIJIGAN_TOKEN."
    ),
]
Root = Annotated[
    Path | None,
    typer.Option(help="PEM file of the root of its certificate, if the system has it not."),
]
ClientCertificate = Annotated[
    Path | None, typer.Option(help="PEM file of the certificate that it wants to see.")
]
ClientKey = Annotated[Path | None, typer.Option(help="PEM file of the key of that.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
