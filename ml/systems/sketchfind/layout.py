"""Give a trained encoder a second part of its embedding, which suits catalogues that training has never seen.

The head that training learns serves the training catalogue; the trunk's grid serves others better (as in self-supervised
learning, whose projection head is dropped: Chen et al., "A Simple Framework for Contrastive Learning of Visual
Representations", ICML 2020, section 4.2). The first part keeps the strongest principal axes of the learned embedding,
99 % of its energy. The second consists of the grid's principal axes over drawings, photos and edge maps of the training
split, scaled halfway to whitening. The hash code is ITQ of both parts.
"""

from dataclasses import replace

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ml.models.itq import itq_rotation
from ml.models.sketch_encoder import DOMAINS, SketchEncoder
from ml.systems.sketchfind.data import SketchfindData

LEARNED_DIM, LAYOUT_DIM, CODE_LENGTH = 128, 384, 128
LAYOUT_WEIGHT = 0.6  # chosen on train sketches of Shoe-V1 and Chair-V1 against validation doodles
BATCHES = 24  # of the training split, for the statistics
_POWER = -0.25  # of the eigenvalues, that is of squared deviations


@torch.no_grad()
def with_layout(trained: SketchEncoder, data: SketchfindData) -> SketchEncoder:
    """Return the encoder with the part `layout`, centred on the training split, and a new hash head, in eval mode."""
    trained = trained.cpu().eval()
    n_trained = trained.config.embedding_dim - trained.config.layout_dim
    n_learned = min(LEARNED_DIM, n_trained)
    config = replace(
        trained.config,
        embedding_dim=n_learned + LAYOUT_DIM,
        layout_dim=LAYOUT_DIM,
        layout_weight=LAYOUT_WEIGHT,
        code_length=CODE_LENGTH,
    )
    encoder = SketchEncoder(config)
    encoder.trunk = trained.trunk
    for name in ("feature_mean", "feature_std"):
        getattr(encoder, name).copy_(getattr(trained, name))
    standardised, domain = _products(encoder, data)
    weight, bias = trained.embed.weight[:n_trained], trained.embed.bias[:n_trained]
    learned = F.normalize(F.linear(standardised, weight, bias) - trained.centres[domain, :n_trained], dim=1)
    strongest = torch.linalg.svd(learned, full_matrices=False).Vh[:n_learned]
    encoder.embed.weight[:n_learned].copy_(strongest @ weight)
    encoder.embed.bias[:n_learned].copy_(strongest @ bias)
    encoder.centres[:, :n_learned].copy_(trained.centres[:, :n_trained] @ strongest.T)

    n_grid = config.n_grid_features
    axes = _principal_axes([standardised[domain == number][:, :n_grid] for number in range(len(DOMAINS))])
    encoder.embed.weight[n_learned:].zero_()
    encoder.embed.weight[n_learned:, :n_grid].copy_(axes.T)
    encoder.embed.bias[n_learned:].zero_()
    layout = encoder.embed(standardised)[:, n_learned:]
    for number in range(len(DOMAINS)):
        encoder.centres[number, n_learned:].copy_(layout[domain == number].mean(0))

    embedding = encoder.heads(standardised, domain)[0].numpy()
    _, _, directions = np.linalg.svd(embedding, full_matrices=False)
    projected = directions[:CODE_LENGTH].T
    rotation = itq_rotation(embedding @ projected, data.config.seed)
    encoder.hash.weight.copy_(torch.from_numpy((projected @ rotation).T.astype(np.float32)))
    encoder.hash.bias.zero_()
    return encoder.eval()


def _products(encoder: SketchEncoder, data: SketchfindData) -> tuple[Tensor, Tensor]:
    """Return standardised features (N, F) and domains (N,) of drawings and gallery images of the training split."""
    features, domains = [], []
    for index in range(BATCHES):
        batch = data.batch(np.random.default_rng([data.config.seed, 3, index]))
        n = 2 * len(batch.product)  # without doodles, which would shift the centre of drawings
        images = torch.from_numpy(batch.images[:n]).permute(0, 3, 1, 2).float()
        domain = torch.from_numpy(batch.domain[:n])
        features.append(encoder.standardised(encoder.features(images.contiguous()), domain))
        domains.append(domain)
    return torch.cat(features), torch.cat(domains)


def _principal_axes(parts: list[Tensor]) -> Tensor:
    """Return the principal axes, (F, LAYOUT_DIM), of unit vectors of several domains, each domain weighted equally."""
    covariance = torch.stack([_covariance(F.normalize(part - part.mean(0), dim=1)) for part in parts]).mean(0)
    values, vectors = torch.linalg.eigh(covariance)  # ascending
    strongest = vectors[:, -LAYOUT_DIM:].flip(1)
    scale: Tensor = values[-LAYOUT_DIM:].flip(0).clamp_min(1e-9) ** _POWER
    axes: Tensor = strongest * scale
    return axes


def _covariance(rows: Tensor) -> Tensor:
    return rows.T @ rows / len(rows)
