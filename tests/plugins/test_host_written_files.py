"""Files that a host writes one after another, drawn by a real sidecar."""

import io

import numpy as np
import pytest
from PIL import Image

from nijigan.client import connect
from nijigan.server.testing import FakeStylizer, running_sidecar
from nijigan_host.drawing import Look
from nijigan_host.job import Job, State
from nijigan_host.written_files import WrittenFile, WrittenFiles, file_drawing

SECONDS = 20


@pytest.fixture
def frames(tmp_path):
    """Files of five frames, and where their drawings go."""
    random = np.random.default_rng(3)
    found = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        Image.fromarray(random.integers(0, 256, (32, 48, 4), np.uint8)).save(path)
        found.append(WrittenFile(f"Frame {number}", path, tmp_path / "drawn" / path.name))
    return found


def draw(client, files, steady=True, style="even"):
    job = Job(file_drawing(lambda: client, files, Look(style), steady), "test")
    job.start()
    job.wait(SECONDS)
    return job


def put(files, frames):
    for frame in frames:
        files.put(frame)


@pytest.mark.parametrize("steady", [True, False])
def test_they_are_drawn_as_frames_of_one_animation(toy_global_style, frames, steady):
    """Also where they come in two jobs."""
    with running_sidecar([toy_global_style]), connect() as client:
        files = WrittenFiles()
        put(files, frames[:2])
        first = draw(client, files, steady)
        put(files, frames[2:])
        second = draw(client, files, steady)
        assert (first.state, second.state) == (State.DONE, State.DONE)
        assert [piece.file for piece in first.take() + second.take()] == frames
        contents = [file.source.read_bytes() for file in frames]
        if steady:
            sent = ((content, 0, 0) for content in contents)
            drawn = client.stylize_frames(sent, style="even", format="ENCODED")
            expected = [frame.result.pixels for frame in drawn]
        else:
            each = (client.stylize(c, 0, 0, style="even", format="ENCODED") for c in contents)
            expected = [result.pixels for result in each]
        for file, pixels in zip(frames, expected, strict=True):
            found = np.asarray(Image.open(file.drawn))
            assert np.array_equal(found, np.asarray(Image.open(io.BytesIO(pixels))))
            assert np.array_equal(found[..., 3], np.asarray(Image.open(file.source))[..., 3])


def test_one_that_fails_is_told_and_the_others_drawn(toy_style, frames):
    frames[0].source.unlink()
    frames[2].source.write_bytes(b"junk")
    frames[3].drawn.mkdir(parents=True)
    with running_sidecar([toy_style]), connect() as client:
        files = WrittenFiles()
        put(files, frames)
        pieces = {piece.file.name: piece.error for piece in draw(client, files, style="toy").take()}
    errors = {name: str(error) for name, error in pieces.items() if error}
    assert set(errors) == {"Frame 0", "Frame 2", "Frame 3"}
    assert "cannot be read" in errors["Frame 0"]
    assert "cannot be written" in errors["Frame 3"]
    assert sorted(path.name for path in frames[0].drawn.parent.iterdir()) == [
        "1.png",
        "3.png",
        "4.png",
    ]


def test_cancelled_it_leaves_the_others_to_the_host(frames):
    fake = FakeStylizer(held=True)
    with running_sidecar(stylizer=fake), connect() as client:
        files = WrittenFiles()
        put(files, frames)
        job = Job(file_drawing(lambda: client, files, Look("any"), True), "test")
        job.start()
        assert fake.started.acquire(timeout=SECONDS)
        job.cancel.set()
        job.wait(SECONDS)
    assert job.state is State.CANCELLED
    assert not frames[0].drawn.parent.exists()
