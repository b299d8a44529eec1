"""The markers of a JPEG are read in linear time for any content, up to a limit."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from ml.errors import ImageError
from ml.images.decode import decode_image
from ml.images.jpeg import jpeg_read

START, END = b"\xff\xd8", b"\xff\xd9"
MORE_PICTURES = b"\xff\xe2\x00\x08MPF\0\0\0"


def jpeg(**options: object) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64), "red").save(buffer, "JPEG", **options)
    return buffer.getvalue()


@pytest.mark.parametrize(
    "data",
    [
        START + b"\xff" * 5_000_000,
        START + END + b"\xff" * 5_000_000,
        START + b"\xff\xd0" * 2_500_000,
        START + b"\xff\x00" * 2_500_000,
        START + b"\xff\xfe\x00\x02" * 1_250_000,
        START + b"\xff\xfe\x00\x02\xff\xff" * 800_000,
        START + MORE_PICTURES * 500_000,
    ],
    ids=["fill", "after-end", "restarts", "stuffed", "comments", "filled-comments", "directories"],
)
def test_megabytes_of_markers_are_refused_before_decoding(data: bytes) -> None:
    """With a quadratic search the first file would take hours."""
    with pytest.raises(ValueError, match="more than"):
        jpeg_read(data)
    with pytest.raises(ImageError, match="not a readable image"):
        decode_image(data)


def test_fill_bytes_and_multi_picture_directories_are_skipped() -> None:
    plain = jpeg(progressive=True)
    filled = START + b"\xff" * 2_000 + MORE_PICTURES + b"\xff" * 9 + plain[2:]
    read = jpeg_read(filled)
    assert read.n_scans == jpeg_read(plain).n_scans > 1
    assert b"MPF" not in read.data
    assert (decode_image(filled) == decode_image(plain)).all()
