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
from ml.protocols.hashing import Kind
from ml.protocols.scorer import Rows
from ml.systems.sketchmate.config import SketchMateSettings
from ml.systems.sketchmate.data import Drawings
from ml.systems.sketchmate.fitting import Encoded, encode
from ml.training.device import pick_device, placed
from ml.training.model_folder import load_weights

Floats = NDArray[np.float32]


class SketchHasher:
    """A hasher (`ml.protocols.hashing`) of sketches; the strokes of a dataset are read once.

    categories: those it was trained on, in the order of its class scores. unseen: those kept from it (zero-shot).
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
        """From a model folder. Raises ModelError."""
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
        """Bits of a code."""
        return self.model.config.embedding_dim

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Hash logits (N, K). Raises DatasetError on photos, which have no strokes."""
        if kind == "photo":
            raise DatasetError(
                "--format", f"{dataset.format} has photos to search, this model knows sketches alone"
            )
        return self._encoded(dataset, rows).logits

    def class_scores(self, dataset: PairDataset, rows: Rows) -> Floats:
        """Class scores (N, L)."""
        return self._encoded(dataset, rows).scores

    def features(self, dataset: PairDataset, rows: Rows) -> Floats:
        """Features of the fusion layer (N, F), which the shallow hashers take."""
        return self._encoded(dataset, rows, fused=True).fused

    def _encoded(self, dataset: PairDataset, rows: Rows, *, fused: bool = False) -> Encoded:
        """What the network makes of the rows; the last answer is kept, since metrics ask for it piece by piece."""
        if dataset.sha256 not in self._data:
            self._data[dataset.sha256] = Drawings(stroke_shards(dataset), self.settings)
        key = dataset.sha256, rows.tobytes(), fused
        if key not in self._kept:
            encoded = encode(self.model, self._data[dataset.sha256], rows, self.settings, fused=fused)
            self._kept = {key: encoded}
        return self._kept[key]
