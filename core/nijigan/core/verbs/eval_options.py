"""Options that verbs under `eval` share."""

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path, typer.Option(help="Folder of pairs, unpaired pictures, or both.")]
Direction = Annotated[
    str, typer.Option(help="AtoB or BtoA: which half of a picture of two is the photo.")
]
Metrics = Annotated[
    str,
    typer.Option(
        help="psnr, ssim, mse, flatness, lines, checkerboard, turn, perceptual, lpips, kid, "
        "frechet, fid, fid_s0, with commas."
    ),
]
Features = Annotated[
    str,
    typer.Option(
        help="Networks for perceptual, kid and frechet, with commas: mobilenet_v2, "
        "efficientnet_lite0, inception, inception_torchvision."
    ),
]
Weights = Annotated[
    list[str] | None,
    typer.Option(help="NETWORK=FILE, or NETWORK=URL#SHA256, as often as wanted."),
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
