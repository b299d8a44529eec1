"""Decode untrusted image bytes: bounded before decoding, upright, transparency on white or left to the caller."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pillow_heif import options, register_heif_opener

from ml.errors import ImageError
from ml.images.jpeg import Jpeg, jpeg_read
from ml.images.transparency import on_white

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF", "HEIF", "TIFF")
MAX_SCANS = 100  # of a JPEG: each scan may touch every pixel; progressive ones have about ten
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
    if len(data) > limits.max_bytes:
        raise ImageError(field, f"{len(data)} bytes, at most {limits.max_bytes}")
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
        raise ImageError(field, f"far too many pixels, at most {limits.max_pixels}") from error
    except MemoryError as error:
        raise ImageError(field, "decoding takes too much memory") from error
    except Exception as error:  # Pillow's decoders raise errors of many types
        raise ImageError(
            field, f"not a readable image ({type(error).__name__}); supported: {', '.join(FORMATS)}"
        ) from error


def _check_size(image: Image.Image, jpeg: Jpeg | None, limits: ImageLimits, field: str) -> None:
    width, height = image.size
    kind, most = _most_pixels(image, jpeg, limits)
    if width * height > most:
        raise ImageError(field, f"{width} x {height} pixels, at most {most} in total for {kind}")
    if jpeg and jpeg.n_scans > MAX_SCANS:
        raise ImageError(field, f"{jpeg.n_scans} scans, at most {MAX_SCANS} for a JPEG")
    if min(width, height) < limits.min_side_px:
        raise ImageError(field, f"{width} x {height} pixels, at least {limits.min_side_px} per side")
    if max(width, height) > limits.max_aspect * min(width, height):
        raise ImageError(
            field, f"{width} x {height} pixels, at most {limits.max_aspect:g} times as long as wide"
        )


def _most_pixels(image: Image.Image, jpeg: Jpeg | None, limits: ImageLimits) -> tuple[str, int]:
    """Return the kind of image, in words, and how many pixels it may have."""
    if jpeg:
        if jpeg.n_scans <= 1:
            return "a JPEG", limits.max_jpeg_pixels
        planes = [(across, down) for _, across, down, _ in image.layer]  # type: ignore[attr-defined]
        widest, tallest = (max(sampling) for sampling in zip(*planes, strict=True))
        bytes_per_pixel = 2 * sum(across * down for across, down in planes) / (widest * tallest)
        most = min(limits.max_jpeg_pixels, int(limits.max_coefficient_bytes / bytes_per_pixel))
        return "a progressive JPEG of this kind", most
    if any(";16" in str(tile.args) for tile in image.tile):  # type: ignore[attr-defined]
        return f"a {image.format} with 16 bits per channel", limits.max_deep_pixels
    if image.format in _COPYING:
        return f"a {image.format}", limits.max_webp_pixels
    return f"a {image.format}", limits.max_pixels


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
