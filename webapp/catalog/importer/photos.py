"""Prepare a picture from a feed: clean photo, thumbnail, edges as ink, the product's box, hashes."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ml.errors import ImageError
from ml.images.crop import box_of
from ml.images.decode import ImageLimits, decode_image
from ml.images.edges import drawn, edge_pixels, line_width

# Increment this when anything below changes what is stored: the next import then prepares every photo again.
VERSION = 2
PHOTO_PX, THUMB_PX, EDGES_PX = 1024, 256, 512  # longest sides
INK = (29, 42, 68)
_HASH_STEP = 3  # grey levels; smaller ones are compression noise on a plain background


@dataclass(frozen=True, slots=True)
class PreparedPhoto:
    """`photo` and `thumb` are WebP without metadata, `edges` a transparent PNG with the photo's proportions.

    `box` is (x0, y0, x1, y1) in fractions of the photo; `dhash` a signed 64 bit integer.
    """

    sha256: str
    photo: bytes
    thumb: bytes
    edges: bytes
    width: int
    height: int
    box: tuple[float, float, float, float]
    dhash: int


def photo_prepare(data: bytes, limits: ImageLimits, *, rgb: NDArray[np.uint8] | None = None) -> PreparedPhoto:
    """Prepare a picture. Raises ml.errors.ImageError naming `photo` if it is not an image within the limits.

    rgb: uint8 (H, W, 3), the picture if it has been decoded already.
    """
    rgb = _shrunk(decode_image(data, limits, field="photo") if rgb is None else rgb, PHOTO_PX)
    height, width = rgb.shape[:2]
    small = _shrunk(rgb, EDGES_PX)
    lines = edge_pixels(small)
    x0, y0, x1, y1 = box_of(lines)
    box = (x0 / small.shape[1], y0 / small.shape[0], x1 / small.shape[1], y1 / small.shape[0])
    return PreparedPhoto(
        sha256=sha256_of(data),
        photo=data if _is_clean_webp(data) else _webp(rgb),
        thumb=_webp(_shrunk(rgb, THUMB_PX), quality=90),
        edges=_ink_png(drawn(lines, line_width(small))),
        width=width,
        height=height,
        box=_widened(box),
        dhash=difference_hash(rgb, box),
    )


def sha256_of(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def difference_hash(rgb: NDArray[np.uint8], box: tuple[float, float, float, float]) -> int:
    """Return the dHash of the product's box: 8 x 8 bits, set where grey falls from left to right. Signed, for databases.

    Pictures that differ only in size, compression or margin differ in few bits.
    """
    height, width = rgb.shape[:2]
    x0, y0 = int(box[0] * width), int(box[1] * height)
    x1, y1 = max(x0 + 1, round(box[2] * width)), max(y0 + 1, round(box[3] * height))
    grey = cv2.cvtColor(rgb[y0:y1, x0:x1], cv2.COLOR_RGB2GRAY)
    tiny = cv2.resize(grey, (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = np.packbits(tiny[:, :-1] > tiny[:, 1:] + _HASH_STEP)
    return int.from_bytes(bits.tobytes(), "big", signed=True)


def _shrunk(rgb: NDArray[np.uint8], longest_px: int) -> NDArray[np.uint8]:
    height, width = rgb.shape[:2]
    scale = longest_px / max(height, width)
    if scale >= 1:
        return rgb
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    return np.asarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)


def _webp(rgb: NDArray[np.uint8], quality: int = 84) -> bytes:
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "WEBP", quality=quality, method=2)
    return file.getvalue()


def _ink_png(edges: NDArray[np.uint8]) -> bytes:
    """Return edges (0 on the lines) as a palette of one ink in 16 strengths: small, and transparent elsewhere."""
    strength = ((255 - edges.astype(np.uint16) + 8) // 17).astype(np.uint8)
    image = Image.fromarray(strength, mode="P")
    image.putpalette(INK * 16)
    file = io.BytesIO()
    image.save(file, "PNG", transparency=bytes(range(0, 256, 17)), bits=4)
    return file.getvalue()


def edges_of_ink(data: bytes) -> NDArray[np.uint8]:
    """Return the edges that a prepared photo's PNG contains: uint8 (H, W), 0 on the lines, 255 elsewhere.

    Raises ImageError if it is not such a PNG.
    """
    try:
        image = Image.open(io.BytesIO(data), formats=["PNG"])
        strength = np.asarray(image)
    except Exception as error:  # Pillow's decoders raise errors of many types
        raise ImageError("edges", "not a readable PNG") from error
    if image.mode != "P" or strength.max(initial=0) > 15:
        raise ImageError("edges", "not ink in 16 strengths")
    return np.asarray(255 - strength * np.uint8(17), np.uint8)


def thumb_pixels(data: bytes) -> NDArray[np.uint8]:
    """Return the pixels of a prepared photo's thumbnail: uint8 (H, W, 3).

    OpenCV decodes a WebP twice as fast as Pillow, to the same pixels. Raises ImageError if it is not readable.
    """
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR_RGB) if data else None
    if pixels is None:
        raise ImageError("thumb", "not a readable picture")
    return np.asarray(pixels, np.uint8)


def _widened(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    """Return the box, clipped to the photo and never empty."""
    x0, y0 = min(max(box[0], 0.0), 0.99), min(max(box[1], 0.0), 0.99)
    return x0, y0, min(max(box[2], x0 + 0.01), 1.0), min(max(box[3], y0 + 0.01), 1.0)


def _is_clean_webp(data: bytes) -> bool:
    """Return whether this is a WebP of one lossy picture up to PHOTO_PX, without metadata, alpha or trailing bytes."""
    if data[:4] != b"RIFF" or data[8:16] != b"WEBPVP8 ":
        return False
    width, height = (int.from_bytes(data[at : at + 2], "little") & 0x3FFF for at in (26, 28))
    if max(width, height) > PHOTO_PX:
        return False
    riff, chunk = int.from_bytes(data[4:8], "little"), int.from_bytes(data[16:20], "little")
    return riff + 8 == len(data) and 20 + chunk + chunk % 2 == len(data)
