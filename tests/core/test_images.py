"""Pictures in and out of files and tensors."""

import struct
import warnings
import zlib
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from threading import Barrier

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from PIL import Image, ImageCms
from PIL.PngImagePlugin import PngInfo

from nijigan.core import images
from nijigan.core.errors import ImageError, ImageTooLargeError, OutputError
from nijigan.core.images import (
    Picture,
    decode_picture,
    encode_picture,
    from_tensor,
    pad_to_multiple,
    read_picture,
    size_at_short_side,
    to_tensor,
    write_picture,
)
from nijigan.core.srgb import to_srgb

RGB = np.random.default_rng(0).integers(0, 256, (18, 24, 3), dtype=np.uint8)
ALPHA = np.random.default_rng(1).integers(0, 255, (18, 24), dtype=np.uint8)


def saved(image: Image.Image, kind: str = "PNG", **settings) -> bytes:
    data = BytesIO()
    image.save(data, kind, **settings)
    return data.getvalue()


def png(width: int, height: int, *chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of 8-bit grey with a valid header and the given chunks before its end."""
    header = (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    body = b""
    for kind, data in (header, *chunks, (b"IEND", b"")):
        body += struct.pack(">I", len(data)) + kind + data
        body += struct.pack(">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + body


@pytest.mark.parametrize("suffix", [".png", ".tif", ".tiff", ".PNG"])
@pytest.mark.parametrize("alpha", [None, ALPHA], ids=["opaque", "alpha"])
def test_lossless_formats_keep_every_pixel(tmp_path, suffix, alpha):
    write_picture(tmp_path / f"a{suffix}", Picture(RGB, alpha))
    back = read_picture(tmp_path / f"a{suffix}")
    assert np.array_equal(back.rgb, RGB)
    assert (back.alpha is None) if alpha is None else np.array_equal(back.alpha, alpha)
    assert (back.width, back.height) == (24, 18)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_formats_stay_near(suffix):
    smooth = np.asarray(Image.fromarray(RGB).resize((192, 144), Image.Resampling.BICUBIC))
    back = decode_picture(encode_picture(Picture(smooth), suffix))
    assert np.abs(back.rgb.astype(int) - smooth).mean() < 4


def test_webp_keeps_alpha_and_what_is_under_it():
    back = decode_picture(encode_picture(Picture(np.full_like(RGB, 90), ALPHA // 255), ".webp"))
    assert back.alpha is not None
    assert not back.alpha.any()
    assert abs(back.rgb.astype(int) - 90).max() <= 2


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation):
    exif = Image.Exif()
    exif[0x0112] = orientation
    turned = {
        1: RGB,
        2: RGB[:, ::-1],
        3: RGB[::-1, ::-1],
        4: RGB[::-1],
        5: RGB.transpose(1, 0, 2),
        6: np.rot90(RGB, -1),
        7: RGB[::-1, ::-1].transpose(1, 0, 2),
        8: np.rot90(RGB),
    }
    for kind in ("PNG", "TIFF"):
        read = decode_picture(saved(Image.fromarray(RGB), kind, exif=exif))
        assert np.array_equal(read.rgb, turned[orientation]), kind


GREY = RGB[..., 0]


@pytest.mark.parametrize(
    ("image", "kind"),
    [
        (Image.fromarray(GREY), "PNG"),
        (Image.fromarray(GREY), "JPEG"),
        (Image.fromarray(GREY.astype(np.uint16) * 257), "PNG"),
        (Image.fromarray(GREY.astype(np.uint16) * 257), "TIFF"),
        (Image.fromarray(np.where(GREY > 99, 255, 0).astype(np.uint8)).convert("1"), "PNG"),
    ],
    ids=["8", "jpeg", "16-png", "16-tiff", "1"],
)
def test_greyscale_of_any_depth(image, kind):
    read = decode_picture(saved(image, kind, quality=98))
    expected = np.where(GREY > 99, 255, 0) if image.mode == "1" else GREY
    assert np.abs(read.rgb.astype(int) - expected[..., None]).max() <= (4 if kind == "JPEG" else 0)
    assert read.alpha is None


def test_16_bits_are_rounded_not_cut():
    values = np.tile(np.array([0, 128, 129, 65406, 65407, 65535], np.uint16), (4, 1))
    read = decode_picture(saved(Image.fromarray(values)))
    assert read.rgb[0, :, 0].tolist() == [0, 0, 1, 254, 255, 255]


def test_palette_and_its_transparency():
    image = Image.fromarray(RGB).quantize(16)
    assert np.array_equal(decode_picture(saved(image)).rgb, np.asarray(image.convert("RGB")))
    read = decode_picture(saved(image, transparency=3))
    assert np.array_equal(read.alpha == 0, np.asarray(image) == 3)


def test_grey_with_alpha_and_a_transparent_color():
    image = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(ALPHA)])
    read = decode_picture(saved(image))
    assert np.array_equal(read.rgb[..., 2], GREY)
    assert np.array_equal(read.alpha, ALPHA)
    level = int(GREY[0, 0])
    read = decode_picture(saved(Image.fromarray(GREY), transparency=level))
    assert np.array_equal(read.alpha == 0, level == GREY)
    read = decode_picture(saved(Image.fromarray(GREY.astype(np.uint16)), transparency=level))
    assert np.array_equal(read.alpha == 0, level == GREY)


def test_opaque_alpha_is_no_alpha():
    image = Image.fromarray(np.dstack([RGB, np.full_like(GREY, 255)]))
    assert decode_picture(saved(image)).alpha is None


def icc_profile(space: bytes, connection: bytes, tag: bytes, data: bytes) -> bytes:
    """An ICC profile (version 2) of one tag beside its white point D50."""
    white = struct.pack(">3i", 63190, 65536, 54061)
    tags = {b"wtpt": b"XYZ " + bytes(4) + white, tag: data}
    table, body = struct.pack(">I", len(tags)), b""
    for name, value in tags.items():
        table += name + struct.pack(">II", 128 + 4 + 12 * len(tags) + len(body), len(value))
        body += value
    header = struct.pack(">I4sI", 128 + len(table) + len(body), b"lcms", 0x02100000)
    header = (header + b"prtr" + space + connection).ljust(36, b"\0") + b"acsp"
    return header.ljust(68, b"\0") + white.ljust(60, b"\0") + table + body


# Values proportional to light: a grey of 55 is sRGB 128.
LINEAR_GREY = icc_profile(b"GRAY", b"XYZ ", b"kTRC", b"curv" + bytes(8))


def test_grey_profile_is_applied():
    image = Image.new("L", (20, 20), 55)
    read = decode_picture(saved(image, icc_profile=LINEAR_GREY))
    assert np.abs(read.rgb.astype(int) - 128).max() <= 1


def test_cmyk_goes_through_its_profile():
    """A profile of colorless inks: black is black, any other ink gives half of the lightness."""
    ramp = bytes(range(256))
    corners = [(c or m or y, k) for c in (0, 1) for m in (0, 1) for y in (0, 1) for k in (0, 1)]
    colors = b"".join(bytes([0 if k else 128 if ink else 255, 128, 128]) for ink, k in corners)
    matrix = struct.pack(">9i", *(65536 * (i % 4 == 0) for i in range(9)))
    lut = b"mft1" + bytes(4) + bytes([4, 3, 2, 0]) + matrix + ramp * 4 + colors + ramp * 3
    inks = np.zeros((16, 48, 4), np.uint8)
    inks[:, 16:32, 3] = 255
    inks[:, 32:, 0] = 255
    image = Image.fromarray(inks, "CMYK")
    profile = icc_profile(b"CMYK", b"Lab ", b"A2B0", lut)
    for kind in ("JPEG", "TIFF"):
        rgb = decode_picture(saved(image, kind, quality=98, icc_profile=profile)).rgb.astype(int)
        for at, level in [(5, 255), (21, 0), (40, 119)]:
            assert np.abs(rgb[8, at] - level).max() <= 3, (kind, at)


def test_srgb_profile_changes_nothing():
    icc = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.array_equal(decode_picture(saved(Image.fromarray(RGB), icc_profile=icc)).rgb, RGB)
    grey = decode_picture(saved(Image.fromarray(GREY), icc_profile=icc))
    assert np.array_equal(grey.rgb[..., 1], GREY)


def test_png_gamma_is_applied_unless_it_is_srgb():
    pixels = (b"IDAT", zlib.compress(b"".join(b"\0" + bytes([55] * 16) for _ in range(16))))
    linear = (b"gAMA", struct.pack(">I", 100000))
    assert decode_picture(png(16, 16, linear, pixels)).rgb[0, 0].tolist() == [128] * 3
    srgb = (b"sRGB", b"\0")
    assert decode_picture(png(16, 16, linear, srgb, pixels)).rgb[0, 0].tolist() == [55] * 3


def cmyk_tiff() -> bytes:
    return saved(Image.fromarray(RGB).convert("CMYK"), "TIFF")


def float_tiff() -> bytes:
    return saved(Image.fromarray(RGB[..., 0].astype(np.float32)), "TIFF")


def animated(kind: str) -> bytes:
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    return saved(frames[0], kind, save_all=True, append_images=frames[1:])


def text_bomb() -> bytes:
    text = b"k\0\0" + zlib.compress(bytes(1 << 24))
    return png(16, 16, (b"zTXt", text))


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not a JPEG, PNG, WebP or TIFF"),
        (b"GIF89a" + bytes(99), "not a JPEG, PNG, WebP or TIFF"),
        (b"\x89PNG\r\n\x1a\n garbage", "damaged"),
        (b"II*\0" + bytes(50), "damaged"),
        (saved(Image.fromarray(RGB))[:-400], "damaged"),
        (saved(Image.fromarray(RGB), "JPEG")[:-400], "damaged"),
        (saved(Image.fromarray(RGB), "WEBP")[:-100], "damaged"),
        (saved(Image.fromarray(RGB), "TIFF")[:-400], "damaged"),
        (text_bomb(), "damaged"),
        (cmyk_tiff(), "CMYK without a color profile"),
        (float_tiff(), "F pixels"),
        (animated("PNG"), "animation"),
        (animated("WEBP"), "animation"),
        (saved(Image.fromarray(RGB), icc_profile=b"nonsense"), "profile that cannot be used"),
        (
            saved(Image.fromarray(RGB), icc_profile=LINEAR_GREY),
            "RGB pixels and a color profile for GRAY",
        ),
    ],
)
def test_what_cannot_be_read_rightly_is_refused(data, says):
    with pytest.raises(ImageError, match=says) as caught:
        decode_picture(data, "a.png")
    assert str(caught.value).startswith("a.png")
    assert "\n" not in str(caught.value)


def test_every_cut_of_a_file_is_an_image_error():
    whole = saved(Image.fromarray(RGB), "TIFF", compression="tiff_adobe_deflate")
    for size in range(0, len(whole) - 60, 23):
        with pytest.raises(ImageError):
            decode_picture(whole[:size])


@pytest.mark.parametrize("side", [9000, 12000, 60000])
def test_a_bomb_is_told_from_its_header(side):
    bomb = png(side, side, (b"IDAT", zlib.compress(bytes(1000))))
    with pytest.raises(ImageTooLargeError, match=f"{side}x{side}.*67108864"):
        decode_picture(bomb)


def test_the_limit_itself_is_allowed():
    data = saved(Image.fromarray(RGB))
    assert decode_picture(data, max_pixels=18 * 24).width == 24
    with pytest.raises(ImageTooLargeError, match="24x18"):
        decode_picture(data, max_pixels=18 * 24 - 1)


def test_pillows_warnings_stay_inside():
    exif = b"Exif\0\0II*\0\x08\0\0\0\x05\0\x12\x01\x03\0\x01\0\0\0"  # 5 entries told, one begun
    with warnings.catch_warnings(record=True) as seen:
        warnings.simplefilter("always")
        decode_picture(saved(Image.fromarray(RGB), "JPEG", exif=exif))
        decode_picture(saved(Image.fromarray(RGB).quantize(8), transparency=bytes(range(8))))
        assert seen == []
        warnings.simplefilter("error")
        decode_picture(saved(Image.fromarray(RGB), "JPEG", exif=exif))
        count = len(warnings.filters)
        decode_picture(saved(Image.fromarray(RGB), "JPEG", exif=exif))
        assert len(warnings.filters) == count
        with pytest.raises(UserWarning, match="ours"):
            warnings.warn("ours", stacklevel=1)


def test_pictures_are_decoded_at_once(monkeypatch):
    both = Barrier(2)

    def wait_for_the_other(*arguments):
        both.wait(10)
        return to_srgb(*arguments)

    monkeypatch.setattr(images, "to_srgb", wait_for_the_other)
    with ThreadPoolExecutor(2) as pool:
        for picture in pool.map(decode_picture, [saved(Image.fromarray(RGB))] * 2):
            assert np.array_equal(picture.rgb, RGB)


def test_first_page_of_a_tiff():
    pages = [Image.new("RGB", (20, 16), (i, 0, 0)) for i in (5, 9)]
    data = saved(pages[0], "TIFF", save_all=True, append_images=pages[1:])
    assert decode_picture(data).rgb[0, 0].tolist() == [5, 0, 0]


def test_text_in_a_png_is_no_trouble():
    info = PngInfo()
    info.add_text("comment", "x" * 1000, zip=True)
    assert np.array_equal(decode_picture(saved(Image.fromarray(RGB), pnginfo=info)).rgb, RGB)


def test_paths_that_cannot_be_read(tmp_path):
    file = tmp_path / "file"
    file.write_text("x")
    for path, says in [
        (tmp_path / "none.png", "No such file"),
        (tmp_path, "Is a directory"),
        (file / "a.png", "Not a directory"),
    ]:
        with pytest.raises(ImageError, match=says):
            read_picture(path)


def test_paths_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder.png").mkdir()
    for path, says in [
        (tmp_path / "file/a.png", "cannot be written"),
        (tmp_path / "folder.png", "cannot be written"),
        (tmp_path / "a.gif", "suffix '.gif'.*png"),
        (tmp_path / "a", "suffix ''"),
    ]:
        with pytest.raises(OutputError, match=says):
            write_picture(path, Picture(RGB))
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "folder.png"]


def test_jpeg_refuses_alpha_with_a_remedy():
    with pytest.raises(OutputError, match=r"transparency.*\.png"):
        encode_picture(Picture(RGB, ALPHA), ".jpg")


def test_a_format_too_small_for_the_picture():
    with pytest.raises(OutputError, match=r"17000x16.*\.png"):
        encode_picture(Picture(np.zeros((16, 17000, 3), np.uint8)), ".webp")


def test_a_full_disk_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "new/a.png"
    write_picture(path, Picture(RGB))
    before = path.read_bytes()

    def full(self: Path, data: bytes) -> int:
        with self.open("wb") as file:
            file.write(data[:10])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OutputError, match="No space left"):
        write_picture(path, Picture(RGB[:16]))
    assert path.read_bytes() == before
    assert list(path.parent.iterdir()) == [path]


pictures = st.tuples(st.integers(1, 40), st.integers(1, 40)).flatmap(
    lambda size: arrays(np.uint8, (*size, 3))
)


@given(pictures)
def test_tensor_round_trip(rgb):
    x = to_tensor(rgb)
    assert x.shape == (1, 3, *rgb.shape[:2])
    assert x.dtype == np.float32
    assert np.abs(x).max() <= 1
    assert np.array_equal(from_tensor(x), rgb)


def test_tensor_scale_and_order():
    x = to_tensor(np.array([[[255, 0, 51]]], np.uint8))
    assert np.allclose(x[0, :, 0, 0], [1, -1, -0.6])
    assert from_tensor(np.full((1, 3, 1, 1), 1.7, np.float32)).tolist() == [[[255] * 3]]


@given(pictures, st.sampled_from([1, 2, 4, 8, 32, 256]))
def test_padding_reflects_and_can_be_cut_off(rgb, multiple):
    height, width = rgb.shape[:2]
    padded = pad_to_multiple(rgb, multiple)
    assert padded.shape[0] % multiple == padded.shape[1] % multiple == 0
    assert padded.shape[0] < height + multiple
    assert padded.shape[1] < width + multiple
    assert np.array_equal(padded[:height, :width], rgb)
    for at in range(padded.shape[1]):  # the triangle wave that a reflection repeats
        period = max(2 * (width - 1), 1)
        source = min(at % period, period - at % period) if width > 1 else 0
        assert np.array_equal(padded[:height, at], rgb[:, source])


@given(st.integers(16, 9000), st.integers(16, 9000), st.integers(16, 2000))
def test_size_at_short_side(width, height, short_side):
    new_width, new_height = size_at_short_side(width, height, short_side)
    assert min(new_width, new_height) == short_side
    assert abs(new_width / new_height - width / height) <= 0.6 / short_side * (width / height + 1)
