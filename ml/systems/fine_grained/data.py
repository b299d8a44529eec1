"""Seeded batches of sketches, photos and triplets of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.frames import frames
from ml.datasets.pairs import PairDataset, majority
from ml.datasets.triplets import SampledTriplets, TripletSource, mixed
from ml.errors import DatasetError
from ml.images.deformation import GALLERY_ALONE, SKETCH_ALONE, Spread, erased, recoloured
from ml.systems.fine_grained.augment import Image, SharedPoses, StrokeVariants, posed
from ml.systems.fine_grained.config import RankingConfig
from ml.training.distributed import rank, world_size
from ml.training.seeding import step_generator

CATEGORIES_PER_BATCH = 4


@dataclass(frozen=True)
class Batch:
    """M sketches and N photos, and triplets of positions in them.

    sketches: uint8 (M, S, S). photos: uint8 (N, S, S) or (N, S, S, 3). annotated, easy: int64 (T, 3), sketch, positive
    and negative. same: bool (M, N), true pairs. sketch_labels, photo_labels: int64 (M,) and (N,), category numbers.
    """

    sketches: Image
    photos: Image
    annotated: NDArray[np.int64]
    easy: NDArray[np.int64]
    same: NDArray[np.bool_]
    sketch_labels: NDArray[np.int64]
    photo_labels: NDArray[np.int64]


class RankingData:
    """Framed images of the given splits, and batches drawn from them.

    source: the triplets for batches=triplets; by default the setting's share of annotated triplets and easy negatives,
    or only true pairs with easy negatives if there are no votes. Raises DatasetError if fewer than two products have a
    sketch.
    """

    def __init__(
        self,
        dataset: PairDataset,
        config: RankingConfig,
        *splits: Split,
        photo_kind: Literal["edge", "photo"] = "edge",
        input_px: int = 225,
        source: TripletSource | None = None,
    ) -> None:
        self.dataset = dataset
        self.config = config
        self.input_px = input_px
        self._sketches = frames(dataset, "sketch", None, config.frame_spec)
        self._photos = frames(dataset, photo_kind, None, config.frame_spec)
        self._variants = StrokeVariants(dataset, config.frame_spec.raster, config.stroke_removal_prob)
        self._number = {category: number for number, category in enumerate(dataset.categories)}
        self.triplets = majority(dataset.triplets_among(*splits))
        if config.batches == "triplets":
            judged = len(self.triplets) > 0
            self._source = source or (
                mixed(dataset, *splits, annotated=config.annotated)
                if judged
                else SampledTriplets(dataset, *splits)
            )
        self._of_photo: dict[int, list[int]] = {}  # product -> its sketches
        for row in dataset.sketch_rows(*splits):
            if dataset.sketches[row].photo >= 0:
                self._of_photo.setdefault(dataset.sketches[row].photo, []).append(int(row))
        self._of_category: dict[str, list[int]] = {}
        for photo in self._of_photo:
            self._of_category.setdefault(dataset.photos[photo].category, []).append(photo)
        if len(self._of_photo) < 2:
            raise DatasetError("--root", f"{len(self._of_photo)} products with a sketch, expected at least 2")

    def batch(self, step: int) -> Batch:
        """Return the batch of a step; under torchrun each process draws its own share."""
        rng = step_generator(self.config.seed, step, rank())
        size = max(2, self.config.batch_size // world_size())
        if self.config.batches == "products":
            return self._of_products(self._sample_products(rng, size), rng)
        return self._of_triplets(self._source.batch(rng, size), rng)

    def _sample_products(self, rng: np.random.Generator, size: int) -> NDArray[np.intp]:
        """Return distinct products of few categories, so that negatives of the same category occur."""
        categories = rng.permutation(list(self._of_category))
        each = -(-size // min(len(categories), CATEGORIES_PER_BATCH))
        chosen: list[int] = []
        for category in categories:
            room = min(each, size - len(chosen), len(self._of_category[category]))
            chosen += rng.choice(self._of_category[category], room, replace=False).tolist()
        return np.array(chosen, dtype=np.intp)

    def _of_products(self, products: NDArray[np.intp], rng: np.random.Generator) -> Batch:
        sketches = np.array([rng.choice(self._of_photo[product]) for product in products])
        n = len(products)
        anchor, other = np.nonzero(~np.eye(n, dtype=bool))
        return self._batch(
            sketches,
            products,
            annotated=positions(self.triplets, sketches, products),
            easy=np.stack([anchor, anchor, other], axis=1),
            rng=rng,
        )

    def _of_triplets(self, triplets: NDArray[np.int32], rng: np.random.Generator) -> Batch:
        sketches, photos = np.unique(triplets[:, 0]), np.unique(triplets[:, 1:])
        return self._batch(
            sketches.astype(np.intp),
            photos.astype(np.intp),
            annotated=positions(triplets, sketches, photos),
            easy=np.zeros((0, 3), dtype=np.int64),
            rng=rng,
        )

    def _batch(
        self,
        sketches: NDArray[np.intp],
        photos: NDArray[np.intp],
        *,
        annotated: NDArray[np.int64],
        easy: NDArray[np.int64],
        rng: np.random.Generator,
    ) -> Batch:
        # One flip for the whole batch: every sketch is compared with every photo, and orientation is meaningful.
        flip = bool(rng.random() < 0.5)
        pose = self._poses(rng, flip=flip)
        of_sketch = self.dataset.true_photos
        drawn = [pose(self._sketch(row, rng), int(of_sketch[row]), SKETCH_ALONE) for row in sketches]
        shown = [pose(self._photos[row], int(row), GALLERY_ALONE) for row in photos]
        return Batch(
            np.stack(drawn),
            np.stack(shown),
            annotated,
            easy,
            same=self.dataset.true_photos[sketches][:, None] == photos,
            sketch_labels=np.array([self._number[self.dataset.sketches[row].category] for row in sketches]),
            photo_labels=np.array([self._number[self.dataset.photos[row].category] for row in photos]),
        )

    def _poses(self, rng: np.random.Generator, *, flip: bool) -> Callable[[Image, int, Spread], Image]:
        """Return how an image of a product, with its own spread, is cropped and deformed in one batch."""
        config, side = self.config, self.input_px
        if not config.shared_pose:

            def apart(image: Image, product: int, alone: Spread) -> Image:
                strength = config.pose / (2 if alone is GALLERY_ALONE else 1)
                return posed(image, rng, side, flip=flip, strength=strength)

            return apart
        poses = SharedPoses(rng, side, config.shared_pose)

        def together(image: Image, product: int, alone: Spread) -> Image:
            result = poses.posed(image, product, alone, flip=flip)
            result = recoloured(result, rng) if result.ndim == 3 else result
            return erased(result, rng) if rng.random() < config.erase_prob else result

        return together

    def _sketch(self, row: int, rng: np.random.Generator) -> Image:
        released = self._sketches[row]
        return self._variants.draw(int(row), released, rng)


def positions(
    triplets: NDArray[np.int32], sketches: NDArray[np.integer], photos: NDArray[np.integer]
) -> NDArray[np.int64]:
    """Return the triplets of rows (T, 3) whose rows are all in the batch, as positions, int64 (T', 3)."""
    inside = np.isin(triplets[:, 0], sketches) & np.isin(triplets[:, 1:], photos).all(axis=1)
    kept = triplets[inside]
    sketch_order, photo_order = np.argsort(sketches), np.argsort(photos)
    columns = [sketch_order[np.searchsorted(sketches, kept[:, 0], sorter=sketch_order)]]
    columns += [photo_order[np.searchsorted(photos, kept[:, i], sorter=photo_order)] for i in (1, 2)]
    return np.stack(columns, axis=1).astype(np.int64)
