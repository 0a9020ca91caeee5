"""Parts of the page that need no browser: files that come and go, work, words."""

import json
import zipfile
from contextlib import nullcontext
from threading import Event

import numpy as np
import pytest
from PIL import Image

from nijigan.client.errors import BusyError, CancelledError, StylizerError
from nijigan.client.result import Result, Timings
from nijigan.core.errors import ImageError, ImageTooLargeError, UsageError, VideoError
from nijigan.core.images import Picture, read_picture
from nijigan.server.animation import video
from nijigan.studio import markup, videos
from nijigan.studio.batches import draw_batch
from nijigan.studio.drawing import Look, draw
from nijigan.studio.face_trouble import remedied
from nijigan.studio.pictures import check_upload, drawn_name, read_upload, shown
from nijigan.studio.sessions import Sessions
from nijigan.studio.uploads import Upload, read_uploads
from nijigan.studio.work import Work
from nijigan.studio.workspace import Workspace


@pytest.fixture
def workspace(tmp_path):
    return Workspace(tmp_path)


@pytest.fixture
def work():
    """Work that ends by itself, for what wants to tell it something."""
    return Work(lambda work: None, "test")


class Negative:
    """A client that draws negatives; what `errors` has is raised first."""

    def __init__(self, *errors):
        self.errors = list(errors)
        self.asked = []

    def stylize(self, pixels, width, height, **settings):
        self.asked.append(settings)
        settings["on_progress"](0.5, "drawing")
        if settings["cancel"].is_set():
            raise CancelledError("Stopped.")
        if self.errors:
            raise self.errors.pop(0)
        drawn = bytes(255 - level for level in pixels)
        return Result(
            width, height, settings["format"], drawn, Timings(0, 0, 0, 0, 0), "1", 1, None
        )


def put(workspace, name, data):
    path = workspace.uploads / name
    path.write_bytes(data)
    return Upload(path, name)


def picture_file(workspace, name="photo.png", size=(20, 16), **how):
    path = workspace.uploads / name
    Image.new("RGB", size, "teal").save(path, **how)
    return Upload(path, name)


def test_only_files_that_were_uploaded_are_read(workspace, tmp_path):
    upload = picture_file(workspace)
    said = json.dumps([{"path": str(upload.path), "name": "../../mine.png"}])
    assert read_uploads(said, workspace) == [Upload(upload.path, "mine.png")]
    outside = tmp_path / "outside.png"
    outside.touch()
    (workspace.uploads / "link.png").symlink_to(outside)
    for path in (outside, workspace.uploads / "../outside.png", workspace.uploads / "link.png",
                 workspace.uploads / "none.png", workspace.uploads):  # fmt: skip
        with pytest.raises(UsageError, match="not here any more"):
            read_uploads(json.dumps([{"path": str(path), "name": "x"}]), workspace)


@pytest.mark.parametrize("value", [None, "", "[]", "x", "{}", "[1]", '[{"path": "x"}]'])
def test_nothing_chosen(workspace, value):
    with pytest.raises(UsageError, match=r"Nothing was chosen\. Choose a file first"):
        read_uploads(value, workspace)


def test_what_is_shown_is_the_user_s_alone_and_goes(workspace):
    sessions = Sessions(workspace)
    session = sessions.of("abc")
    url = session.shelf("draw").put("a.png", b"1")
    assert (workspace.shown.parent / url).read_bytes() == b"1"
    assert workspace.shown.stat().st_mode & 0o077 == 0
    session.settle("draw", done=True)
    failed = session.shelf("draw").put("a.png", b"2")
    session.settle("draw", done=False)
    assert (workspace.shown.parent / url).exists()
    assert not (workspace.shown.parent / failed).exists()
    newer = session.shelf("draw").put("a.png", b"3")
    assert newer != url  # or the browser would show the old one
    session.settle("draw", done=True)
    assert not (workspace.shown.parent / url).exists()
    assert (workspace.shown.parent / newer).exists()
    sessions.end("abc")
    assert list(workspace.shown.iterdir()) == []
    for name in ("../x", "", None):
        with pytest.raises(UsageError):
            sessions.of(name)


def test_what_is_unfinished_has_its_place_until_the_page_is_closed(workspace):
    sessions = Sessions(workspace)
    folder = sessions.of("abc").unfinished("clip.mp4", Look("cel"))
    (folder / "frames").touch()
    assert sessions.of("abc").unfinished("clip.mp4", Look("cel")) == folder
    assert sessions.of("abc").unfinished("clip.mp4", Look("ink")) != folder
    assert sessions.of("def").unfinished("clip.mp4", Look("cel")) != folder
    sessions.of("abc").settle("video", done=False)
    assert (folder / "frames").exists()
    sessions.end("abc")
    assert not folder.exists()


def test_a_video_goes_on_although_its_upload_was_removed(workspace, work, tmp_path, monkeypatch):
    upload = Upload(put(workspace, "0a1b.mp4", b"clip").path, "holiday.mp4")
    troubles = [VideoError("{} is damaged in {}.", "Cut it.")]

    def draw_video(_stylizer, job, _settings, _restart, _progress, tell):
        assert job.source.read_bytes() == b"clip"
        if troubles:
            tell("3 of 6 frames are done; the same command goes on.")
            error = troubles.pop()
            raise VideoError(error.message.format(job.source, job.target), error.remedy)
        tell(f"{job.source.name} had no sound.")
        job.target.write_bytes(b"drawn")

    monkeypatch.setattr(video, "draw_video", draw_video)
    monkeypatch.setattr(videos, "RemoteStylizer", lambda **_: nullcontext())
    with pytest.raises(VideoError) as caught:
        videos.draw_video(upload, Look("cel"), True, tmp_path, work)
    assert str(caught.value) == (
        "holiday.mp4 is damaged in The drawing. Cut it. "
        "3 of 6 frames are done; the button goes on with them."
    )
    upload.path.unlink()  # as Gradio does after a day
    drawn, notes = videos.draw_video(upload, Look("cel"), True, tmp_path, work)
    assert drawn.read_bytes() == b"drawn"
    assert notes == ["holiday.mp4 had no sound."]


def test_a_view_does_one_thing_at_a_time(workspace):
    session, go = Sessions(workspace).of("abc"), Event()
    first = session.begin("draw", lambda work: go.wait(20))
    with pytest.raises(UsageError, match="being done already"):
        session.begin("draw", lambda work: None)
    session.begin("avatar", lambda work: None)
    session.cancel("draw")
    assert first.cancel.is_set()
    go.set()
    assert first.ended(20)
    assert session.begin("draw", lambda work: 7).ended(20)


def test_a_work_is_asked_after_by_its_ticket_until_it_is_finished(workspace):
    session = Sessions(workspace).of("abc")
    first = session.begin("draw", lambda work: session.shelf("draw").put("a.png", b""))
    assert first.ended(20)
    assert session.work("draw", first.ticket) is first
    assert session.work("avatar", first.ticket) is None
    second = session.begin("draw", lambda work: session.shelf("draw").put("b.png", b""))
    assert second.ended(20)
    assert session.work("draw", first.ticket) is None
    session.finish("draw", first, done=True)
    assert session.work("draw", second.ticket) is second
    session.finish("draw", second, done=True)
    assert session.work("draw", second.ticket) is None
    assert [path.name for path in workspace.shown.rglob("*.png")] == ["b.png"]


def test_news_of_a_work_are_told_once():
    go = Event()
    work = Work(lambda work: go.wait(20), "test")
    assert work.news() == (0, "starting")
    assert work.news() is None
    work.tell(0.5, "drawing")
    assert work.news() == (0.5, "drawing")
    go.set()


def test_work_gives_what_came_of_it():
    work = Work(lambda work: 7, "test")
    assert work.ended(20)
    assert work.result() == 7
    failed = Work(lambda work: 1 // 0, "test")
    assert failed.ended(20)
    with pytest.raises(ZeroDivisionError):
        failed.result()
    work.cancel.set()
    with pytest.raises(CancelledError):
        work.tell(0.5, "drawing")


def test_a_busy_sidecar_is_asked_again(work):
    client = Negative(
        BusyError("Busy.", retry_seconds=0.01), BusyError("Busy.", retry_seconds=0.01)
    )
    told = []
    picture = Picture(np.full((2, 3, 3), 10, np.uint8))
    drawn = draw(client, picture, Look("cel"), work, lambda *what: told.append(what))
    assert (drawn.rgb == 245).all()
    assert len(client.asked) == 3
    assert (0.0, "waiting: the sidecar has as many pictures as may wait") in told


def test_waiting_for_a_busy_sidecar_can_be_cancelled(work):
    client = Negative(*[BusyError("Busy.", retry_seconds=60)] * 9)
    told = []

    def tell(fraction, stage):
        told.append(stage)
        if stage.startswith("waiting"):
            work.cancel.set()

    with pytest.raises(CancelledError):
        draw(client, Picture(np.zeros((2, 3, 3), np.uint8)), Look("cel"), work, tell)
    assert len(client.asked) == 1


def test_alpha_is_sent_and_comes_back(work):
    rgb, alpha = np.zeros((2, 3, 3), np.uint8), np.full((2, 3), 5, np.uint8)
    drawn = draw(Negative(), Picture(rgb, alpha), Look("cel"), work, lambda *what: None)
    assert drawn.alpha.tolist() == (255 - alpha).tolist()


def test_a_batch_keeps_names_and_formats_and_goes_on_after_what_fails(workspace, work, tmp_path):
    uploads = [
        picture_file(workspace, "a.jpg"),
        put(workspace, "broken.png", b"\x89PNG\r\n\x1a\nnothing"),
        Upload(picture_file(workspace, "b.png").path, "a.jpg"),
        Upload(picture_file(workspace, "c.png").path, "c"),
    ]
    target = tmp_path / "drawings.zip"
    rows = draw_batch(Negative(), uploads, Look("cel"), target, work)
    assert [row.drawn for row in rows] == ["a.jpg", "", "a-2.jpg", "c.png"]
    assert "broken.png is damaged" in str(rows[1].error)
    assert str(workspace.uploads) not in str(rows[1].error)
    with zipfile.ZipFile(target) as file:
        assert file.namelist() == ["a.jpg", "a-2.jpg", "c.png"]
        file.extractall(tmp_path / "out")
    assert read_picture(tmp_path / "out/c.png").rgb[0, 0].tolist() == [255, 127, 127]


@pytest.mark.parametrize("reason", ["IMAGE_TOO_LARGE", "OUT_OF_MEMORY", "ENGINE_FAILED"])
def test_a_batch_goes_on_after_one_that_could_not_be_drawn(workspace, work, tmp_path, reason):
    uploads = [picture_file(workspace, f"{n}.png") for n in range(3)]
    client, target = Negative(StylizerError("Not that.", reason=reason)), tmp_path / "x.zip"
    rows = draw_batch(client, uploads, Look("cel"), target, work)
    assert [row.drawn for row in rows] == ["", "1.png", "2.png"]


def test_a_batch_ends_where_nothing_can_be_drawn(workspace, work, tmp_path):
    uploads = [picture_file(workspace, f"{n}.png") for n in range(3)]
    trouble = StylizerError("No style.", reason="STYLE_NOT_FOUND")
    client = Negative(trouble)
    with pytest.raises(StylizerError, match="No style"):
        draw_batch(client, uploads, Look("cel"), tmp_path / "x.zip", work)
    assert len(client.asked) == 1


@pytest.mark.parametrize(
    ("brand", "kind"), [(b"ftypheic", "HEIC"), (b"ftypmif1", "HEIC"), (b"ftypavif", "AVIF")]
)
def test_photos_of_phones_are_refused_with_a_way_out(workspace, brand, kind):
    upload = put(workspace, "IMG_1.heic", b"\0\0\0\x18" + brand + bytes(40))
    for read in (read_upload, check_upload):
        with pytest.raises(ImageError, match=f"IMG_1.heic is a {kind} picture.*JPEG"):
            read(upload)


def test_what_is_no_picture_is_called_by_its_own_name(workspace):
    upload = Upload(put(workspace, "0a1b.bin", b"hello").path, "letter.txt")
    for read in (read_upload, check_upload):
        with pytest.raises(ImageError, match=r"^letter\.txt is not a JPEG"):
            read(upload)


def test_too_many_pixels_are_told_by_the_header(workspace, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", None)
    upload = picture_file(workspace, "huge.png", (20000, 5000))
    with pytest.raises(ImageTooLargeError, match=r"huge\.png is too large"):
        check_upload(upload)


def test_large_pictures_are_shown_reduced(tmp_path):
    rgb = np.zeros((100, 4000, 3), np.uint8)
    for alpha in (None, np.full((100, 4000), 9, np.uint8)):
        (tmp_path / "shown.webp").write_bytes(shown(Picture(rgb, alpha)))
        seen = read_picture(tmp_path / "shown.webp")
        assert (seen.width, seen.height) == (1600, 40)
        assert (seen.alpha is None) == (alpha is None)


def test_faces_are_told_in_the_words_of_the_page():
    several = StylizerError(
        "There are 2 faces.",
        "--face",
        reason="SEVERAL_FACES",
        metadata={"faces": "1,2,3,4; 5,6,7,8"},
    )
    told, faces = remedied(several)
    assert faces == [(1, 2, 3, 4), (5, 6, 7, 8)]
    assert told.message == "There are 2 faces."
    for reason in ("NO_FACE", "SEVERAL_FACES", "FACE_TOO_SMALL", "FACE_BLURRED"):
        told, _ = remedied(StylizerError("Fact.", "with --any", reason=reason))
        assert "--" not in told.remedy
        assert "Anyway" in told.remedy
    assert remedied(StylizerError("Fact.", reason="SERVER_BUSY")) == (None, [])


def test_names_of_drawings():
    upload = Upload(None, "my.photo.jpeg")
    assert drawn_name(upload, "cel", "0.5", suffix=".png") == "my.photo-cel-0.5.png"


def test_what_others_wrote_is_text():
    nasty = '"><img src=x onerror=alert(1)>'
    for said in (
        markup.problem(StylizerError(nasty, nasty)),
        markup.progress(0.5, nasty),
        markup.note(nasty),
        markup.table((nasty,), ((nasty,),), nasty),
        markup.figure(nasty, nasty, nasty, [markup.Save(nasty, nasty, nasty)]),
        markup.comparison(nasty, nasty, (2, 1), nasty, []),
        markup.frames([nasty], nasty),
    ):
        assert "<img src=x" not in said


def test_a_fault_of_ours_is_said_to_be_one():
    said = markup.problem(ValueError("what"))
    assert "nijigan failed (ValueError: what)" in said
    assert "No space left" in markup.problem(OSError(28, "No space left on device"))
