"""What the plugin does in a Krita without windows. `test_krita.py` runs it by kritarunner."""

import os
import struct
import time
from pathlib import Path

from krita import InfoObject, Krita, Selection
from nijigan_krita._carried.client import connect
from reporting import CONFIG, cases_of, report, report_error

import nijigan_krita
from nijigan_krita import animated_document
from nijigan_krita.commands import Commands
from nijigan_krita.documents import document_key
from nijigan_krita.qt import QtCore, QtGui, QtWidgets
from nijigan_krita.remembered import remembered
from nijigan_krita.run import End
from nijigan_krita.settings import Settings
from nijigan_krita.stylize import stylize
from nijigan_krita.stylize_animation import stylize_animation

SECONDS = 60
WIDTH, HEIGHT = 60, 44
SESSION = nijigan_krita.EXTENSION.session
SRGB, LINEAR = "sRGB-elle-V2-srgbtrc.icc", "sRGB-elle-V2-g10.icc"


def __main__(_args):  # noqa: N807 - kritarunner's name
    Krita.instance().setBatchmode(True)
    for name, case in cases_of(globals()).items():
        try:
            case()
        except BaseException:
            report_error(name)
        else:
            report(name)


def use(home):
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]
    SESSION.sidecar._client = None
    SESSION.sidecar.look()
    wait(lambda: not SESSION.sidecar.busy)


def noise(count, seed=7):
    value, values = seed, bytearray()
    for _ in range(count):
        value = (value * 1103515245 + 12345) & 0x7FFFFFFF
        values.append(value >> 16 & 255)
    return bytes(values)


def colors(depth):
    """Noise with a transparent corner, as Krita's bytes."""
    values = bytearray(noise(4 * WIDTH * HEIGHT))
    values[3::4] = bytes([255]) * (WIDTH * HEIGHT)
    for y in range(8):
        for x in range(8):
            values[4 * (y * WIDTH + x) + 3] = 32 * x
    if depth == "U8":
        return bytes(values)
    if depth == "U16":
        return struct.pack(f"<{len(values)}H", *(257 * value for value in values))
    return struct.pack(f"<{len(values)}f", *(value / 128 for value in values))


def make(model="RGBA", depth="U8", profile=SRGB, pixels=None):
    """A document with one layer, "Sky"."""
    document = Krita.instance().createDocument(WIDTH, HEIGHT, "Test", model, depth, profile, 72.0)
    layer = document.createNode("Sky", "paintlayer")
    layer.setPixelData(colors(depth) if pixels is None else pixels, 0, 0, WIDTH, HEIGHT)
    document.rootNode().addChildNode(layer, document.topLevelNodes()[0])
    document.refreshProjection()
    document.waitForDone()
    return document, layer


def begin(document, **changes):
    settings = Settings(**{"style": "toy", "strength": 70, "quality": "fine", **changes})
    return SESSION.begin(
        document_key(document), "Sky", lambda run: stylize(run, SESSION, document, settings)
    )


def wait(until):
    end = time.monotonic() + SECONDS
    while not until():
        assert time.monotonic() < end, "nothing came of it"
        QtWidgets.QApplication.processEvents()
        time.sleep(0.002)


def settle():
    """Let Krita say all that it has to say about what was done."""
    end = time.monotonic() + 0.3
    wait(lambda: time.monotonic() > end)


def draw(document, **changes):
    run = begin(document, **changes)
    wait(lambda: run.end)
    document.waitForDone()
    return run


def drawn(document, **changes):
    """Draw, and return the new layer."""
    before = [node.uniqueId() for node in every(document.rootNode())]
    run = draw(document, **changes)
    assert run.end is End.DONE, (run.error, run.trace)
    (new,) = [n for n in every(document.rootNode()) if n.uniqueId() not in before]
    return new


def every(node):
    for child in node.childNodes():
        yield child
        yield from every(child)


def names(node):
    return [child.name() for child in node.childNodes() if child.type().endswith("layer")]


def by_the_client(pixels, format, **changes):
    """What the client draws of it: what Krita must have."""
    asked = {"style": "toy", "strength": 0.7, "quality": "fine", **changes}
    with connect() as client:
        return client.stylize(pixels, WIDTH, HEIGHT, format=format, **asked).pixels


def all_of(node):
    return node.pixelData(0, 0, WIDTH, HEIGHT).data()


def swapped(pixels):
    values = list(struct.unpack(f"<{len(pixels) // 2}H", pixels))
    values[0::4], values[2::4] = values[2::4], values[0::4]
    return struct.pack(f"<{len(values)}H", *values)


def case_layer_of_8_bits():
    use("toy")
    document, layer = make()
    new = drawn(document)
    assert all_of(new) == by_the_client(colors("U8"), "BGRA8")
    assert all_of(new)[3::4] == colors("U8")[3::4]
    assert all_of(layer) == colors("U8")
    found = names(document.rootNode())
    assert found == ["Background", "Sky", "Toy (70 %, fine)"], found


def case_layer_of_16_bits():
    use("toy")
    document, _ = make(depth="U16")
    expected = swapped(by_the_client(swapped(colors("U16")), "RGBA16"))
    assert all_of(drawn(document)) == expected


def case_layer_of_floats():
    """Linear light; what is brighter than white stays as bright."""
    use("toy")
    pixels = colors("F32")
    document, _ = make(depth="F32", profile=LINEAR)
    new = drawn(document)
    assert all_of(new) == by_the_client(pixels, "RGBA32F")
    again, _ = make(depth="F32", profile=LINEAR)
    same = struct.unpack(f"<{4 * WIDTH * HEIGHT}f", all_of(drawn(again, strength=0)))
    wanted = struct.unpack(f"<{4 * WIDTH * HEIGHT}f", pixels)
    assert max(wanted) > 1.9
    assert max(abs(a - b) for a, b in zip(same, wanted)) < 0.01


def near(pixels, others, levels):
    return max(abs(a - b) for a, b in zip(pixels, others)) <= levels


def case_other_spaces_are_converted_and_back():
    use("toy")
    for model, profile, channels in (
        ("GRAYA", "Gray-D50-elle-V2-srgbtrc.icc", 2),
        ("CMYKA", "Chemical proof", 5),
        ("RGBA", LINEAR, 4),
    ):
        # Few inks, lest colors are outside of sRGB.
        pixels = bytes(([60, 20, 40, 0, 255] if channels == 5 else [90, 90, 90, 255])[-channels:])
        document, _ = make(model, "U8", profile, pixels * (WIDTH * HEIGHT))
        run = draw(document, strength=0)
        assert run.end is End.DONE, (run.error, run.trace)
        assert model in run.note
        _, layer, new = document.topLevelNodes()
        assert (new.colorModel(), new.colorProfile()) == (model, profile)
        for each in (layer, new):  # inks of several mixtures make about one color
            each.setColorSpace("RGBA", "U8", SRGB)
        assert near(all_of(new), all_of(layer), 10), (model, all_of(layer)[:4], all_of(new)[:4])


def case_profile_that_is_not_srgb():
    """The same colors, said by other numbers, are drawn as the same colors."""
    use("toy")
    grey = bytes([188, 188, 188, 255]) * (WIDTH * HEIGHT)
    linear = bytes([128, 128, 128, 255]) * (WIDTH * HEIGHT)
    expected = by_the_client(grey, "BGRA8", strength=0.5, scale="native")
    document, _ = make(profile=LINEAR, pixels=linear)
    new = drawn(document, strength=50, scale="native")
    new.setColorSpace("RGBA", "U8", SRGB)
    assert near(all_of(new), expected, 2), (all_of(new)[:4], expected[:4])


def select(document, feather=0):
    selection = Selection()
    selection.select(10, 8, 30, 24, 255)
    if feather:
        selection.feather(feather)
    document.setSelection(selection)
    document.waitForDone()
    return document.selection()


def case_selection():
    """That part alone is drawn, as it is in the whole; alpha is what is selected."""
    use("toy")
    document, _ = make()
    selection = select(document, feather=3)
    part = selection.x(), selection.y(), selection.width(), selection.height()
    assert part[0] < 10, "it is feathered"
    mask = selection.pixelData(*part).data()
    assert 0 < mask[len(mask) // 2 // part[2] * part[2]] < 255
    new = drawn(document)
    pixels = new.pixelData(*part).data()
    expected = bytearray(by_the_client(colors("U8"), "BGRA8", region=part))
    for i, cover in enumerate(mask):
        expected[4 * i + 3] = (expected[4 * i + 3] * cover + 127) // 255
    assert pixels == bytes(expected)
    bounds = new.bounds()
    assert bounds.x() >= part[0], "nothing is outside of it"
    assert bounds.width() <= part[2]


def case_selection_of_few_pixels():
    use("toy")
    document, _ = make()
    few = Selection()
    few.select(20, 10, 3, 2, 255)
    document.setSelection(few)
    new = drawn(document)
    expected = by_the_client(colors("U8"), "BGRA8", region=(20, 10, 3, 2))
    assert new.pixelData(20, 10, 3, 2).data() == expected


def case_selection_elsewhere():
    use("toy")
    document, _ = make()
    far = Selection()
    far.select(WIDTH + 5, 0, 9, 9, 255)
    document.setSelection(far)
    run = draw(document)
    assert "Nothing that can be drawn is selected" in str(run.error), run.error
    assert names(document.rootNode()) == ["Background", "Sky"]


def grouped():
    document, _ = make()
    group = document.createNode("Scene", "grouplayer")
    document.rootNode().addChildNode(group, document.topLevelNodes()[-1])
    inner = document.createNode("Tree", "paintlayer")
    inner.setPixelData(colors("U8")[::-1], 0, 0, WIDTH, HEIGHT)
    group.addChildNode(inner, None)
    document.refreshProjection()
    document.waitForDone()
    return document, group, inner


def case_canvas():
    """All that is seen, above all of it."""
    use("toy")
    document, _, _ = grouped()
    seen = document.pixelData(0, 0, WIDTH, HEIGHT).data()
    new = drawn(document, source="canvas")
    assert all_of(new) == by_the_client(seen, "BGRA8")
    assert names(document.rootNode())[-1] == new.name()


def case_group():
    """Without a window the topmost layer is the active one: here the group."""
    use("toy")
    for source in ("layer", "group"):
        document, group, _ = grouped()
        seen = group.projectionPixelData(0, 0, WIDTH, HEIGHT).data()
        new = drawn(document, source=source)
        assert all_of(new) == by_the_client(seen, "BGRA8")
        assert names(document.rootNode()) == ["Background", "Sky", "Scene", new.name()]


def case_group_that_passes_through():
    """It has no picture of its own; the canvas has what is in it."""
    use("toy")
    document, _, _ = grouped()
    document.topLevelNodes()[-1].setPassThroughMode(True)
    document.refreshProjection()
    document.waitForDone()
    for source in ("layer", "group"):
        run = draw(document, source=source)
        assert "“Scene” is set to Pass Through" in str(run.error), (source, run.error)
    assert names(document.rootNode()) == ["Background", "Sky", "Scene"]
    seen = document.pixelData(0, 0, WIDTH, HEIGHT).data()
    assert all_of(drawn(document, source="canvas")) == by_the_client(seen, "BGRA8")


def case_layer_that_is_in_no_group():
    use("toy")
    document, _ = make()
    assert "is in no group" in str(draw(document, source="group").error)


def case_cancel_leaves_the_document_as_it_was():
    use("held")
    document, _ = make()
    settle()
    document.setModified(False)
    run = begin(document)
    wait(lambda: run.progress.stage == "drawing")
    before = time.monotonic()
    run.cancel()
    wait(lambda: run.end)
    seconds = time.monotonic() - before
    report("cancel", seconds=seconds)
    assert run.end is End.CANCELLED
    assert seconds < 1.0  # half a second, and as much for a busy machine
    assert names(document.rootNode()) == ["Background", "Sky"]
    assert not document.modified()
    assert remembered(document) is None


def case_closed_while_it_is_drawn():
    use("held")
    document, _ = make()
    run = begin(document)
    key = document_key(document)
    wait(lambda: run.progress.stage == "drawing")
    document.close()
    run.cancel()
    wait(lambda: run.end)
    assert run.end is End.CANCELLED
    assert SESSION.run_of(key) is run
    use("none")
    draw(make()[0])
    assert SESSION.run_of(key) is None  # nobody asks for it any more


def case_closed_before_the_drawing_comes():
    use("toy")
    for is_read in (False, True):
        document, _ = make()
        run = begin(document)
        wait(lambda run=run, is_read=is_read: not is_read or run.progress.stage != "reading")
        document.close()
        wait(lambda run=run: run.end)
        assert "The document has been closed." in str(run.error), (is_read, run.error, run.trace)


def case_what_was_drawn_from_is_gone():
    """Then the drawing goes on top."""
    use("toy")
    document, layer = make()
    run = begin(document)
    wait(lambda: run.progress.stage != "reading")
    layer.remove()
    wait(lambda: run.end)
    assert run.end is End.DONE, (run.error, run.trace)
    assert names(document.rootNode()) == ["Background", "Toy (70 %, fine)"]


def case_what_was_drawn_from_is_flattened():
    """Then its parents are the document's no more, and the drawing goes on top."""
    use("toy")
    document, _, _ = grouped()
    run = begin(document)
    wait(lambda: run.progress.stage != "reading")
    document.flatten()
    wait(lambda: run.end)
    assert run.end is End.DONE, (run.error, run.trace)
    assert names(document.rootNode())[1:] == ["Toy (70 %, fine)"], names(document.rootNode())


def save(document, name):
    path = Path(CONFIG["folder"], f"{name}.kra")
    document.setBatchmode(True)
    assert document.saveAs(str(path))
    document.setFileName(str(path))
    return path.with_name(f"{name}-nijigan")


def animate(document, **changes):
    """Draw the first frames of the timeline; return the run."""
    document.setFullClipRangeEndTime(2)
    document.setPlayBackRange(0, 2)
    settings = Settings(**{"style": "toy", "quality": "draft", **changes})
    run = SESSION.begin(
        document_key(document),
        "Sky",
        lambda run: stylize_animation(run, SESSION, document, settings),
    )
    wait(lambda: run.end)
    document.waitForDone()
    return run


def check(run):
    assert run.end is End.DONE, (run.error, run.trace)


def case_layers_have_frames_of_their_own():
    """Also where they are called alike; and they are found when the file is opened again."""
    use("toy")
    document, first = make()
    folder = save(document, "own") / "toy"
    check(animate(document))
    second = document.createNode("Sky", "paintlayer")
    second.setPixelData(colors("U8")[::-1], 0, 0, WIDTH, HEIGHT)
    document.rootNode().addChildNode(second, document.topLevelNodes()[-1])
    document.waitForDone()
    check(animate(document))
    ids = [layer.uniqueId().toString()[1:9] for layer in (first, second)]
    folders = [folder / f"Sky {id}" for id in ids]
    assert sorted(folder.iterdir()) == sorted(folders)
    assert len({(each / "0000.png").read_bytes() for each in folders}) == 2
    path = document.fileName()
    assert document.save()
    document.close()
    again = Krita.instance().openDocument(path)
    assert [n.uniqueId().toString()[1:9] for n in again.topLevelNodes()[1::2]] == ids


def skinned(name):
    """A document whose one layer, "animated", is animated and shows onion skins; its frames."""
    half = 4 * (WIDTH // 2)
    left = b"".join(noise(half, y) + bytes(half) for y in range(HEIGHT))
    right = b"".join(bytes(half) + noise(half, y) for y in range(HEIGHT))
    path = Path(CONFIG["folder"], f"{name}.kra")
    main = animated_document._MAIN
    animated_document._MAIN = main.replace('onionskin="0"', 'onionskin="1"')
    try:
        animated_document.write_animated_document(path, WIDTH, HEIGHT, [(0, left), (1, right)])
    finally:
        animated_document._MAIN = main
    document = Krita.instance().openDocument(str(path))
    document.setCurrentTime(1)
    document.waitForDone()
    (layer,) = document.topLevelNodes()
    assert all_of(layer) == right
    assert layer.projectionPixelData(0, 0, WIDTH, HEIGHT).data() != right
    return document, layer, (left, right)


def case_onion_skins_are_not_drawn():
    """A layer is drawn without them; what they cannot be told from is refused."""
    use("toy")
    document, layer, (_, right) = skinned("skins")
    refused = "“animated” shows onion skins"
    assert refused in str(draw(document, source="canvas").error)
    assert len(document.topLevelNodes()) == 1
    assert all_of(drawn(document)) == by_the_client(right, "BGRA8")
    document.topLevelNodes()[1].remove()
    layer.addChildNode(document.createNode("mask", "transparencymask"), None)
    document.waitForDone()
    assert refused in str(draw(document).error)
    group = document.createGroupLayer("Scene")
    document.rootNode().addChildNode(group, layer)
    layer.setVisible(False)
    document.waitForDone()
    check(draw(document, source="canvas"))  # they are not seen in it
    assert document.currentTime() == 1


def case_onion_skins_are_not_drawn_in_animations():
    use("toy")
    document, _, frames = skinned("skinned")
    folder = Path(CONFIG["folder"], "skinned-nijigan/toy")
    assert "shows onion skins" in str(animate(document, source="canvas").error)
    assert not folder.exists()
    check(animate(document))
    (folder,) = folder.iterdir()
    for number, pixels in enumerate(frames):
        image = QtGui.QImage(str(folder / f"{number:04d}.png"))
        image = image.convertToFormat(QtGui.QImage.Format.Format_ARGB32)
        bits = image.constBits()
        bits.setsize(4 * WIDTH * HEIGHT)
        assert bytes(bits)[3::4] == pixels[3::4], number


def case_sidecar_that_fails_and_none():
    for home, text in (("failing", "It broke."), ("none", "No sidecar is running")):
        use(home)
        document, _ = make()
        run = draw(document)
        assert text in str(run.error)
        assert names(document.rootNode()) == ["Background", "Sky"]
        assert text in SESSION.diagnostics()


def case_settings_are_kept_in_the_file():
    use("toy")
    document, _ = make()
    drawn(document, strength=40, quality="draft")
    path = str(Path(CONFIG["folder"], "kept.kra"))
    assert document.saveAs(path)
    again = Krita.instance().openDocument(path)
    kept = remembered(again)
    assert (kept.style, kept.strength, kept.quality) == ("toy", 40, "draft")


def case_export():
    use("toy")
    document, _ = make()
    drawn(document)
    path = str(Path(CONFIG["folder"], "exported.png"))
    document.setBatchmode(True)
    assert document.exportImage(path, InfoObject())
    image = QtGui.QImage(path)
    assert (image.width(), image.height()) == (WIDTH, HEIGHT)
    seen = document.pixelData(30, 30, 1, 1).data()
    color = image.pixelColor(30, 30)
    assert (color.blue(), color.green(), color.red()) == tuple(seen[:3])


def case_large_canvas_in_strips():
    """More than one strip is read, converted and written; rows stay where they were."""
    use("toy")
    width, height = 1200, 1000
    document = Krita.instance().createDocument(width, height, "Large", "RGBA", "U8", SRGB, 72.0)
    layer = document.createNode("Sky", "paintlayer")
    rows = b"".join(bytes([y % 256, y // 256, 9, 255]) * width for y in range(height))
    layer.setPixelData(rows, 0, 0, width, height)
    document.rootNode().addChildNode(layer, document.topLevelNodes()[0])
    document.waitForDone()
    new = drawn(document, strength=0, quality="draft", scale="native")
    assert new.pixelData(0, 0, width, height).data() == rows


def case_commands_without_a_document():
    use("none")
    commands = Commands(SESSION)
    commands.apply()
    commands.cancel()
    assert isinstance(QtCore.QLocale().name(), str)
