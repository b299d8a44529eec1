"""System `sketchfind-pairs`: find the photo that a sketch was drawn from among others of its category.

One encoder for sketches, edge maps and photos, initialised from ImageNet and the principal axes of its untrained
features. A step takes pairs of one category, so that every negative is hard. Half of the pairs have edge maps, which are
between sketches and photos. Sketch and gallery image are deformed together, which makes new products, and on their own.

    contrastive   symmetric InfoNCE over the step's pairs
    votes         likelihood of the human triplets among the step's pairs, with `vote_weight`
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.contracts.split import Split
from ml.datasets.formats import open_dataset
from ml.datasets.frames import Kind
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.losses.info_nce import info_nce
from ml.losses.vote_likelihood import vote_likelihood
from ml.models.efficientnet_lite import Block
from ml.models.grid_encoder.config import GridEncoderConfig
from ml.models.grid_encoder.network import GridEncoder
from ml.protocols.pairs import measure
from ml.protocols.scorer import Rows, Scorer
from ml.systems.pairs.config import PROFILES, USUAL_WIDTH, PairsConfig
from ml.systems.pairs.data import KINDS, LOOKS_ALIKE, Batch, PairData, Source, framed_rgb
from ml.systems.pairs.scorer import PairsScorer, trunk_features
from ml.training.config import as_json, with_overrides
from ml.training.device import autocast, pick_device, placed
from ml.training.loop import Loop, Metrics
from ml.training.model_folder import load_weights, save_model
from ml.training.optimisers import build_optimizer
from ml.training.prefetch import Prefetched
from ml.training.run_files import claim_folder

SYSTEM, VERSION = "sketchfind-pairs", "2026.11"
STATISTICS_MOMENTUM = 0.1
STATISTICS_IMAGES = 160  # per domain of a category, at most


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Train on the train split, choose the step on val, and write a model folder to `out`; resumes.

    With final=true, train on train + val for all steps. Returns the validation of the chosen weights. Raises ConfigError
    on a wrong profile or setting, DatasetError on unusable data.
    """
    if profile not in PROFILES:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(PROFILES)}")
    config = with_overrides(PROFILES[profile], overrides)
    claim_folder(out / "run", as_json(config))
    splits: tuple[Split, ...] = ("train", "val") if config.final else ("train",)
    datasets = [dataset, *(_further(item, dataset.format) for item in config.also)]
    data = PairData(config, datasets, splits)
    encoder = initialised(config, data)
    optimizer = build_optimizer(
        config.optimizer,
        [
            (encoder.trunk.parameters(), config.trunk_lr),
            ([encoder.scale, *encoder.embed.parameters()], config.learning_rate),
        ],
        weight_decay=config.weight_decay,
        momentum=config.momentum,
    )

    def validate(module: nn.Module) -> Metrics:
        assert isinstance(module, GridEncoder)
        fit_statistics(module, data)
        return validation(PairsScorer(module, config), datasets)

    with Prefetched.of(config, data.batch) as batches:
        loop = Loop.of(
            config,
            model=encoder,
            optimizer=optimizer,
            step=lambda index: loss(encoder, batches(index), config),
            validate=None if config.final else validate,
            folder=out / "run",
            title=SYSTEM,
            batch_name=lambda index: f"{index} ({', '.join(sorted(set(data.batch(index).categories)))})",
        )
        best = loop.run()
    if config.final:
        fit_statistics(encoder, data)
    metrics = {f"val/{name}": value for name, value in best.items()}
    manifest = {
        "name": SYSTEM,
        "system": SYSTEM,
        "version": VERSION,
        "format": dataset.format,
        "category": ", ".join(dataset.categories),
        "config": dict(as_json(config)),
        "categories": list(encoder.categories),
        "metrics": metrics,
        "dataset_sha256": dataset.sha256,
        "training": {"minutes": round(loop.minutes, 1), "command": command},
    }
    save_model(out, encoder, manifest)
    return metrics


def load(folder: Path) -> Scorer:
    """Load the scorer of a model folder. Raises ModelError."""
    manifest, weights = load_weights(folder)
    settings: dict[str, Any] = {**manifest["config"], "also": tuple(manifest["config"]["also"])}
    config = PairsConfig(**settings)
    encoder = GridEncoder(config.encoder, manifest["categories"])
    encoder.trunk.fold_batch_norm()
    encoder.load_state_dict(weights)
    placed(encoder.eval(), pick_device())
    return PairsScorer(encoder, config)


def loss(encoder: GridEncoder, batch: Batch, config: PairsConfig) -> tuple[Tensor, Metrics]:
    """Return the loss of a batch, and its parts for the log."""
    device = encoder.scale.device
    images = torch.from_numpy(batch.images).permute(0, 3, 1, 2).float()  # (2n, 3, S, S)
    group = torch.tensor(
        [encoder.group(*named) for named in zip(batch.categories, batch.domains, strict=True)], device=device
    )
    with autocast(device, config.precision):
        features = encoder.features(placed(images, device, channels_last=config.channels_last))
    features = features.float()
    encoder.track_statistics(features.detach(), group, STATISTICS_MOMENTUM)
    sketches, gallery = encoder.head(encoder.standardised(features, group)).chunk(2)  # (n, D) each
    contrastive = info_nce(sketches, gallery, temperature=config.temperature)
    parts = {"contrastive": contrastive.item()}
    if not config.vote_weight:
        return contrastive, parts
    similarity = sketches @ gallery.T
    sketch, nearer, farther = torch.from_numpy(batch.votes).to(device).T
    votes = vote_likelihood(
        similarity[sketch, nearer], similarity[sketch, farther], temperature=config.vote_temperature
    )
    return contrastive + config.vote_weight * votes, parts | {"votes": votes.item()}


def validation(scorer: PairsScorer, datasets: Sequence[PairDataset]) -> Metrics:
    """Return acc@1, acc@10 and mean reciprocal rank of each dataset's validation sketches among its validation photos.

    With the number of these sketches. The first dataset's metrics have no prefix; `score`, the mean of its acc@1 and mean
    reciprocal rank, selects weights.
    """
    metrics: Metrics = {}
    for number, dataset in enumerate(datasets):
        if number and not len(dataset.sketch_rows("val")):
            continue
        measured = measure(scorer, dataset, split="val")
        prefix = f"also{number}/" if number else ""
        metrics |= {f"{prefix}{name}": measured.metrics[name]["value"] for name in ("acc@1", "acc@10")}
        metrics[f"{prefix}n_queries"] = float(len(measured.ranks))
        metrics[f"{prefix}mrr"] = float((1 / measured.ranks).mean())
    metrics["score"] = (metrics["acc@1"] + metrics["mrr"]) / 2
    return metrics


def initialised(config: PairsConfig, data: PairData) -> GridEncoder:
    """Return an encoder with ImageNet trunk, frozen first blocks, and a projection on its features' principal axes."""
    torch.manual_seed(config.seed)
    encoder = untrained(config.encoder, data.categories)
    encoder.trunk.freeze(config.frozen_blocks)
    if not config.train_depthwise:
        for block in encoder.trunk._blocks:
            assert isinstance(block, Block)
            block._depthwise_conv.requires_grad_(False)
    placed(encoder, pick_device(), channels_last=config.channels_last)
    standardised = fit_statistics(encoder, data)
    encoder.initialise_embedding(standardised)
    if config.hard_share:
        find_look_alikes(encoder, data)
    return encoder


def untrained(config: GridEncoderConfig, categories: Sequence[str]) -> GridEncoder:
    """Return an encoder with ImageNet trunk and folded BatchNorm."""
    encoder = GridEncoder(config, categories)
    encoder.trunk.load_imagenet()
    encoder.trunk.fold_batch_norm()
    return encoder


def fit_statistics(encoder: GridEncoder, data: PairData) -> Tensor:
    """Set each group's statistics to those of unaugmented training images. Returns standardised features (N, F)."""
    standardised = []
    for source in data.sources:
        rng = np.random.default_rng(data.config.seed)
        for kind in KINDS:
            rows = source.rows(kind)
            rows = np.sort(rng.permutation(rows)[:STATISTICS_IMAGES])
            features, group = grid_features(encoder, source, kind, rows, data.config)
            encoder.track_statistics(features, group, momentum=1.0)
            standardised.append(encoder.standardised(features, group))
    encoder.pool_unknown()
    return torch.cat(standardised)


def find_look_alikes(encoder: GridEncoder, data: PairData) -> None:
    """Set `alike` of each source: the products with the most similar photos, by the current features."""
    for source in data.sources:
        features, group = grid_features(encoder, source, "photo", source.products, data.config)
        vectors = F.normalize(encoder.standardised(features, group), dim=1)
        similarity = (vectors @ vectors.T).fill_diagonal_(-1.0)
        nearest = similarity.topk(min(LOOKS_ALIKE, len(vectors) - 1), dim=1).indices
        source.alike = nearest.cpu().numpy()


def grid_features(
    encoder: GridEncoder, source: Source, kind: Kind, rows: Rows, config: PairsConfig
) -> tuple[Tensor, Tensor]:
    """Return trunk features (N, F) of unaugmented images of a source, and their group (N,)."""
    images = framed_rgb(source.dataset, kind, rows, config, width=USUAL_WIDTH)
    features = trunk_features(encoder, images, precision=config.precision)
    return features, torch.full((len(rows),), encoder.group(source.category, kind), device=features.device)


def _further(item: str, format: str) -> PairDataset:
    """Open a dataset given as FORMAT:PATH, or as PATH with the main dataset's format."""
    named, separator, path = item.partition(":")
    return open_dataset(named, Path(path)) if separator else open_dataset(format, Path(item))
