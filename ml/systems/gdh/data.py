"""Batches of sketch-photo pairs, or triplets, for GDH's networks."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.contracts.split import Split
from ml.datasets.frames import Kind, frames
from ml.datasets.pairs import PairDataset
from ml.datasets.triplets import SampledTriplets, TripletSource, mixed
from ml.errors import DatasetError
from ml.images.deformation import (
    GALLERY_ALONE,
    SKETCH_ALONE,
    TOGETHER,
    Deformation,
    erased,
    recoloured,
)
from ml.systems.fine_grained.augment import StrokeVariants
from ml.systems.gdh.config import GdhSettings
from ml.training.distributed import rank, shard
from ml.training.seeding import step_generator

Rows = NDArray[np.intp]
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class GdhBatch:
    """The pairs of one step.

    sketches: (B, 3, S, S) in -1..1. photos: (B, 3, S, S), row by row paired with the sketches, or (2 B, 3, S, S),
    followed by the triplets' negatives. other: bool (B, B), whether photo j is of another product than sketch i, or of
    another category if products are not ranked. sketch_places, photo_places: int64 (B,), their positions in
    `GdhData.sketches` and `photos`.
    """

    step: int
    sketches: Tensor
    photos: Tensor
    other: Tensor
    sketch_places: Tensor
    photo_places: Tensor

    def to(self, device: torch.device) -> GdhBatch:
        """Move to a device."""
        return replace(
            self,
            sketches=self.sketches.to(device),
            photos=self.photos.to(device),
            other=self.other.to(device),
            sketch_places=self.sketch_places.to(device),
            photo_places=self.photo_places.to(device),
        )


class GdhData:
    """Framed images of a dataset for training and validation.

    ranks: whether triplets are trained on. factorises: whether codes factorise categories. sketches, photos: training
    rows; only sketches with a match. val_sketches, val_photos: validation rows, empty for final=true. Raises DatasetError
    if the dataset has no photos or no sketches with a match.
    """

    def __init__(self, dataset: PairDataset, settings: GdhSettings) -> None:
        self.dataset = dataset
        self._settings = settings
        single = len(dataset.categories) == 1
        mode = settings.mode if settings.mode != "auto" else "fine-grained" if single else "category"
        self.ranks, self.factorises = mode != "category", mode != "fine-grained"
        splits: tuple[Split, ...] = ("train", "val") if settings.final else ("train",)
        self.sketches, self.photos = dataset.sketch_rows(*splits), dataset.photo_rows(*splits)
        number = {category: index for index, category in enumerate(dataset.categories)}
        self.sketch_labels = np.array([number[row.category] for row in dataset.sketches], dtype=np.int64)
        self.photo_labels = np.array([number[row.category] for row in dataset.photos], dtype=np.int64)
        if not len(self.photos):
            raise DatasetError("--root", f"this {dataset.format} dataset has no photos, which gdh requires")
        if self.ranks:
            known = np.isin(dataset.true_photos[self.sketches], self.photos)
        else:
            known = np.isin(self.sketch_labels[self.sketches], self.photo_labels[self.photos])
        self.sketches = self.sketches[known]
        if len(self.sketches) < 2:
            raise DatasetError("--root", "expected sketches with photos to train on, found none")
        drawn = np.isin(self.photo_labels[self.photos], self.sketch_labels[self.sketches])
        self._paired = self.photos[drawn]  # photos of categories with sketches
        self._sketches_of = {
            label: self.sketches[self.sketch_labels[self.sketches] == label]
            for label in np.unique(self.sketch_labels[self.sketches]).tolist()
        }
        self._source = self._triplets(splits) if self.ranks else None
        self._variants = (
            StrokeVariants(dataset, settings.frame_spec.raster, settings.stroke_removal_prob)
            if settings.stroke_removal_prob
            else None
        )
        val = () if settings.final else ("val",)
        self.val_sketches = dataset.sketch_rows("val") if val else self.sketches[:0]
        self.val_photos = dataset.photo_rows("val") if val else self.photos[:0]
        findable = (
            np.isin(dataset.true_photos[self.val_sketches], self.val_photos)
            if self.ranks
            else np.isin(self.sketch_labels[self.val_sketches], self.photo_labels[self.val_photos])
        )
        self.val_sketches = self.val_sketches[findable]

    @property
    def steps_per_epoch(self) -> int:
        """Steps that process as many photos as there are (the paper repeats sketches), or sketches if ranking."""
        shown = len(self.sketches) if self.ranks else len(self._paired)
        return max(1, shown // self._settings.batch_size)

    def batch(self, step: int) -> GdhBatch:
        """Return the augmented images of a step, this process's part."""
        settings = self._settings
        rng = step_generator(settings.seed, step)
        sketches, photos, negatives = self._rows(rng, settings.batch_size)
        part = shard(settings.batch_size)
        sketches, photos, negatives = sketches[part], photos[part], negatives[part]
        rng = step_generator(settings.seed, step, 1 + rank())
        drawn = images(self.dataset, "sketch", sketches, settings)
        if self._variants is not None:
            drawn = np.stack(
                [
                    self._variants.draw(int(row), image, rng)
                    for row, image in zip(sketches, drawn, strict=True)
                ]
            )
        shown = images(self.dataset, settings.photo_kind, np.concatenate([photos, negatives]), settings)
        drawn, shown = varied(drawn, shown, settings, rng)
        return GdhBatch(
            step,
            as_input(drawn),
            as_input(shown),
            torch.from_numpy(self._other(sketches, photos)),
            torch.from_numpy(np.searchsorted(self.sketches, sketches)),
            torch.from_numpy(np.searchsorted(self.photos, photos)),
        )

    def _rows(self, rng: np.random.Generator, size: int) -> tuple[Rows, Rows, Rows]:
        """Return sketches and photos (size,), and as many negatives if triplets have their own."""
        if self._source is not None:
            triplets = self._source.batch(rng, size).astype(np.intp)
            own = self._settings.negatives == "triplets"
            return triplets[:, 0], triplets[:, 1], triplets[:, 2] if own else triplets[:0, 2]
        photos = rng.choice(self._paired, size)
        sketches = [rng.choice(self._sketches_of[int(self.photo_labels[row])]) for row in photos]
        return np.array(sketches, dtype=np.intp), photos, photos[:0]

    def _other(self, sketches: Rows, photos: Rows) -> NDArray[np.bool_]:
        if not self.ranks:
            different = self.sketch_labels[sketches][:, None] != self.photo_labels[photos]
            return np.asarray(different, dtype=np.bool_)
        true = self.dataset.true_photos[sketches][:, None]
        return np.asarray((photos[:, None] != photos) & (true != photos), dtype=np.bool_)

    def _triplets(self, splits: tuple[Split, ...]) -> TripletSource:
        share = self._settings.annotated
        if share and len(self.dataset.triplets_among(*splits)):
            return mixed(self.dataset, *splits, annotated=share)
        return SampledTriplets(self.dataset, *splits)


def images(dataset: PairDataset, kind: Kind, rows: Rows, settings: GdhSettings) -> Pixels:
    """Return framed images, uint8 (N, S, S) or (N, S, S, 3)."""
    return frames(dataset, kind, rows, settings.frame_spec)


def as_input(pixels: Pixels) -> Tensor:
    """Convert images, uint8 (N, S, S) or (N, S, S, 3), to float (N, 3, S, S) in -1..1."""
    tensor = torch.from_numpy(np.ascontiguousarray(pixels))
    planes = tensor[:, None].expand(-1, 3, -1, -1) if tensor.dim() == 3 else tensor.permute(0, 3, 1, 2)
    return planes.float() / 127.5 - 1


def varied(
    sketches: Pixels, photos: Pixels, settings: GdhSettings, rng: np.random.Generator
) -> tuple[Pixels, Pixels]:
    """Augment framed sketches, uint8 (B, S, S), and photos, uint8 (P, S, S[, 3]), row by row pairs, P = B or 2 B.

    The images of a pair, and its negative, are mirrored, rotated, stretched and warped together, which makes new
    products, and slightly each on its own, which imitates inaccurate drawing. Photos change colours.
    """
    n, side, strength = len(sketches), sketches.shape[1], settings.augment
    results: tuple[list[Pixels], list[Pixels]] = ([], [])
    poses = [Deformation.drawn(rng, side, TOGETHER, strength) for _ in range(n)]
    mirrored = (rng.random(n) < 0.5) & (strength > 0)
    for out, originals, spread in zip(
        results, (sketches, photos), (SKETCH_ALONE, GALLERY_ALONE), strict=True
    ):
        for place, image in enumerate(originals):
            if strength:
                pose = poses[place % n] + Deformation.drawn(rng, side, spread, strength)
                image = pose.applied(image, mirrored=bool(mirrored[place % n]))
            if settings.recolour and image.ndim == 3:
                image = recoloured(image, rng)
            out.append(erased(image, rng) if rng.random() < settings.erase_prob else image)
    return np.stack(results[0]), np.stack(results[1])
