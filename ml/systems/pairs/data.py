"""Seeded batches of (sketch, gallery image) pairs for `sketchfind-pairs`, from one or more datasets."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.frames import FrameSpec, Kind, frames
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.images.deformation import (
    GALLERY_ALONE,
    SKETCH_ALONE,
    TOGETHER,
    Deformation,
    Spread,
    erased,
    recoloured,
)
from ml.protocols.scorer import Rows
from ml.systems.pairs.config import USUAL_WIDTH, WIDTHS, PairsConfig
from ml.training.seeding import step_generator

Images = NDArray[np.uint8]
KINDS: tuple[Kind, ...] = ("sketch", "edge", "photo")
LOOKS_ALIKE = 8  # number of nearest products that hard negatives are drawn from


@dataclass(frozen=True)
class Batch:
    """n sketches of different products, followed by their n gallery images.

    images: uint8 (2n, S, S, 3). categories, domains: of each image. votes: int64 (V, 3), human judgements as positions
    below n: sketch, nearer and farther gallery image.
    """

    images: Images
    categories: list[str]
    domains: list[str]
    votes: NDArray[np.int64]


@dataclass
class Source:
    """The training pairs of one category of a dataset. products: rows of photos that have sketches."""

    dataset: PairDataset
    category: str
    products: Rows
    sketches: dict[int, Rows]  # of each product
    votes: NDArray[np.int32]  # sketch row, nearer photo row, farther photo row
    alike: NDArray[np.intp] | None = None  # (P, LOOKS_ALIKE) positions in `products`, once computed

    def rows(self, kind: Kind) -> Rows:
        """Return the rows of all sketches, or of all products."""
        return np.concatenate(list(self.sketches.values())) if kind == "sketch" else self.products


def frame_spec(config: PairsConfig, width: int) -> FrameSpec:
    """Return the frame of all images, with lines of the width `WIDTHS[width]`."""
    grow = WIDTHS[width]
    return FrameSpec(
        config.image_size_px, squareness=0.5, margin=0.06, dilate_px=grow, stroke_width_px=1.5 * (grow + 1)
    )


def framed_rgb(dataset: PairDataset, kind: Kind, rows: Rows, config: PairsConfig, width: int) -> Images:
    """Return framed images of the given rows, uint8 (N, S, S, 3)."""
    images = frames(dataset, kind, rows, frame_spec(config, USUAL_WIDTH if kind == "photo" else width))
    return images if images.ndim == 4 else np.repeat(images[..., None], 3, axis=3)


class PairData:
    """The pairs of the given splits of the main dataset, which is the first, and of additional ones.

    Raises DatasetError if the main dataset has fewer than two products with sketches.
    """

    def __init__(self, config: PairsConfig, datasets: Sequence[PairDataset], splits: Sequence[Split]) -> None:
        self.config = config
        self.sources = [source for dataset in datasets for source in sources(dataset, splits)]
        self._main = [source for source in self.sources if source.dataset is datasets[0]]
        self._also = [source for source in self.sources if source.dataset is not datasets[0]]
        self._opened: dict[tuple[int, str, int], Images] = {}
        if sum(len(source.products) for source in self._main) < 2:
            raise DatasetError("--root", f"no pairs to train on in split {' + '.join(splits)}")

    @cached_property
    def categories(self) -> list[str]:
        """Names of the categories to train on."""
        return sorted({source.category for source in self.sources})

    def batch(self, step: int) -> Batch:
        """Return the batch of a step: of one category, or of as many as are needed to fill it."""
        rng = step_generator(self.config.seed, step)
        pool = self._also if self._also and rng.random() < self.config.also_prob else self._main
        sizes = np.sqrt([len(source.products) for source in pool])
        order = rng.choice(len(pool), len(pool), replace=False, p=sizes / sizes.sum())
        images: list[Images] = []
        gallery: list[Images] = []
        categories: list[str] = []
        domains: list[str] = []
        votes: list[NDArray[np.int64]] = []
        for source in (pool[number] for number in order):
            room = self.config.batch_size - len(images)
            if room <= 0:
                break
            products = self._products(source, min(room, len(source.products)), rng)
            drawn = np.array([rng.choice(source.sketches[int(row)]) for row in products])
            votes.append(votes_among(source.votes, drawn, products) + len(images))
            for sketch, product in zip(drawn, products, strict=True):
                domain: Kind = "photo" if rng.random() < self.config.photo_prob else "edge"
                pair = self._pair(source.dataset, int(sketch), int(product), domain, rng)
                images.append(pair[0])
                gallery.append(pair[1])
                categories.append(source.category)
                domains.append(domain)
        n = len(images)
        return Batch(
            np.stack([*images, *gallery]),
            categories * 2,
            ["sketch"] * n + domains,
            np.concatenate(votes),
        )

    def _products(self, source: Source, n: int, rng: np.random.Generator) -> Rows:
        """Return n different products, of which a share of `hard_share` looks similar to another one."""
        if source.alike is None or not self.config.hard_share:
            return rng.choice(source.products, n, replace=False)
        n_seeds = max(1, round(n * (1 - self.config.hard_share)))
        order = rng.permutation(len(source.products))
        chosen = dict.fromkeys(order[:n_seeds].tolist())
        for seed in rng.permutation(np.resize(order[:n_seeds], 2 * n)).tolist():
            if len(chosen) < n:
                chosen.setdefault(int(rng.choice(source.alike[seed])))
        for other in order.tolist():
            if len(chosen) < n:
                chosen.setdefault(other)
        return source.products[list(chosen)]

    def _frames(self, dataset: PairDataset, kind: Kind, width: int) -> Images:
        """Return all framed images of a kind, opened once."""
        key = id(dataset), kind, width
        if key not in self._opened:
            self._opened[key] = frames(dataset, kind, None, frame_spec(self.config, width))
        return self._opened[key]

    def _pair(
        self, dataset: PairDataset, sketch: int, product: int, domain: Kind, rng: np.random.Generator
    ) -> tuple[Images, Images]:
        """Return a sketch and its gallery image, uint8 (S, S, 3), deformed together and each on its own."""
        config = self.config
        side, strength = config.image_size_px, config.warp
        mirrored = bool(rng.random() < 0.5)
        together = Deformation.drawn(rng, side, TOGETHER, strength)
        results = []
        parts: tuple[tuple[Kind, int, Spread], ...] = (
            ("sketch", sketch, SKETCH_ALONE),
            (domain, product, GALLERY_ALONE),
        )
        for kind, row, spread in parts:
            width = USUAL_WIDTH if kind == "photo" else int(rng.integers(len(WIDTHS)))
            alone = Deformation.drawn(rng, side, spread, strength)
            image = (together + alone).applied(self._frames(dataset, kind, width)[row], mirrored=mirrored)
            if kind == "photo":
                image = recoloured(image, rng)
            if rng.random() < config.erase_prob:
                image = erased(image, rng)
            results.append(image if image.ndim == 3 else cv2.cvtColor(image, cv2.COLOR_GRAY2RGB))
        return np.asarray(results[0], np.uint8), np.asarray(results[1], np.uint8)


def sources(dataset: PairDataset, splits: Sequence[Split]) -> list[Source]:
    """Return the categories of a dataset that have sketches with a true photo in the given splits."""
    votes = dataset.triplets_among(*splits)
    found: list[Source] = []
    for category in dataset.categories:
        sketches: dict[int, list[int]] = {}
        for row in dataset.sketch_rows(*splits).tolist():
            sketch = dataset.sketches[row]
            if sketch.category == category and sketch.photo >= 0:
                sketches.setdefault(sketch.photo, []).append(row)
        if sketches:
            drawn = {product: np.array(rows) for product, rows in sketches.items()}
            of_category = np.isin(votes[:, 1], list(drawn))
            found.append(Source(dataset, category, np.array(sorted(drawn)), drawn, votes[of_category]))
    return found


def votes_among(votes: NDArray[np.int32], sketches: Rows, products: Rows) -> NDArray[np.int64]:
    """Return the votes (V, 3) whose sketch and both photos are among the given rows, as positions, int64 (V', 3)."""
    if not len(votes):
        return np.zeros((0, 3), np.int64)
    sketch_at = np.full(max(votes[:, 0].max(), sketches.max()) + 1, -1)
    photo_at = np.full(max(votes[:, 1:].max(), products.max()) + 1, -1)
    sketch_at[sketches], photo_at[products] = np.arange(len(sketches)), np.arange(len(products))
    placed = np.column_stack([sketch_at[votes[:, 0]], photo_at[votes[:, 1:]]])
    return placed[(placed >= 0).all(axis=1)]
