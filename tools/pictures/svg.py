"""Render SVG files."""

import io

import cairosvg
import numpy as np
from numpy.typing import NDArray
from PIL import Image

UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, MemoryError, SyntaxError)


def rendered(svg: bytes, width_px: int) -> NDArray[np.uint8]:
    """Return an SVG on white, uint8 (H, W, 3), in proportion. Raises one of `UNREADABLE` if it cannot be rendered."""
    png = cairosvg.svg2png(svg, output_width=width_px, background_color="white")
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), np.uint8)
