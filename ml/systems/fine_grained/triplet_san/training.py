"""System `triplet-san`: a Siamese Sketch-a-Net that ranks edge maps of photos for a sketch.

Source: Yu, Liu, Song, Xiang, Hospedales, Loy, "Sketch Me That Shoe", CVPR 2016. It has four resumable stages:

    1 edges, 2 sketches, 3 ranking   pretraining on other datasets (`pretraining`), shared by runs
    4 train, final                   triplets of the target category (`fine_grained.training`)

    L(s, p+, p-) = max(0, margin + D(s, p+) - D(s, p-)),   D squared Euclidean between unit embeddings

Divergences, all settings, chosen on validation: the `cpu` profile has BatchNorm of maps and of embeddings, AdamW, and
batches of products that use every triplet; the `gpu` profile has the paper's settings. The margin is 0.3 as in the
published code; the paper states 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.losses.contrastive import contrastive_loss
from ml.models.sketch_a_net import SketchANetConfig
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.data import Batch
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.projection import fit_projection
from ml.systems.fine_grained.scorer import RankingScorer
from ml.systems.fine_grained.training import embedded, save_run, train_and_select, triplet_objective
from ml.systems.fine_grained.triplet_san.config import PROFILES, TripletSanConfig
from ml.systems.fine_grained.triplet_san.model import TripletSan
from ml.systems.fine_grained.triplet_san.pretraining import pretrain
from ml.training.config import as_json, with_overrides
from ml.training.device import pick_device, placed
from ml.training.loop import Metrics
from ml.training.model_folder import load_weights
from ml.training.run_files import claim_folder

SYSTEM = "triplet-san"


def pairwise_objective(model: RankingModel, batch: Batch, config: RankingConfig) -> tuple[Tensor, Metrics]:
    """Return the pairwise loss, the paper's alternative: only a sketch and its photo match."""
    distances = model.distances(*embedded(model, batch, config))
    same = torch.from_numpy(batch.same).to(distances.device)
    return contrastive_loss(distances, same, margin=config.margin), {}


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of one or more categories; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, also if untrained layers would be frozen, DatasetError on unusable
    data.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    if config.frozen and config.skipped == (1, 2, 3):
        raise ConfigError(
            "frozen",
            f"{config.frozen} convolutions would keep random weights, because nothing is pretrained; "
            "set pretrain_photos and pretrain_sketches, or frozen=0",
        )
    claim_folder(out, {**as_json(config), "final": None, "dataset": dataset.sha256})
    torch.manual_seed(config.seed)
    network = SketchANetConfig(batch_norm=config.batch_norm)
    model = TripletSan(network, config)
    stages = pretrain(model, config, out)
    fit_projection(model, dataset, config)
    if 4 not in config.skip:
        model.freeze(config.frozen)
        objective = pairwise_objective if config.loss == "contrastive" else triplet_objective
        stages |= train_and_select(model, dataset, config, out, objective=objective)
    return save_run(
        model, dataset, config, out, system=SYSTEM, stages=stages, network=network, command=command
    )


def load(folder: Path) -> RankingScorer:
    """Load the scorer of a model folder. Raises ModelError."""
    manifest, weights = load_weights(folder)
    config = TripletSanConfig(**manifest["config"])
    model = TripletSan(SketchANetConfig(**manifest["network"]), config)
    model.load_state_dict(weights)
    placed(model, pick_device(), channels_last=config.channels_last)
    return RankingScorer(model, config)
