"""System `triplet-san`: a Siamese Sketch-a-Net that ranks photos' edge maps for a sketch.

Source: Yu, Liu, Song, Xiang, Hospedales, Loy, "Sketch Me That Shoe", CVPR 2016. In four stages, each resumable:

    1 edges, 2 sketches, 3 ranking   pretraining on other data (`triplet_san_stages`), shared by runs
    4 train, final                   triplets of the target category (`ranking_training`)

    L(s, p+, p-) = max(0, margin + D(s, p+) - D(s, p-)),   D squared Euclidean between unit embeddings

Divergences, each a setting, chosen on validation: the `cpu` profile has BatchNorm of maps and of embeddings, AdamW, and
batches of products in which every triplet counts; the `gpu` profile has the paper's settings. The margin is the published
code's 0.3; the text prints 2.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.losses.contrastive import contrastive_loss
from ml.models.domain_norm import Domain, DomainNorm
from ml.models.sketch_a_net import INPUT_PX, SketchANet, SketchANetConfig
from ml.systems.ranking_config import RankingConfig
from ml.systems.ranking_data import Batch
from ml.systems.ranking_model import Frozen, RankingModel, ink
from ml.systems.ranking_scorer import RankingScorer
from ml.systems.ranking_training import embedded, save_run, train_and_select, triplet_objective
from ml.systems.triplet_san_config import PROFILES, TripletSanConfig
from ml.systems.triplet_san_stages import pretrain
from ml.training.config import as_json, with_overrides
from ml.training.device import pick_device, placed
from ml.training.loop import Metrics
from ml.training.model_folder import load_weights
from ml.training.run_files import claim_folder

SYSTEM = "triplet-san"


class TripletSan(RankingModel):
    """One Sketch-a-Net for sketches and edge maps, or, heterogeneous, one each."""

    input_px = INPUT_PX

    def __init__(
        self, network: SketchANetConfig, *, heterogeneous: bool = False, domain_norm: bool = True
    ) -> None:
        super().__init__()
        self.feature_dim = network.embedding_dim
        self.branch = SketchANet(network)
        self.photo_branch = SketchANet(network) if heterogeneous else None
        self.norm = DomainNorm(network.embedding_dim) if domain_norm else None
        self._frozen = Frozen([])

    def features(self, images: Tensor, domain: Domain) -> Tensor:
        """FC7 before its normalisation, (B, D)."""
        branch = self._branch(domain)
        features: Tensor = branch.head(branch.maps(ink(images)))
        return features

    def embed(self, images: Tensor, domain: Domain) -> Tensor:
        return self._normalised(self.features(images, domain), domain)

    def embed_pairs(self, sketches: Tensor, photos: Tensor) -> tuple[Tensor, Tensor]:
        if self.photo_branch is not None:
            return super().embed_pairs(sketches, photos)
        joined = self.features(torch.cat([sketches, photos]), "sketch")  # one pass, one BatchNorm of the maps
        n = len(sketches)
        return self._normalised(joined[:n], "sketch"), self._normalised(joined[n:], "photo")

    def freeze(self, convolutions: int) -> None:
        self._frozen = Frozen(self.branch.maps.convolutions()[:convolutions])

    def train(self, mode: bool = True) -> TripletSan:
        super().train(mode)
        self._frozen.apply()
        return self

    def _normalised(self, features: Tensor, domain: Domain) -> Tensor:
        standard = features if self.norm is None else self.norm(features, domain)
        return F.normalize(standard.float(), dim=1)

    def _branch(self, domain: Domain) -> SketchANet:
        return self.branch if domain == "sketch" or self.photo_branch is None else self.photo_branch


def pairwise_objective(model: RankingModel, batch: Batch, config: RankingConfig) -> tuple[Tensor, Metrics]:
    """The pairwise alternative: a sketch and its photo match, all other pairs of the batch do not."""
    distances = model.distances(*embedded(model, batch, config))
    same = torch.from_numpy(batch.same).to(distances.device)
    return contrastive_loss(distances, same, margin=config.margin), {}


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of one or more categories; resumes. Returns the manifest of the model folder `out`."""
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(config), "final": None, "dataset": dataset.sha256})
    torch.manual_seed(config.seed)
    network = SketchANetConfig(batch_norm=config.batch_norm)
    model = TripletSan(network, heterogeneous=config.heterogeneous, domain_norm=config.domain_norm)
    stages = pretrain(model, config, out)
    if 4 not in config.skip:
        model.freeze(config.frozen)
        objective = pairwise_objective if config.loss == "contrastive" else triplet_objective
        stages |= train_and_select(model, dataset, config, out, objective=objective)
    return save_run(
        model, dataset, config, out, system=SYSTEM, stages=stages, network=network, command=command
    )


def load(folder: Path) -> RankingScorer:
    """The scorer of a model folder."""
    manifest, weights = load_weights(folder)
    config = TripletSanConfig(**manifest["config"])
    model = TripletSan(
        SketchANetConfig(**manifest["network"]),
        heterogeneous=config.heterogeneous,
        domain_norm=config.domain_norm,
    )
    model.load_state_dict(weights)
    placed(model, pick_device(), channels_last=config.channels_last)
    return RankingScorer(model, config)
