"""Images of a dataset cropped to one frame, decoded once and cached in memory-mapped files.

The files are in `$SKETCHFIND_CACHE`, or else `~/.cache/sketchfind`, under the dataset's SHA-256, and may be deleted at
any time. Each is written aside and renamed, so that a killed run leaves no partial file.
"""

import hashlib
import json
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Literal

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray
from rich.console import Console
from rich.progress import track

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.images.crop import box_of, object_box
from ml.images.transforms import frame
from ml.sketch.raster import Box, RasterSpec, rasterise

Kind = Literal["photo", "edge", "sketch"]
CROPS = ("ink", "object", "none")
_INK = 200  # grey levels; darker pixels are lines, which are faint in some released sketches
_VERSION = 2  # increase when the pixels change, to ignore older caches


@dataclass(frozen=True, slots=True)
class FrameSpec:
    """How images are cropped and scaled into (size_px, size_px).

    crop: "ink", the box around a sketch's lines or a photo's edge map (the same for photo and edge map, so that they are
    aligned); "object", the box around the edges that we detect in the photo (`ml.images.crop`), sketches as with "ink";
    "none", the whole image.
    squareness: 0 keeps the aspect, 1 stretches the box to a square, 0.5 halfway. margin: fraction of size_px on each
    side. dilate_px: output pixels by which lines of edge maps and of released sketch images grow on each side.
    stroke_width_px: line width of sketches with strokes, in output pixels; these are not dilated.
    """

    size_px: int = 160
    crop: Literal["ink", "object", "none"] = "ink"
    squareness: float = 0.5
    margin: float = 0.06
    dilate_px: int = 0
    stroke_width_px: float = 3.0

    def __post_init__(self) -> None:
        if self.crop not in CROPS:
            raise ConfigError("crop", f"{self.crop!r} is unknown; expected one of {', '.join(CROPS)}")
        if not 0 <= self.dilate_px <= 16:
            raise ConfigError("dilate_px", f"{self.dilate_px}, must be between 0 and 16")
        self.raster  # noqa: B018  (checks the rest)

    @property
    def raster(self) -> RasterSpec:
        """The same frame for the rasteriser."""
        return RasterSpec(self.size_px, self.stroke_width_px, self.margin, self.squareness)


def frames(
    dataset: PairDataset, kind: Kind, rows: ArrayLike | None = None, spec: FrameSpec = FrameSpec()
) -> NDArray[np.uint8]:
    """Return framed images of the given rows, on white.

    Edges and sketches are uint8 (N, S, S), photos uint8 (N, S, S, 3), RGB. Without `rows`, returns all images as a
    read-only memory map. Raises DatasetError naming a file that cannot be decoded.
    """
    n = len(dataset.sketches if kind == "sketch" else dataset.photos)
    size = spec.size_px
    shape = (n, size, size, 3) if kind == "photo" else (n, size, size)
    path = _path(dataset, kind, spec)
    kept = _opened(path, shape)
    if kept is None:
        _write(path, shape, lambda row: framed(dataset, kind, row, spec), f"framing {kind} images")
        kept = np.load(path, mmap_mode="r")
    return kept if rows is None else np.asarray(kept[np.asarray(rows, dtype=np.intp)])


def framed(dataset: PairDataset, kind: Kind, row: int, spec: FrameSpec) -> NDArray[np.uint8]:
    """Return one framed image, uint8 (S, S) or (S, S, 3), without the cache."""
    if kind == "sketch":
        strokes = dataset.strokes(row)
        if strokes is not None:
            whole = (0.0, 0.0, strokes.width, strokes.height)
            return rasterise(strokes, spec.raster, box=whole if spec.crop == "none" else None)
        image = dataset.sketch(row)
        return _blackened(_dilated(frame(image, _box(image, spec), spec.raster), spec.dilate_px))
    image = dataset.photo(row) if kind == "photo" else dataset.edge(row)
    if spec.crop == "object":
        box = object_box(dataset.photo(row))
    elif spec.crop == "ink" and kind == "photo":
        box = _box(dataset.edge(row), spec)
    else:
        box = _box(image, spec)
    image = frame(image, box, spec.raster)
    return _blackened(_dilated(image, spec.dilate_px)) if kind == "edge" else image


def _box(image: NDArray[np.uint8], spec: FrameSpec) -> Box:
    if spec.crop == "none":
        return 0.0, 0.0, float(image.shape[1]), float(image.shape[0])
    return box_of(image < _INK)


def _dilated(image: NDArray[np.uint8], by_px: int) -> NDArray[np.uint8]:
    """Return the image with dark lines grown by `by_px` pixels on each side."""
    if not by_px:
        return image
    return np.asarray(cv2.erode(image, np.ones((2 * by_px + 1,) * 2, np.uint8)), dtype=np.uint8)


def _blackened(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Stretch the contrast so that the darkest grey becomes black; some released sketches are pale throughout."""
    darkness = 255.0 - image.astype(np.float32)
    return (255.0 - darkness * (255.0 / max(float(darkness.max()), 1.0))).round().astype(np.uint8)


def cache_folder(dataset: PairDataset) -> Path:
    """Return the folder of everything that is cached for a dataset's files."""
    cache = Path(os.environ.get("SKETCHFIND_CACHE") or Path.home() / ".cache" / "sketchfind")
    return cache / dataset.files_sha256[:32]


def _path(dataset: PairDataset, kind: Kind, spec: FrameSpec) -> Path:
    what = json.dumps([_VERSION, dataset.format, kind, asdict(spec)], sort_keys=True)
    return cache_folder(dataset) / f"{kind}-{hashlib.sha256(what.encode()).hexdigest()[:16]}.npy"


def _opened(path: Path, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """Return the cached file, or None if it is missing or has another shape, to be written again."""
    try:
        kept: NDArray[np.uint8] = np.load(path, mmap_mode="r")
    except (OSError, ValueError, EOFError):
        return None
    return kept if kept.shape == shape and kept.dtype == np.uint8 else None


def _write(
    path: Path, shape: tuple[int, ...], image: Callable[[int], NDArray[np.uint8]], description: str
) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".part", delete=False) as aside:
        try:
            np.lib.format.write_array_header_1_0(
                aside, {"descr": "|u1", "fortran_order": False, "shape": shape}
            )
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                made = pool.map(image, range(shape[0]))
                for one in track(made, description, shape[0], disable=not Console().is_terminal):
                    aside.write(one.tobytes())
            aside.flush()
            os.fsync(aside.fileno())
            os.replace(aside.name, path)
        except BaseException:
            os.unlink(aside.name)
            raise
