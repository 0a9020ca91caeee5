"""The view that looks into a trained VAE."""

from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from nijigan.core.errors import DataError
from nijigan.core.images import Picture
from nijigan.core.lazy import needs_extra
from nijigan.studio import markup
from nijigan.studio.doing import Doing, Updates
from nijigan.studio.file_field import file_field
from nijigan.studio.photo_check import checks_photos
from nijigan.studio.pictures import read_upload, shown
from nijigan.studio.runs import find_runs, read_run
from nijigan.studio.sessions import Session
from nijigan.studio.studio import Studio
from nijigan.studio.uploads import read_uploads
from nijigan.studio.work import Work

if TYPE_CHECKING:
    from nijigan.core.latent_space import LatentSpace

VIEW = "vae"
_MODEL = "vae_residual"
_SAMPLES = 8
_STEPS = 20
_EMPTY = markup.empty(
    "What the network has learned appears here",
    "Two photos, and the way between them; or samples, which are of nobody.",
)


class VAEPage:
    """Photos as the network gives them back, the way between two, and samples."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        with gr.Row(elem_classes="view"):
            with gr.Column(elem_classes="controls", min_width=300):
                self._run = gr.Radio(
                    [], label="Run", elem_id=f"{VIEW}-run", elem_classes="chips", interactive=True
                )
                first = file_field(f"{VIEW}-first", "First face", "Its middle square is seen.")
                second = file_field(f"{VIEW}-second", "Second face", "Its middle square is seen.")
                with gr.Row(elem_classes="buttons"):
                    go = gr.Button("Show the way", variant="primary", elem_id=f"{VIEW}-go")
                seed = gr.Number(0, label="Seed", precision=0, minimum=0, elem_id=f"{VIEW}-seed")
                with gr.Row(elem_classes="buttons"):
                    draw = gr.Button("Draw samples", elem_id=f"{VIEW}-samples")
                doing = Doing(studio, VIEW)
            with gr.Column(elem_classes="stage", min_width=300):
                result = gr.HTML(_EMPTY, elem_id=f"{VIEW}-result")
        for photo in (first, second):
            checks_photos(studio, photo, doing.line)
        doing.begins(go, self._show_way, [self._run, first, second])
        doing.begins(draw, self._draw_samples, [self._run, seed])
        doing.shows([result])

    def look(self) -> gr.Radio:
        """Offer the runs that have such a network."""
        found = [
            path.relative_to(self._studio.runs).as_posix()
            for path in find_runs(self._studio.runs)
            if read_run(path, "").model == _MODEL
        ]
        return gr.Radio(choices=found, value=found[-1] if found else None)

    @property
    def run_field(self) -> gr.Radio:
        """The choice of a run; `look` gives its update."""
        return self._run

    def _show_way(
        self,
        work: Work[Updates],
        session: Session,
        run: str | None,
        first: object,
        second: object,
    ) -> Updates:
        work.tell(0.0, "loading the network")
        with needs_extra("train"):
            from nijigan.core.latent_space import between

            space = self._space(run)
        photos = [self._picture(value) for value in (first, second)]
        codes = one, other = [space.encode(photo.rgb) for photo in photos]
        work.tell(0.5, "drawing")
        shelf = session.shelf(VIEW)

        def put(name: str, rgb: NDArray[np.uint8]) -> str:
            return shelf.put(f"{name}.webp", shown(Picture(rgb)))

        tiles = []
        for name, photo, code in zip(("first", "second"), photos, codes, strict=True):
            seen = put(name, space.seen(photo.rgb))
            again = put(f"{name}-again", space.draw(code))
            tiles.append(markup.figure(seen, f"The {name} face", f"The {name}, as it is seen"))
            tiles.append(markup.figure(again, f"The {name} face again", f"The {name}, given back"))
        way = [
            put(f"way-{n}", space.draw(between(one, other, n / _STEPS))) for n in range(_STEPS + 1)
        ]
        return [markup.frames(way, "From the first to the second") + markup.grid(tiles, 4)]

    def _draw_samples(
        self, work: Work[Updates], session: Session, run: str | None, seed: float
    ) -> Updates:
        work.tell(0.0, "loading the network")
        with needs_extra("train"):
            space = self._space(run)
        shelf = session.shelf(VIEW)
        tiles = []
        for number, code in enumerate(space.samples(_SAMPLES, int(seed)), 1):
            url = shelf.put(f"{number}.webp", shown(Picture(space.draw(code))))
            tiles.append(markup.figure(url, f"Sample {number}", f"Sample {number}"))
        return [markup.grid(tiles, 4)]

    def _space(self, run: str | None) -> "LatentSpace":
        if not run:
            raise DataError(
                f"No run in {self._studio.runs} has the network {_MODEL}.",
                "Train one: nijigan train vae_tiny --data photos/ --out runs/vae",
            )
        folder = next(
            path
            for path in find_runs(self._studio.runs)
            if path.relative_to(self._studio.runs).as_posix() == run
        )
        latest = folder / "checkpoints/latest"
        return _loaded(folder, latest.stat().st_mtime_ns if latest.is_file() else 0)

    def _picture(self, value: object) -> Picture:
        (upload, *_) = read_uploads(value, self._studio.workspace)
        return read_upload(upload)


@lru_cache(maxsize=1)
def _loaded(folder: Path, _written: int) -> "LatentSpace":
    """Load the newest checkpoint of a run; it is kept until another one is written."""
    from nijigan.core.latent_space import LatentSpace

    return LatentSpace.load(folder)
