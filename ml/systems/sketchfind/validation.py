"""Validation of `sketchfind` on a catalogue: the product itself and its category, by cosine and by hash code."""

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from ml.metrics.ranking import accuracy_at, precision_at
from ml.models.sketch_encoder import SketchEncoder
from ml.protocols.queries import category_queries, instance_queries
from ml.sketch.raster import rasterise
from ml.sketch.strokes import Sketch
from ml.systems.sketchfind.data import EDGE, PHOTO, SKETCH, SketchfindData, as_rgb

Floats = NDArray[np.floating[Any]]


def embed(encoder: SketchEncoder, images: list[NDArray[np.uint8]], domain: int) -> tuple[Floats, Floats]:
    """Return embeddings (N, D) and hash logits (N, K) of images, uint8 (S, S, 3), of one domain."""
    device = next(encoder.parameters()).device
    rows, logits = [], []
    encoder.eval()
    with torch.inference_mode():
        for start in range(0, len(images), 64):
            x = torch.from_numpy(np.stack(images[start : start + 64])).to(device).permute(0, 3, 1, 2).float()
            x = x.contiguous(memory_format=torch.channels_last)
            embedding, bits, _ = encoder(x, torch.full((len(x),), domain, device=device))
            rows.append(embedding.float().cpu().numpy())
            logits.append(bits.float().cpu().numpy())
    return np.concatenate(rows), np.concatenate(logits)


def gallery(encoder: SketchEncoder, data: SketchfindData) -> tuple[Floats, Floats]:
    """Return the mean of each product's main photo and edge map: unit embeddings (P, D) and hash logits (P, K)."""
    photo = embed(encoder, [views[0].photo for views in data.views], PHOTO)
    edge = embed(encoder, [as_rgb(views[0].edges) for views in data.views], EDGE)
    fused = photo[0] + edge[0]
    fused /= np.linalg.norm(fused, axis=1, keepdims=True)
    return fused, (photo[1] + edge[1]) / 2


def embed_sketches(
    encoder: SketchEncoder, data: SketchfindData, sketches: list[Sketch]
) -> tuple[Floats, Floats]:
    """Return embeddings (N, D) and hash logits (N, K) of sketches."""
    return embed(encoder, [as_rgb(rasterise(sketch, data.spec)) for sketch in sketches], SKETCH)


def validate(encoder: SketchEncoder, data: SketchfindData, split: str = "val") -> dict[str, float]:
    """Return means over the split's queries against the whole catalogue; `score` selects the weights.

    acc@1, acc@10: deformed line drawings (3 per product) to their own product. precision@10: QuickDraw doodles of names
    with at least ten right products. *_hash: by Hamming distance only. n_queries: line drawings.
    """
    vectors, logits = gallery(encoder, data)
    codes = np.where(logits > 0, 1.0, -1.0)
    queries, own = instance_queries(data.catalogue, split)
    embedding, bits = embed_sketches(encoder, data, queries)
    distances, hamming = -embedding @ vectors.T, -np.where(bits > 0, 1.0, -1.0) @ codes.T
    metrics = {
        "acc@1": float(accuracy_at(distances, own, 1).mean()),
        "acc@10": float(accuracy_at(distances, own, 10).mean()),
        "acc@10_hash": float(accuracy_at(hamming, own, 10).mean()),
    }
    metrics["score"] = (metrics["acc@1"] + metrics["acc@10"]) / 2
    metrics["n_queries"] = float(len(queries))
    doodles, relevant, _ = category_queries(data.catalogue, data.doodles, split, at_least=10)
    if doodles:
        embedding, bits = embed_sketches(encoder, data, doodles)
        metrics["precision@10"] = float(precision_at(-embedding @ vectors.T, relevant, 10).mean())
        metrics["precision@10_hash"] = float(
            precision_at(-np.where(bits > 0, 1.0, -1.0) @ codes.T, relevant, 10).mean()
        )
        metrics["score"] = (metrics["score"] + metrics["precision@10"]) / 2
    return metrics
