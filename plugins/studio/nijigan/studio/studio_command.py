"""The verb `studio`."""

from pathlib import Path
from typing import Annotated

import typer


def studio(
    port: Annotated[
        int, typer.Option(help="Port; 0, or one that is taken, is a free one.", min=0, max=65535)
    ] = 0,
    browser: Annotated[
        bool, typer.Option(help="Open the page in the browser; else its address is printed alone.")
    ] = True,
    runs: Annotated[
        Path, typer.Option(help="The folder with the run folders that the page shows.")
    ] = Path("runs"),
) -> None:
    """Draw photos and watch trainings on a page in the browser of this machine.

    Prints the page's address. Whoever has it can use the page: it is another one at each start.
    The page uses the sidecar that runs, or starts one. Nothing is sent to other machines. Ctrl-C
    ends it and deletes what was uploaded.
    """
    from nijigan.core.lazy import needs_extra
    from nijigan.studio.offline import stay_offline

    stay_offline()
    with needs_extra("studio"):
        from nijigan.studio.serving import Address, serve_studio

    def ready(address: Address) -> None:
        typer.echo(address.lasting)
        typer.echo("Open this address; Ctrl-C ends the page.", err=True)
        if browser:
            import webbrowser
            from threading import Thread

            # Some browsers are waited for, and want the page meanwhile.
            Thread(target=webbrowser.open, args=(address.once,), daemon=True).start()

    serve_studio(port, runs, ready)
