"""Drives a real Chromium by its DevTools protocol, through a pipe: nothing to install beside it.

https://chromedevtools.github.io/devtools-protocol
"""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any

CHROMIUM = shutil.which("chromium")
REMEDY = "Run: apt-get install chromium"
SECONDS = 60.0  # for a browser on a machine with much to do
_POLL_SECONDS = 0.05
_LEFT = "Inspected target navigated"
"""What the browser says where a page is left, or loaded anew, before its answer."""
_OPTIONS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--mute-audio",
    "--hide-scrollbars",
)
# What each key is to Chromium: its code, its number, and the text that it types.
_KEYS = {
    "Tab": ("Tab", 9, ""),
    "Enter": ("Enter", 13, "\r"),
    "Space": ("Space", 32, " "),
    "ArrowLeft": ("ArrowLeft", 37, ""),
    "ArrowRight": ("ArrowRight", 39, ""),
}
Params = dict[str, Any]


class Chromium:
    """A browser with a profile of its own in `folder`; what it downloads is in `downloads`."""

    def __init__(self, folder: Path, options: Sequence[str] = ()) -> None:
        assert CHROMIUM is not None, REMEDY
        self.downloads = folder / "downloads"
        self.downloads.mkdir(parents=True)
        to_it, ours = os.pipe()
        theirs, from_it = os.pipe()[::-1]
        command = f'exec "$@" 3<&{to_it} 4>&{theirs}'
        arguments = (*_OPTIONS, f"--user-data-dir={folder}/profile", *options)
        self._log = (folder / "chromium.log").open("wb")
        self._process = subprocess.Popen(
            ["bash", "-c", command, "bash", CHROMIUM, "--remote-debugging-pipe", *arguments],
            pass_fds=(to_it, theirs),
            stdout=self._log,
            stderr=self._log,
            env={**os.environ, "HOME": str(folder)},
        )
        os.close(to_it)
        os.close(theirs)
        self._out = os.fdopen(ours, "wb", buffering=0)
        self._in = os.fdopen(from_it, "rb", buffering=0)
        self._lock = Lock()
        self._number = 0
        self._answers: dict[int, SimpleQueue[Params]] = {}
        self._listeners: list[Callable[[str, str, Params], None]] = []
        Thread(target=self._read, name="chromium", daemon=True).start()
        behavior = {"behavior": "allow", "downloadPath": str(self.downloads)}
        self.call("Browser.setDownloadBehavior", **behavior, eventsEnabled=True)

    def call(self, method: str, session: str = "", **params: Any) -> Params:
        """Call a method of the protocol and return its result."""
        answer: SimpleQueue[Params] = SimpleQueue()
        with self._lock:
            self._number += 1
            number = self._number
            self._answers[number] = answer
            message = {"id": number, "method": method, "params": params}
            if session:
                message["sessionId"] = session
            self._out.write(json.dumps(message).encode() + b"\0")
        try:
            said = answer.get(timeout=SECONDS)
        except Empty:
            raise TimeoutError(f"No answer to {method} after {SECONDS:g} s.") from None
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']}")
        return dict(said["result"])

    def listen(self, listener: Callable[[str, str, Params], None]) -> None:
        """Call `listener` with the session, the name and the content of each event."""
        self._listeners.append(listener)

    def open(self, url: str, width: int = 1280, height: int = 800) -> "Page":
        """Open a page in a tab of its own."""
        return Page(self, url, width, height)

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        self._out.close()
        self._log.close()

    def _read(self) -> None:
        kept = b""
        while piece := self._in.read(1 << 16):
            *messages, kept = (kept + piece).split(b"\0")
            for message in messages:
                said = json.loads(message)
                if "id" in said:
                    self._answers.pop(said["id"]).put(said)
                else:
                    for listener in list(self._listeners):
                        listener(said.get("sessionId", ""), said["method"], said["params"])
        self._in.close()


class Page:
    """A tab. Clicks and keys are real ones. `requests` has the address of each request so far."""

    def __init__(self, browser: Chromium, url: str, width: int, height: int) -> None:
        self.browser = browser
        self.requests: list[str] = []
        self.console: list[str] = []
        self._choosers: SimpleQueue[Params] = SimpleQueue()
        self._downloaded: SimpleQueue[str] = SimpleQueue()
        self._target = browser.call("Target.createTarget", url="about:blank")["targetId"]
        attached = browser.call("Target.attachToTarget", targetId=self._target, flatten=True)
        self._session: str = attached["sessionId"]
        browser.listen(self._hear)
        for domain in ("Page", "Network", "Runtime", "DOM", "Accessibility"):
            self.call(f"{domain}.enable")
        self.resize(width, height)
        self.call("Page.navigate", url=url)

    def call(self, method: str, **params: Any) -> Params:
        """Call a method of the protocol for this page."""
        return self.browser.call(method, self._session, **params)

    def show(self) -> None:
        """Bring the tab to the front: in one that is not seen, pages rest."""
        self.call("Page.bringToFront")

    def resize(self, width: int, height: int, mobile: bool = False) -> None:
        """Give the page a size in pixels."""
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
        self.call("Emulation.setDeviceMetricsOverride", **metrics)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, once it is there."""
        said = self.call(
            "Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True
        )
        if "exceptionDetails" in said:
            raise RuntimeError(f"{expression}: {said['exceptionDetails']}")
        return said["result"].get("value")

    def wait_for(self, expression: str, seconds: float = SECONDS) -> Any:
        """Wait until an expression is true, also of a page still to come, and return its value."""
        end = time.monotonic() + seconds
        while not (value := self._evaluate_unless_leaving(expression)):
            if time.monotonic() > end:
                seen = self.evaluate("document.body.innerText")
                raise TimeoutError(f"{expression} is not true after {seconds:g} s:\n{seen}")
            time.sleep(_POLL_SECONDS)
        return value

    def _evaluate_unless_leaving(self, expression: str) -> Any:
        try:
            return self.evaluate(expression)
        except RuntimeError as error:
            if _LEFT in str(error):
                return None
            raise

    def wait_for_text(self, selector: str, text: str) -> str:
        """Wait until an element is seen with a text in it, and return all that it has."""
        found = (
            "(e => e?.getClientRects().length && e.checkVisibility() ? e.innerText : '')"
            f"(document.querySelector({json.dumps(selector)}))"
        )
        self.wait_for(f"{found}.includes({json.dumps(text)})")
        return str(self.evaluate(found))

    def click(self, selector: str) -> None:
        """Click the middle of an element with the mouse, once it is there, is seen and rests."""
        quoted = json.dumps(selector)
        self.wait_for(
            f"(e => e && !e.disabled && e.getClientRects().length)"
            f"(document.querySelector({quoted}))"
        )
        x, y = self.evaluate(
            f"""(async () => {{
              const soon = new Promise((done) => setTimeout(done, 500));
              const loading = [...document.images].filter((image) => !image.complete);
              const loaded = loading.map((image) => image.decode().catch(() => 0));
              await Promise.race([soon, Promise.all(loaded)]);
              let box, before;
              do {{  // what is above may still grow
                before = box;
                const e = document.querySelector({quoted});
                e?.scrollIntoView({{ block: "center", behavior: "instant" }});
                await new Promise(requestAnimationFrame);
                await new Promise(requestAnimationFrame);
                box = e?.getBoundingClientRect();
              }} while (!before || !box || before.x !== box.x || before.y !== box.y);
              return [box.x + box.width / 2, box.y + box.height / 2];
            }})()"""
        )
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key: str) -> None:
        """Press a key, one of `_KEYS`."""
        name, number, text = _KEYS[key]
        event = {
            "key": " " if key == "Space" else name,
            "code": name,
            "windowsVirtualKeyCode": number,
        }
        down = "keyDown" if text else "rawKeyDown"
        self.call("Input.dispatchKeyEvent", type=down, text=text, **event)
        self.call("Input.dispatchKeyEvent", type="keyUp", **event)

    def choose(self, selector: str, *paths: Path) -> None:
        """Give files to an input for files."""
        node = self.call("DOM.getDocument")["root"]["nodeId"]
        found = self.call("DOM.querySelector", nodeId=node, selector=selector)["nodeId"]
        self.call("DOM.setFileInputFiles", nodeId=found, files=[str(path) for path in paths])

    @contextmanager
    def answering_choosers(self, *paths: Path) -> Iterator[None]:
        """Give files to the input whose dialog is opened in the body, which does not appear."""
        self.call("Page.setInterceptFileChooserDialog", enabled=True)
        yield
        chooser = self._choosers.get(timeout=SECONDS)
        files = [str(path) for path in paths]
        self.call("DOM.setFileInputFiles", backendNodeId=chooser["backendNodeId"], files=files)
        self.call("Page.setInterceptFileChooserDialog", enabled=False)

    def downloaded(self) -> Path:
        """Wait for the next file that was downloaded."""
        return self.browser.downloads / self._downloaded.get(timeout=SECONDS)

    def screenshot(self, whole: bool = False) -> bytes:
        """Return a PNG file of what is seen, or of all of the page."""
        shot = self.call("Page.captureScreenshot", format="png", captureBeyondViewport=whole)
        return base64.b64decode(shot["data"])

    def accessible(self) -> list[Params]:
        """Return the nodes of the accessibility tree that are not ignored."""
        nodes = self.call("Accessibility.getFullAXTree")["nodes"]
        return [node for node in nodes if not node.get("ignored")]

    def close(self) -> None:
        """Close the tab."""
        self.browser.call("Target.closeTarget", targetId=self._target)

    def _hear(self, session: str, method: str, params: Params) -> None:
        if method == "Browser.downloadWillBegin":
            self._name = params["suggestedFilename"]
        elif method == "Browser.downloadProgress" and params["state"] == "completed":
            self._downloaded.put(self._name)
        elif session != self._session:
            return
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])
        elif method == "Page.fileChooserOpened":
            self._choosers.put(params)
        elif method == "Runtime.consoleAPICalled" and params["type"] == "error":
            self.console.append(json.dumps(params["args"]))
        elif method == "Runtime.exceptionThrown":
            self.console.append(json.dumps(params["exceptionDetails"]))
