"""The preparation of a picture."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from ml.errors import ImageError
from ml.images.decode import ImageLimits, decode_image
from tests.factories import picture
from webapp.catalog.importer.photos import INK, photo_prepare, thumb_pixels

LIMITS = ImageLimits()


def _open(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def test_photo_thumbnail_and_edges() -> None:
    ready = photo_prepare(picture(1, side=400), LIMITS)
    photo, thumb, edges = _open(ready.photo), _open(ready.thumb), _open(ready.edges)
    assert (photo.format, photo.size) == ("WEBP", (400, 400))
    assert (ready.width, ready.height) == (400, 400)
    assert (thumb.format, thumb.size) == ("WEBP", (256, 256))
    assert (edges.format, edges.size) == ("PNG", (400, 400))


@pytest.mark.parametrize("form", ["HEIF", "TIFF"])
def test_photos_of_cameras_and_scanners_become_webp(form: str) -> None:
    file = io.BytesIO()
    _open(picture(1, side=400)).convert("RGB").save(file, form)
    photo = _open(photo_prepare(file.getvalue(), LIMITS).photo)
    assert (photo.format, photo.size) == ("WEBP", (400, 400))


def test_edges_are_ink_on_transparency() -> None:
    rgba = np.asarray(_open(photo_prepare(picture(1), LIMITS).edges).convert("RGBA"))
    assert (rgba[..., :3] == INK).all()
    assert rgba[0, 0, 3] == 0
    assert rgba[..., 3].max() == 255
    assert 0.005 < (rgba[..., 3] > 128).mean() < 0.3


def test_box_lies_around_the_product() -> None:
    image = Image.new("RGB", (200, 100), "white")
    image.paste((60, 40, 20), (50, 20, 150, 90))
    file = io.BytesIO()
    image.save(file, "PNG")
    assert photo_prepare(file.getvalue(), LIMITS).box == pytest.approx((0.25, 0.2, 0.75, 0.9), abs=0.03)


@pytest.mark.parametrize("color", ["white", "gray"])
def test_a_blank_picture_has_a_box_too(color: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 64), color).save(file, "PNG")
    x0, y0, x1, y1 = photo_prepare(file.getvalue(), LIMITS).box
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1


def test_upright_and_without_metadata() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # rotate by 90 degrees to the right
    exif[0x010E] = "SECRET PLACE"
    image = Image.new("RGB", (120, 60), "white")
    image.paste((200, 0, 0), (0, 0, 40, 60))  # red on the left, on top once upright
    file = io.BytesIO()
    image.save(file, "JPEG", exif=exif)
    ready = photo_prepare(file.getvalue(), LIMITS)
    assert (ready.width, ready.height) == (60, 120)
    pixels = np.asarray(_open(ready.photo).convert("RGB"))
    assert pixels[10, 30, 0] > 150 > pixels[10, 30, 1]
    assert pixels[110, 30, 1] > 200
    assert b"SECRET" not in ready.photo + ready.thumb + ready.edges
    assert not _open(ready.photo).getexif()


def test_only_a_clean_webp_is_kept_unchanged() -> None:
    clean = picture(1, format="WEBP", quality=80)
    assert photo_prepare(clean, LIMITS).photo == clean
    for other in (
        clean + b"<script>",
        picture(1, format="WEBP", lossless=True),
        picture(1, format="WEBP", exif=b"Exif\0\0II*\0\x08\0\0\0\0\0\0\0\0\0"),
        picture(1, format="PNG"),
        picture(1, side=1200, format="WEBP"),
    ):
        photo = photo_prepare(other, LIMITS).photo
        assert photo != other
        assert b"<script>" not in photo
        assert max(_open(photo).size) <= 1024


def test_same_product_in_another_size_and_compression_looks_alike() -> None:
    original = photo_prepare(picture(3, side=400), LIMITS)
    smaller = photo_prepare(picture(3, side=400, format="JPEG", quality=60), LIMITS)
    other = photo_prepare(picture(4, side=400), LIMITS)
    assert original.sha256 != smaller.sha256
    assert _bits(original.dhash ^ smaller.dhash) <= 3
    assert _bits(original.dhash ^ other.dhash) >= 8
    assert -(2**63) <= original.dhash < 2**63


def _bits(number: int) -> int:
    return (number & (2**64 - 1)).bit_count()


@pytest.mark.parametrize(
    "data",
    [b"", b"no picture", picture()[:200], b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"%PDF-1.7"],
)
def test_invalid_pictures_are_refused(data: Any) -> None:
    with pytest.raises(ImageError) as error:
        photo_prepare(data, LIMITS)
    assert error.value.field == "photo"


def test_pixels_are_bounded_before_decoding() -> None:
    header = io.BytesIO()
    Image.new("1", (30_000, 30_000)).save(header, "PNG")
    with pytest.raises(ImageError, match="pixels"):
        photo_prepare(header.getvalue(), LIMITS)


def test_a_thumbnail_has_the_same_pixels_by_either_decoder() -> None:
    thumb = photo_prepare(picture(7, side=400), LIMITS).thumb
    assert np.array_equal(thumb_pixels(thumb), decode_image(thumb))


@pytest.mark.parametrize("data", [b"", b"RIFF1234WEBPVP8 broken", b"text"])
def test_an_unreadable_thumbnail_is_an_error(data: bytes) -> None:
    with pytest.raises(ImageError, match="thumb"):
        thumb_pixels(data)
