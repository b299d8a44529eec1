"""Stages 1 to 3 of `triplet-san`, on the datasets that are configured ("Sketch Me That Shoe", section 4.4).

    1 edges      classify edge maps of photos
    2 sketches   classify free-hand sketches, with their stroke variants
    3 ranking    rank the photos of categories for their sketches

Stage 3 needs a dataset whose categories have photos and sketches, such as Sketchy. With batches=triplets it is the
paper's: similarity by the features of stage 2, the most similar fifth of the category as positives, and easy,
out-of-class hard and in-class hard negatives as 3:1:1. With batches=products, the true photo is the positive and all
other photos of the batch, of any category, are negatives.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ml.contracts.split import Split
from ml.datasets.formats import open_dataset
from ml.datasets.frames import Kind, frames
from ml.datasets.pairs import PairDataset
from ml.datasets.triplets import Features, SampledTriplets
from ml.errors import DatasetError
from ml.models.domain_norm import Domain
from ml.systems.fine_grained.augment import StrokeVariants, crop_at, posed
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.scorer import RankingScorer
from ml.systems.fine_grained.training import rank
from ml.systems.fine_grained.triplet_san.config import TripletSanConfig
from ml.training.device import autocast, pick_device, placed
from ml.training.distributed import rank as process
from ml.training.loop import Loop, Metrics
from ml.training.optimisers import build_optimizer
from ml.training.prefetch import Prefetched
from ml.training.run_files import claim_folder
from ml.training.seeding import step_generator
from ml.training.stages import Stage, run_stages

VALIDATION_IMAGES = 512
DROPOUT = 0.5


def pretrain(model: RankingModel, config: TripletSanConfig, out: Path) -> dict[str, Metrics]:
    """Run stages 1-3 on `model` in the shared folder, or `out`/pretraining; finished stages are loaded.

    Raises ConfigError if the folder was written with other settings.
    """
    folder = config.pretraining or out / "pretraining"
    if config.skipped == (1, 2, 3):
        return {}
    claim_folder(folder, _settings(config))

    def photos() -> PairDataset:
        assert config.pretrain_photos is not None
        return open_dataset(config.pretrain_photos_format, config.pretrain_photos)

    def edges(own: Path) -> Metrics:
        return classify(model, photos(), config.gallery, config, own, steps=config.edge_steps)

    def sketches(own: Path) -> Metrics:
        assert config.pretrain_sketches is not None
        dataset = open_dataset(config.pretrain_sketches_format, config.pretrain_sketches)
        return classify(model, dataset, "sketch", config, own, steps=config.sketch_steps)

    def ranking(own: Path) -> Metrics:
        settings = replace(config, steps=config.ranking_steps, learning_rate=config.pretrain_lr, frozen=0)
        dataset = photos()
        source = None
        if settings.batches == "triplets":
            source = SampledTriplets(dataset, "train", features=features_of(model, dataset, settings))
        return rank(model, dataset, settings, own, ("train",), source=source, title="ranking")

    stages = [Stage("edges", edges), Stage("sketches", sketches), Stage("ranking", ranking)]
    return run_stages(stages, model, folder, skip=config.skipped)


def features_of(model: RankingModel, dataset: PairDataset, config: TripletSanConfig) -> Features:
    """Return embeddings of all sketches and photos by the current model, the similarity measure of stage 3."""
    scorer = RankingScorer(model, config, crops=1)
    sketches, photos = dataset.sketch_rows(), dataset.photo_rows()
    return Features(
        scorer.embeddings(dataset, "sketch", sketches), scorer.embeddings(dataset, "photo", photos)
    )


def classify(
    model: RankingModel,
    dataset: PairDataset,
    kind: Kind,
    config: TripletSanConfig,
    folder: Path,
    *,
    steps: int,
) -> Metrics:
    """Train `model`'s branch of that domain to classify the dataset's categories, with a temporary head.

    The head's input is the embedding before normalisation. Returns the validation accuracy.
    """
    device = pick_device()
    domain: Domain = "sketch" if kind == "sketch" else "photo"
    classifier = Classifier(model, domain, len(dataset.categories))
    placed(classifier, device, channels_last=config.channels_last)
    images = LabelledImages(dataset, kind, config, model.input_px)
    optimizer = build_optimizer(
        config.optimizer,
        [(list(classifier.parameters()), config.pretrain_lr)],
        weight_decay=config.weight_decay,
        momentum=config.momentum,
    )

    def logits(pictures: NDArray[np.uint8]) -> Tensor:
        with autocast(device, config.precision):
            scores: Tensor = classifier(torch.from_numpy(pictures).to(device))
        return scores.float()

    def step(index: int) -> tuple[Tensor, Metrics]:
        pictures, labels = batches(index)
        return F.cross_entropy(logits(pictures), torch.from_numpy(labels).to(device)), {}

    def validate(module: Any) -> Metrics:
        pictures, labels = images.held_out()
        with torch.inference_mode(), autocast(device, config.precision):
            parts = torch.split(torch.from_numpy(pictures), config.pretrain_batch)
            guesses = [module(part.to(device)).argmax(1).cpu() for part in parts]
        return {"score": float((torch.cat(guesses).numpy() == labels).mean())}

    with Prefetched.of(config, images.batch) as batches:
        loop = Loop.of(
            replace(config, steps=steps, validate_every=max(1, steps // 4)),
            model=classifier,
            optimizer=optimizer,
            step=step,
            validate=validate if images.can_validate else None,
            folder=folder,
            title=folder.name,
        )
        best = loop.run()
    return {**best, "minutes": loop.minutes}


class Classifier(nn.Module):
    """A ranking model's branch under a linear classifier."""

    def __init__(self, model: RankingModel, domain: Domain, n_categories: int) -> None:
        super().__init__()
        self.model = model
        self._domain: Domain = domain
        self.head = nn.Sequential(nn.Dropout(DROPOUT), nn.Linear(model.feature_dim, n_categories))

    def forward(self, images: Tensor) -> Tensor:
        logits: Tensor = self.head(F.relu(self.model.features(images, self._domain)))
        return logits


class LabelledImages:
    """Framed images of one kind with their category numbers."""

    def __init__(self, dataset: PairDataset, kind: Kind, config: TripletSanConfig, input_px: int) -> None:
        self._config = config
        self._input_px = input_px
        self._images = frames(dataset, kind, None, config.frame_spec)
        rows = dataset.sketches if kind == "sketch" else dataset.photos
        number = {category: index for index, category in enumerate(dataset.categories)}
        self._labels = np.array([number[row.category] for row in rows], dtype=np.int64)
        self._rows = {split: self._of(dataset, kind, split) for split in ("train", "val")}
        share = config.stroke_removal_prob if kind == "sketch" else 0.0
        self._variants = StrokeVariants(dataset, config.frame_spec.raster, share)
        if not len(self._rows["train"]):
            raise DatasetError("pretraining", f"{dataset.root} has no {kind} images to train on")

    @staticmethod
    def _of(dataset: PairDataset, kind: Kind, split: Split) -> NDArray[np.intp]:
        return dataset.sketch_rows(split) if kind == "sketch" else dataset.photo_rows(split)

    @property
    def can_validate(self) -> bool:
        """Whether the dataset has validation images."""
        return len(self._rows["val"]) > 0

    def batch(self, step: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return a batch of augmented training images, uint8 (B, S, S[, 3]), and labels, int64 (B,)."""
        rng = step_generator(self._config.seed, step, process())
        rows = rng.choice(self._rows["train"], self._config.pretrain_batch)
        return np.stack([self._varied(int(row), rng) for row in rows]), self._labels[rows]

    def held_out(self) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """Return centre crops of at most 512 validation images, evenly spread, and their labels."""
        rows = self._rows["val"]
        rows = rows[np.linspace(0, len(rows) - 1, min(len(rows), VALIDATION_IMAGES)).astype(int)]
        middle = (self._config.canvas_px - self._input_px) // 2
        return crop_at(self._images[rows], middle, middle, self._input_px), self._labels[rows]

    def _varied(self, row: int, rng: np.random.Generator) -> NDArray[np.uint8]:
        image = self._variants.draw(row, self._images[row], rng)
        flip = bool(rng.random() < 0.5)
        return posed(image, rng, self._input_px, flip=flip, strength=self._config.pose)


_SHARED = (  # settings that stages 1-3 depend on
    *(
        "pretrain_lr",
        "pretrain_batch",
        "edge_steps",
        "sketch_steps",
        "ranking_steps",
        "batch_norm",
        "domain_norm",
    ),
    *(
        "heterogeneous",
        "gallery",
        "seed",
        "squareness",
        "frame_margin",
        "dilate_px",
        "stroke_width_px",
        "stroke_removal_prob",
        "pose",
    ),
    *("batch_size", "batches", "margin", "violating", "optimizer", "schedule"),
    *("branch", "pretrained_px", "frozen_blocks", "shared_pose", "erase_prob"),
)


def _settings(config: TripletSanConfig) -> dict[str, Any]:
    """Return the settings that identify a pretraining folder."""
    return {name: getattr(config, name) for name in _SHARED} | {"skipped": list(config.skipped)}
