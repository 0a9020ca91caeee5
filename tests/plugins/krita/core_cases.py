"""What of Krita's plugin needs neither Krita nor Qt, in any Python. `test_krita_core.py` runs it.

    python core_cases.py PLUGIN CONFIG.json

Prints a line for each case: its name, and "ok" or where it failed, as JSON.
"""

import json
import os
import random
import struct
import sys
import tempfile
import traceback
import types
from pathlib import Path

# The plugin's own `__init__` needs Krita; a package without one stands for it.
sys.modules["nijigan_krita"] = types.ModuleType("nijigan_krita")
sys.modules["nijigan_krita"].__path__ = [sys.argv[1]]

from nijigan_krita._carried.client import connect  # noqa: E402
from nijigan_krita._carried.client.errors import StylizerError  # noqa: E402
from nijigan_krita._carried.host.animation_folder import AnimationFolder  # noqa: E402
from nijigan_krita._carried.host.drawing import Look, Picture  # noqa: E402
from nijigan_krita._carried.host.file_name import file_name  # noqa: E402
from nijigan_krita._carried.host.frames import FrameQueue  # noqa: E402
from nijigan_krita._carried.host.job import Job, State  # noqa: E402

from nijigan_krita.animation_drawing import animation_drawing  # noqa: E402
from nijigan_krita.area import Area  # noqa: E402
from nijigan_krita.colors import SRGB8, Space, drawn_space, swapped  # noqa: E402
from nijigan_krita.layer_drawing import Canvas, layer_drawing  # noqa: E402
from nijigan_krita.mask import masked  # noqa: E402
from nijigan_krita.preview_look import preview_look, preview_size  # noqa: E402
from nijigan_krita.settings import Settings  # noqa: E402
from nijigan_krita.timeline import shown_frames, times_of  # noqa: E402
from nijigan_krita.translation import translation  # noqa: E402

CONFIG = json.loads(Path(sys.argv[2]).read_text(encoding="utf-8"))
SECONDS = 30
PIXEL_BYTES = {"U8": 4, "U16": 8, "F32": 16}
SRGB, LINEAR = "sRGB-elle-V2-srgbtrc.icc", "sRGB-elle-V2-g10.icc"
RANDOM = random.Random(3)


def noise(count):
    return bytes(RANDOM.getrandbits(8) for _ in range(count))


def use(home):
    os.environ["NIJIGAN_HOME"] = CONFIG["homes"][home]


def done(work):
    job = Job(work, "test")
    job.start()
    job.wait(SECONDS)
    assert job.state is State.DONE, (job.error, job.trace)
    return job.take()


def case_areas():
    assert Area(2, 3, 10, 10).common(Area(8, 0, 10, 5)) == (8, 3, 4, 2)
    assert Area(0, 0, 5, 5).common(Area(7, 0, 5, 5)).is_empty
    large = Area(3, 5, 3000, 2000)
    strips = list(large.strips())
    assert len(strips) > 10
    assert strips[0][:3] == (3, 5, 3000)
    assert sum(strip.height for strip in strips) == 2000
    assert all(a.top + a.height == b.top for a, b in zip(strips, strips[1:]))
    assert list(Area(0, 0, 10**6, 2).strips()) == [(0, 0, 10**6, 1), (0, 1, 10**6, 1)]


def case_spaces():
    for depth, profile, word in (
        ("U8", SRGB, "BGRA8"),
        ("U16", SRGB, "RGBA16"),
        ("F32", LINEAR, "RGBA32F"),
    ):
        space = Space("RGBA", depth, profile)
        assert drawn_space(space) == space
        assert space.format == word
    converted = {
        Space("RGBA", "U8", LINEAR): ("RGBA", "U16", SRGB),
        Space("RGBA", "F32", SRGB): ("RGBA", "F32", LINEAR),
        Space("RGBA", "F16", LINEAR): ("RGBA", "F32", LINEAR),
        Space("GRAYA", "U8", "Gray-D50-elle-V2-srgbtrc.icc"): ("RGBA", "U16", SRGB),
        Space("CMYKA", "F32", "Chemical proof"): ("RGBA", "F32", LINEAR),
    }
    for space, expected in converted.items():
        assert drawn_space(space) == expected, space


def case_red_and_blue():
    deep = Space("RGBA", "U16", SRGB)
    pixels = struct.pack("<8H", 1, 2, 3, 4, 5, 6, 7, 8)
    assert swapped(pixels, deep) == struct.pack("<8H", 3, 2, 1, 4, 7, 6, 5, 8)
    large = noise(8 * 70_001)  # more than is done at a time
    assert swapped(swapped(large, deep), deep) == large
    assert swapped(large, SRGB8) is large


def case_masks():
    count = 40_000  # more than is done at a time
    mask = b"\0" * 100 + b"\xff" * 34_000 + noise(count - 34_100)
    for depth, code, most in (("U8", "B", 255), ("U16", "H", 65535), ("F32", "f", 1.0)):
        alphas = [RANDOM.random() * most for _ in range(count)]
        values = []
        for alpha in alphas:
            values += [7, 8, 9, alpha if code == "f" else int(alpha)]
        pixels = struct.pack(f"<{len(values)}{code}", *values)
        found = struct.unpack(f"<{len(values)}{code}", masked(pixels, mask, depth))
        assert found[0::4] == (7,) * count
        for cover, alpha, now in zip(mask, values[3::4], found[3::4]):
            limit = 1e-6 if code == "f" else 0.501
            assert abs(now - alpha * cover / 255) <= limit, (depth, cover, alpha, now)
    pixels = noise(16)
    assert masked(pixels, b"\xff" * 4, "U8") is pixels


def case_settings():
    settings = Settings("toy", 35, "fine", 720, "group", False)
    assert Settings.from_json(settings.to_json()) == settings
    assert settings.look == Look("toy", 0.35, "fine", 720)
    assert settings.words == "35 %, fine, 720"
    for damaged in (b"", b"\xff", b"[]", b"null", b"{"):
        assert Settings.from_json(damaged) == Settings()
    other = {"style": 3, "strength": 101, "quality": "best", "scale": True, "steady": 1, "new": 1}
    assert Settings.from_json(json.dumps({**other, "source": "canvas"}).encode()) == Settings(
        source="canvas"
    )


def case_previews_look_like_the_drawing():
    look = Look("toy", 0.5, "normal", "auto")
    assert preview_look(look, 400, 3000).scale == 400
    assert preview_look(look, 400, 450).scale == 450  # drawn at its own size
    assert preview_look(look, 400, 199).scale == 200  # as is what is much smaller
    assert preview_look(look._replace(scale="native"), 400, 199).scale == 199
    assert preview_look(look._replace(scale="native"), 400, 3000).scale == 512
    assert preview_look(look._replace(scale=300), 400, 3000) == look._replace(scale=300)
    assert preview_size(4000, 2000, 256) == (512, 256)
    assert preview_size(100, 40, 256) == (100, 40)
    assert preview_size(30_000, 100, 256) == (768, 100)
    assert min(preview_size(9000, 3, 256)) == 16


def case_layers_are_drawn_as_the_client_draws():
    use("toy")
    width, height = 60, 44
    look = Look("toy", 0.7, "fine")
    part = Area(10, 8, 30, 24)
    mask = noise(part.width * part.height)
    for depth, format in (("U8", "BGRA8"), ("U16", "RGBA16"), ("F32", "RGBA32F")):
        space = Space("RGBA", depth, LINEAR if depth == "F32" else SRGB)
        pixels = noise(width * height * PIXEL_BYTES[space.depth])
        if depth == "F32":
            values = [RANDOM.random() for _ in range(4 * width * height)]
            pixels = struct.pack(f"<{len(values)}f", *values)
        row = width * PIXEL_BYTES[space.depth]
        strips = [pixels[: 20 * row], pixels[20 * row :]]
        canvas = Canvas(strips, width, height, space, part, mask)
        (drawn,) = done(layer_drawing(connect, canvas, look))
        with connect() as client:
            expected = client.stylize(
                swapped(pixels, space),
                width,
                height,
                style="toy",
                strength=0.7,
                quality="fine",
                format=format,
                region=part,
            )
        assert drawn == masked(swapped(expected.pixels, space), mask, depth), depth


def draw_frames(folder, pictures, numbers, style="even"):
    queue = FrameQueue()
    look = Look(style)
    state = folder.state_after(numbers[0] - 1)
    work = animation_drawing(connect, queue, numbers, folder, look, True, state)
    job = Job(work, "test")
    job.start()
    for number in numbers:
        while queue.full and job.state is State.RUNNING:
            pass
        if job.state is State.RUNNING:
            queue.put(pictures[number])
    queue.end()
    job.wait(SECONDS)
    return job


def case_animations_go_on_where_they_ended():
    """The second half, drawn later, is what it is in the whole; others count as missing."""
    use("toy")
    levels = (20, 60, 200, 240)
    pictures = [Picture(bytes([level] * 4 * 32 * 32), 32, 32, "BGRA8") for level in levels]
    look = Look("even")
    with tempfile.TemporaryDirectory() as name:
        whole = AnimationFolder(Path(name, "whole"), "Sky", look, True)
        assert draw_frames(whole, pictures, [0, 1, 2, 3]).state is State.DONE
        draw_frames(AnimationFolder(Path(name, "parts"), "Sky", look, True), pictures, [0, 1])
        parts = AnimationFolder(Path(name, "parts"), "Sky", look, True)  # read from its notes
        assert parts.missing(range(4)) == [2, 3]
        draw_frames(parts, pictures, [2, 3])
        for frame in range(4):
            assert parts.frame_path(frame).read_bytes() == whole.frame_path(frame).read_bytes()
        assert parts.frame_path(0).read_bytes().startswith(b"\x89PNG")
        other = look._replace(strength=0.5)
        assert AnimationFolder(parts.path, "Sky", other, True).missing([0]) == [0]
        assert AnimationFolder(parts.path, "Sea", look, True).missing([0]) == [0]
        assert not list(parts.path.glob("*.part"))


def case_frames_that_fail_are_told_and_the_others_drawn():
    use("toy")
    good = Picture(bytes(4 * 32 * 32), 32, 32, "BGRA8")
    pictures = [good, Picture(b"123", 32, 32, "BGRA8"), good]
    with tempfile.TemporaryDirectory() as name:
        folder = AnimationFolder(Path(name), "Sky", Look("even"), True)
        job = draw_frames(folder, pictures, [0, 1, 2])
        kept = {piece.frame: piece.error for piece in job.take()}
        assert [error is None for error in kept.values()] == [True, False, True]
        assert kept[1].reason == "INVALID_IMAGE"
        assert folder.missing(range(3)) == [1]
        folder.frame_path(3).mkdir()
        job = draw_frames(folder, [good] * 4, [3])
        assert "cannot be written" in str(job.take()[0].error)


def case_names_of_files():
    assert file_name("Sky, 2.1") == "Sky_ 2.1"
    assert file_name("../空/a\\b:c") == "_空_a_b_c"
    assert file_name(" ..") == file_name("") == "_"
    assert len(file_name("long" * 99)) == 60


class Node:
    """As much of a layer as the timeline looks at."""

    def __init__(self, keys, type="paintlayer", children=()):
        self._keys, self._type, self._children = keys, type, children

    def animated(self):
        return bool(self._keys)

    def type(self):
        return self._type

    def childNodes(self):  # noqa: N802 - Krita's name
        return list(self._children)

    def hasKeyframeAtTime(self, time):  # noqa: N802 - Krita's name
        return time in self._keys


def case_held_frames_are_drawn_once():
    times = range(2, 9)
    assert shown_frames(Node({0, 4, 7}), times) == [2, 2, 4, 4, 4, 7, 7]
    assert shown_frames(Node({0, 4}, children=["a mask"]), times) == list(times)
    assert shown_frames(Node({0, 4}, "grouplayer"), times) == list(times)
    still = types.SimpleNamespace(playBackStartTime=lambda: 3, playBackEndTime=lambda: 3)
    try:
        said = str(times_of(still))
    except StylizerError as error:
        said = str(error)
    assert "one frame alone" in said


def case_sentences_of_others_are_translated():
    """Parts that vary are found in finished sentences."""
    say = translation(["xx", "de_DE"])
    assert say("Apply") == "Anwenden"
    assert translation(["en", "de"])("Apply") == "Apply"
    assert translation(["fr"]).sentences("Any. Text.") == "Any. Text."
    found = say.sentences("There is nothing on “Sky”. Choose another layer.")
    assert found == "Auf „Sky“ ist nichts. Wählen Sie eine andere Ebene.", found
    assert say.sentences("Nobody has said that. Retry.").startswith("Nobody has said that.")


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


main()
