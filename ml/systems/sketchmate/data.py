"""Batches of drawings for SketchMate: an image and a sequence of points of each."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.contracts.split import Split
from ml.datasets.pairs import PairDataset
from ml.datasets.stroke_shards import StrokeShards, stroke_shards
from ml.errors import DatasetError
from ml.models.sketchmate.network import SketchInputs
from ml.sketch.augment import stroke_removal
from ml.sketch.entropy import image_entropy, noise_free
from ml.sketch.jitter import JitterSpec, jitter
from ml.sketch.raster import rasterise
from ml.sketch.sequence import SIDE, STEP_DIM, sequence
from ml.sketch.strokes import Sketch
from ml.systems.sketchmate.config import SketchMateSettings
from ml.training.distributed import rank, shard
from ml.training.seeding import step_generator

REMOVED = (0.0, 0.0, 0.1, 0.3)
Rows = NDArray[np.intp]


def unseen_categories(categories: tuple[str, ...], n: int, seed: int) -> tuple[str, ...]:
    """Return `n` random categories to leave out of training for zero-shot retrieval, sorted.

    Raises DatasetError unless at least two categories remain.
    """
    if n > len(categories) - 2:
        raise DatasetError(
            "unseen", f"{n} of {len(categories)} categories, at least two must remain for training"
        )
    chosen = np.random.default_rng([seed, len(categories)]).permutation(len(categories))[:n]
    return tuple(sorted(categories[number] for number in chosen))


@dataclass(frozen=True)
class SketchBatch:
    """The training drawings of one step.

    labels: int64 (B,), class numbers. places: int64 (B,), positions in `SketchBatches.train`.
    """

    step: int
    inputs: SketchInputs
    labels: Tensor
    places: Tensor

    def to(self, device: torch.device) -> SketchBatch:
        """Move to a device."""
        return replace(self, inputs=self.inputs.to(device), labels=self.labels.to(device))


class Drawings:
    """A dataset's drawings as inputs of the network."""

    def __init__(self, shards: StrokeShards, settings: SketchMateSettings) -> None:
        self._shards = shards
        self._settings = settings

    def inputs(self, rows: Rows) -> SketchInputs:
        """Return drawings without augmentation."""
        return self._inputs([self._shards.sketch(int(row)) for row in rows])

    def image(self, row: int) -> NDArray[np.uint8]:
        """Return a drawing as the image branch's input, uint8 (S, S)."""
        return rasterise(self._shards.sketch(row), self._settings.raster)

    def _inputs(self, sketches: list[Sketch]) -> SketchInputs:
        settings = self._settings
        images = np.stack([rasterise(sketch, settings.raster) for sketch in sketches])
        sequences = [sequence(sketch, settings.max_points) for sketch in sketches]
        lengths = np.array([len(one) for one in sequences], dtype=np.int64)
        steps = np.zeros((len(sequences), int(lengths.max()), STEP_DIM), dtype=np.float32)
        for row, one in zip(steps, sequences, strict=True):
            row[: len(one)] = one
        return SketchInputs(torch.from_numpy(images), torch.from_numpy(steps), torch.from_numpy(lengths))


class SketchBatches(Drawings):
    """The drawings of the seen categories, by row of the dataset.

    labels: int64 (N,), class number of every row, -1 for unseen categories. train, val: rows for training and validation,
    the latter thinned evenly. Raises DatasetError if there is nothing to train on.
    """

    def __init__(self, shards: StrokeShards, seen: tuple[str, ...], settings: SketchMateSettings) -> None:
        super().__init__(shards, settings)
        number = {category: index for index, category in enumerate(seen)}
        self.seen = seen
        self.labels = np.array([number.get(category, -1) for category in shards.categories])[shards.labels]
        self.train = self._rows("train", "val") if settings.final else self._rows("train")
        if settings.per_category is not None:
            self.train = self._thinned(self.train, settings.per_category, settings.seed)
        held_out = self._rows("val")[: 0 if settings.final else None]
        n_held_out = min(len(held_out), settings.validation_sketches)
        self.val = held_out[np.linspace(0, len(held_out) - 1, n_held_out).astype(np.intp)]
        if not len(self.train):
            raise DatasetError("--root", "no sketches to train on")

    def _rows(self, *splits: Split) -> Rows:
        rows = self._shards.rows(*splits)
        return rows[self.labels[rows] >= 0]

    def _thinned(self, rows: Rows, per_category: int, seed: int) -> Rows:
        """Return at most so many rows of each category, ascending. A larger number adds rows and keeps the others."""
        labels = self.labels[rows]
        order = np.random.default_rng([seed, len(rows)]).permutation(len(rows))
        kept = [order[labels[order] == label][:per_category] for label in np.unique(labels)]
        thinned: Rows = rows[np.sort(np.concatenate(kept))]
        return thinned

    def batch(self, step: int) -> SketchBatch:
        """Return the augmented drawings of a step, this process's part."""
        settings = self._settings
        drawn = step_generator(settings.seed, step).integers(0, len(self.train), settings.batch_size)
        places = drawn[shard(settings.batch_size)]
        rows = self.train[places]
        rng = step_generator(settings.seed, step, 1 + rank())
        inputs = self._inputs([self._varied(int(row), rng) for row in rows])
        return SketchBatch(step, inputs, self.labels_of(rows), torch.from_numpy(places))

    def labels_of(self, rows: Rows) -> Tensor:
        """Return class numbers of rows, int64 (B,)."""
        return torch.from_numpy(self.labels[rows].astype(np.int64))

    def centre_rows(self) -> Rows:
        """Return the training rows whose image entropy is in the middle share of their class."""
        entropies = np.array([image_entropy(self.image(int(row))) for row in self.train])
        labels = self.labels[self.train]
        kept = np.zeros(len(self.train), dtype=bool)
        for label in np.unique(labels):
            of_class = np.flatnonzero(labels == label)
            kept[of_class] = noise_free(entropies[of_class], self._settings.noise_free)
        return self.train[kept]

    def offset_std(self, sample: int = 5000) -> float:
        """Return the standard deviation of a sample of training offsets, to scale them as in sketch-rnn."""
        rows = self.train[np.linspace(0, len(self.train) - 1, min(sample, len(self.train))).astype(np.intp)]
        offsets = [sequence(self._shards.sketch(int(row)), self._settings.max_points)[:, :2] for row in rows]
        return max(float(np.concatenate(offsets).std()), 1e-3)

    def _varied(self, row: int, rng: np.random.Generator) -> Sketch:
        sketch = self._shards.sketch(row)
        strength = self._settings.augment
        if not strength:
            return sketch
        if rng.random() < 0.5:
            points = sketch.points()[:, :2].copy()
            points[:, 0] = SIDE - points[:, 0]
            sketch = sketch.with_xy(points)
        sketch = stroke_removal(sketch, strength * float(rng.choice(REMOVED)), rng)
        return jitter(sketch, rng, _jitter_spec(strength))


def seen_batches(dataset: PairDataset, settings: SketchMateSettings) -> tuple[SketchBatches, tuple[str, ...]]:
    """Return the drawings of the categories to train on, and the unseen categories."""
    shards = stroke_shards(dataset)
    unseen = unseen_categories(shards.categories, settings.unseen, settings.seed)
    seen = tuple(category for category in shards.categories if category not in unseen)
    return SketchBatches(shards, seen, settings), unseen


def _jitter_spec(strength: float) -> JitterSpec:
    """Return hand jitter without new points, which would make the sequences longer."""
    plain = JitterSpec(wobble=0.0, overshoot=0.0, step=10.0)
    return replace(
        plain,
        rotation_deg=8 * strength,
        scale=0.1 * strength,
        shear=0.06 * strength,
        warp=0.02 * strength,
        stroke_shift=0.015 * strength,
        stroke_scale=0.05 * strength,
        stroke_rotation_deg=2 * strength,
    )
