"""What the plugin does in Krita's window. `test_krita.py` runs it as a plugin, under Xvfb.

Each case is a generator: it yields what must come true, and Krita goes on until it has.
"""

import os
import sys
import time
import traceback
from pathlib import Path

from krita import Extension, Krita
from nijigan_krita._carried.client import connect
from nijigan_krita._carried.host.condition import UNKNOWN, Kind
from PyQt5 import QtTest
from reporting import CONFIG, cases_of, report, report_error

import nijigan_krita
from nijigan_krita.animated_document import write_animated_document
from nijigan_krita.documents import document_key
from nijigan_krita.qt import QtCore, QtGui, QtWidgets
from nijigan_krita.run import End, Run
from nijigan_krita.settings import Settings

SECONDS = 25
BEAT_MS = 10
SRGB = "sRGB-elle-V2-srgbtrc.icc"
SESSION = nijigan_krita.EXTENSION.session


COLORS = {0: 0xFF2040, 1: 0x20FF40, 3: 0x2040FF, 4: 0x808080}  # of keyframes: 1 is held
SHOWN = [COLORS[time if time in COLORS else time - 1] for time in range(5)]


class Heart:
    """Beats as often as Krita's thread is free; `longest` is the longest time between beats."""

    def __init__(self):
        self.longest = 0.0
        self._last = time.monotonic()
        self._timer = QtCore.QTimer()
        self._timer.setTimerType(QtCore.Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self._beat)
        self._timer.start(BEAT_MS)

    def _beat(self):
        now = time.monotonic()
        self.longest = max(self.longest, now - self._last)
        self._last = now

    def listen(self):
        self._last, self.longest = time.monotonic(), 0.0


class Driver(Extension):
    """Runs the cases once a window is there."""

    def setup(self):
        self._notifier = Krita.instance().notifier()
        self._notifier.setActive(True)
        self._notifier.windowCreated.connect(self._begin)

    def createActions(self, window):  # noqa: N802 - Krita's name
        pass

    def _begin(self):
        Krita.instance().setBatchmode(True)
        Krita.instance().activeWindow().qwindow().setGeometry(0, 0, 1280, 1024)
        sys.excepthook = self._note_fault  # Krita would show a dialog, and wait
        self._cases = iter(cases_of(globals()).items())
        self._timer = QtCore.QTimer()
        self._timer.setInterval(5)
        self._timer.timeout.connect(self._step)
        self._next()
        QtCore.QTimer.singleShot(1000, self._timer.start)

    def _note_fault(self, kind, error, trace):
        self._fault = "".join(traceback.format_exception(kind, error, trace))

    def _next(self):
        self._fault = ""
        self._name, case = next(self._cases, ("", None))
        if case is None:
            os._exit(0)  # Krita would ask what to do with the documents
        self._steps, self._until = case(), lambda: True
        self._end = time.monotonic() + SECONDS

    def _step(self):
        try:
            assert not self._fault, self._fault
            if self._until():
                self._until = next(self._steps)
                self._end = time.monotonic() + SECONDS
            assert time.monotonic() < self._end, (
                f"line {self._until.__code__.co_firstlineno} never was"
            )
        except StopIteration:
            report(self._name)
            self._next()
        except BaseException:
            report_error(self._name)
            self._next()


Krita.instance().addExtension(Driver(Krita.instance()))
HEART = Heart()


def use(home):
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]
    SESSION.sidecar._client = None
    SESSION.sidecar.look()


def ready():
    return not SESSION.sidecar.busy and SESSION.sidecar.condition.kind is Kind.READY


def docker():
    (found,) = [d for d in Krita.instance().dockers() if d.objectName() == "nijigan_docker"]
    return found


def panel():
    return docker().widget()


def opened(width=300, height=200, name="Test", picture=None):
    """Open a document with one layer, a gradient, and show the docker."""
    krita = Krita.instance()
    document = krita.createDocument(width, height, name, "RGBA", "U8", SRGB, 72.0)
    krita.activeWindow().addView(document)
    layer = document.topLevelNodes()[0]
    row = b"".join(bytes([x % 256, 128, 255 - x % 256, 255]) for x in range(width))
    layer.setPixelData(picture or row * height, 0, 0, width, height)
    document.refreshProjection()
    for other in krita.dockers():  # or there is no room
        other.setVisible(other.objectName() in ("KisLayerBox", "nijigan_docker"))
    krita.action("nijigan_show").trigger()
    return document


def show(document):
    """Bring an open document to the front."""
    window = Krita.instance().activeWindow()
    number = [view.document() == document for view in window.views()].index(True)
    area = window.qwindow().findChild(QtWidgets.QMdiArea)
    area.setActiveSubWindow(area.subWindowList()[number])


def run_of(document):
    return SESSION.run_of(document_key(document))


def seen(document):
    """Whether the docker shows this document, and that nothing is drawn in it."""
    return lambda: (
        docker()._seen[0] == document_key(document) and panel().animate_button.isEnabled()
    )


def ended(document):
    return lambda: run_of(document) is not None and run_of(document).end is not None


def after(seconds):
    end = time.monotonic() + seconds
    return lambda: time.monotonic() > end


def names(document):
    return [n.name() for n in document.topLevelNodes() if n.type().endswith("layer")]


def shoot(name):
    """Take a picture of the window."""
    path = Path(CONFIG["folder"], f"{name}.png")
    assert QtWidgets.QApplication.primaryScreen().grabWindow(0).save(str(path))
    assert path.stat().st_size > 10_000
    report(f"shot {name}", path=str(path))


def case_docker_shows_the_styles():
    use("toy")
    opened()
    yield ready
    yield lambda: panel().look.gallery.count() == 2
    assert docker().isVisible()
    assert "2 styles" in panel().sidecar.line.text()
    shown = {panel().look.gallery.item(i).text() for i in range(2)}
    assert shown == {"Toy"}, shown  # the titles
    yield lambda: panel().preview._image is not None
    shoot("docker")


def case_apply_is_one_step_of_undo():
    use("toy")
    document = opened()
    yield ready
    panel().look.gallery.choose("toy")
    panel().look.slider.setValue(60)
    before = names(document)
    panel().apply_button.click()
    yield ended(document)
    run = run_of(document)
    assert run.end is End.DONE, (run.error, run.trace)
    yield lambda: len(names(document)) == 2
    assert names(document) == [*before, "Toy (60 %, normal)"]
    shoot("drawn")
    Krita.instance().action("edit_undo").trigger()
    yield lambda: names(document) == before
    Krita.instance().action("edit_redo").trigger()
    yield lambda: len(names(document)) == 2


def case_active_layer_and_its_group():
    use("toy")
    document = opened()
    yield ready
    group = document.createNode("Scene", "grouplayer")
    document.rootNode().addChildNode(group, document.topLevelNodes()[0])
    inner = []
    for name in ("low", "high"):
        layer = document.createNode(name, "paintlayer")
        layer.setPixelData(b"\x40\x80\xc0\xff" * 300 * 200, 0, 0, 300, 200)
        group.addChildNode(layer, inner[-1] if inner else None)
        inner.append(layer)
    document.waitForDone()
    yield after(0.5)
    document.setActiveNode(inner[0])
    yield lambda: document.activeNode().name() == "low"
    panel().look.slider.setValue(60)
    nijigan_krita.EXTENSION.commands.apply()
    yield ended(document)
    assert [n.name() for n in group.childNodes()] == ["low", "Toy (60 %, normal)", "high"], (
        run_of(document).error,
        [n.name() for n in group.childNodes()],
    )
    assert document.activeNode().name() == "low"  # it may be drawn again otherwise


def case_shortcuts_are_nobody_elses():
    yield lambda: True
    keys = {}
    for action in Krita.instance().actions():
        keys.setdefault(action.shortcut().toString(), []).append(action.objectName())
    for name in ("nijigan_apply", "nijigan_cancel"):
        shortcut = Krita.instance().action(name).shortcut().toString()
        assert shortcut, name
        assert keys[shortcut] == [name], keys[shortcut]


def case_keys_apply_and_cancel():
    use("held")
    document = opened()
    yield ready
    before = names(document)
    window = Krita.instance().activeWindow().qwindow()
    QtWidgets.QApplication.setActiveWindow(window)
    modifiers = QtCore.Qt.KeyboardModifier
    held = modifiers.ControlModifier | modifiers.AltModifier | modifiers.ShiftModifier
    QtTest.QTest.keyClick(window, QtCore.Qt.Key.Key_N, held)
    yield lambda: run_of(document) is not None and run_of(document).progress.stage == "drawing"
    QtTest.QTest.keyClick(window, QtCore.Qt.Key.Key_X, held)
    yield ended(document)
    assert run_of(document).end is End.CANCELLED
    assert names(document) == before


def case_cancel_by_the_button():
    use("held")
    document = opened()
    yield ready
    before = names(document)
    Krita.instance().action("nijigan_apply").trigger()
    yield lambda: panel().progress.isVisible() and "drawing" in panel().progress.bar.text()
    shoot("progress")
    start = time.monotonic()
    panel().progress.cancel.click()
    yield ended(document)
    seconds = time.monotonic() - start
    report("figures cancel", seconds=seconds)
    assert run_of(document).end is End.CANCELLED
    assert seconds < 1.0  # half a second, and as much for a busy machine
    assert names(document) == before
    yield lambda: not panel().progress.isVisible()
    assert panel().apply_button.isEnabled()


def case_the_window_is_not_kept_waiting():
    """While 12 megapixels are read and drawn. The longest pauses are told; limits are roomy.

    What Krita itself takes to add a layer of that size is told apart.
    """
    use("toy")
    document = opened(4000, 3000)
    yield ready
    yield after(1.5)
    panel().show_settings(Settings("toy", quality="draft"))
    SESSION.settings = panel().settings
    HEART.listen()
    panel().look.source.setCurrentIndex(panel().look.source.findData("canvas"))
    yield after(1.5)
    previewing = HEART.longest
    panel().look.source.setCurrentIndex(panel().look.source.findData("layer"))
    yield after(1.5)
    steps = timed_steps()
    HEART.listen()
    nijigan_krita.EXTENSION.commands.apply()
    yield lambda: len(names(document)) == 2
    while_drawing, longest_steps = HEART.longest, sorted(steps)[-2:]
    HEART.listen()
    yield ended(document)
    yield after(0.3)
    report(
        "figures heart",
        previewing_ms=1000 * previewing,
        while_drawing_ms=1000 * while_drawing,
        steps_ms=[1000 * step for step in longest_steps],  # the last one adds the layer
        adding_ms=1000 * HEART.longest,
    )
    assert run_of(document).end is End.DONE, run_of(document).error
    assert while_drawing < 0.5


def timed_steps():
    """How long each step of a run keeps Krita's thread, from now on."""
    seconds, step = [], Run._step

    def timed(run):
        begun = time.monotonic()
        step(run)
        seconds.append(time.monotonic() - begun)

    Run._step = timed
    return seconds


def animated(folder, name="shot"):
    """A document of five times: an animated layer that is held in the middle."""
    path = Path(folder, f"{name}.kra")
    frames = (
        (time, (color.to_bytes(3, "little") + b"\xff") * 64 * 48) for time, color in COLORS.items()
    )
    write_animated_document(path, 64, 48, frames)
    document = Krita.instance().openDocument(str(path))
    Krita.instance().activeWindow().addView(document)
    assert document.playBackEndTime() == max(COLORS)
    return document


def check_frames(folder):
    """Each frame in a folder is its own."""
    for number, color in enumerate(SHOWN):
        source = QtGui.QColor(color)
        pixel = bytes([source.blue(), source.green(), source.red(), 255])
        with connect() as client:
            result = client.stylize(pixel * 64 * 48, 64, 48, style="toy", format="BGRA8")
        found = QtGui.QImage(str(folder / f"{number:04d}.png")).pixelColor(20, 20)
        at = 4 * (20 * 64 + 20)
        expected = result.pixels[at : at + 3]
        assert bytes([found.blue(), found.green(), found.red()]) == expected, number


def case_people_go_on_while_an_animation_is_drawn():
    """Their time stays, what they paint is not in it, and all that they can undo is what they did.

    The layer is in a group, below another one: its copy is found there.
    """
    use("toy")
    document = animated(CONFIG["folder"], "going")
    layer = document.topLevelNodes()[0]
    group = document.createGroupLayer("Scene")
    document.rootNode().addChildNode(group, layer)
    layer.remove()
    group.addChildNode(layer, None)
    group.addChildNode(document.createNode("above", "paintlayer"), layer)
    document.waitForDone()
    yield ready
    yield seen(document)
    document.setActiveNode(layer)
    document.setCurrentTime(1)
    yield after(0.3)
    assert document.activeNode().name() == layer.name()
    SESSION.settings = Settings("toy")
    nijigan_krita.EXTENSION.commands.animate()
    yield lambda: run_of(document) is not None and run_of(document).progress.stage != "reading"
    layer.setPixelData(bytes(4 * 64 * 48), 0, 0, 64, 48)
    times, run = set(), run_of(document)
    yield lambda: times.add(document.currentTime()) or run.end is not None
    assert run.end is End.DONE, (run.error, run.trace)
    assert times == {1}
    (folder,) = Path(CONFIG["folder"], "going-nijigan/toy").iterdir()
    held = folder / "0001.png"  # held at 2
    held.with_name("0002.png").write_bytes(held.read_bytes())
    check_frames(folder)
    assert len(Krita.instance().documents()) == len(Krita.instance().activeWindow().views())


def case_animation_is_drawn_and_goes_on():
    use("toy")
    document = animated(CONFIG["folder"])
    yield ready
    yield seen(document)
    panel().show_settings(Settings("toy", source="canvas"))
    SESSION.settings = panel().settings
    before = names(document)
    document.setCurrentTime(1)
    yield after(0.3)
    panel().animate_button.click()
    yield ended(document)
    run = run_of(document)
    assert run.end is End.DONE, (run.error, run.trace)
    yield lambda: len(names(document)) == len(before) + 1
    assert document.currentTime() == 1
    (drawn,) = [n for n in document.topLevelNodes() if n.name().startswith("Toy (")]
    assert drawn.animated()
    assert [drawn.hasKeyframeAtTime(time) for time in range(5)] == [True] * 5
    yield after(0.3)
    Krita.instance().action("edit_undo").trigger()  # once takes all of it away
    yield lambda: names(document) == before
    folder = Path(CONFIG["folder"], "shot-nijigan/toy/canvas")
    written = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.png")}
    assert sorted(written) == [f"{number:04d}.png" for number in range(5)]
    check_frames(folder)
    (folder / "0003.png").unlink()
    panel().animate_button.click()
    yield lambda: run_of(document) is not run
    yield ended(document)
    assert run_of(document).end is End.DONE, run_of(document).error
    again = {path.name: path.stat().st_mtime_ns for path in folder.glob("*.png")}
    assert [name for name in again if again[name] != written[name]] == ["0003.png"]


def case_animation_cancelled_is_where_it_was():
    use("held")
    document = opened(64, 48)
    document.setFullClipRangeEndTime(9)
    document.setPlayBackRange(0, 9)
    yield after(0.5)  # saved while its view is being fitted, Krita 5.1 now and then locks up
    path = str(Path(CONFIG["folder"], "long.kra"))
    assert document.saveAs(path)
    document.setFileName(path)
    yield ready
    document.setCurrentTime(3)
    SESSION.settings = SESSION.settings._replace(style="toy", source="canvas")
    yield after(0.3)
    before = names(document)
    panel().animate_button.click()
    yield lambda: run_of(document) is not None
    yield after(0.5)
    panel().progress.cancel.click()
    yield ended(document)
    yield lambda: document.currentTime() == 3
    assert run_of(document).end is End.CANCELLED
    assert names(document) == before


def case_frames_that_fail_are_listed():
    use("failing")
    document = animated(CONFIG["folder"])
    yield ready
    yield seen(document)
    panel().show_settings(Settings("toy", strength=50, source="canvas", steady=False))
    SESSION.settings = panel().settings
    before = names(document)
    panel().animate_button.click()
    yield ended(document)
    said = str(run_of(document).error)
    assert "5 of 5 frames were not drawn. Frame 0: It broke." in said, said
    yield lambda: "Draw Animation tries them again" in panel().told.text()
    assert all(f"Frame {frame}: It broke." in SESSION.diagnostics() for frame in range(5))
    assert names(document) == before


def drawn_at(strength):
    """Draw a new document, which is returned."""
    use("toy")
    document = opened()
    yield ready
    panel().look.slider.setValue(strength)
    nijigan_krita.EXTENSION.commands.apply()
    yield ended(document)
    return document


def case_documents_have_their_own_settings():
    first = yield from drawn_at(30)
    second = opened()
    yield after(0.5)
    panel().look.slider.setValue(90)
    nijigan_krita.EXTENSION.commands.apply()
    yield ended(second)
    show(first)
    yield lambda: panel().look.slider.value() == 30
    show(second)
    yield lambda: panel().look.slider.value() == 90


def case_actions_know_all_while_no_docker_is_seen():
    """The sidecar, and how each document was drawn last."""
    first = yield from drawn_at(30)
    docker().setVisible(False)
    second = opened(name="second")
    docker().setVisible(False)
    SESSION.settings, SESSION.sidecar.condition = Settings(strength=80), UNKNOWN
    Krita.instance().action("nijigan_apply").trigger()
    yield ended(second)
    yield lambda: len(names(second)) == 2
    assert names(second)[1].endswith(" (80 %, normal)"), (names(second), run_of(second).error)
    show(first)
    yield lambda: Krita.instance().activeDocument() == first
    before = run_of(first)
    Krita.instance().action("nijigan_apply").trigger()
    yield lambda: run_of(first) is not before and run_of(first).end is not None
    yield lambda: len(names(first)) == 3
    assert [name.split("(")[1][:4] for name in names(first)[1:]] == ["30 %"] * 2


def case_diagnostics_are_copied():
    use("toy")
    opened()
    yield ready
    nijigan_krita.EXTENSION.commands.do("DIAGNOSTICS")
    text = QtWidgets.QApplication.clipboard().text()
    assert Krita.instance().version() in text
    assert "styles: even, toy" in text
    yield lambda: True


def case_no_sidecar_and_start():
    use("none")
    opened()
    yield lambda: SESSION.sidecar.condition.kind is Kind.NOT_RUNNING
    yield lambda: panel().sidecar.mend.isVisible() and panel().sidecar.mend.text() == "Start"
    Krita.instance().writeSetting("nijigan", "command", CONFIG["python"])
    panel().sidecar.mend.click()
    yield ready
    SESSION.sidecar.stop()
    yield lambda: not SESSION.sidecar.busy
    assert SESSION.sidecar.condition.kind is Kind.NOT_RUNNING
