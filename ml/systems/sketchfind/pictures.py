"""Openly licensed pictures as further training pairs: a sketch made of each picture's edges, and the picture."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from ml.datasets.files import open_files
from ml.errors import ImageError, SketchError
from ml.images.decode import decode_image
from ml.images.views import gallery_images
from ml.sketch.raster import RasterSpec
from ml.sketch.sequence import compact
from ml.sketch.trace import trace_lines

TRACED = RasterSpec(size=256)  # finer than the network's input, as line drawings of products are
FEWEST_POINTS = 20  # a picture with fewer is a blot


@dataclass(frozen=True)
class Picture:
    """A picture and what is drawn of it.

    drawing: the traced edges as `compact` strokes. photo: uint8 (S, S, 3), framed. edges: uint8 (S, S), framed.
    """

    drawing: NDArray[np.uint8]
    photo: NDArray[np.uint8]
    edges: NDArray[np.uint8]


def read_pictures(root: Path, spec: RasterSpec) -> list[Picture]:
    """Return the pictures (PNG, JPEG or WebP) of a folder or zip; those without enough lines are left out.

    Raises DatasetError if `root` cannot be opened.
    """
    files = open_files(root, "pictures")
    found = []
    for name in track(list(files.walk(".png", ".jpg", ".jpeg", ".webp")), description=f"Reading {root.name}"):
        try:
            image = decode_image(files.read(name), field=name)
            photo, edges = gallery_images(image, ("photo", "edge"), spec)
            (lines,) = gallery_images(image, ("edge",), TRACED)
            drawing = compact(trace_lines(lines, field=name))
        except (ImageError, SketchError):
            continue
        if len(drawing) >= FEWEST_POINTS:
            found.append(Picture(drawing, photo, edges))
    return found
