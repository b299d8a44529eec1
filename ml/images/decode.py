"""Decode untrusted image bytes: bounded before decoding, upright, transparency on white or left to the caller."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pillow_heif import options, register_heif_opener

from ml.errors import ImageError, gettext_noop
from ml.images.jpeg import Jpeg, jpeg_read
from ml.images.transparency import on_white

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF", "TIFF")
MAX_SCANS = 100  # of a JPEG: each scan may touch every pixel; progressive ones have about ten
SUPPORTED = ("JPEG", "PNG", "WebP", "GIF", "BMP", "AVIF", "HEIC", "TIFF")  # as people call them
TOO_COSTLY = gettext_noop("reading this image takes too much time or memory")
_COPYING = ("WEBP", "AVIF", "HEIF")  # formats whose decoders hold several copies of the canvas

register_heif_opener()
options.DECODE_THREADS = 1


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Limits on untrusted images, checked in the header before any pixel is decoded.

    Numbers of pixels are limited by their cost: a JPEG is decoded at a fraction of its size, but one with several scans
    keeps all its coefficients in memory; WebP, AVIF and HEIC decoders hold several copies of the canvas.
    """

    max_bytes: int = 20_000_000
    max_pixels: int = 16_000_000
    max_webp_pixels: int = 12_600_000  # of WebP, AVIF and HEIC; 12-megapixel cameras take up to 4096 x 3072
    max_deep_pixels: int = 8_000_000  # at 16 bits per channel
    max_jpeg_pixels: int = 64_000_000
    max_coefficient_bytes: int = 150_000_000  # of a JPEG with several scans: 50 megapixels at 4:2:0
    min_side_px: int = 8
    max_aspect: float = 32.0
    reduce_to_px: int = 1600  # larger images are reduced to this longer side


LIMITS = ImageLimits()


def decode_image(data: bytes, limits: ImageLimits = LIMITS, *, field: str = "image") -> NDArray[np.uint8]:
    """Decode the first frame or page as uint8 (H, W, 3) RGB, upright, transparent parts white.

    Raises ImageError naming `field` if the data is not a decodable image within the limits.
    """
    return on_white(decode_layers(data, limits, field=field))


def decode_layers(data: bytes, limits: ImageLimits = LIMITS, *, field: str = "image") -> NDArray[np.uint8]:
    """Decode the first frame or page, upright, as uint8 RGB (H, W, 3), or RGBA (H, W, 4) if parts are transparent.

    Raises ImageError naming `field` if the data is not a decodable image within the limits.
    """
    check_bytes(len(data), limits, field)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns about sizes that are checked here
            jpeg = jpeg_read(data) if data[:2] == b"\xff\xd8" else None
            image = Image.open(io.BytesIO(jpeg.data if jpeg else data), formats=FORMATS)
            _check_size(image, jpeg, limits, field)
            return _decoded(image, jpeg, limits)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own limit, above ours
        far_too_many = gettext_noop("far too many pixels, at most {most}")
        raise ImageError(field, far_too_many, most=limits.max_pixels) from error
    except MemoryError as error:
        raise ImageError(field, TOO_COSTLY) from error
    except Exception as error:  # Pillow's decoders raise errors of many types
        unreadable = gettext_noop("not a readable image; supported: {formats}")
        raise ImageError(field, unreadable, formats=", ".join(SUPPORTED)) from error


def check_bytes(n_bytes: int, limits: ImageLimits, field: str) -> None:
    """Raise ImageError if a file is too large."""
    if n_bytes > limits.max_bytes:
        too_large = gettext_noop("the file has {found:.4g} MB, at most {most:.4g} MB")
        raise ImageError(field, too_large, found=n_bytes / 1e6, most=limits.max_bytes / 1e6)


def _check_size(image: Image.Image, jpeg: Jpeg | None, limits: ImageLimits, field: str) -> None:
    width, height = image.size
    too_many, most = _most_pixels(image, jpeg, limits)
    if width * height > most:
        kind = str(image.format).replace("HEIF", "HEIC")
        raise ImageError(field, too_many, width=width, height=height, most=most, kind=kind)
    if jpeg and jpeg.n_scans > MAX_SCANS:
        too_many = gettext_noop("{found} scans, at most {most} for a JPEG")
        raise ImageError(field, too_many, found=jpeg.n_scans, most=MAX_SCANS)
    if min(width, height) < limits.min_side_px:
        too_few = gettext_noop("{width} x {height} pixels, at least {least} per side")
        raise ImageError(field, too_few, width=width, height=height, least=limits.min_side_px)
    if max(width, height) > limits.max_aspect * min(width, height):
        too_long = gettext_noop("{width} x {height} pixels, at most {most:g} times as long as wide")
        raise ImageError(field, too_long, width=width, height=height, most=limits.max_aspect)


def _most_pixels(image: Image.Image, jpeg: Jpeg | None, limits: ImageLimits) -> tuple[str, int]:
    """Return how many pixels an image may have, after the message for one with more."""
    usual = gettext_noop("{width} x {height} pixels, at most {most} in total for a {kind}")
    if jpeg:
        if jpeg.n_scans <= 1:
            return usual, limits.max_jpeg_pixels
        planes = [(across, down) for _, across, down, _ in image.layer]  # type: ignore[attr-defined]
        widest, tallest = (max(sampling) for sampling in zip(*planes, strict=True))
        bytes_per_pixel = 2 * sum(across * down for across, down in planes) / (widest * tallest)
        most = min(limits.max_jpeg_pixels, int(limits.max_coefficient_bytes / bytes_per_pixel))
        return gettext_noop(
            "{width} x {height} pixels, at most {most} in total for a progressive JPEG of this kind"
        ), most
    if any(";16" in str(tile.args) for tile in image.tile):  # type: ignore[attr-defined]
        return gettext_noop(
            "{width} x {height} pixels, at most {most} in total for a {kind} with 16 bits per channel"
        ), limits.max_deep_pixels
    return usual, limits.max_webp_pixels if image.format in _COPYING else limits.max_pixels


def _decoded(image: Image.Image, jpeg: Jpeg | None, limits: ImageLimits) -> NDArray[np.uint8]:
    """Decode and shrink at once, so that all further steps work on the reduced image."""
    longest = limits.reduce_to_px
    if jpeg:  # lets the decoder skip detail that would be averaged away
        scale = min(1.0, longest / max(image.size))
        image.draft(None, (round(image.width * scale), round(image.height * scale)))
    image.load()
    exif = image.getexif()
    image = _plain(image)
    box = max(image.size) > 4 * longest
    image.thumbnail((longest, longest), Image.Resampling.BOX if box else Image.Resampling.LANCZOS)
    if image.mode != "RGBA":
        image = image.convert("RGB")
    image.getexif().update(exif)
    return np.array(ImageOps.exif_transpose(image), dtype=np.uint8)


def _plain(image: Image.Image) -> Image.Image:
    """Convert to mode L, RGB or RGBA, which can be resized."""
    if image.mode.startswith("I"):  # 16 bits per pixel
        deep = np.asarray(image)
        return Image.fromarray((deep // (257 if deep.max() > 255 else 1)).clip(0, 255).astype(np.uint8))
    mode = "RGBA" if image.has_transparency_data else "L" if image.mode == "L" else "RGB"
    return image if image.mode == mode else image.convert(mode)
