"""The training data of `recogniser`: drawings with names, augmented, as images for the student and the teacher."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from ml.datasets.catalogue import Catalogue
from ml.datasets.files import open_files
from ml.datasets.pairs import PairDataset
from ml.datasets.quickdraw import QuickDrawDataset
from ml.errors import DatasetError
from ml.serving.recogniser_files import OTHER
from ml.sketch.humanise import humanised
from ml.sketch.nonsense import any_nonsense
from ml.sketch.raster import RasterSpec, rasterise
from ml.sketch.sequence import compact, from_compact
from ml.sketch.strokes import Sketch
from ml.systems.recogniser.augment import varied
from ml.systems.recogniser.config import RecogniserConfig
from ml.systems.recogniser.products import product_drawings
from ml.systems.recogniser.teacher import SIDE, Teacher

_AHEAD = 4  # batches that threads prepare
ICONS = "icons: "  # before the name of a package of icons, which keys of drawings start with
CATALOGUE_SOURCE = "line drawings of the catalogue"
Points = NDArray[np.uint8]


@dataclass(frozen=True)
class Batch:
    """A batch of drawings.

    images: uint8 (B, S, S). targets: float32 (B, names), the probabilities to learn. taught: bool (B,), drawings that the
    teacher knows; the others come last. small: uint8 (B', 28, 28), the teacher's images of those; empty without one.
    """

    images: NDArray[np.uint8]
    targets: NDArray[np.float32]
    taught: NDArray[np.bool_]
    small: NDArray[np.uint8]


class RecogniserData:
    """Drawings of a dataset and of further folders, by name, and seeded batches of them.

    Drawings of `more` that the dataset holds out are left out, by their keys. Raises DatasetError on a dataset without
    strokes.
    """

    def __init__(self, config: RecogniserConfig, dataset: PairDataset) -> None:
        self.config = config
        self.spec = raster_spec(config)
        found = dict.fromkeys(dataset.categories)
        more = [QuickDrawDataset(open_files(path, "quickdraw"), field="more") for path in config.more]
        for folder in more:
            found |= dict.fromkeys(folder.categories)
        self.names: list[str] = sorted(found)
        if config.catalogue is not None:
            self.names.append(OTHER)
        number = {name: place for place, name in enumerate(self.names)}
        self._train: list[list[Points]] = [[] for _ in self.names]
        self._held: dict[str, list[tuple[Points, int]]] = {"val": [], "test": []}
        self.sources: dict[str, int] = {}  # name of each folder or zip -> its drawings that are trained on
        known = set()
        for row, described in enumerate(track(dataset.sketches, "Reading drawings")):
            known.add(described.key.rsplit("/", 1)[-1])
            strokes = dataset.strokes(row)
            if strokes is None:
                raise DatasetError("--root", f"{described.key} has no strokes, only an image")
            points, label = compact(strokes), number[described.category]
            if described.split == "train":
                self._train[label].append(points)
            else:
                self._held[described.split].append((points, label))
        self.sources[dataset.root.name] = self.n_train
        for folder in more:
            before = self.n_train
            for name in track(folder.categories, f"Reading {folder.files.root.name}"):
                for drawing in folder.stream(name):
                    if drawing.key_id not in known:
                        known.add(drawing.key_id)
                        self._train[number[name]].append(compact(drawing.sketch))
            self.sources[folder.root.name] = self.n_train - before
        self._icons: list[list[Points]] = [[] for _ in self.names]
        if config.icons is not None:
            icons = QuickDrawDataset(open_files(config.icons, "icons"), field="icons")
            for name in icons.categories:
                for drawing in icons.stream(name) if name in number else ():
                    self._icons[number[name]].append(compact(drawing.sketch))
                    source = f"{ICONS}{drawing.key_id.partition(':')[0]}"
                    self.sources[source] = self.sources.get(source, 0) + 1
        self._drawn_icons = [label for label, drawings in enumerate(self._icons) if drawings]
        self._products: list[tuple[Sketch, NDArray[np.float32]]] = []
        if config.catalogue is not None:
            self._products = product_drawings(Catalogue(config.catalogue), self.names)
            self.sources[CATALOGUE_SOURCE] = len(self._products)

    @property
    def n_train(self) -> int:
        """The number of drawings to train on."""
        return sum(map(len, self._train))

    def held_out(self, split: str) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return images, uint8 (N, S, S), and labels, int64 (N,), of a split."""
        rows = self._held[split]
        images = np.stack([rasterise(from_compact(points), self.spec) for points, _ in rows])
        return images, np.array([label for _, label in rows], np.int64)

    def batch(self, rng: np.random.Generator) -> Batch:
        """Draw a batch, each name with the same probability; it depends only on the generator."""
        config = self.config
        n_products, n_nonsense = (
            round(share * config.batch_size) if self._products else 0
            for share in (config.catalogue_share, config.nonsense_share)
        )
        n_icons = round(config.icon_share * config.batch_size) if self._drawn_icons else 0
        n_named = config.batch_size - n_products - n_icons - n_nonsense
        images: list[NDArray[np.uint8]] = []
        targets: list[NDArray[np.float32]] = []
        small: list[NDArray[np.uint8]] = []
        while len(targets) < n_named:
            label = int(rng.integers(len(self.names)))
            drawings = self._train[label]
            if not drawings:
                continue
            sketch = varied(from_compact(drawings[rng.integers(len(drawings))]), rng, self.config)
            images.append(rasterise(sketch, self.spec))
            targets.append(self._one(label))
            if config.teacher is not None:
                small.append(Teacher.image(sketch))
        for _ in range(n_icons):
            label = self._drawn_icons[rng.integers(len(self._drawn_icons))]
            drawings = self._icons[label]
            drawing = from_compact(drawings[rng.integers(len(drawings))])
            images.append(rasterise(humanised(drawing, rng), self.spec))
            targets.append(self._one(label))
        for _ in range(n_products):
            drawing, target = self._products[rng.integers(len(self._products))]
            images.append(rasterise(humanised(drawing, rng), self.spec))
            targets.append(target)
        for _ in range(n_nonsense):
            images.append(rasterise(any_nonsense(rng), self.spec))
            targets.append(self._one(len(self.names) - 1))
        empty = np.empty((0, SIDE, SIDE), np.uint8)
        return Batch(
            np.stack(images),
            np.stack(targets),
            np.arange(len(images)) < n_named,
            np.stack(small) if small else empty,
        )

    def _one(self, label: int) -> NDArray[np.float32]:
        row = np.zeros(len(self.names), np.float32)
        row[label] = 1.0
        return row

    def prefetched(self) -> Callable[[int], Batch]:
        """Return batch(step) for consecutive steps; a thread prepares the next ones."""
        pool = ThreadPoolExecutor(1)
        waiting: dict[int, Future[Batch]] = {}

        def get(step: int) -> Batch:
            for ahead in range(step, step + _AHEAD):
                if ahead not in waiting:
                    waiting[ahead] = pool.submit(self.batch, np.random.default_rng([self.config.seed, ahead]))
            return waiting.pop(step).result()

        return get


def raster_spec(config: RecogniserConfig) -> RasterSpec:
    """Return the frame of the network's images."""
    return RasterSpec(size=config.image_size_px, stroke_width_px=config.stroke_width_px)
