"""Untrusted image bytes to RGB: bounded before decoding, verified by decoding, upright, alpha over white."""

from __future__ import annotations

import io
import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from ml.errors import ImageError

FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")


@dataclass(frozen=True, slots=True)
class ImageLimits:
    """Bounds on an image from outside, checked on its header."""

    max_bytes: int = 20_000_000
    max_pixels: int = 24_000_000
    max_jpeg_pixels: int = 60_000_000  # a JPEG is decoded at a fraction of its size, so phones' largest fit
    min_side_px: int = 8
    max_aspect: float = 32.0
    reduce_to_px: int = 1600  # a larger image comes back with this longer side


LIMITS = ImageLimits()


def decode_image(data: bytes, limits: ImageLimits = LIMITS, *, field: str = "image") -> NDArray[np.uint8]:
    """The first frame as uint8 (H, W, 3) RGB, upright by its EXIF orientation, transparent parts white.

    Raises ImageError naming `field` for anything that is not a decodable image within the limits.
    """
    if len(data) > limits.max_bytes:
        raise ImageError(field, f"{len(data)} bytes, at most {limits.max_bytes}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # Pillow warns of what is checked here
            image = Image.open(io.BytesIO(data), formats=FORMATS)
            _check_size(image, limits, field)
            return _decoded(image, limits)
    except ImageError:
        raise
    except Image.DecompressionBombError as error:  # Pillow's own bound, beyond ours
        raise ImageError(field, f"far too many pixels, at most {limits.max_pixels} in all") from error
    except Exception as error:  # Pillow's decoders raise whatever their parsers meet
        raise ImageError(
            field, f"not a readable image ({type(error).__name__}); {', '.join(FORMATS)} are"
        ) from error


def _check_size(image: Image.Image, limits: ImageLimits, field: str) -> None:
    width, height = image.size
    most = limits.max_jpeg_pixels if image.format == "JPEG" else limits.max_pixels
    if width * height > most:
        raise ImageError(field, f"{width} x {height} pixels, at most {most} in all")
    if min(width, height) < limits.min_side_px:
        raise ImageError(field, f"{width} x {height} pixels, at least {limits.min_side_px} a side")
    if max(width, height) > limits.max_aspect * min(width, height):
        raise ImageError(
            field, f"{width} x {height} pixels, longer than {limits.max_aspect:g} times its width"
        )


def _decoded(image: Image.Image, limits: ImageLimits) -> NDArray[np.uint8]:
    reduce_to = (limits.reduce_to_px, limits.reduce_to_px)
    if image.format == "JPEG":
        image.draft(None, reduce_to)  # lets the decoder skip what would be averaged away
    image.load()
    orientation = image.getexif()
    if image.mode.startswith("I") or image.mode == "F":  # 16 bits a pixel
        deep = np.asarray(image, dtype=np.float32)
        image = Image.fromarray((deep / (257.0 if deep.max() > 255 else 1.0)).clip(0, 255).astype(np.uint8))
    if image.has_transparency_data:
        over = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(over, image.convert("RGBA"))
    upright = image.convert("RGB")
    upright.getexif().update(orientation)
    upright = ImageOps.exif_transpose(upright)
    upright.thumbnail(
        reduce_to,
        Image.Resampling.BOX if max(upright.size) > 4 * max(reduce_to) else Image.Resampling.LANCZOS,
    )
    return np.array(upright, dtype=np.uint8)
