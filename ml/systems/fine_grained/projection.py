"""The start of a pretrained branch: statistics of its features by domain, and a projection on their principal axes."""

from __future__ import annotations

import torch

from ml.datasets.pairs import PairDataset
from ml.models.domain_norm import Domain
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.scorer import RankingScorer

_IMAGES = 512  # of a domain, at most


def fit_projection(model: RankingModel, dataset: PairDataset, config: RankingConfig) -> None:
    """Fit the layers after a pretrained branch to training images, so that it ranks as its untrained features do."""
    if model.project is None:
        return
    scorer = RankingScorer(model, config, crops=1)
    standardised = []
    domains: tuple[Domain, Domain] = ("sketch", "photo")
    for domain in domains:
        rows = dataset.sketch_rows("train") if domain == "sketch" else dataset.photo_rows("train")
        features = scorer.features(dataset, domain, rows[:_IMAGES])
        standardised.append(features if model.norm is None else model.norm.fit(features, domain))
    model.project.initialise(torch.cat(standardised))
