"""The page of `nijigan studio` in a real browser with a fake camera, before a real sidecar."""

import io
import json
import os
import re
import signal
import subprocess
import sys
import zipfile
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from importlib.util import find_spec
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

import numpy as np
import pytest
from PIL import ExifTags, Image, ImageFilter

from nijigan.client import connect
from nijigan.core.cli import main
from nijigan.core.images import Picture, decode_picture, read_picture
from nijigan.export.photos import bundled_photos
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.stylizer import Stylizer
from nijigan.server.testing import no_progress, running_sidecar
from nijigan.studio.pictures import shown
from nijigan_host.stop import stop_sidecar

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "scripts"))

from chromium import CHROMIUM, REMEDY, Chromium  # noqa: E402

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason=f"chromium is not installed. {REMEDY}"),
    pytest.mark.skipif(
        find_spec("gradio") is None, reason="gradio is not installed. Run: pip install '.[studio]'"
    ),
]

TABS = ("Draw", "Avatar", "Batch", "Video", "Runs", "VAE", "Styles", "Bench")
LEAST_CONTRAST = 4.5  # WCAG 2.2, level AA
# Every text that is seen, with its color and what is behind it.
TEXTS = (ROOT / "tests/hosts/studio_texts.js").read_text(encoding="utf-8")


class GatedStylizer(Stylizer):
    """Draws when the gate is open; waits before it, and can be cancelled there, when it is not."""

    def __init__(self, styles):
        super().__init__(styles, threads=1)
        self.gate = Event()
        self.gate.set()
        self.cancelled = Event()

    def stylize(self, picture, settings, progress=no_progress, cancel=None, *others, **more):
        progress(0.25, "drawing")
        cancel = cancel or Cancel()
        while not self.gate.wait(0.02):
            if cancel.is_set():
                self.cancelled.set()
            cancel.raise_if_set()
        return super().stylize(picture, settings, progress, cancel, *others, **more)


@contextmanager
def studio_process(runs, *options, **environment):
    """Run the command, and give its address and the process."""
    command = [sys.executable, "-m", "nijigan.core", "studio", "--no-browser", "--runs", str(runs)]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        env={**os.environ, **environment},
        text=True,
    )
    try:
        address = process.stdout.readline().strip()
        assert address.startswith("http://127.0.0.1:"), "it did not start"
        yield address, process
    finally:
        process.send_signal(signal.SIGINT)
        try:
            process.wait(20)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    """Files by name: what people may choose."""
    folder = tmp_path_factory.mktemp("photos")
    with bundled_photos() as paths:
        found = {path.stem: Image.open(path).convert("RGB") for path in paths}
    astronaut = found["astronaut"]
    two = Image.new("RGB", (1024, 512))
    two.paste(astronaut, (0, 0))
    two.paste(astronaut, (512, 0))
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6  # to be turned clockwise
    astronaut.rotate(90).crop((0, 60, 512, 460)).save(folder / "lying.jpg", exif=exif, quality=95)
    astronaut.save(folder / "astronaut.png")
    found["coffee"].save(folder / "coffee.jpg", quality=95)
    two.save(folder / "two.png")
    astronaut.resize((160, 160)).save(folder / "small.png")
    astronaut.filter(ImageFilter.GaussianBlur(4)).save(folder / "blurred.png")
    clear = astronaut.resize((120, 90)).convert("RGBA")
    clear.putalpha(Image.linear_gradient("L").resize((120, 90)))
    clear.save(folder / "clear.png")
    (folder / "letter.png").write_text("Dear reader")
    (folder / "phone.heic").write_bytes(b"\0\0\0\x18ftypheic" + bytes(100))
    Image.new("1", (20000, 5000)).save(folder / "huge.png")
    with (folder / "heavy.png").open("wb") as file:
        file.truncate(257 << 20)  # of holes, so it takes no room
    return folder


@pytest.fixture(scope="module")
def camera_file(photos):
    """What the fake camera shows: the astronaut, in motion JPEG of a few frames."""
    data = io.BytesIO()
    Image.open(photos / "astronaut.png").save(data, "JPEG", quality=95)
    path = photos / "camera.mjpeg"
    path.write_bytes(data.getvalue() * 4)
    return path


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    return tmp_path_factory.mktemp("runs")


@pytest.fixture(scope="module")
def styles(toy_style, make_toy_style):
    return [toy_style, make_toy_style("wash")]


@pytest.fixture(scope="module")
def stylizer(styles):
    return GatedStylizer(StyleLibrary(styles))


@pytest.fixture(scope="module")
def sidecar(styles, stylizer):
    with running_sidecar(styles, stylizer=stylizer) as running:
        yield running


@pytest.fixture(scope="module")
def studio(sidecar, styles, runs):
    named = os.pathsep.join(map(str, styles))
    with studio_process(runs, NIJIGAN_STYLES=named) as (address, _):
        yield address


@pytest.fixture(scope="module")
def browser(tmp_path_factory, camera_file):
    opened = Chromium(
        tmp_path_factory.mktemp("chromium"),
        (
            "--use-fake-device-for-media-stream",
            "--use-fake-ui-for-media-stream",
            f"--use-file-for-fake-video-capture={camera_file}",
        ),
    )
    yield opened
    opened.close()


@contextmanager
def opened_page(browser, address, **size):
    """Open the page, and wait until it offers the styles. No other machine may be asked."""
    page = browser.open(address, **size)
    page.wait_for("document.querySelector('#draw-style input[value=toy]') !== null")
    try:
        yield page
    finally:
        hosts = {
            urlsplit(url).hostname
            for url in page.requests
            if not url.startswith(("data:", "blob:"))
        }
        page.close()
    assert hosts == {"127.0.0.1"}
    assert page.console == []


@pytest.fixture
def page(browser, studio):
    with opened_page(browser, studio) as opened:
        yield opened


def tab(page, name):
    page.click(f"#views [role=tab][data-tab-id={name.lower()}]")


def upload(page, field, *paths):
    """Choose files in a field, and wait until they are taken."""
    page.choose(f"#{field} input[type=file]", *paths)
    names = json.dumps([path.name for path in paths])
    page.wait_for(
        f"""(names => {{
          const field = document.querySelector('#{field} .file-field');
          return !field.hasAttribute('aria-busy') && field.querySelector('.invite').hidden
            && names.every((name) => field.querySelector('.names').textContent.includes(name));
        }})({names})"""
    )


def save(page, words):
    """Follow a link that saves; return the file."""
    selector = f"a.save[aria-label^='{words}']"
    page.wait_for(f"document.querySelector({json.dumps(selector)}) !== null")
    page.click(selector)
    return page.downloaded()


def drawn_by_client(path, **settings):
    """What the client gives for a picture file."""
    picture = read_picture(path)
    pixels = picture.rgb if picture.alpha is None else np.dstack([picture.rgb, picture.alpha])
    how = "RGB8" if picture.alpha is None else "RGBA8"
    with connect() as client:
        result = client.stylize(
            pixels.tobytes(), picture.width, picture.height, style="toy", format=how, **settings
        )
    return np.frombuffer(result.pixels, np.uint8).reshape(pixels.shape)


def test_a_photo_that_lies_on_its_side_is_drawn_upright_and_saved(page, photos):
    upload(page, "draw-photo", photos / "lying.jpg")
    page.wait_for_text("#draw-line", "400 × 512 px")
    page.click("#draw-go")
    saved = save(page, "Save PNG")
    assert saved.name == "lying-toy-1.png"
    expected = drawn_by_client(photos / "lying.jpg")
    drawn = read_picture(saved).rgb
    assert drawn.shape == (512, 400, 3)
    assert np.array_equal(drawn, expected)
    assert not np.array_equal(drawn, read_picture(photos / "lying.jpg").rgb)
    jpeg = read_picture(save(page, "Save JPEG")).rgb
    assert jpeg.shape == drawn.shape
    assert np.abs(jpeg.astype(int) - drawn).mean() < 4
    seen = page.evaluate(
        "(async () => { const image = document.querySelector('.compare .after');"
        " await image.decode(); return [image.naturalWidth, image.naturalHeight]; })()"
    )
    assert seen == [400, 512]


def test_strength_and_quality_are_what_is_drawn_with(page, photos):
    upload(page, "draw-photo", photos / "coffee.jpg")
    page.click("#draw-quality input[value=fine]")
    page.evaluate("document.querySelector('#draw-strength input[type=range]').focus()")
    for _ in range(5):
        page.press("ArrowLeft")
    page.click("#draw-go")
    saved = save(page, "Save PNG")
    assert saved.name == "coffee-toy-0.75.png"
    expected = drawn_by_client(photos / "coffee.jpg", strength=0.75, quality="fine")
    assert np.array_equal(read_picture(saved).rgb, expected)


def test_transparency_is_kept(page, photos):
    upload(page, "draw-photo", photos / "clear.png")
    page.click("#draw-go")
    saved = Image.open(save(page, "Save PNG"))
    assert saved.mode == "RGBA"
    assert np.array_equal(np.asarray(saved), drawn_by_client(photos / "clear.png"))
    assert page.evaluate("document.querySelectorAll('a.save').length") == 1  # JPEG has none


def test_the_slider_shows_more_of_the_photo(page, photos):
    upload(page, "draw-photo", photos / "coffee.jpg")
    page.click("#draw-go")
    page.wait_for("document.querySelector('.compare input') !== null")
    page.evaluate("document.querySelector('.compare input').focus()")
    page.press("ArrowRight")
    cut = "document.querySelector('.compare').style.getPropertyValue('--cut')"
    assert page.evaluate(cut) == "51%"


@pytest.mark.parametrize(
    ("button", "variants"),
    [
        ("strengths", [("toy", 1), ("toy", 0.75), ("toy", 0.5), ("toy", 0.25)]),
        ("styles", [("toy", 1), ("wash", 1), ("toy", 0.5), ("wash", 0.5)]),
    ],
)
def test_four_variants_side_by_side(page, photos, button, variants):
    upload(page, "draw-photo", photos / "coffee.jpg")
    page.click(f"#draw-{button}")
    page.wait_for("document.querySelectorAll('#draw-result .tile').length === 4")
    captions = page.evaluate(
        "[...document.querySelectorAll('#draw-result .caption')].map(e => e.textContent)"
    )
    assert captions == [f"{style}, strength {strength:g}" for style, strength in variants]
    saved = save(page, "Save PNG: coffee-toy-0.5")
    assert np.array_equal(
        read_picture(saved).rgb, drawn_by_client(photos / "coffee.jpg", strength=0.5)
    )


def test_a_photo_from_the_camera_becomes_an_avatar(page):
    tab(page, "Avatar")
    page.click("#avatar-photo .open-camera")
    page.wait_for("document.querySelector('#avatar-photo video').videoWidth > 0")
    page.click("#avatar-photo .take")
    page.wait_for_text("#avatar-line", "photo.png, ")
    assert page.evaluate("document.querySelector('#avatar-photo video').srcObject") is None
    page.click("#avatar-go")
    saved = read_picture(save(page, "Save PNG"))
    assert (saved.width, saved.height) == (512, 512)


def test_a_photo_from_the_camera_is_drawn(page):
    page.click("#draw-photo .open-camera")
    page.wait_for("document.querySelector('#draw-photo video').videoWidth > 0")
    width, height = page.evaluate(
        "(v => [v.videoWidth, v.videoHeight])(document.querySelector('#draw-photo video'))"
    )
    page.click("#draw-photo .take")
    page.wait_for_text("#draw-line", f"photo.png, {width} × {height} px")
    page.click("#draw-go")
    saved = read_picture(save(page, "Save PNG"))
    assert (saved.width, saved.height) == (width, height)


@pytest.mark.parametrize(
    ("option", "fact", "remedy"),
    [
        (
            "--use-fake-device-for-media-stream=device-count=0",
            "No camera was found.",
            "Connect one",
        ),
        ("--use-fake-ui-for-media-stream=deny", "The browser may not use the camera.", "Allow it"),
    ],
)
def test_no_camera_and_a_refused_one(tmp_path, studio, option, fact, remedy):
    fake = "--use-fake-device-for-media-stream"
    browser = Chromium(tmp_path, [option] if option.startswith(fake) else [fake, option])
    try:
        with opened_page(browser, studio) as page:
            page.click("#draw-photo .open-camera")
            told = page.wait_for_text("#draw-photo .told", fact)
            assert remedy in told
            assert "choose a file" in told
    finally:
        browser.close()


def test_what_is_wrong_with_a_file_is_said_when_it_is_chosen(page, photos):
    for name, fact, remedy in (
        ("letter.png", "letter.png is not a JPEG, PNG, WebP or TIFF picture.", "Convert it first."),
        ("phone.heic", "phone.heic is a HEIC picture", "Export it as JPEG"),
        ("huge.png", "huge.png is too large (20000x5000)", "Scale it down first."),
    ):
        page.choose("#draw-photo input[type=file]", photos / name)
        told = page.wait_for_text("#draw-line .problem", fact)
        assert remedy in told
    page.choose("#draw-photo input[type=file]", photos / "heavy.png")
    told = page.wait_for_text("#draw-photo .told", "heavy.png has 257 MB; 256 MB is the most.")
    assert "Save it smaller" in told


def test_nothing_chosen(page):
    page.click("#draw-go")
    assert "Choose a file first." in page.wait_for_text("#draw-line", "Nothing was chosen.")


def test_drawing_is_cancelled(page, photos, stylizer):
    upload(page, "draw-photo", photos / "coffee.jpg")
    stylizer.gate.clear()
    try:
        page.click("#draw-go")
        page.wait_for("document.querySelector('#draw-line progress')?.value === 0.25")
        page.click("#draw-cancel")
        page.wait_for_text("#draw-line", "Cancelled.")
    finally:
        stylizer.gate.set()
    page.click("#draw-go")
    page.wait_for("document.querySelector('#draw-result .compare') !== null")


def test_a_page_that_is_closed_draws_no_more(browser, studio, photos, stylizer):
    stylizer.gate.clear()
    stylizer.cancelled.clear()
    try:
        with opened_page(browser, studio) as page:
            upload(page, "draw-photo", photos / "coffee.jpg")
            page.click("#draw-go")
            page.wait_for("document.querySelector('#draw-line progress')?.value === 0.25")
        assert stylizer.cancelled.wait(30)
    finally:
        stylizer.gate.set()


def test_a_click_right_after_an_answer_is_not_lost(page, photos):
    upload(page, "draw-photo", photos / "clear.png")
    page.wait_for_text("#draw-line", "clear.png")
    drawn = page.evaluate(
        """new Promise((done) => {
          const result = document.querySelector("#draw-result");
          const go = document.querySelector("#draw-go");
          const drawn = new Set();
          new MutationObserver(() => {
            const address = result.querySelector(".compare .after")?.src;
            if (!address || drawn.has(address)) return;
            drawn.add(address);
            if (drawn.size === 12) done(drawn.size);
            else go.click();
          }).observe(result, { childList: true, subtree: true });
          go.click();
        })"""
    )
    assert drawn == 12


def test_four_pages_draw_at_the_same_time(browser, studio, photos):
    with ExitStack() as stack:
        pages = [stack.enter_context(opened_page(browser, studio)) for _ in range(4)]
        for page in pages:
            page.show()
            upload(page, "draw-photo", photos / "clear.png")
            page.click("#draw-go")
        for page in pages:
            page.show()
            page.wait_for("document.querySelector('#draw-result .compare') !== null")


@pytest.fixture
def nijigan(monkeypatch, styles, capsys):
    """Call the command, which must end well."""
    monkeypatch.setenv("NIJIGAN_STYLES", os.pathsep.join(map(str, styles)))

    def run(*arguments):
        with pytest.raises(SystemExit) as ended:
            main([str(argument) for argument in arguments])
        assert not ended.value.code, capsys.readouterr().err

    return run


def test_an_avatar_is_what_the_command_makes(page, photos, nijigan, tmp_path):
    tab(page, "Avatar")
    upload(page, "avatar-photo", photos / "astronaut.png")
    page.click("#avatar-background input[value=transparent]")
    page.click("#avatar-size input[value='128']")
    page.click("#avatar-four")
    saved = save(page, "Save PNG")
    assert saved.name == "astronaut-sheet-128.png"
    options = ("--sheet", "--size", "128", "--background", "transparent", "--style", "toy")
    nijigan("avatar", photos / "astronaut.png", "-o", tmp_path / "a.png", *options)
    drawn, expected = (np.asarray(Image.open(path)) for path in (saved, tmp_path / "a.png"))
    assert drawn.shape == (256, 256, 4)
    assert np.array_equal(drawn, expected)


def test_a_photo_without_a_face(page, photos):
    tab(page, "Avatar")
    upload(page, "avatar-photo", photos / "coffee.jpg")
    page.click("#avatar-go")
    assert "press Anyway" in page.wait_for_text("#avatar-line", "No face was found")
    page.click("#avatar-anyway")
    assert read_picture(save(page, "Save PNG")).width == 512


@pytest.mark.parametrize(
    ("name", "fact"), [("small.png", "pixels wide"), ("blurred.png", "The face is blurred")]
)
def test_a_face_that_is_not_good_enough(page, photos, name, fact):
    tab(page, "Avatar")
    upload(page, "avatar-photo", photos / name)
    page.click("#avatar-go")
    page.wait_for_text("#avatar-line", fact)
    page.click("#avatar-anyway")
    page.wait_for("document.querySelector('#avatar-result a.save') !== null")


def test_of_several_faces_one_is_chosen(page, photos, nijigan, tmp_path):
    tab(page, "Avatar")
    upload(page, "avatar-photo", photos / "two.png")
    page.click("#avatar-go")
    page.wait_for_text("#avatar-line", "There are 2 faces")
    page.wait_for("document.querySelectorAll('#avatar-result .tile').length === 2")
    page.click("#avatar-face input[value='2']")
    page.click("#avatar-go")
    saved = save(page, "Save PNG")
    nijigan(
        *("avatar", photos / "two.png", "-o", tmp_path / "a.png", "--face", "2", "--style", "toy")
    )
    assert np.array_equal(read_picture(saved).rgb, read_picture(tmp_path / "a.png").rgb)


def test_a_batch_comes_as_a_zip_file(page, photos):
    tab(page, "Batch")
    upload(page, "batch-photos", *(photos / n for n in ("coffee.jpg", "letter.png", "clear.png")))
    page.click("#batch-go")
    saved = save(page, "Save zip")
    told = page.evaluate("document.querySelector('#batch-result').innerText")
    assert "2 of 3 drawn" in told
    assert "letter.png is not a JPEG" in told
    with zipfile.ZipFile(saved) as file:
        assert file.namelist() == ["coffee.jpg", "clear.png"]
        drawn = decode_picture(file.read("clear.png"))
    expected = drawn_by_client(photos / "clear.png")
    assert np.array_equal(np.dstack([drawn.rgb, drawn.alpha]), expected)


def test_a_batch_is_cancelled(page, photos, stylizer):
    tab(page, "Batch")
    upload(page, "batch-photos", photos / "coffee.jpg", photos / "clear.png")
    stylizer.gate.clear()
    try:
        page.click("#batch-go")
        page.wait_for_text("#batch-line", "1 of 2: coffee.jpg")
        page.click("#batch-cancel")
        page.wait_for_text("#batch-line", "Cancelled.")
    finally:
        stylizer.gate.set()


@pytest.fixture(scope="module")
def clip(photos):
    """A video of six frames of 64x48, with sound."""
    av = pytest.importorskip("av", reason="PyAV is not installed")
    path = photos / "clip.mp4"
    with av.open(str(path), "w") as file:
        video, audio = file.add_stream("libx264", rate=12), file.add_stream("aac", rate=44100)
        video.width, video.height, video.pix_fmt = 64, 48, "yuv420p"
        for number in range(6):
            rgb = np.full((48, 64, 3), 30 * number, np.uint8)
            file.mux(video.encode(av.VideoFrame.from_ndarray(rgb)))
        sound = np.zeros((1, 44100 // 2), np.float32)
        frame = av.AudioFrame.from_ndarray(sound, "fltp", "mono")
        frame.sample_rate = 44100
        file.mux(audio.encode(frame))
        file.mux(video.encode(None))
        file.mux(audio.encode(None))
    return path


def test_a_video_is_what_the_command_makes(page, clip, nijigan, tmp_path):
    tab(page, "Video")
    upload(page, "video-clip", clip)
    page.click("#video-go")
    saved = save(page, "Save the video")
    assert saved.name == "clip-toy.mp4"
    page.wait_for("document.querySelector('#video-result video').duration > 0.4")
    nijigan("stylize", clip, "-o", tmp_path / "drawn.mp4", "--style", "toy", "--server")
    assert saved.read_bytes() == (tmp_path / "drawn.mp4").read_bytes()


def test_a_video_is_cancelled(page, clip, stylizer):
    tab(page, "Video")
    upload(page, "video-clip", clip)
    stylizer.gate.clear()
    try:
        page.click("#video-go")
        page.wait_for_text("#video-line", "0 of 6 frames")
        page.click("#video-cancel")
        stylizer.gate.set()
        page.wait_for_text("#video-line", "Cancelled.")
    finally:
        stylizer.gate.set()


def test_runs_are_shown_while_they_are_written(page, runs):
    tab(page, "Runs")
    page.wait_for_text("#runs-curves", "has no run in it")
    run = runs / "one"
    (run / "samples").mkdir(parents=True)
    (run / "config.toml").write_text('[method]\nname = "pix2pix"\n[train]\nsteps = 90\n')
    page.wait_for_text("#runs-curves", "It has no figures yet.")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 10, "l1": 0.5}\n{"step": 20, "l1": 0.25}\n')
    assert "pix2pix, step 20 of 90" in page.wait_for_text("#runs-curves", "l1")
    Image.new("RGB", (64, 32), "teal").save(run / "samples/step_0000020.png")
    page.wait_for("document.querySelector('#runs-grids img')?.naturalWidth === 64")
    with (run / "metrics.jsonl").open("a") as file:
        file.write('{"step": 30, "l1": 0.2}\nbroken\n')
    page.wait_for_text("#runs-curves", "step 30 of 90")
    page.wait_for_text("#runs-curves", "1 of 4 lines of its metrics.jsonl cannot be read.")
    (runs / "two").mkdir()
    (runs / "two/metrics.jsonl").write_text('{"step": 5, "l1": 0.9}\n')
    page.click("#runs-chosen input[name=two]")
    page.wait_for("document.querySelectorAll('#runs-curves .legend li').length === 2")


def test_a_vae_shows_the_way_between_two_faces_and_samples(page, runs, photos):
    torch = pytest.importorskip("torch", reason="torch is not installed")
    from nijigan.core.checkpoint import CheckpointInfo, save_network
    from nijigan.core.latent_space import LatentSpace
    from nijigan.core.models import create

    config = {"latent": 4, "width": 4, "image_size": 32}
    torch.manual_seed(1)
    network = create("vae_residual", **config)
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    run = runs / "faces"
    checkpoint = run / "checkpoints/step_0000001"
    checkpoint.mkdir(parents=True)
    save_network(
        network, CheckpointInfo("vae_residual", config), checkpoint / "generator.safetensors"
    )
    (run / "checkpoints/latest").write_text("step_0000001\n")
    (run / "config.toml").write_text('[model]\nname = "vae_residual"\n')
    tab(page, "VAE")
    page.click("#vae-run input")
    upload(page, "vae-first", photos / "astronaut.png")
    upload(page, "vae-second", photos / "coffee.jpg")
    page.click("#vae-go")
    page.wait_for("document.querySelectorAll('#vae-result .frames img').length === 21")
    pictures = page.evaluate(
        """Promise.all([...document.querySelectorAll('#vae-result img')].map(async (image) => {
          const blob = await (await fetch(image.src)).blob();
          return [...new Uint8Array(await blob.arrayBuffer())];
        }))"""
    )
    space = LatentSpace(network)
    read = [decode_picture(bytes(data)).rgb.astype(int) for data in pictures]
    ends = [
        space.draw(space.encode(read_picture(photos / name).rgb))
        for name in ("astronaut.png", "coffee.jpg")
    ]
    for number, end in ((0, ends[0]), (20, ends[1])):
        expected = decode_picture(shown(Picture(end))).rgb
        assert np.abs(read[number] - expected).max() <= 2
    page.evaluate("document.querySelector('.frames input').focus()")
    page.press("ArrowRight")
    assert (
        page.evaluate("document.querySelector('.frames img:not([hidden])').alt") == "55% of the way"
    )
    page.click("#vae-samples")
    page.wait_for("document.querySelectorAll('#vae-result .tile').length === 8")


def test_the_card_of_a_style(page, toy_style):
    tab(page, "Styles")
    told = page.wait_for_text("#styles-facts", "One kernel over blocks of pixels.")
    digest = json.loads((toy_style / "style.json").read_bytes())["sha256"]["weights.bin"]
    assert digest in told
    card = page.wait_for_text("#styles-card", "Toy")
    assert "license:" not in card
    pictures = "[...document.querySelectorAll('#styles-facts img, #styles-card img')]"
    widths = page.evaluate(f"{pictures}.map((image) => image.naturalWidth)")
    assert widths == [32]


def test_a_report_of_times(page, photos):
    tab(page, "Bench")
    report = photos / "report.json"
    report.write_text(json.dumps(a_report()))
    upload(page, "bench-report", report)
    page.click("#bench-show")
    page.wait_for_text("#bench-result", "84.0")
    assert page.evaluate("document.querySelectorAll('#bench-result svg circle').length") > 0
    report.write_text("{}")
    upload(page, "bench-report", report)
    page.click("#bench-show")
    page.wait_for_text("#bench-line", "'report.json' is no report")


def a_report():
    from dataclasses import fields

    from nijigan.server.bench.row import Row

    row = {f.name: 1.0 for f in fields(Row)}
    row |= {"style": "cel", "style_sha256": "0", "size": "512x512", "quality": "normal"}
    row |= {"engine": "onnxruntime", "precision": "fp32", "threads": None, "p50_ms": 84.0}
    row |= {"times_ms": [84.0], "conv_times_ms": [20.0], "parity_psnr_db": 80.0}
    machine = {"cpu": "EPYC", "cores": 2, "memory_gib": 8, "os": "Linux", "python": "3.11"}
    return {"machine": {**machine, "versions": {"numpy": "2"}, "load": 0.1}, "rows": [row]}


def test_by_the_keyboard_alone(page, photos):
    def focused():
        return page.evaluate(
            """(e => ({ name: e.getAttribute('aria-label') || e.textContent.trim() || e.value,
              id: e.id, kind: e.type, value: e.value,
              seen: (box => box.width > 0 && box.height > 0)(e.getBoundingClientRect()),
              ring: [e, e.closest('label')].some((x) => x &&
                getComputedStyle(x).outlineStyle !== 'none'
                && parseFloat(getComputedStyle(x).outlineWidth) >= 2) }))(document.activeElement)"""
        )

    def reach(wanted):
        for _ in range(40):
            page.press("Tab")
            here = focused()
            if wanted(here):
                assert here["seen"], here
                assert here["ring"], here
                return
        raise AssertionError(f"not reached; the last was {here}")

    reach(lambda e: e["kind"] == "file")
    with page.answering_choosers(photos / "coffee.jpg"):
        page.press("Enter")
    page.wait_for_text("#draw-line", "coffee.jpg, 600 × 400 px")
    reach(lambda e: e["kind"] == "radio" and e["value"] == "wash")
    page.press("Space")
    reach(lambda e: e["id"] == "draw-go")
    page.press("Enter")
    page.wait_for("document.querySelector('#draw-result .compare') !== null")
    reach(lambda e: e["kind"] == "range" and "photo is seen" in e["name"])
    reach(lambda e: e["name"].startswith("Save PNG"))
    page.press("Enter")
    assert read_picture(page.downloaded()).width == 600


def test_waiting_goes_on_while_a_page_is_loaded_anew(browser, studio):
    with opened_page(browser, studio) as page:
        page.evaluate("window.isOld = true")
        page.wait_for("!window.isOld || (location.reload(), new Promise(() => {}))")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_texts_can_be_read(browser, studio, photos, scheme):
    with opened_page(browser, studio) as page:
        page.call(
            "Emulation.setEmulatedMedia",
            features=[{"name": "prefers-color-scheme", "value": scheme}],
        )
        page.evaluate("window.isOld = true")
        page.call("Page.reload")
        page.wait_for(
            "!window.isOld && document.querySelector('#draw-style input[value=toy]') !== null"
        )
        page.click("#draw-go")
        page.wait_for_text("#draw-line", "Nothing was chosen.")
        upload(page, "draw-photo", photos / "coffee.jpg")
        page.click("#draw-strengths")
        page.wait_for("document.querySelectorAll('#draw-result .tile').length === 4")
        for name in TABS:
            tab(page, name)
            texts = page.evaluate(TEXTS)
            assert len(texts) > 8
            faint = [text for text in texts if text["contrast"] < LEAST_CONTRAST]
            assert faint == [], f"{scheme} {name}"


def test_everything_that_is_operated_has_a_name(page, photos):
    operated = {
        "button",
        "slider",
        "radio",
        "checkbox",
        "textbox",
        "spinbutton",
        "link",
        "combobox",
        "tab",
    }
    upload(page, "draw-photo", photos / "coffee.jpg")
    page.click("#draw-go")
    page.wait_for("document.querySelector('#draw-result .compare') !== null")
    for name in TABS:
        tab(page, name)
        nodes = [node for node in page.accessible() if node["role"]["value"].lower() in operated]
        assert len(nodes) >= len(TABS)
        nameless = [
            n["role"]["value"] for n in nodes if not n.get("name", {}).get("value", "").strip()
        ]
        assert nameless == [], name


def test_a_phone_shows_all_of_it(browser, studio, photos):
    with opened_page(browser, studio) as page:
        page.resize(390, 844, mobile=True)
        upload(page, "draw-photo", photos / "coffee.jpg")
        page.click("#draw-go")
        page.wait_for("document.querySelector('#draw-result .compare') !== null")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        width = page.evaluate("document.querySelector('.compare').getBoundingClientRect().width")
        assert 300 < width <= 390


def asked(address, path, **headers):
    parts = urlsplit(address)
    connection = HTTPConnection(parts.hostname, parts.port, timeout=20)
    connection.request("GET", f"{parts.path}{path}", headers=headers)
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    return answer, body


def test_the_page_names_no_other_machine(studio):
    answer, body = asked(studio, "")
    assert answer.status == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    fetched = re.findall(
        rb"<(?:link|script|img|iframe)[^>]*(?:href|src)=[\"'](?:https?:)?//[^>]*", body
    )
    assert fetched == []


@pytest.mark.parametrize(
    "path", ["gradio_api/file=/etc/hostname", "uploads/", "../../etc/hostname"]
)
def test_files_are_not_given_away(studio, path):
    assert asked(studio, path)[0].status == 403
    assert asked(studio, "", host="evil.example")[0].status == 403


def test_a_sidecar_is_started_and_started_again_when_it_is_gone(
    browser, tmp_path, photos, monkeypatch
):
    home = tmp_path / "home"
    monkeypatch.setenv("NIJIGAN_HOME", str(home))
    with studio_process(tmp_path) as (address, _):
        page = browser.open(address)
        page.wait_for("document.querySelector('#draw-style input[value=cel]') !== null")
        os.kill(json.loads((home / "sidecar.json").read_text())["pid"], signal.SIGKILL)
        upload(page, "draw-photo", photos / "clear.png")
        page.click("#draw-go")
        page.wait_for("document.querySelector('#draw-result .compare') !== null")
        page.close()
    stop_sidecar()


def test_at_the_end_nothing_is_left(tmp_path, browser, sidecar, photos):
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with studio_process(tmp_path, TMPDIR=str(temporary)) as (address, process):
        with opened_page(browser, address) as page:
            upload(page, "draw-photo", photos / "coffee.jpg")
            (folder,) = temporary.iterdir()
            assert folder.stat().st_mode & 0o077 == 0
            assert [path.name for path in (folder / "uploads").rglob("*.jpg")] == ["coffee.jpg"]
        process.send_signal(signal.SIGTERM)
        process.wait(20)
    assert list(temporary.iterdir()) == []
