"""The smallest thing that learns from triplets: one linear map of embeddings, near the identity, that changes only what
lies in the first principal axes of the gallery.

Fine-tuning trains the head from the trunk's features; this stands in for it where a hundred trainings are compared.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
TEMPERATURE = 0.1
AXES = 128
_STEPS, _RATE, _BATCH = 100, 3e-3, 1024


@dataclass(frozen=True)
class Triplets:
    """sketch, positive, negative: rows, (T,). weight: (T,), above 0."""

    sketch: NDArray[np.intp]
    positive: NDArray[np.intp]
    negative: NDArray[np.intp]
    weight: Floats


def trained(
    sketches: Floats, gallery: Floats, triplets: Triplets, *, keep: float, seed: int
) -> NDArray[np.float32]:
    """Return the map, float32 (D, D), from the weighted likelihood of triplets. keep: weight of its distance from the
    identity. Embeddings (S, D) and (P, D) have unit length.
    """
    import torch
    import torch.nn.functional as F

    torch.manual_seed(seed)
    rng = np.random.default_rng(seed)
    query, products = torch.from_numpy(sketches), torch.from_numpy(gallery)
    axes = torch.from_numpy(np.linalg.svd(gallery - gallery.mean(0), full_matrices=False)[2][:AXES])
    inside = [vectors @ axes.T for vectors in (query, products)]
    moved = torch.zeros(len(axes), len(axes), requires_grad=True)
    optimizer = torch.optim.Adam([moved], lr=_RATE)
    chance = triplets.weight / triplets.weight.sum()
    for _ in range(_STEPS):
        rows = rng.choice(len(chance), _BATCH, p=chance)  # a weighted draw is the weighted mean
        sketch, near, far = (
            torch.from_numpy(part[rows].astype(np.int64))
            for part in (triplets.sketch, triplets.positive, triplets.negative)
        )
        q, p = (
            F.normalize(vectors + part @ moved @ axes, dim=1)
            for vectors, part in zip((query, products), inside, strict=True)
        )
        margin = (q[sketch] * (p[near] - p[far])).sum(1) / TEMPERATURE
        loss = F.softplus(-margin).mean() + keep * moved.square().sum()
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    change = (axes.T @ moved @ axes).detach().numpy()
    return np.asarray(np.eye(len(change)) + change, np.float32)


def mapped(vectors: Floats, by: NDArray[np.float32]) -> Floats:
    """Return embeddings (N, D) after the map, of unit length."""
    found = vectors @ by
    return np.asarray(found / np.linalg.norm(found, axis=1, keepdims=True), np.float32)
