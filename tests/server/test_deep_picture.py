"""Pictures of 16 bits and of floats: what they have beyond 8 bits comes back."""

import numpy as np
import pytest

from nijigan.core.errors import ImageError
from nijigan.core.images import Picture
from nijigan.core.srgb_curve import linear_from_srgb, srgb_from_linear
from nijigan.server.deep_picture import DeepPicture, deep, eight_bits
from nijigan.server.pixels import RGBA8, RGBA16, RGBA32F, bytes_from_picture, picture_from_bytes
from nijigan.v1 import stylizer_pb2 as pb

KINDS = {pb.PICTURE_FORMAT_RGBA8: "u1", pb.PICTURE_FORMAT_RGBA16: "<u2"}
KINDS |= {pb.PICTURE_FORMAT_RGBA32F: "<f4"}


def drawn(client, pixels, picture_format, **settings):
    """Draw (H, W, 4) in its format; the result is in that of the settings, or the same."""
    sent = client.requests(pixels, format=picture_format, **settings)
    data = b"".join(response.chunk for response in client.start(sent))
    kind = KINDS[settings.get("result_format", picture_format)]
    return np.frombuffer(data, kind).reshape(pixels.shape)


def random_16(*shape):
    return np.random.default_rng(3).integers(0, 65536, shape, "<u2")


def test_16_bits_come_back_as_they_were(client):
    sent = random_16(48, 36, 4)
    assert np.array_equal(drawn(client, sent, pb.PICTURE_FORMAT_RGBA16, strength=0), sent)


def test_light_above_white_comes_back(client):
    rng = np.random.default_rng(4)
    sent = np.exp(rng.normal(0, 2, (48, 36, 4))).astype("<f4")  # up to several hundred
    sent[..., 3] = rng.random((48, 36))
    sent[0, 0, :3] = 0
    back = drawn(client, sent, pb.PICTURE_FORMAT_RGBA32F, strength=0)
    assert sent.max() > 100
    np.testing.assert_allclose(back, sent, rtol=1e-4, atol=1e-6)
    assert np.array_equal(back[..., 3], sent[..., 3])


def test_light_above_white_is_drawn_as_bright_as_it_was(client):
    """Gray of ten times white, in a style that leaves plain gray nearly as it is."""
    sent = np.full((48, 36, 4), 10, "<f4")
    once = drawn(client, np.ones_like(sent), pb.PICTURE_FORMAT_RGBA32F)
    np.testing.assert_allclose(
        drawn(client, sent, pb.PICTURE_FORMAT_RGBA32F)[..., :3], 10 * once[..., :3], rtol=1e-5
    )


@pytest.mark.parametrize("side", [48, 200], ids=["as it is", "brought back"])
def test_deep_drawings_are_those_of_8_bits_with_more_bits(client, side):
    levels = np.random.default_rng(5).integers(0, 256, (side, side + 4, 4), np.uint8)
    of_8 = drawn(client, levels, pb.PICTURE_FORMAT_RGBA8)
    of_16 = drawn(client, levels.astype("<u2") * 257, pb.PICTURE_FORMAT_RGBA16)
    wide = drawn(client, levels, pb.PICTURE_FORMAT_RGBA8, result_format=pb.PICTURE_FORMAT_RGBA16)
    # What is brought back starts from a drawing rounded to 8 bits there and not here.
    most = 257 * (0.51 if side == 48 else 3)
    assert np.abs(of_16.astype(int) - of_8.astype(int) * 257).max() <= most
    assert np.array_equal(of_16, wide)
    assert np.unique(of_16[..., :3] % 257).size > 100


def test_grey_stays_grey(client):
    sent = np.repeat(random_16(48, 36, 1), 4, axis=2)
    result = drawn(client, sent, pb.PICTURE_FORMAT_RGBA16)
    assert np.array_equal(result[..., 0], result[..., 1])
    assert np.array_equal(result[..., 0], result[..., 2])


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("channel", [1, 3])
def test_what_is_no_number_is_refused(client, value, channel):
    pixels = np.ones((48, 36, 4), "<f4")
    pixels[5, 6, channel] = value
    sent = client.requests(pixels, format=pb.PICTURE_FORMAT_RGBA32F)
    code, reason, text = client.refusal(sent)
    assert (code, reason) == ("INVALID_ARGUMENT", ImageError.reason)
    assert "infinite or not numbers" in text


def test_below_black_is_black():
    picture = DeepPicture.from_linear(np.full((16, 16, 3), -0.5, np.float32), None)
    assert (picture.linear() == 0).all()


def test_brighter_than_white_in_8_bits_keeps_its_hue():
    picture = DeepPicture.from_linear(np.float32([[[4, 2, 0]]]), None)
    red, green, blue = eight_bits(picture).rgb[0, 0]
    assert (red, blue) == (255, 0)
    assert green == round(255 * srgb_from_linear(np.float64(0.5)))


def test_8_bits_to_deep_and_back_are_the_same():
    every = np.arange(256, dtype=np.uint8)
    rgb = np.stack(np.meshgrid(every, every[:3]), axis=-1)[..., [0, 1, 0]]
    picture = Picture(np.ascontiguousarray(rgb), np.ascontiguousarray(rgb[..., 0]))
    back = eight_bits(deep(picture))
    assert np.array_equal(back.rgb, picture.rgb)
    assert np.array_equal(back.alpha, picture.alpha)
    for wire in (RGBA16, RGBA32F):
        data = bytearray(bytes_from_picture(picture, wire))
        there = picture_from_bytes(data, 256, 3, wire)
        assert bytes_from_picture(there, RGBA8) == bytes_from_picture(picture, RGBA8)


def test_the_curve_is_undone():
    values = np.linspace(0, 1, 10_001)
    np.testing.assert_allclose(linear_from_srgb(srgb_from_linear(values)), values, atol=1e-7)
    assert srgb_from_linear(np.float64(0.21404114)) == pytest.approx(0.5, abs=1e-7)
