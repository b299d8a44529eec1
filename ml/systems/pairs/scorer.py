"""Rank the photos of a dataset of pairs for its sketches by a trained `sketchfind-pairs` encoder."""

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml.datasets.frames import Kind
from ml.datasets.pairs import PairDataset
from ml.models.grid_encoder.network import GridEncoder
from ml.protocols.scorer import Distances, Rows
from ml.systems.pairs.config import USUAL_WIDTH, WIDTHS, PairsConfig
from ml.systems.pairs.data import Images, framed_rgb
from ml.training.config import Precision
from ml.training.device import autocast, placed


class PairsScorer:
    """Distances between sketches and gallery images under the configured views.

    With a query bank, a photo that is near every sketch (a hub) is penalised by its similarity to training sketches
    (Bogolin et al., "Cross Modal Retrieval with Querybank Normalisation", CVPR 2022); other queries have no influence.
    """

    def __init__(self, encoder: GridEncoder, config: PairsConfig) -> None:
        self.encoder = encoder
        self.config = config

    def distances(self, dataset: PairDataset, sketch_rows: Rows, photo_rows: Rows) -> Distances:
        """Return 1 - cosine of every sketch and photo, averaged over views, plus the photo's hubness, float32 (Q, G)."""
        gallery = self._gallery(dataset, photo_rows)  # (V, G, D)
        distances = 1 - similarity(self.embed(dataset, "sketch", sketch_rows), gallery)
        bank = dataset.sketch_rows("train")
        if self.config.query_bank and len(bank):
            chosen = np.random.default_rng(0).permutation(bank)[: self.config.query_bank]
            near = similarity(self.embed(dataset, "sketch", np.sort(chosen)), gallery)  # (N, G)
            distances += hubness(near, self.config.bank_temperature)
        return np.asarray(distances.numpy(), dtype=np.float32)

    def _gallery(self, dataset: PairDataset, rows: Rows) -> Tensor:
        kinds: dict[str, tuple[Kind, ...]] = {
            "photo": ("photo",),
            "edge": ("edge",),
            "both": ("photo", "edge"),
        }
        embedded = [self.embed(dataset, kind, rows) for kind in kinds[self.config.gallery]]
        return F.normalize(torch.stack(embedded).sum(0), dim=2)

    def embed(self, dataset: PairDataset, kind: Kind, rows: Rows) -> Tensor:
        """Return unit embeddings (V, N, D) under V views: unmirrored and, with `flip_views`, mirrored."""
        table = dataset.sketches if kind == "sketch" else dataset.photos
        group = torch.tensor([self.encoder.group(table[row].category, kind) for row in rows])
        widths = range(len(WIDTHS)) if self.config.width_views and kind != "photo" else (USUAL_WIDTH,)
        views = []
        for mirrored in (False, True) if self.config.flip_views else (False,):
            total = torch.zeros(len(rows), self.config.embedding_dim)
            for width in widths:
                images = framed_rgb(dataset, kind, rows, self.config, width)
                total += embedded(self.encoder, images[:, :, ::-1] if mirrored else images, group)
            views.append(F.normalize(total, dim=1))
        return torch.stack(views)


def similarity(queries: Tensor, gallery: Tensor) -> Tensor:
    """Return the mean over V views of the cosines of unit queries (V, Q, D) and gallery images (V, G, D), (Q, G)."""
    return torch.einsum("vqd,vgd->qg", queries, gallery) / len(queries)


def hubness(near: Tensor, temperature: float) -> Tensor:
    """Return the soft maximum over a bank of queries of their similarities (N, G) to each gallery image, (G,)."""
    penalty: Tensor = temperature * (torch.logsumexp(near / temperature, dim=0) - math.log(len(near)))
    return penalty


@torch.inference_mode()
def embedded(encoder: GridEncoder, images: Images, group: Tensor) -> Tensor:
    """Return embeddings, float32 (N, D), on the CPU, of images, uint8 (N, S, S, 3), of groups (N,)."""
    encoder.eval()
    features = trunk_features(encoder, images, precision="fp32")
    device = features.device
    return encoder.head(encoder.standardised(features, group.to(device))).cpu()


@torch.inference_mode()
def trunk_features(encoder: GridEncoder, images: Images, *, precision: Precision) -> Tensor:
    """Return grid features, float32 (N, F), of images, uint8 (N, S, S, 3), on the encoder's device."""
    device = encoder.scale.device
    rows = []
    for start in range(0, len(images), 64):
        x = torch.from_numpy(np.ascontiguousarray(images[start : start + 64])).permute(0, 3, 1, 2).float()
        with autocast(device, precision):
            rows.append(encoder.features(placed(x, device)).float())
    return torch.cat(rows)
