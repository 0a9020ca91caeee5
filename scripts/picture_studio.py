"""Makes docs/images/studio/*.webp: the page of `nijigan studio` with the astronaut.

    python scripts/picture_studio.py

Needs the extra `studio` and Debian's chromium.
"""

import argparse
import io
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from PIL import Image

from chromium import CHROMIUM, REMEDY, Chromium, Page
from nijigan.export.styles import style_of
from nijigan.server.testing import running_sidecar

ROOT = Path(__file__).parent.parent
ASTRONAUT = ROOT / "export/nijigan/export/data/astronaut.jpg"
DESK = (1280, 800)


def main() -> int:
    parser = argparse.ArgumentParser(description="Make the pictures of docs/studio.md.")
    parser.add_argument("--out", type=Path, default=ROOT / "docs/images/studio")
    options = parser.parse_args()
    if CHROMIUM is None:
        sys.exit(f"chromium is not installed. {REMEDY}")
    style = style_of("cel")
    assert style is not None
    options.out.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        stack.enter_context(running_sidecar([style.folder]))
        address = stack.enter_context(_studio())
        folder = Path(stack.enter_context(TemporaryDirectory()))
        browser = Chromium(folder)
        stack.callback(browser.close)
        page = browser.open(address, *DESK)
        page.wait_for("document.querySelector('#draw-style input[value=cel]') !== null")
        _draw(page)
        _write(page, options.out / "draw.webp")
        page.click("#draw-strengths")
        page.wait_for("document.querySelectorAll('#draw-result .tile').length === 4")
        _write(page, options.out / "variants.webp")
    return 0


@contextmanager
def _studio() -> Iterator[str]:
    command = [sys.executable, "-m", "nijigan.core", "studio", "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().strip()
        finally:
            process.terminate()


def _choose(page: Page, field: str) -> None:
    page.choose(f"#{field} input[type=file]", ASTRONAUT)
    page.wait_for_text(f"#{field.removesuffix('-photo')}-line", "512 × 512 px")


def _draw(page: Page) -> None:
    _choose(page, "draw-photo")
    page.click("#draw-go")
    page.wait_for("document.querySelector('#draw-result .compare .after')?.complete")


def _write(page: Page, path: Path) -> None:
    page.evaluate("window.scrollTo(0, 0)")
    page.wait_for("[...document.images].every((image) => image.complete)")
    Image.open(io.BytesIO(page.screenshot())).convert("RGB").save(path, quality=82, method=6)
    print(path)


if __name__ == "__main__":
    sys.exit(main())
