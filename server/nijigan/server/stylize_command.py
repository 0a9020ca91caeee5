"""The verb `stylize`."""

import json
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nijigan.server.stylizer_options import (
    Address,
    AsJson,
    ClientCertificate,
    ClientKey,
    Engine,
    InSidecar,
    Memory,
    Quality,
    Root,
    Strength,
    Threads,
)

if TYPE_CHECKING:
    from nijigan.server.batch import Failed, Written


def stylize(
    sources: Annotated[
        list[Path],
        typer.Argument(
            help="Pictures, and folders of them (not their subfolders); or one video; or numbered "
            "pictures such as render.####.png or render.%04d.png.",
            readable=False,
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="With a suffix a file, without one a folder.")
    ],
    style: Annotated[str, typer.Option(help="A style's name, or the path of its folder.")] = "cel",
    strength: Strength = 1.0,
    quality: Quality = "normal",
    scale: Annotated[
        str,
        typer.Option(help="auto, native, or the short side in pixels to draw at."),
    ] = "auto",
    steady: Annotated[
        bool | None,
        typer.Option(
            help="Take the mean of four drawings, moved by some pixels, so that animations do not "
            "shimmer; in four times the time. For videos and numbered pictures if not said."
        ),
    ] = None,
    engine: Engine = None,
    threads: Threads = None,
    memory: Memory = None,
    server: InSidecar = False,
    address: Address = None,
    ca: Root = None,
    client_cert: ClientCertificate = None,
    client_key: ClientKey = None,
    restart: Annotated[
        bool, typer.Option("--restart", help="Begin an animation anew, whatever is done of it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Draw pictures in a style and print the files that were written.

    JPEG, PNG, WebP and TIFF; transparency is kept. A picture that cannot be read does not stop the
    others. A video, and numbered pictures, are drawn as an animation; where that is stopped, the
    same command goes on.
    """
    from nijigan.core.errors import UsageError
    from nijigan.core.progress_bar import progress_bar
    from nijigan.server.animation.animate import draw_animation
    from nijigan.server.animation.plan import VideoJob, find_animation
    from nijigan.server.batch import Failed, draw_all
    from nijigan.server.chosen_stylizer import Where, chosen_stylizer
    from nijigan.server.files import plan
    from nijigan.server.stylizer import Settings

    animation = find_animation(sources, out)
    jobs = plan(sources, out) if animation is None else []
    if restart and animation is None:
        raise UsageError("--restart has no effect on pictures.", "Leave it out.")
    results: list[Written | Failed] = []
    where = Where(server, address, ca, client_cert, client_key, engine, threads, memory)
    chosen = chosen_stylizer([style], where, batch=len(jobs) > 1)
    try:
        with chosen as (stylizer, (name,)), progress_bar() as bar:
            is_steady = animation is not None if steady is None else steady
            settings = Settings(name, strength, quality, _parse_scale(scale), steady=is_steady)
            drawing = (
                draw_all(stylizer, jobs, settings, bar)
                if animation is None
                else draw_animation(stylizer, animation, settings, restart, bar, _tell)
            )
            with closing(drawing):
                for result in drawing:
                    results.append(result)
                    if isinstance(result, Failed):
                        typer.echo(f"error: {result.error}", err=True)
                    elif not as_json:
                        typer.echo(result.job.target)
    finally:  # whatever stops a batch, what was written is told
        if as_json and results:
            kind = "videos" if isinstance(animation, VideoJob) else "pictures"
            typer.echo(json.dumps({kind: [_row(result) for result in results]}, indent=1))
    for result in results:
        if isinstance(result, Failed):
            raise typer.Exit(result.error.exit_code)


def _tell(text: str) -> None:
    typer.echo(text, err=True)


def _parse_scale(text: str) -> Literal["auto", "native"] | int:
    from nijigan.core.errors import UsageError

    named: dict[str, Literal["auto", "native"]] = {"auto": "auto", "native": "native"}
    try:
        return named[text] if text in named else int(text)
    except ValueError:
        raise UsageError(f"The scale is {text!r}.", "Give auto, native or pixels.") from None


def _row(result: "Written | Failed") -> dict[str, object]:
    from nijigan.server.batch import Failed

    if isinstance(result, Failed):
        error = {"error": str(result.error), "reason": result.error.reason}
        return {"source": str(result.job.source), **error}
    measured = {name: value for name, value in vars(result).items() if name != "job"}
    return {
        "source": str(result.job.source),
        "output": str(result.job.target),
        **measured,
        "seconds": round(result.seconds, 3),
    }
