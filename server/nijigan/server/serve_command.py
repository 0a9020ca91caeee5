"""The verb `serve`."""

import os
from pathlib import Path
from typing import Annotated

import typer


def serve(
    port: Annotated[
        int, typer.Option(help="Port; 0, or one that is taken, is a free one.", min=0, max=65535)
    ] = 0,
    host: Annotated[str, typer.Option(help="A loopback address.")] = "127.0.0.1",
    styles: Annotated[
        list[Path] | None,
        typer.Option(help="A style folder, or a folder of them. May be given again.", exists=True),
    ] = None,
    threads: Annotated[
        int | None, typer.Option(help="Threads to draw one picture with.", min=1)
    ] = None,
    engine: Annotated[
        str,
        typer.Option(
            help="What runs the styles: onnxruntime, onnxruntime:cuda, openvino, tensorrt, triton; "
            "auto is the fastest that works here, and the log says why."
        ),
    ] = "auto",
    memory: Annotated[
        str,
        typer.Option(help="About what networks may use; larger pictures are drawn in tiles."),
    ] = "4G",
    metrics_port: Annotated[
        int | None,
        typer.Option(help="Serve numbers for Prometheus here, at /metrics.", min=1, max=65535),
    ] = None,
    exit_with_parent: Annotated[
        bool,
        typer.Option(
            "--exit-with-parent",
            help="End when stdin is closed and no client has called for a minute.",
        ),
    ] = False,
) -> None:
    """Serve styles to Blender, Krita, Unity and `nijigan stylize --server`.

    Prints the address when it is ready. Clients find it, and its token, by themselves. Ctrl-C or
    SIGTERM ends it, after the pictures that are being drawn. Where one is running already, its
    address is printed.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own lines would double our one
    from nijigan.core.errors import AlreadyRunningError
    from nijigan.server.main import run
    from nijigan.server.memory_size import parse_memory
    from nijigan.server.sidecar import Options, Sidecar

    def ready(sidecar: Sidecar) -> None:
        typer.echo(sidecar.address)
        typer.echo(f"Serving; the log is in {sidecar.home / 'logs'}. Ctrl-C ends it.", err=True)

    options = Options(host=host, port=port, metrics_port=metrics_port)
    try:
        run(styles or [], engine, threads, parse_memory(memory), options, exit_with_parent, ready)
    except AlreadyRunningError as error:
        typer.echo(error.address)
        typer.echo(f"{error} It has the styles and the engine that it was started with.", err=True)
