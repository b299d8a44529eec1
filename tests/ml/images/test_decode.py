import io
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from ml.errors import ImageError
from ml.images.decode import FORMATS, ImageLimits, decode_image


def encoded(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def half_red() -> Image.Image:
    image = Image.new("RGB", (40, 20), "white")
    image.paste((200, 20, 20), (0, 0, 20, 20))
    return image


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF", "AVIF", "HEIF", "TIFF"])
def test_common_formats(form: str) -> None:
    rgb = decode_image(encoded(half_red(), form))
    assert rgb.shape == (20, 40, 3)
    assert rgb.dtype == np.uint8
    assert rgb[10, 5].tolist() == pytest.approx([200, 20, 20], abs=12)
    assert rgb[10, 35].min() > 240


def test_transparent_areas_become_white() -> None:
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    image.paste((0, 0, 255, 128), (10, 0, 20, 20))
    rgb = decode_image(encoded(image))
    assert rgb[5, 5].tolist() == [255, 255, 255]
    assert rgb[5, 15].tolist() == pytest.approx([127, 127, 255], abs=2)
    palette = image.convert("P")
    palette.info["transparency"] = palette.getpixel((0, 0))
    assert decode_image(encoded(palette, transparency=palette.getpixel((0, 0))))[5, 5].tolist() == [255] * 3


@pytest.mark.parametrize("mode", ["1", "L", "LA", "CMYK", "I;16"])
def test_other_colour_modes_keep_their_brightness(mode: str) -> None:
    if mode == "I;16":
        ramp = (np.arange(400, dtype=np.uint16).reshape(20, 20) * 164).astype(np.uint16)
        rgb = decode_image(encoded(Image.fromarray(ramp)))
        np.testing.assert_allclose(rgb[..., 0], ramp / 257, atol=1)
        return
    form = "JPEG" if mode == "CMYK" else "PNG"
    rgb = decode_image(encoded(half_red().convert(mode), form))
    assert rgb[10, 35].min() > 240
    assert rgb[10, 5].min() < 130


@pytest.mark.parametrize("orientation", range(1, 9))
def test_exif_orientation_is_applied(orientation: int) -> None:
    upright = half_red()
    undo = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    stored = upright.transpose(undo[orientation]) if orientation in undo else upright
    exif = Image.Exif()
    exif[0x0112] = orientation
    for form in ("JPEG", "PNG", "WEBP", "TIFF"):
        rgb = decode_image(encoded(stored, form, exif=exif))
        assert rgb.shape == (20, 40, 3)
        assert rgb[10, 5, 1] < 60
        assert rgb[10, 35, 1] > 200


def turned_heic(image: Image.Image, quarters: int) -> bytes:
    """A HEIC that says, as phones' do, that its picture is to be turned by quarters anticlockwise: a box `irot`."""
    data = encoded(image, "HEIF", quality=90)
    property_box = struct.pack(">I4sB", 9, b"irot", quarters)
    for kind, added in (
        (b"ipma", 1),
        (b"ipco", 9),
        (b"iprp", 10),
        (b"meta", 10),
    ):  # sizes of what contains it
        at = data.index(kind) - 4
        data = (
            data[:at] + struct.pack(">I", struct.unpack(">I", data[at : at + 4])[0] + added) + data[at + 4 :]
        )
    at = data.index(b"iloc") + 4 + 4 + 2 + 2 + 2 + 2  # the offset of the picture's data
    data = data[:at] + struct.pack(">I", struct.unpack(">I", data[at : at + 4])[0] + 10) + data[at + 4 :]
    at = data.index(b"ipma")
    n_properties = data[at + 14]
    end = at + 15 + n_properties
    data = (
        data[: at + 14]
        + bytes([n_properties + 1])
        + data[at + 15 : end]
        + bytes([0x80 | n_properties + 1])
        + data[end:]
    )
    return data[: at - 4] + property_box + data[at - 4 :]


@pytest.mark.parametrize("quarters", range(4))
def test_a_heic_is_turned_upright(quarters: int) -> None:
    image = Image.new("RGB", (128, 64), "white")
    image.paste((200, 20, 20), (0, 0, 64, 64))
    expected = np.rot90(np.array(image), quarters)
    np.testing.assert_allclose(decode_image(turned_heic(image, quarters)), expected, atol=40)


def test_only_the_first_page_of_a_tiff_is_read() -> None:
    pages = [half_red(), Image.new("RGB", (900, 900), "blue")]
    data = encoded(pages[0], "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate")
    assert decode_image(data, ImageLimits(max_pixels=1000)).shape == (20, 40, 3)


@pytest.mark.parametrize("compression", ["raw", "tiff_lzw", "tiff_deflate", "jpeg", "packbits"])
def test_tiffs_of_any_compression_are_limited_before_decoding(compression: str) -> None:
    data = encoded(Image.new("RGB", (300, 200), "red"), "TIFF", compression=compression)
    assert decode_image(data)[5, 5].tolist() == pytest.approx([255, 0, 0], abs=3)
    with pytest.raises(ImageError, match=r"^image: 300 x 200 pixels, at most 50000 in total for a TIFF$"):
        decode_image(data, ImageLimits(max_pixels=50_000))


@pytest.mark.parametrize("form", ["JPEG", "PNG"])
def test_large_images_are_reduced(form: str) -> None:
    rgb = decode_image(encoded(half_red().resize((4000, 2000)), form))
    assert rgb.shape == (800, 1600, 3)
    assert rgb[400, 300, 1] < 60
    assert rgb[400, 1300, 1] > 200


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header declares a huge image."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "image: not a readable image"),
        (b"GIF89a", "image: not a readable image"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image: not a readable image"),
        (encoded(half_red())[:-30], "image: not a readable image"),
        (encoded(half_red(), "JPEG")[:200], "image: not a readable image"),
        (encoded(half_red(), "TIFF")[:100], "image: not a readable image"),
        (encoded(half_red(), "HEIF")[:300], "image: not a readable image"),
        (encoded(half_red(), "PPM"), "image: not a readable image"),
        (bomb(60_000, 60_000), "image: far too many pixels, at most 16000000"),
        (bomb(6_000, 6_000), "image: 6000 x 6000 pixels, at most 16000000"),
        (encoded(Image.new("L", (400, 4))), "image: 400 x 4 pixels, at least 8 per side"),
        (encoded(Image.new("L", (400, 10))), "image: 400 x 10 pixels, at most 32 times as long as wide"),
    ],
)
def test_bad_images_are_refused_with_their_reason(data: bytes, message: str) -> None:
    with pytest.raises(ImageError) as caught:
        decode_image(data)
    assert str(caught.value).startswith(message)


def test_file_size_is_checked_before_anything_is_read() -> None:
    with pytest.raises(ImageError, match=r"^photo: the file has 0.000101 MB, at most 0.0001 MB$"):
        decode_image(bytes(101), ImageLimits(max_bytes=100), field="photo")


@given(st.binary(max_size=200), st.integers(0, 150), st.sampled_from(FORMATS))
def test_damaged_files_yield_an_image_or_an_image_error(junk: bytes, place: int, form: str) -> None:
    good = encoded(half_red(), form)
    for data in (junk, good[:place] + junk + good[place + len(junk) :]):
        try:
            rgb = decode_image(data)
        except ImageError:
            continue
        assert rgb.ndim == 3
        assert rgb.shape[2] == 3


SMALL = ImageLimits(
    max_pixels=4000,
    max_webp_pixels=3000,
    max_deep_pixels=2000,
    max_jpeg_pixels=9000,
    max_coefficient_bytes=18_000,
)


def sized(pixels: int, mode: str = "RGB") -> Image.Image:
    return Image.new(mode, (pixels // 50, 50))


@pytest.mark.parametrize(
    ("mode", "form", "options", "most"),
    [
        ("RGBA", "PNG", {}, 4000),
        ("P", "PNG", {}, 4000),
        ("P", "GIF", {}, 4000),
        ("RGB", "BMP", {}, 4000),
        ("RGBA", "WEBP", {"lossless": True}, 3000),
        ("RGB", "AVIF", {}, 3000),
        ("RGB", "HEIF", {}, 3000),
        ("RGB", "TIFF", {"compression": "tiff_lzw"}, 4000),
        ("I;16", "TIFF", {}, 2000),
        ("I;16", "PNG", {}, 2000),
        ("RGB", "JPEG", {}, 9000),
        ("RGB", "JPEG", {"progressive": True, "subsampling": "4:2:0"}, 6000),
        ("RGB", "JPEG", {"progressive": True, "subsampling": "4:4:4"}, 3000),
        ("CMYK", "JPEG", {"progressive": True}, 2250),
    ],
)
def test_the_pixel_limit_depends_on_the_decoding_cost_of_a_format(
    mode: str, form: str, options: dict[str, object], most: int
) -> None:
    assert decode_image(encoded(sized(most, mode), form, **options), SMALL).shape == (50, most // 50, 3)
    with pytest.raises(
        ImageError, match=rf"^image: {most // 50 + 1} x 50 pixels, at most {most} in total for a"
    ):
        decode_image(encoded(sized(most + 50, mode), form, **options), SMALL)


def test_a_photo_with_an_embedded_second_picture_is_read_as_jpeg() -> None:
    """Phones append a gain map; Pillow then detects another format (MPO), which it decodes at full size."""
    data = encoded(sized(9000), "MPO", save_all=True, append_images=[sized(1000)])
    assert decode_image(data, SMALL).shape == (50, 180, 3)


def test_a_jpeg_of_many_scans_is_refused_before_decoding() -> None:
    """Each scan may touch every pixel: a thousand empty scans take hours to decode."""
    data = encoded(half_red(), "JPEG", progressive=True)
    last = data.rindex(b"\xff\xda")
    with pytest.raises(ImageError, match=r"scans, at most 100 for a JPEG$"):
        decode_image(data[:last] + data[last:-2] * 101 + data[-2:])
