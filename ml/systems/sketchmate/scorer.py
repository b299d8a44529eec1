"""Hash codes, features and classes of a trained SketchMate or deep hasher, from a dataset's strokes."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ml.datasets.pairs import PairDataset
from ml.datasets.stroke_shards import stroke_shards
from ml.errors import DatasetError
from ml.models.sketchmate.config import SketchMateConfig
from ml.models.sketchmate.network import SketchMate
from ml.protocols.scorer import Rows
from ml.protocols.selection import Kind
from ml.systems.sketchmate.config import SketchMateSettings
from ml.systems.sketchmate.data import Drawings
from ml.systems.sketchmate.fitting import Encoded, encode
from ml.training.device import pick_device, placed
from ml.training.model_folder import load_weights

Floats = NDArray[np.float32]


class SketchHasher:
    """A hasher (`ml.protocols.hashing`) of sketches; the strokes of a dataset are read once.

    categories: those it was trained on, in the order of its class scores. unseen: those left out of training (zero-shot).
    """

    def __init__(
        self,
        model: SketchMate,
        settings: SketchMateSettings,
        categories: tuple[str, ...],
        unseen: tuple[str, ...] = (),
    ) -> None:
        self.model = placed(model, pick_device(), channels_last=settings.channels_last).eval()
        self.settings = settings
        self.categories = categories if model.config.n_categories else ()
        self.unseen = unseen
        self._data: dict[str, Drawings] = {}
        self._kept: dict[tuple[str, bytes, bool], Encoded] = {}

    @classmethod
    def load(cls, folder: Path) -> SketchHasher:
        """Load a model folder. Raises ModelError."""
        manifest, weights = load_weights(folder)
        known = {field.name for field in fields(SketchMateSettings)}
        config: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in manifest["config"].items()
            if name in known
        }
        model = SketchMate(SketchMateConfig(**manifest["network"]))
        model.load_state_dict(weights)
        seen, unseen = tuple(manifest["categories"]), tuple(manifest["unseen"])
        return cls(model, SketchMateSettings(**config), seen, unseen)

    @property
    def code_length(self) -> int:
        """Bits of a hash code."""
        return self.model.config.embedding_dim

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return hash logits, float32 (N, K). Raises DatasetError on photos, which have no strokes."""
        if kind == "photo":
            raise DatasetError(
                "--format",
                f"this {dataset.format} dataset has photos to search; the model only encodes sketches",
            )
        return self._encoded(dataset, rows).logits

    def class_scores(self, dataset: PairDataset, rows: Rows) -> Floats:
        """Return class scores, float32 (N, L)."""
        return self._encoded(dataset, rows).scores

    def features(self, dataset: PairDataset, rows: Rows) -> Floats:
        """Return features of the fusion layer, float32 (N, F), for shallow hashers."""
        return self._encoded(dataset, rows, fused=True).fused

    def _encoded(self, dataset: PairDataset, rows: Rows, *, fused: bool = False) -> Encoded:
        """Encode the rows; the last result is cached, because metrics need its parts separately."""
        if dataset.sha256 not in self._data:
            self._data[dataset.sha256] = Drawings(stroke_shards(dataset), self.settings)
        key = dataset.sha256, rows.tobytes(), fused
        if key not in self._kept:
            encoded = encode(self.model, self._data[dataset.sha256], rows, self.settings, fused=fused)
            self._kept = {key: encoded}
        return self._kept[key]
