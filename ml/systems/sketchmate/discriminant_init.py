"""Initialise SketchMate's hash layer from discriminant axes of the pretrained branches. Not in the paper.

A randomly initialised layer cannot learn the axes in stage 3 from 345 categories of 15 drawings each, but they have a
closed form. They are those of Fisher's discriminant, each weighted by how well it separates the categories (its
canonical correlation, as in CCA-ITQ), and rotated so that taking signs loses little (ITQ). The classifier is initialised
with the categories' mean codes.
"""

import numpy as np
import torch
from torch import Tensor

from ml.models.discriminant import discriminant_axes
from ml.models.itq import itq_rotation
from ml.models.sketchmate.network import SketchMate
from ml.systems.sketchmate.config import SketchMateSettings
from ml.systems.sketchmate.data import SketchBatches
from ml.systems.sketchmate.fitting import encode
from ml.training.device import pick_device, placed

N_PRINCIPAL, RIDGE = 512, 0.5
DEVIATION = 2.0  # of a logit over the training drawings
_DRAWINGS = 20_000  # at most, evenly spread


@torch.no_grad()
def init_from_discriminant_axes(model: SketchMate, data: SketchBatches, settings: SketchMateSettings) -> None:
    """Initialise the hash layer and the classifier from fused features of training drawings."""
    placed(model, pick_device(), channels_last=settings.channels_last).eval()
    n = min(len(data.train), _DRAWINGS)
    rows = data.train[np.linspace(0, len(data.train) - 1, n).astype(np.intp)]
    features = torch.from_numpy(encode(model, data, rows, settings, fused=True).fused)  # (N, F)
    labels = data.labels_of(rows)
    mean, deviation = features.mean(0), features.std(0).clamp_min(1e-6)
    standardised = (features - mean) / deviation
    axes = _rotated_axes(standardised, labels, settings.code_length)  # (K, F)
    logits = standardised @ axes.T
    model.embed.weight.copy_(axes / deviation)
    model.embed.bias.copy_(-(axes / deviation) @ mean)
    assert model.classifier is not None
    weights, bias = _nearest_mean(model.relaxed(logits), labels, model.config.n_categories)
    model.classifier.weight.copy_(weights)
    model.classifier.bias.copy_(bias)


def _rotated_axes(features: Tensor, labels: Tensor, n_bits: int) -> Tensor:
    """Return weighted and rotated discriminant axes (K, F) of features of mean 0; logits have the deviation DEVIATION."""
    axes, ratios = discriminant_axes(features, labels, n_bits, n_principal=N_PRINCIPAL, ridge=RIDGE)
    axes = axes * ((ratios / (1 + ratios)).sqrt() / (features @ axes.T).std(0).clamp_min(1e-6))[:, None]
    weighted = torch.zeros(n_bits, features.shape[1])  # beyond the number of labels there are no axes
    weighted[: len(axes)] = axes
    rotation = torch.from_numpy(itq_rotation((features @ weighted.T).numpy(), seed=0)).float()
    turned = rotation.T @ weighted
    return DEVIATION * turned / (features @ turned.T).std(0).clamp_min(1e-6)[:, None]


def _nearest_mean(relaxed: Tensor, labels: Tensor, n_categories: int) -> tuple[Tensor, Tensor]:
    """Return weights (L, K) and bias (L,) of a linear classifier of f (N, K) that prefers the nearest category mean."""
    members = torch.nn.functional.one_hot(labels, n_categories).float()  # (N, L)
    means = members.T @ relaxed / members.sum(0)[:, None].clamp_min(1)
    overall = relaxed.mean(0)
    weights = means - overall
    weights *= relaxed.shape[1] / 4 / weights.norm(dim=1).mean() ** 2
    return weights, -(weights * means).sum(1) / 2 - weights @ overall / 2
