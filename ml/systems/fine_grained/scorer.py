"""Distances of a trained ranking model, averaged over test crops."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.datasets.frames import FrameSpec, frames
from ml.datasets.pairs import PairDataset
from ml.models.domain_norm import Domain
from ml.protocols.scorer import Distances, Rows
from ml.systems.fine_grained.augment import Crop, Image, crop_at, ten_crops
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.model import RankingModel
from ml.training.device import autocast

_BATCH = 128


class RankingScorer:
    """Ranks photos by the mean of the model's distance over equal crops of sketch and photo.

    The ten crops are the corners and the centre, each also mirrored; a single crop is the centre.
    """

    def __init__(self, model: RankingModel, config: RankingConfig, *, crops: int | None = None) -> None:
        self.model = model.eval()
        self._config = config
        self._crops = ten_crops(config.canvas_px, model.input_px)[: crops or config.test_crops]

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the distance of every sketch to every photo, float32 (Q, G)."""
        sketches = self._framed(dataset, "sketch", sketch_rows)
        photos = self._framed(dataset, "photo", photo_rows)
        total = np.zeros((len(sketch_rows), len(photo_rows)), dtype=np.float32)
        for crop in self._crops:
            with torch.inference_mode():
                distances = self.model.distances(
                    self._embedded(sketches, crop, "sketch"), self._embedded(photos, crop, "photo")
                )
            total += distances.cpu().numpy()
        return total / np.float32(len(self._crops))

    def embeddings(self, dataset: PairDataset, domain: Domain, rows: Rows) -> NDArray[np.float32]:
        """Return embeddings of the centre crop of sketches or photos, float32 (N, D)."""
        with torch.inference_mode():
            vectors = self._embedded(self._framed(dataset, domain, rows), self._crops[0], domain)
        return np.asarray(vectors.cpu().numpy(), dtype=np.float32)

    def features(self, dataset: PairDataset, domain: Domain, rows: Rows) -> Tensor:
        """Return the branch's features of the centre crop of sketches or photos, before normalisation, (N, F)."""
        images = self._cropped(self._framed(dataset, domain, rows), self._crops[0])
        with torch.inference_mode():
            return self._in_batches(images, domain, self.model.features)

    @property
    def frame(self) -> FrameSpec:
        """The frame that `attention` covers: the centre crop."""
        spec, side, canvas = self._config.frame_spec, self.model.input_px, self._config.canvas_px
        margin = (spec.margin * canvas - (canvas - side) / 2) / side
        return replace(spec, size_px=side, margin=max(0.0, margin))

    def attention(
        self, dataset: PairDataset, kind: Literal["sketch", "photo"], rows: Rows
    ) -> NDArray[np.float32] | None:
        """Return the attention over the centre crop (`frame`), float32 (N, h, w); None without attention."""
        images = self._cropped(self._framed(dataset, kind, rows), self._crops[0])
        with torch.inference_mode():
            masks = self.model.masks(self._on_device(images), kind)
        return None if masks is None else np.asarray(masks.float().cpu().numpy(), dtype=np.float32)

    def _framed(self, dataset: PairDataset, domain: Domain, rows: Rows) -> Image:
        kind = "sketch" if domain == "sketch" else self.model.photo_kind
        return frames(dataset, kind, rows, self._config.frame_spec)

    def _cropped(self, images: Image, crop: Crop) -> Image:
        x, y, flip = crop
        return crop_at(images, x, y, self.model.input_px, flip=flip)

    def _embedded(self, images: Image, crop: Crop, domain: Domain) -> Tensor:
        return self._in_batches(self._cropped(images, crop), domain, self.model.embed)

    def _in_batches(
        self, images: Image, domain: Domain, compute: Callable[[Tensor, Domain], Tensor]
    ) -> Tensor:
        parts = []
        for start in range(0, len(images), _BATCH):
            batch = self._on_device(images[start : start + _BATCH])
            with autocast(batch.device, self._config.precision):
                parts.append(compute(batch, domain).float())
        return torch.cat(parts)

    def _on_device(self, images: Image) -> Tensor:
        return torch.from_numpy(images).to(next(self.model.parameters()).device)
