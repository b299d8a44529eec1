"""The data of fine-tuning: trunk features of a dataset's sketches and photos, computed once, and seeded batches of them.

The features come from the served ONNX file, so the head learns on exactly the values that it will get.
"""

import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from ml.contracts.split import Split
from ml.datasets.clicks import NO_CLICKS, Clicked, clicked
from ml.datasets.consensus import Consensus, consensus
from ml.datasets.pairs import PairDataset
from ml.errors import DatasetError
from ml.images.views import gallery_images
from ml.protocols.scorer import Rows
from ml.serving.encoder import Encoder
from ml.serving.manifest import ModelManifest
from ml.sketch.augment import mls_deform
from ml.sketch.jitter import jitter
from ml.sketch.raster import rasterise
from ml.sketch.strokes import Sketch
from ml.systems.fine_tune.config import FineTuneConfig
from ml.systems.sketchfind.augment import flipped
from ml.systems.sketchfind.scorer import drawn
from ml.training.checkpoint import write_atomically
from ml.training.onnx_head import FEATURES, with_features
from ml.training.progress import progress_bar
from ml.training.seeding import step_generator

CACHE = "features.npz"
Features = NDArray[np.float16]
_NOTHING = (
    "split train has no judged triplets and no pairs to learn from, and no clicks that click_weight uses"
)
_BATCH = 32  # images per run of the trunk
_DEFORMED = 0.02  # mean displacement of a deformed view, as a fraction of the ink diagonal
_VIEWS = 2  # distinguishes the generators of views from those of steps


@dataclass(frozen=True)
class Bank:
    """Features of S sketches and P photos, and their labels. Rows are positions in the bank.

    sketch: float16 (S, V, F), alternating unmirrored (even) and mirrored (odd) views. photo: float16 (P, 2, I, F),
    unmirrored and mirrored, as each of the model's I gallery inputs. own: (S,) the sketch's photo, -1 if it is not in the
    bank. category: (S,). split: (S,). judged, clicked: triplets as positions, those from clicks
    of train only. gallery_domains: domain numbers of the I gallery
    inputs. seconds: time to compute the features.
    """

    sketch: Features
    photo: Features
    own: Rows
    category: NDArray[np.str_]
    split: NDArray[np.str_]
    judged: dict[Split, Consensus]
    clicked: Clicked
    gallery_domains: list[int]
    seconds: float

    def rows(self, split: Split) -> Rows:
        """Return the sketches of a split whose product is in the bank."""
        return np.flatnonzero((self.split == split) & (self.own >= 0))

    def pairs(self, config: FineTuneConfig, step: int) -> tuple[Rows, Rows]:
        """Return at most `batch_size` sketches of different products of one category, and a view of each."""
        rng = step_generator(config.seed, step, 0)
        rows = self.rows("train")
        names, counts = np.unique(self.category[rows], return_counts=True)
        weight = np.sqrt(counts) * (counts > 1)
        chosen = rng.choice(names, p=weight / weight.sum())
        rows = rng.permutation(rows[self.category[rows] == chosen])
        _, first = np.unique(self.own[rows], return_index=True)
        rows = rows[np.sort(first)][: config.batch_size]
        return rows, rng.integers(self.sketch.shape[1], size=len(rows))

    def triplets(self, config: FineTuneConfig, step: int) -> tuple[Consensus, Rows]:
        """Draw `votes` judgements of train with replacement, and a view of each."""
        rng = step_generator(config.seed, step, 1)
        judged = self.judged["train"]
        rows = rng.integers(len(judged), size=config.votes)
        few = Consensus(judged.triplets[rows], judged.certainty[rows], judged.random[rows])
        return few, rng.integers(self.sketch.shape[1], size=len(rows))

    def clicks(self, config: FineTuneConfig, step: int) -> tuple[Consensus, Rows]:
        """Draw `votes` weak triplets with replacement, each as often as its weight says, and a view of each."""
        rng = step_generator(config.seed, step, 3)
        chance = self.clicked.weight.astype(np.float64)
        rows = rng.choice(len(chance), config.votes, p=chance / chance.sum())
        ones = np.ones(len(rows), np.float32)
        few = Consensus(self.clicked.triplets[rows], ones, np.zeros(len(rows), bool))
        return few, rng.integers(self.sketch.shape[1], size=len(rows))

    @property
    def has_pairs(self) -> bool:
        """Whether train has sketches of two products of one category."""
        rows = self.rows("train")
        return any(
            len(np.unique(self.own[rows][self.category[rows] == name])) > 1
            for name in set(self.category[rows])
        )


def bank(dataset: PairDataset, config: FineTuneConfig, manifest: ModelManifest, folder: Path) -> Bank:
    """Return the bank of train and val, with features cached in `folder`.

    Raises DatasetError if there is nothing to learn from.
    """
    merged = consensus(dataset)
    splits: tuple[Split, Split] = ("train", "val")
    judged = {split: merged.of(dataset, split) for split in splits}
    weak = clicked(dataset).of("train") if config.click_weight else NO_CLICKS
    compared = [*(part.triplets for part in judged.values()), weak.triplets]
    true = dataset.true_photos
    held_rows = {row for triplets in compared for row in triplets[:, 0].tolist()}
    wanted = [
        row
        for split in splits
        for row in dataset.sketch_rows(split).tolist()
        if true[row] >= 0 or row in held_rows
    ]
    if not wanted:
        raise DatasetError("--root", _NOTHING)
    sketches, views = _within(config, dataset, np.array(sorted(wanted), np.intp), compared)
    photos = _photos(dataset, sketches, compared)
    held = _features(dataset, sketches, photos, views, config, manifest, folder)
    at = np.full(len(dataset.photos) + 1, -1)
    at[photos] = np.arange(len(photos))
    found = Bank(
        sketch=held["sketch"],
        photo=held["photo"],
        own=at[true[sketches]],  # index -1 is the last element, which is -1
        category=np.array([dataset.sketches[row].category for row in sketches]),
        split=np.array([dataset.sketches[row].split for row in sketches]),
        judged={split: _placed(judged[split], sketches, at) for split in splits},
        clicked=_clicks_placed(weak, sketches, at),
        gallery_domains=[manifest.inputs[name] for name in manifest.gallery_inputs],
        seconds=float(held["seconds"]),
    )
    learnt = (
        (config.pair_weight and found.has_pairs)
        or (config.vote_weight and len(found.judged["train"]))
        or (config.click_weight and len(found.clicked))
    )
    if not learnt:
        raise DatasetError("--root", _NOTHING)
    return found


def _photos(dataset: PairDataset, sketches: Rows, compared: Sequence[NDArray[np.int32]]) -> Rows:
    """Return the sketches' own photos and those that they were judged against."""
    shown = [triplets[np.isin(triplets[:, 0], sketches), 1:].ravel() for triplets in compared]
    own = dataset.true_photos[sketches]
    return np.unique(np.concatenate([own[own >= 0], *shown])).astype(np.intp)


def _within(
    config: FineTuneConfig, dataset: PairDataset, sketches: Rows, compared: Sequence[NDArray[np.int32]]
) -> tuple[Rows, int]:
    """Return the sketches and the number of views that `images` allows."""
    n_photos = 4 * len(_photos(dataset, sketches, compared))
    if len(sketches) + n_photos > config.images:
        n = max(2, len(sketches) * config.images // (len(sketches) + n_photos))
        sketches = np.sort(np.random.default_rng(config.seed).permutation(sketches)[:n])
        n_photos = 4 * len(_photos(dataset, sketches, compared))
    return sketches, int(np.clip((config.images - n_photos) // max(len(sketches), 1), 1, config.views))


def _placed(judged: Consensus, sketches: Rows, photo_at: Rows) -> Consensus:
    kept = np.isin(judged.triplets[:, 0], sketches)
    triplets = judged.triplets[kept]
    placed = np.column_stack([np.searchsorted(sketches, triplets[:, 0]), photo_at[triplets[:, 1:]]])
    return Consensus(placed.astype(np.int32), judged.certainty[kept], judged.random[kept])


def _clicks_placed(weak: Clicked, sketches: Rows, photo_at: Rows) -> Clicked:
    """Return the weak triplets of the sketches in the bank, as positions."""
    kept = np.isin(weak.triplets[:, 0], sketches)
    triplets = weak.triplets[kept]
    placed = np.column_stack([np.searchsorted(sketches, triplets[:, 0]), photo_at[triplets[:, 1:]]])
    return Clicked(placed.astype(np.int32), weak.weight[kept], weak.split[kept])


def _features(
    dataset: PairDataset,
    sketches: Rows,
    photos: Rows,
    views: int,
    config: FineTuneConfig,
    manifest: ModelManifest,
    folder: Path,
) -> dict[str, NDArray[Any]]:
    """Return the arrays `sketch`, `photo` and `seconds`, computed once per run."""
    path = folder / CACHE
    if path.exists():
        with np.load(path) as kept:
            return dict(kept)
    started = time.monotonic()
    precision = Encoder.load(config.base).precision  # the one that serves on this processor
    trunk = Trunk(config.base / manifest.onnx_file(precision), manifest)
    with progress_bar("features", len(sketches) + len(photos), 0, shown=True) as advance:
        drawings, pictures = [], []
        for row in sketches.tolist():
            drawings.append(
                trunk.sketch_views(drawn(dataset, row), views, step_generator(config.seed, row, _VIEWS))
            )
            advance()
        for row in photos.tolist():
            pictures.append(trunk.photo_views(dataset.photo(row)))
            advance()
    held = {
        "sketch": np.stack(drawings),
        "photo": np.stack(pictures),
        "seconds": np.array(time.monotonic() - started),
    }
    content = BytesIO()
    np.savez(content, sketch=held["sketch"], photo=held["photo"], seconds=held["seconds"])
    write_atomically(path, content.getvalue())
    return held


class Trunk:
    """The served encoder up to the input of its head."""

    def __init__(self, path: Path, manifest: ModelManifest) -> None:
        self.manifest = manifest
        options: Any = onnxruntime.SessionOptions()
        options.intra_op_num_threads = os.cpu_count() or 1
        options.log_severity_level = 3
        self._session = onnxruntime.InferenceSession(
            with_features(path), options, providers=["CPUExecutionProvider"]
        )

    def sketch_views(self, sketch: Sketch, n: int, rng: np.random.Generator) -> Features:
        """Return features (n, F) of the sketch, its mirror image, and deformed versions of both in alternation."""
        views = []
        for view in range(n):
            seen = flipped(sketch) if view % 2 else sketch
            views.append(jitter(mls_deform(seen, rng, strength=_DEFORMED), rng) if view > 1 else seen)
        images = [rasterise(view, self.manifest.raster) for view in views]
        return self(images, ["sketch"] * n)

    def photo_views(self, photo: NDArray[np.uint8]) -> Features:
        """Return features (2, I, F) of a photo, uint8 (H, W, 3), and its mirror image, as each gallery input."""
        inputs = self.manifest.gallery_inputs
        seen = gallery_images(photo, inputs, self.manifest.raster)
        images = seen + [image[:, ::-1] for image in seen]
        return self(images, [*inputs, *inputs]).reshape(2, len(inputs), -1)

    def __call__(self, images: list[NDArray[np.uint8]], domains: list[str]) -> Features:
        """Return features, float16 (N, F), of images, uint8 (S, S) or (S, S, 3)."""
        size = self.manifest.raster.size
        parts = []
        for start in range(0, len(images), _BATCH):
            some = images[start : start + _BATCH]
            batch = np.empty((len(some), 3, size, size), np.float32)
            for planes, image in zip(batch, some, strict=True):
                planes[...] = image if image.ndim == 2 else image.transpose(2, 0, 1)
            numbers = [self.manifest.inputs[name] for name in domains[start : start + _BATCH]]
            (features,) = self._session.run(
                [FEATURES], {"image": batch, "domain": np.array(numbers, np.int64)}
            )
            parts.append(features.astype(np.float16))
        return np.concatenate(parts)
