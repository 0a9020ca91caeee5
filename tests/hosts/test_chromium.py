"""The port for web pages with a real browser, which runs the very code that docs/web.md gives."""

import io
import json
import os
import re
import shutil
import subprocess
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from queue import Queue
from threading import Thread

import pytest
from PIL import Image

from nijigan.server.sidecar import Options
from nijigan.server.testing import FakeStylizer, running_sidecar

CHROMIUM = shutil.which("chromium")
SECONDS = 60  # for a browser that starts on a machine with much to do
SIZE = (70, 50)

pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="chromium is not installed. Run: apt-get install chromium"
)

REPORT = """
const report = (what) => fetch("/report", { method: "POST", body: JSON.stringify(what) });
try { report(await run()); } catch (e) { report({ error: e.name, reason: e.reason ?? e.message }); }
"""
# What is added to the page of the documentation, to see what it shows.
SHOWN = """
  await image.decode();
  return { styles: styles.map((style) => style.name), size: [image.width, image.height] };
"""
ABORTED = """
  const controller = new AbortController();
  const begun = (fraction) => controller.abort();
  await draw(photo, { style: "toy" }, begun, controller.signal);
"""


@pytest.fixture(scope="module")
def snippets():
    """The module and the page of docs/web.md."""
    text = (Path(__file__).parents[2] / "docs/web.md").read_text(encoding="utf-8")
    return re.findall(r"```javascript\n(.*?)```", text, re.DOTALL)


class Site:
    """A web site on this machine whose one page runs some code and reports what came of it."""

    def __init__(self, module):
        self.reports = Queue()
        photo = io.BytesIO()
        Image.new("RGB", SIZE, "teal").save(photo, "PNG")
        self.files = {
            "/": ("text/html", b"<!doctype html><script type='module' src='page.js'></script>"),
            "/nijigan.js": ("text/javascript", module.encode()),
            "/photo.png": ("image/png", photo.getvalue()),
        }

    def show(self, code):
        """Let the page run what is left of the code after its imports, in a function."""
        imports = "".join(line for line in code.splitlines(True) if line.startswith("import "))
        body = code.replace(imports, "")
        script = f"{imports}async function run() {{\n{body}}}\n{REPORT}"
        self.files["/page.js"] = ("text/javascript", script.encode())

    @contextmanager
    def served(self):
        site = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                kind, content = site.files.get(self.path, ("text/plain", b""))
                self.answer(200 if content else 404, kind, content)

            def do_POST(self):
                site.reports.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
                self.answer(200, "text/plain", b"")

            def answer(self, status, kind, content):
                self.send_response(status)
                self.send_header("content-type", kind)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, *_):
                pass

        with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
            Thread(target=server.serve_forever, daemon=True).start()
            self.port = server.server_port
            yield self
            server.shutdown()


@pytest.fixture
def site(snippets):
    with Site(snippets[0]).served() as served:
        yield served


@pytest.fixture
def browse(site, tmp_path):
    """Open a page of the site in Chromium; return what it reports."""

    def open_page(url, *options):
        command = [
            *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"),
            *("--no-first-run", f"--user-data-dir={tmp_path}/profile", *options, url),
        ]
        with open(tmp_path / "chromium.log", "wb") as log:  # noqa: PTH123
            browser = subprocess.Popen(
                command, stdout=log, stderr=log, env={**os.environ, "HOME": str(tmp_path)}
            )
            try:
                return site.reports.get(timeout=SECONDS)
            finally:
                browser.kill()
                browser.wait()

    return open_page


@contextmanager
def sidecar_for(site, names=("127.0.0.1",), stylizer=None, styles=()):
    """A sidecar that pages of the site may call where they were opened under one of `names`."""
    origins = [f"http://{name}:{site.port}" for name in names]
    with running_sidecar(
        styles, stylizer=stylizer, options=Options(web_port=0, web_origins=origins)
    ) as running:
        yield running


def page_for(sidecar, snippets, address=None):
    """The page of the documentation, with this sidecar's address and token."""
    code = snippets[1]
    for given, own in (
        ("http://127.0.0.1:8080", address or sidecar.web_address),
        ("the token", sidecar.token),
    ):
        assert code.count(f'"{given}"') == 1
        code = code.replace(given, own)
    return code


def test_a_page_of_an_allowed_origin_draws(site, browse, snippets, toy_style):
    with sidecar_for(site, styles=[toy_style]) as sidecar:
        site.show(page_for(sidecar, snippets) + SHOWN)
        assert browse(f"http://127.0.0.1:{site.port}/") == {"styles": ["toy"], "size": [*SIZE]}
        log = (sidecar.home / "logs/sidecar.log").read_text()
    assert "StylizePicture 'toy' 0x0 normal" in log


def test_a_page_is_told_the_reason(site, browse, snippets, toy_style):
    with sidecar_for(site, styles=[toy_style]) as sidecar:
        code = page_for(sidecar, snippets).replace("styles[0].name", '"tyo"')
        site.show(code)
        report = browse(f"http://127.0.0.1:{site.port}/")
    assert report == {"error": "Error", "reason": "STYLE_NOT_FOUND"}


def test_a_page_with_a_wrong_token_is_told(site, browse, snippets, toy_style):
    with sidecar_for(site, styles=[toy_style]) as sidecar:
        site.show(page_for(sidecar, snippets).replace(sidecar.token, "wrong"))
        report = browse(f"http://127.0.0.1:{site.port}/")
    assert report == {"error": "Error", "reason": "UNAUTHENTICATED"}


def test_a_page_of_another_origin_does_not(site, browse, snippets, toy_style):
    with sidecar_for(site, styles=[toy_style]) as sidecar:
        site.show(page_for(sidecar, snippets) + SHOWN)
        report = browse(f"http://localhost:{site.port}/")
        log = (sidecar.home / "logs/sidecar.log").read_text()
    assert report == {"error": "TypeError", "reason": "Failed to fetch"}
    assert "ListStyles" not in log


@pytest.mark.parametrize("host", ["127.0.0.1", "evil.example"])
def test_a_name_that_was_made_to_mean_this_machine(site, browse, snippets, toy_style, host):
    """Of an allowed origin, so that the host alone is what is wrong; by its number it may call."""
    with sidecar_for(site, ["evil.example"], styles=[toy_style]) as sidecar:
        address = sidecar.web_address.replace("127.0.0.1", host)
        site.show(page_for(sidecar, snippets, address) + SHOWN)
        report = browse(
            f"http://evil.example:{site.port}/", "--host-resolver-rules=MAP evil.example 127.0.0.1"
        )
    if host == "evil.example":
        assert report == {"error": "TypeError", "reason": "Failed to fetch"}
    else:
        assert report["size"] == [*SIZE]


def test_aborting_stops_the_drawing(site, browse, snippets):
    fake = FakeStylizer(held=True)
    with sidecar_for(site, stylizer=fake) as sidecar:
        code = page_for(sidecar, snippets)
        site.show(code[: code.index("const drawing")] + ABORTED)
        assert browse(f"http://127.0.0.1:{site.port}/")["error"] == "AbortError"
        assert fake.cancelled.acquire(timeout=SECONDS)
