"""Hash codes, Hamming distances and masks of a trained GDH."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from typing import Any, Literal

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ml.datasets.frames import FrameSpec
from ml.datasets.pairs import PairDataset
from ml.models.gdh.config import GdhConfig, HashNetConfig
from ml.models.gdh.network import Gdh
from ml.protocols.scorer import Distances, Rows
from ml.protocols.selection import Kind
from ml.retrieval.packing import Codes, hamming, pack, unpack
from ml.systems.gdh.config import GdhSettings
from ml.systems.gdh.data import as_input, images
from ml.training.device import autocast, pick_device, placed
from ml.training.model_folder import load_weights

Floats = NDArray[np.float32]
_BATCH = 64


class GdhHasher:
    """A hasher (`ml.protocols.hashing`) of sketches and photos, and a scorer by Hamming distance.

    Masks are expensive, so they are computed once per photo and cached as packed bits.
    """

    def __init__(self, model: Gdh, settings: GdhSettings) -> None:
        self.model = placed(model, pick_device(), channels_last=settings.channels_last).eval()
        self.settings = settings
        self._masks: dict[tuple[str, int], NDArray[np.uint8]] = {}

    @classmethod
    def load(cls, folder: Path) -> GdhHasher:
        """Load a model folder. Raises ModelError."""
        manifest, weights = load_weights(folder)
        known = {field.name for field in fields(GdhSettings)}
        network: dict[str, Any] = dict(manifest["network"])
        model = Gdh(GdhConfig(**network | {"hashing": HashNetConfig(**network["hashing"])}))
        model.load_state_dict(weights)
        config: dict[str, Any] = {
            name: tuple(value) if isinstance(value, list) else value
            for name, value in manifest["config"].items()
            if name in known
        }
        return cls(model, GdhSettings(**config))

    @property
    def code_length(self) -> int:
        """Bits of a hash code."""
        return self.model.config.hashing.code_length

    @property
    def frame(self) -> FrameSpec:
        """The frame that `attention` covers."""
        return self.settings.frame_spec

    def logits(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return hash logits, float32 (N, K)."""
        outputs = self._encoded(dataset, kind, rows, self.model.query, self.model.gallery)
        return outputs if len(rows) else np.zeros((0, self.code_length), np.float32)

    def features(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Floats:
        """Return the input of the hashing network's last layer, float32 (N, F), for shallow hashers. Not with mix_up."""
        hashing, embedding = self.model.hashing, self.model.config.embedding

        def of_sketches(sketches: Tensor) -> Tensor:
            seen = self.model.to_photo(sketches)[0] if embedding == "photo" else sketches
            return hashing.standardised(hashing.features(seen), "sketch")

        def of_photos(photos: Tensor, mask: Tensor | None) -> Tensor:
            shown = self.model.masked(photos, mask)
            shown = self.model.to_sketch(photos)[0] if embedding == "sketch" else shown
            return hashing.standardised(hashing.features(shown), "photo")

        return self._encoded(dataset, kind, rows, of_sketches, of_photos)

    def _encoded(
        self,
        dataset: PairDataset,
        kind: Kind,
        rows: Rows,
        of_sketches: Callable[[Tensor], Tensor],
        of_photos: Callable[[Tensor, Tensor | None], Tensor],
    ) -> Floats:
        """Apply one of the functions to framed images and return its outputs, (N, .); photos come with their mask."""
        parts = []
        device = next(self.model.parameters()).device
        for start in range(0, len(rows), _BATCH):
            part = rows[start : start + _BATCH]
            stored = kind if kind == "sketch" else self.settings.photo_kind
            mask = self._mask(dataset, part) if kind == "photo" and self._cuts_out else None
            with torch.inference_mode(), autocast(device, self.settings.precision):
                inputs = as_input(images(dataset, stored, part, self.settings)).to(device)
                if kind == "sketch":
                    outputs = of_sketches(inputs)
                else:
                    grown = None if mask is None else torch.from_numpy(mask[:, None]).to(device)
                    outputs = of_photos(inputs, grown)
            parts.append(outputs.float().cpu().numpy())
        return np.concatenate(parts).astype(np.float32) if parts else np.zeros((0, 0), np.float32)

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return the Hamming distance of every sketch to every photo, float32 (Q, G)."""
        queries = pack(self.logits(dataset, "sketch", sketch_rows))
        gallery = pack(self.logits(dataset, "photo", photo_rows))
        return hamming_distances(queries, gallery)

    def attention(
        self, dataset: PairDataset, kind: Literal["sketch", "photo"], rows: Rows
    ) -> NDArray[np.float32] | None:
        """Return masks of photos, float32 (N, S, S), or zeros for sketches, which have none; None without attention."""
        if not self.model.config.attention:
            return None
        side = self.settings.image_size_px
        return self._mask(dataset, rows) if kind == "photo" else np.zeros((len(rows), side, side), np.float32)

    @property
    def _cuts_out(self) -> bool:
        config = self.model.config
        return config.attention and config.embedding != "sketch" and config.mix_up == "none"

    def _mask(self, dataset: PairDataset, rows: Rows) -> NDArray[np.float32]:
        """Return masks (N, S, S) of 0 and 1."""
        side, device = self.settings.image_size_px, next(self.model.parameters()).device
        new = np.array([row for row in rows if (dataset.sha256, int(row)) not in self._masks], dtype=np.intp)
        for start in range(0, len(new), _BATCH):
            part = new[start : start + _BATCH]
            with torch.inference_mode(), autocast(device, self.settings.precision):
                inputs = as_input(images(dataset, self.settings.photo_kind, part, self.settings)).to(device)
                mask = self.model.to_sketch.mask(inputs)
            assert mask is not None
            packed = pack(mask.float().flatten(1).cpu().numpy())
            self._masks |= {(dataset.sha256, int(row)): one for row, one in zip(part, packed, strict=True)}
        if not len(rows):
            return np.zeros((0, side, side), np.float32)
        kept = np.stack([self._masks[dataset.sha256, int(row)] for row in rows])
        return unpack(kept).reshape(len(rows), side, side).astype(np.float32)


def hamming_distances(queries: Codes, gallery: Codes) -> Distances:
    """Return the Hamming distances of packed codes (Q, K / 8) and (G, K / 8), float32 (Q, G)."""
    found = np.zeros((len(queries), len(gallery)), dtype=np.float32)
    for row, query in zip(found, queries, strict=True):
        row[:] = hamming(gallery, query)
    return found
