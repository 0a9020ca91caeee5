"""A part of a picture: as in the whole, and no more drawn than it takes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nijigan.core.errors import RequestError
from nijigan.core.images import Picture
from nijigan.export.styles import StyleLibrary
from nijigan.server.cancel import Cancel
from nijigan.server.deep_picture import deep
from nijigan.server.region import Region
from nijigan.server.stylizer import Settings, Stylizer
from nijigan.server.tiling import Tiling, draw
from nijigan.v1 import stylizer_pb2 as pb

WIDTH, HEIGHT = 190, 150  # the toy style draws it smaller and brings it back, unless told not to


@pytest.fixture(scope="module")
def stylizer(toy_style):
    return Stylizer(StyleLibrary([toy_style]), threads=1)


@pytest.fixture(scope="module")
def photo():
    rng = np.random.default_rng(2)
    blocks = rng.integers(0, 256, (HEIGHT // 5, WIDTH // 5, 3), np.uint8)
    alpha = rng.integers(0, 256, (HEIGHT, WIDTH), np.uint8)
    return Picture(blocks.repeat(5, 0).repeat(5, 1), alpha)


@pytest.mark.parametrize("scale", ["native", "auto", 40, 300, 1200])
@pytest.mark.parametrize("kind", [lambda p: p, deep], ids=["8 bits", "deep"])
@pytest.mark.parametrize(
    "region",
    [Region(0, 0, 190, 150), Region(0, 0, 1, 1), Region(189, 149, 1, 1), Region(37, 51, 60, 41),
     Region(3, 0, 187, 20)],
)  # fmt: skip
def test_it_is_that_part_of_the_whole(stylizer, photo, scale, kind, region):
    picture = kind(photo)
    whole = stylizer.stylize(picture, Settings("toy", 0.8, scale=scale))
    part = stylizer.stylize(picture, Settings("toy", 0.8, scale=scale, region=region))
    assert (part.width, part.height) == (region.width, region.height)
    levels = 1 if part.rgb.dtype == np.uint8 else 1e-5
    difference = np.abs(part.rgb - whole.rgb[region.rows, region.columns].astype(float))
    assert difference.max() <= levels
    assert np.array_equal(part.alpha, picture.alpha[region.rows, region.columns])


class Recorder:
    """An engine that keeps the sizes it was given."""

    name = "recorder"

    def __init__(self):
        self.sizes = []

    def run(self, image, strength, cancel, norm_stats=None):
        self.sizes.append(image.shape[2:])
        return image


def test_no_more_is_drawn_than_the_region_and_its_halo():
    engine = Recorder()
    draw(
        engine,
        np.zeros((1000, 1000, 3), np.uint8),
        1.0,
        Tiling(4, 10, 1, 10**9),
        lambda done: None,
        Cancel(),
        Region(501, 701, 30, 20),
    )
    # To multiples of 4, with a halo of 10 that is itself rounded to 12.
    ((rows, columns),) = engine.sizes
    assert 20 + 2 * 10 <= rows <= 20 + 2 * 12 + 2 * 4
    assert 30 + 2 * 10 <= columns <= 30 + 2 * 12 + 2 * 4


@pytest.mark.parametrize(
    "region",
    [Region(0, 0, 0, 5), Region(0, 0, 5, 0), Region(180, 0, 11, 5), Region(0, 150, 5, 1),
     Region(2**32 - 1, 0, 2**32 - 1, 1)],
)  # fmt: skip
def test_what_is_not_inside_is_refused(stylizer, photo, region):
    with pytest.raises(RequestError, match="region"):
        stylizer.stylize(photo, Settings("toy", region=region))


@given(
    st.integers(1, 300), st.integers(1, 300), st.integers(1, 300), st.integers(1, 300),
    st.integers(0, 40), st.sampled_from([1, 4, 8]), st.data(),
)  # fmt: skip
def test_widened_and_scaled_stay_inside_and_hold_the_region(
    columns, rows, new_columns, new_rows, margin, multiple, data
):
    left = data.draw(st.integers(0, columns - 1))
    top = data.draw(st.integers(0, rows - 1))
    region = Region(
        left,
        top,
        data.draw(st.integers(1, columns - left)),
        data.draw(st.integers(1, rows - top)),
    )
    scaled = region.scaled((columns, rows), (new_columns, new_rows), margin)
    scaled.check(new_columns, new_rows)
    assert scaled.left / new_columns <= region.left / columns
    size = (columns * multiple, rows * multiple)
    wide = region.widened(margin, multiple, size)
    wide.check(*size)
    assert wide.left % multiple == wide.top % multiple == 0
    assert wide.width % multiple == wide.height % multiple == 0
    assert wide.left <= max(region.left - margin, 0)
    assert wide.left + wide.width >= min(region.left + region.width + margin, size[0])


def test_through_the_sidecar_with_a_preview_of_the_region(client):
    pixels = np.random.default_rng(1).integers(0, 256, (120, 90, 4), np.uint8)
    region = pb.Region(left_px=10, top_px=20, width_px=40, height_px=60)
    sent = client.requests(pixels, region=region, preview_short_side_px=16)
    responses = list(client.start(sent))
    data = b"".join(response.chunk for response in responses)
    done = responses[-1].done
    assert (done.width_px, done.height_px, len(data)) == (40, 60, 40 * 60 * 4)
    _, whole = client.stylize(pixels)
    part = np.frombuffer(data, np.uint8).reshape(60, 40, 4)
    assert np.abs(part - whole[20:80, 10:50].astype(int)).max() <= 1
    (preview,) = [each.preview for each in responses if each.WhichOneof("part") == "preview"]
    assert (preview.width_px, preview.height_px) == (16, 24)
    code, reason, _ = client.refusal(
        client.requests(pixels, region=pb.Region(left_px=90, width_px=1, height_px=1))
    )
    assert (code, reason) == ("INVALID_ARGUMENT", "INVALID_REQUEST")
