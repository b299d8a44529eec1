"""System `dssa`: spatial attention, coarse-fine fusion and the second-order distance HOLEF.

Source: Song, Yu, Song, Xiang, Hospedales, "Deep Spatial-Semantic Attention for Fine-Grained Sketch-Based Image
Retrieval", ICCV 2017; only its supplement was available, not the main paper.

    f = maps of Sketch-a-Net,  a = f + f * mask(f),  embedding = [pool(a), FC7(a)],  distance = HOLEF
    L = triplet loss + lambda (||W - I||_1 + ||W - I||_F)

It starts from a run of `triplet-san`, as the paper's network starts from a pretrained one. For datasets of many
categories there is the hybrid network: L + 0.1 cross-entropy of categories. The rows of the ablation are settings
(`ABLATION` in its config).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, ModelError
from ml.models.dssa.config import DssaConfig, HybridConfig
from ml.systems.fine_grained.config import RankingConfig
from ml.systems.fine_grained.data import Batch
from ml.systems.fine_grained.dssa.config import PROFILES, DssaSettings
from ml.systems.fine_grained.dssa.models import DssaModel, HolefModel, HybridModel
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.projection import fit_projection
from ml.systems.fine_grained.scorer import RankingScorer
from ml.systems.fine_grained.training import save_run, train_and_select, triplet_objective, triplets_of
from ml.training.config import as_json, with_overrides
from ml.training.device import autocast, pick_device, placed
from ml.training.loop import Metrics
from ml.training.model_folder import WEIGHTS, load_weights
from ml.training.run_files import claim_folder

SYSTEM = "dssa"


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on a dataset of pairs; resumes. Returns the manifest of the model folder `out`.

    Raises ConfigError on a wrong profile or setting, ModelError if `warm_start` does not fit, or
    DatasetError if the data is unusable.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    claim_folder(out, {**as_json(config), "final": None, "dataset": dataset.sha256})
    torch.manual_seed(config.seed)
    network = hybrid_of(config, len(dataset.categories)) if config.network == "hybrid" else network_of(config)
    model = _model(config, network)
    fit_projection(model, dataset, config)
    final_start = None
    if config.warm_start is not None:
        # The first weights were trained without the validation split; the second on train + val, like the final stage.
        final_start = warm_state(model, config.warm_start, "2-final") if config.final else None
        model.load_state_dict(warm_state(model, config.warm_start, "1-train"))
    model.freeze(config.frozen)
    objective = classified_objective if config.network == "hybrid" else triplet_objective
    stages = train_and_select(model, dataset, config, out, objective=objective, final_start=final_start)
    return save_run(
        model, dataset, config, out, system=SYSTEM, stages=stages, network=network, command=command
    )


def load(folder: Path) -> RankingScorer:
    """Load the scorer of a model folder. Raises ModelError."""
    manifest, weights = load_weights(folder)
    config = DssaSettings(**manifest["config"])
    sizes = HybridConfig if config.network == "hybrid" else DssaConfig
    model = _model(config, sizes(**manifest["network"]))
    model.load_state_dict(weights)
    placed(model, pick_device(), channels_last=config.channels_last)
    return RankingScorer(model, config)


def classified_objective(model: RankingModel, batch: Batch, config: RankingConfig) -> tuple[Tensor, Metrics]:
    """Return the hybrid network's loss: triplets, HOLEF's regulariser, and the weighted cross-entropy of categories."""
    assert isinstance(model, HybridModel)
    assert isinstance(config, DssaSettings)
    device = next(model.parameters()).device
    with autocast(device, config.precision):
        sketches, sketch_logits = model.with_logits(torch.from_numpy(batch.sketches).to(device), "sketch")
        photos, photo_logits = model.with_logits(torch.from_numpy(batch.photos).to(device), "photo")
    loss, parts = triplets_of(model.distances(sketches.float(), photos.float()), batch, config)
    labels = torch.from_numpy(batch.sketch_labels).to(device), torch.from_numpy(batch.photo_labels).to(device)
    category = F.cross_entropy(sketch_logits.float(), labels[0]) + F.cross_entropy(
        photo_logits.float(), labels[1]
    )
    penalty = model.penalty()
    total = loss + config.classification * category / 2 + (0 if penalty is None else penalty)
    return total, parts | {"category": category.item() / 2}


def network_of(config: DssaSettings) -> DssaConfig:
    """Return the sizes and switches of a branch."""
    return DssaConfig(
        batch_norm=config.batch_norm,
        attention=config.attention,
        mask_norm=config.mask_norm,
        coarse_fine=config.coarse_fine,
        coarse_weight=config.coarse_weight,
        branch=config.branch,
        lite0_px=config.pretrained_px,
    )


def hybrid_of(config: DssaSettings, n_categories: int) -> HybridConfig:
    """Return the sizes of the hybrid network."""
    return HybridConfig(
        n_categories,
        batch_norm=config.batch_norm,
        mask_norm=config.mask_norm,
        coarse_fine=config.coarse_fine,
        coarse_weight=config.coarse_weight,
    )


def _model(config: DssaSettings, network: DssaConfig | HybridConfig) -> HolefModel:
    if isinstance(network, HybridConfig):
        return HybridModel(network, config)
    return DssaModel(network, config)


def warm_state(model: HolefModel, run: Path, stage: str) -> dict[str, Tensor]:
    """Return the model's state with the layers of a triplet-san stage.

    Raises ModelError if the run lacks that stage or its layers have other shapes.
    """
    path = run / stage / WEIGHTS
    if not path.exists():
        wanted = "; train it with final=true first" if stage == "2-final" else ""
        raise ModelError(
            "warm_start", f"{run} has no {stage}, so it is not a finished run of triplet-san{wanted}"
        )
    state = {name: value.clone() for name, value in model.state_dict().items()}
    found = load_file(path)
    for name, value in found.items():
        if name not in state or state[name].shape != value.shape:
            raise ModelError(
                "warm_start", f"{run} has {name} {tuple(value.shape)}, which does not fit this network"
            )
        state[name] = value
    return state
