"""What the docker of Krita's plugin shows and takes, without Krita: for `test_krita_widgets.py`.

    python widget_cases.py PyQt5|PyQt6 PLUGIN CONFIG.json

Prints a line for each case: its name, and "ok" or where it failed, as JSON.
"""

import importlib
import json
import os
import sys
import time
import traceback
import types
import weakref
from pathlib import Path

BINDING = sys.argv[1]
QtCore, QtGui, QtWidgets = (
    importlib.import_module(f"{BINDING}.{name}") for name in ("QtCore", "QtGui", "QtWidgets")
)
# The plugin's own `__init__` needs Krita; a package without one stands for it.
sys.modules["nijigan_krita"] = types.ModuleType("nijigan_krita")
sys.modules["nijigan_krita"].__path__ = [sys.argv[2]]

from nijigan_krita._carried.client import connect  # noqa: E402
from nijigan_krita._carried.client.errors import (  # noqa: E402
    SidecarNotRunningError,
    StylizerError,
)
from nijigan_krita._carried.host.condition import (  # noqa: E402
    STARTING,
    Mend,
    from_error,
    ready,
)
from nijigan_krita._carried.host.drawing import Look  # noqa: E402
from nijigan_krita._carried.host.job import Job, Progress  # noqa: E402

from nijigan_krita import qt  # noqa: E402
from nijigan_krita.panel import Panel  # noqa: E402
from nijigan_krita.preview import LivePreview, draft_image, picture_of  # noqa: E402
from nijigan_krita.run import End, Run  # noqa: E402
from nijigan_krita.settings import Settings  # noqa: E402
from nijigan_krita.translation import translation  # noqa: E402

CONFIG = json.loads(Path(sys.argv[3]).read_text(encoding="utf-8"))
SECONDS = 30
APP = QtWidgets.QApplication(["nijigan"])
Key = QtCore.Qt.Key


def use(home):
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]


def wait(until):
    end = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < end, "nothing came of it"
        APP.processEvents()
        time.sleep(0.002)


def settle(seconds=0.1):
    end = time.monotonic() + seconds
    wait(lambda: time.monotonic() > end)


def styles():
    """Two of them, as the sidecar tells, and the preview of one."""
    use("toy")
    with connect() as client:
        found = client.list_styles()
        return found, {("toy", "1.0.0"): client.get_preview("toy")}


def panel(language="en"):
    made = Panel(translation([language]))
    made.resize(300, 900)
    made.show()
    found, previews = styles()
    made.look.gallery.show_styles(found, previews)
    settle()
    return made


def heard(signal):
    calls = []
    signal.connect(lambda *args: calls.append(args))
    return calls


def press(widget, key):
    for kind in (QtCore.QEvent.Type.KeyPress, QtCore.QEvent.Type.KeyRelease):
        none = QtCore.Qt.KeyboardModifier.NoModifier
        APP.sendEvent(widget, QtGui.QKeyEvent(kind, key, none))


def case_the_binding_is_the_one_that_is_loaded():
    assert qt.QtCore is QtCore
    others = {"PyQt5": "PyQt6", "PyQt6": "PyQt5"}
    assert not [name for name in sys.modules if name.startswith(others[BINDING])]


def controls(made):
    kinds = (
        QtWidgets.QAbstractButton,
        QtWidgets.QComboBox,
        QtWidgets.QAbstractSpinBox,
        QtWidgets.QSlider,
        QtWidgets.QListWidget,
        QtWidgets.QProgressBar,
    )
    return [w for w in made.findChildren(QtWidgets.QWidget) if isinstance(w, kinds)]


def case_every_control_has_a_name_and_takes_keys():
    for language in ("en", "de", "ja"):
        made = panel(language)
        made.sidecar.show_condition(from_error(SidecarNotRunningError("None.")))
        found = controls(made)
        assert len(found) > 12
        for widget in found:
            name = f"{type(widget).__name__} {widget.objectName()}"
            assert widget.accessibleName(), (language, name)
            if not isinstance(widget, QtWidgets.QProgressBar):
                assert widget.focusPolicy() != QtCore.Qt.FocusPolicy.NoFocus, name
        for label in (made.told, made.sidecar.line):
            assert label.accessibleName()


def case_nothing_is_cut_off_in_a_narrow_docker():
    for language in ("en", "de", "ja"):
        made = panel(language)
        made.sidecar.show_condition(from_error(SidecarNotRunningError("None.")))
        settle()
        width = made.findChild(QtWidgets.QScrollArea).widget().minimumSizeHint().width()
        width = max(width, made.minimumSizeHint().width())
        assert width <= 300, (language, width)


def case_what_begins_and_ends_a_drawing_stays_in_view():
    made = panel()
    made.resize(260, 300)
    made.progress.show()
    settle()
    for widget in (made.apply_button, made.progress.cancel):
        place = widget.mapTo(made, QtCore.QPoint(0, 0))
        assert made.rect().contains(QtCore.QRect(place, widget.size())), place


def case_controls_say_the_settings():
    made = panel()
    calls = heard(made.changed)
    for settings in (
        Settings("toy", 35, "fine", 900, "group", False),
        Settings("even", 100, "draft", "native", "canvas", True),
    ):
        made.show_settings(settings)
        assert made.settings == settings
    assert calls == []  # nobody's hand was there
    made.look.slider.setValue(40)
    assert made.settings.strength == made.look.percent.value() == 40
    assert len(calls) == 1
    made.look.percent.setValue(55)
    assert made.look.slider.value() == 55


def case_a_style_that_is_not_installed_is_told():
    """No other one is shown in its place."""
    made = panel()
    said = made.look.missing
    made.show_settings(Settings("gone"))
    assert made.look.gallery.currentItem() is None
    assert (made.settings.style, said.text()) == ("gone", "The style “gone” is not installed.")
    assert said.isVisible()
    made.look.gallery.show_styles((), {})  # no sidecar for a while: nobody knows
    assert not said.isVisible()
    made.look.gallery.show_styles(*styles())
    assert said.isVisible()
    made.look.gallery.setCurrentRow(1)  # by hand
    assert (made.settings.style, said.isVisible()) == ("toy", False)
    made.show_settings(Settings("toy:int8"))
    assert (made.settings.style, said.isVisible()) == ("toy:int8", False)
    made.show_settings(Settings())
    assert made.settings.style == "even"  # the first one


def case_keys_move_what_the_mouse_moves():
    made = panel()
    made.show_settings(Settings("even", 50))
    press(made.look.slider, Key.Key_PageUp)
    press(made.look.slider, Key.Key_Right)
    assert made.settings.strength == 61
    press(made.look.quality, Key.Key_Down)
    assert made.settings.quality == "fine"
    press(made.look.gallery, Key.Key_Right)
    assert made.settings.style == "toy"
    calls = heard(made.apply)
    press(made.apply_button, Key.Key_Space)
    assert len(calls) == 1


def case_gallery_has_pictures():
    made = panel()
    gallery = made.look.gallery
    assert [gallery.item(i).icon().isNull() for i in range(2)] == [True, False]  # even, toy
    assert "One kernel" in gallery.item(0).toolTip()
    gallery.choose("toy")
    gallery.show_styles(*styles())  # again: what is chosen stays
    assert gallery.style_name == "toy"
    gallery.show_styles((), {})  # no sidecar for a while
    assert gallery.style_name == "toy"
    gallery.show_styles(*styles())
    assert gallery.style_name == "toy"


def case_sidecar_box_shows_what_mends():
    made = panel("de")
    box = made.sidecar
    calls = heard(box.wanted)
    box.show_condition(from_error(StylizerError("There is no here.")))
    assert box.line.text() == "here gibt es nicht"
    box.show_condition(from_error(SidecarNotRunningError("None.")))
    assert box.line.text() == "Kein Sidecar läuft"
    assert (box.mend.text(), box.mend.isVisible(), box.log.isVisible()) == ("Starten", True, True)
    box.mend.click()
    assert calls == [(Mend.START.name,)]
    box.show_condition(STARTING)
    assert (box.line.text(), box.mend.isVisible()) == ("Der Sidecar startet", False)
    box.show_condition(ready("1.2", "127.0.0.1:5", (), styles()[0]))
    assert box.line.text() == "nijigan 1.2, 2 Stile"
    assert "127.0.0.1:5" in box.line.toolTip()
    entries = {action.text(): action for action in box.menu.menu().actions()}
    entries["Diagnose kopieren"].trigger()
    assert calls[-1] == ("DIAGNOSTICS",)


def run_of(steps):
    ended = []
    run = Run("Sky", steps, ended.append)
    run.begin()
    return run, ended


def case_runs_end_fail_and_are_cancelled():
    taken = []

    def good(run):
        taken.append(1)
        yield 0.0
        taken.append(2)
        yield 0.01
        taken.append(3)

    run, ended = run_of(good)
    wait(lambda: run.end)
    assert (run.end, taken, ended) == (End.DONE, [1, 2, 3], [run])

    def bad(run):
        yield 0.0
        raise StylizerError("It broke.", "Mend it.")

    run, ended = run_of(bad)
    wait(lambda: run.end)
    assert (run.end, str(run.error), run.trace) == (End.FAILED, "It broke. Mend it.", "")

    def faulty(run):
        yield 1 / 0

    run, ended = run_of(faulty)
    wait(lambda: run.end)
    assert "ZeroDivisionError" in str(run.error)
    assert "faulty" in run.trace

    put_back = []

    def long(run):
        job = Job(lambda job: job.cancel.wait(SECONDS), "long")
        job.start()
        try:
            yield from run.until_done(job)
        finally:
            put_back.append(job.cancel.is_set())

    run, ended = run_of(long)
    settle()
    begun = time.monotonic()
    run.cancel()
    wait(lambda: run.end)
    assert (run.end, put_back, ended) == (End.CANCELLED, [True], [run])
    assert time.monotonic() - begun < 1.0


class Canvas:
    """Much memory."""


def kept_by_a_run(error=None):
    """What there is still, after it has ended, of what it has read and of what was not taken."""
    references = []

    def steps(run):
        read, drawn = Canvas(), Canvas()
        references.extend([weakref.ref(read), weakref.ref(drawn)])

        def work(job, read=read, drawn=drawn):
            job.give(drawn)
            if error is not None:
                raise error

        job = Job(work, "test")
        job.start()
        yield from run.until_done(job)

    run, _ = run_of(steps)
    wait(lambda: run.end)
    return [reference() for reference in references], run


def case_a_run_that_has_ended_keeps_no_picture():
    for error in (None, StylizerError("It broke.")):
        kept, run = kept_by_a_run(error)
        assert kept == [None, None], error
        assert run.error is error


def case_panel_follows_a_run():
    made = panel("ja")

    def steps(run):
        job = Job(lambda job: job.cancel.wait(SECONDS), "long")
        job.progress = Progress(0.25, "drawing")
        job.show(b"\xff\0\0" * 4, 2, 2)
        run.follow(job)
        yield 0.05
        raise StylizerError("No style is known.", "Start the sidecar.")

    run, _ = run_of(steps)
    wait(lambda: run.progress.fraction > 0)
    made.show_run(run)
    assert made.progress.isVisible()
    assert not made.apply_button.isEnabled()
    assert made.progress.bar.text() == "描画中 25 %"
    assert not made.preview.picture.icon().isNull()
    calls = heard(made.cancel)
    made.progress.cancel.click()
    assert len(calls) == 1
    wait(lambda: run.end)
    made.show_run(run)
    assert not made.progress.isVisible()
    assert made.apply_button.isEnabled()
    assert made.told.text().startswith("画風がありません。")


def painted():
    image = QtGui.QImage(40, 24, QtGui.QImage.Format.Format_ARGB32)
    for y in range(24):
        for x in range(40):
            image.setPixelColor(x, y, QtGui.QColor(6 * x, 10 * y, 90, 255 if x else 100))
    return image


def case_live_preview_draws_the_newest():
    use("toy")
    taken = []

    def thumbnail(side):
        taken.append(side)
        return painted()

    live = LivePreview(thumbnail, connect)
    drawn = heard(live.drawn)
    for strength in (0.1, 0.4, 0.8):  # as a hand moves the slider
        live.ask(Look("toy", strength, "normal", 24))
        settle(0.02)
    wait(lambda: drawn)
    settle(0.4)
    assert (len(drawn), taken) == (1, [256])
    picture = picture_of(painted())
    with connect() as client:
        expected = client.stylize(
            picture.pixels, 40, 24, style="toy", strength=0.8, scale=24, format="BGRA8"
        )
    assert picture_of(drawn[0][0]).pixels == expected.pixels


def case_live_preview_gives_up_what_is_old():
    use("held")
    live = LivePreview(lambda side: painted(), connect)
    drawn = heard(live.drawn)
    live.ask(Look("toy"))
    wait(lambda: live._job is not None)
    job = live._job
    live.ask(Look("toy", 0.5))
    assert job.cancel.is_set()
    live.stop()
    settle(0.4)
    assert drawn == []
    none = LivePreview(lambda side: None, connect)
    none.ask(Look("toy"))
    settle(0.4)
    assert none._job is None


def case_pictures_keep_their_pixels():
    odd = QtGui.QImage(17, 3, QtGui.QImage.Format.Format_RGB888)  # rows with padding
    odd.fill(QtGui.QColor(1, 2, 3))
    assert picture_of(odd).pixels == bytes([3, 2, 1, 255]) * 51
    image = draft_image(bytes([9, 8, 7]) * 15, 5, 3)
    color = image.pixelColor(4, 2)
    assert (color.red(), color.green(), color.blue()) == (9, 8, 7)


def case_all_of_it_begins_and_ends():
    """Also where no Krita with this Qt is at hand: another one stands for it."""
    use("toy")
    stand_in = importlib.import_module("krita_stand_in")
    sys.modules["krita"] = stand_in
    begun = importlib.import_module("nijigan_krita.extension").begin()
    krita = stand_in.KRITA
    assert krita.extensions == [begun]
    window = stand_in.Window()
    begun.createActions(window)
    assert set(window.actions) == {
        "nijigan_apply",
        "nijigan_animate",
        "nijigan_cancel",
        "nijigan_show",
    }
    for action in window.actions.values():  # without a window and a document: nothing happens
        action.heard[0](False)
    docker = krita.factories[0].make()
    docker.show()
    wait(lambda: docker.panel.look.gallery.count() == 2)
    assert "2 " in docker.panel.sidecar.line.text()
    begun.commands.do("DIAGNOSTICS")
    assert "Krita 6.0.0" in APP.clipboard().text()
    docker.panel.look.slider.setValue(25)
    assert begun.session.settings.strength == 25
    another = krita.factories[0].make()  # of a second window
    another.show()
    wait(lambda: another.panel.look.gallery.count() == 2)
    assert another.panel.settings.strength == begun.session.settings.strength == 25
    another.close()
    krita.notifier().applicationClosing.emit()
    begun.session.sidecar.look()
    assert not begun.session.sidecar.busy  # it is closed
    docker.close()


def main():
    cases = {name[5:]: case for name, case in globals().items() if name.startswith("case_")}
    for name, case in cases.items():
        try:
            case()
        except BaseException:
            result = traceback.format_exc()
        else:
            result = "ok"
        print(json.dumps({"case": name, "result": result}), flush=True)
    os._exit(0)  # threads of connections that nobody closes


main()
