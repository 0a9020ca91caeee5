"""The verb `serve`."""

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from nijigan.server.tls import Tls


def serve(
    port: Annotated[
        int, typer.Option(help="Port; 0, or one that is taken, is a free one.", min=0, max=65535)
    ] = 0,
    host: Annotated[
        str, typer.Option(help="The address to listen on; others than loopback ones need TLS.")
    ] = "127.0.0.1",
    tls_cert: Annotated[
        Path | None, typer.Option(help="PEM file of the certificate, for clients elsewhere.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option(help="PEM file of the root that clients' certificates need.")
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="The token that calls must carry; a new one at each start if not given."),
    ] = None,
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
            "auto is a GPU's where one works, else onnxruntime, and the log says why."
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
    web_port: Annotated[
        int | None,
        typer.Option(
            help="Serve web pages on this machine here, by Connect and gRPC-Web; 0: a free port.",
            min=0,
            max=65535,
        ),
    ] = None,
    web_origin: Annotated[
        list[str] | None,
        typer.Option(
            help="Origin of a page that may call, as https://studio.example. May be given again."
        ),
    ] = None,
    drain: Annotated[
        float,
        typer.Option(help="Seconds that pictures have to be finished, once it shall end.", min=0),
    ] = 10.0,
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
    SIGTERM ends it: pictures that are under way have the seconds of --drain, what is not done by
    then is stopped. Where one is running already, its address is printed.
    """
    os.environ.setdefault("GRPC_VERBOSITY", "NONE")  # its own lines would double our one
    from nijigan.core.errors import AlreadyRunningError, UsageError
    from nijigan.server.auth import read_token
    from nijigan.server.main import run
    from nijigan.server.memory_size import parse_memory
    from nijigan.server.sidecar import Options, Sidecar

    def ready(sidecar: Sidecar) -> None:
        typer.echo(sidecar.address)
        if sidecar.web_address:
            typer.echo(f"Web pages are served at {sidecar.web_address}.", err=True)
        typer.echo(f"Serving; the log is in {sidecar.home / 'logs'}. Ctrl-C ends it.", err=True)

    if web_origin and web_port is None:
        raise UsageError("--web-origin has no port to be allowed at.", "Add --web-port.")
    options = Options(
        host=host,
        port=port,
        tls=_tls(tls_cert, tls_key, tls_client_ca),
        token=None if token_file is None else read_token(token_file),
        drain_seconds=drain,
        metrics_port=metrics_port,
        web_port=web_port,
        web_origins=web_origin or (),
    )
    try:
        run(styles or [], engine, threads, parse_memory(memory), options, exit_with_parent, ready)
    except AlreadyRunningError as error:
        typer.echo(error.address)
        typer.echo(f"{error} It has the styles and the engine that it was started with.", err=True)


def _tls(certificate: Path | None, key: Path | None, client_ca: Path | None) -> "Tls | None":
    from nijigan.core.errors import UsageError
    from nijigan.server.tls import Tls

    if certificate is None and key is None and client_ca is None:
        return None
    if certificate is None or key is None:
        raise UsageError("TLS needs a certificate and its key.", "Give --tls-cert and --tls-key.")
    return Tls(certificate, key, client_ca)
