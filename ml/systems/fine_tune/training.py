"""System `sketchfind`, profile `fine-tune`: retrain the head of a served model on a snapshot of the site, in minutes.

The trunk is kept; its features of every sketch and photo are computed once. The standardisation moves part of the way to
the snapshot's statistics; the embedding and the hash head are trained. The loss of a step has the parts

    contrastive   symmetric InfoNCE of sketches and their own products, one category per step
    votes         likelihood of judged triplets under the cosines, each with its certainty
    clicks        the same of weak triplets from clicks, each as often as its weight says; off unless asked for
    hash          the same two on the straight-through signs of the hash head, and the quantisation loss
    keep          squared distance of the weights from the base's (L2-SP; Li, Grandvalet and Davoine, "Explicit Inductive
                  Bias for Transfer Learning with Convolutional Networks", ICML 2018), relative to the base's

The gallery embedding of a photo is the site's: the mean of its embeddings as each gallery input.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ml.datasets.consensus import Consensus
from ml.datasets.pairs import PairDataset
from ml.losses.info_nce import info_nce
from ml.losses.quantisation import quantisation_loss
from ml.losses.vote_likelihood import vote_likelihood
from ml.metrics.ranking import accuracy_at, correct_triplets, expected_ranks, summary
from ml.models.sketch_encoder import DOMAINS, SketchEncoder
from ml.protocols.scorer import Rows
from ml.retrieval.files import sha256_of
from ml.serving.manifest import MANIFEST, ModelManifest
from ml.systems.fine_tune.config import PROFILES, FineTuneConfig
from ml.systems.fine_tune.data import Bank, bank
from ml.systems.fine_tune.export import Tuned, write_tuned
from ml.systems.sketchfind.release import load_encoder
from ml.training.config import as_json, with_overrides
from ml.training.loop import Loop, Metrics
from ml.training.optimisers import build_optimizer
from ml.training.run_files import claim_folder

HASH_TEMPERATURE = 0.2
MIN_STD = 1e-2
SKETCH = DOMAINS.index("sketch")
Encoded = tuple[Tensor, Tensor]  # embeddings (N, D), relaxed hash codes (N, K)


class Standardised(NamedTuple):
    """A bank's features as input of the head, float32: sketch (S, V, F), photo (P, 2, I, F); domains of I, int64 (I,)."""

    sketch: Tensor
    photo: Tensor
    gallery_domains: Tensor


def train(
    *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
) -> Mapping[str, Any]:
    """Retrain the head on train, choose the step on val, and write a servable model folder to `out`; resumes.

    Returns validation metrics of the tuned head and, as `base/...`, of the base. Raises ConfigError on a wrong setting,
    ModelError on an unusable base, DatasetError if there is nothing to learn from.
    """
    config = with_overrides(PROFILES[profile], overrides)
    manifest = ModelManifest.read(config.base)
    parent = sha256_of(config.base / MANIFEST)
    # Identifies the base by content, because its path may differ on another host.
    settings = {**as_json(config), "base": parent, "dataset": dataset.sha256}
    claim_folder(out / "run", settings)
    encoder = load_encoder(config.base)
    encoder.trunk = nn.Identity()  # type: ignore[assignment]  # features come from the bank
    held = bank(dataset, config, manifest, out / "run")
    seen = standardised(encoder, held)
    before, closest_before = validation(encoder, held, seen), closest(encoder, held, seen)
    adopt_statistics(encoder, held, config.adopted)
    seen = standardised(encoder, held)
    base = [parameter.detach().clone() for parameter in encoder.parameters()]

    def validate(module: nn.Module) -> Metrics:
        assert isinstance(module, SketchEncoder)
        return means(validation(module, held, seen))

    loop = Loop.of(
        config,
        model=encoder,
        optimizer=build_optimizer(
            config.optimizer,
            [(encoder.parameters(), config.learning_rate)],
            weight_decay=config.weight_decay,
            momentum=config.momentum,
        ),
        step=lambda step: loss(encoder, base, held, seen, config, step),
        validate=validate if before and not config.final else None,
        folder=out / "run",
        title="fine-tune",
    )
    loop.run()
    encoder.eval()
    after = validation(encoder, held, seen)
    metrics = after | {f"base/{name}": value for name, value in before.items()}
    shift = float(np.median(closest(encoder, held, seen)) - np.median(closest_before))
    write_tuned(
        out,
        Tuned(
            base=config.base,
            parent=parent,
            encoder=encoder,
            score_shift=shift,
            metrics=metrics,
            config=dict(as_json(config)),
            dataset=dataset,
            n_pairs=len(held.rows("train")),
            n_triplets=len(held.judged["train"]),
            n_clicks=len(held.clicked),
            minutes=loop.minutes + held.seconds / 60,
            command=command,
        ),
    )
    return metrics


def loss(
    encoder: SketchEncoder,
    base: Sequence[Tensor],
    held: Bank,
    seen: Standardised,
    config: FineTuneConfig,
    step: int,
) -> tuple[Tensor, Metrics]:
    """Return the loss of a step, and its parts for the log."""
    parts: dict[str, Tensor] = {}
    relaxed = []
    if config.pair_weight and held.has_pairs:
        rows, view = held.pairs(config, step)
        query, gallery = (
            sketches(encoder, seen, rows, view, config.dropout),
            photos(encoder, seen, held.own[rows], view % 2, config.dropout),
        )
        parts["contrastive"] = config.pair_weight * info_nce(
            query[0], gallery[0], temperature=config.temperature
        )
        parts["hash"] = config.pair_weight * info_nce(
            signs(query[1]), signs(gallery[1]), temperature=HASH_TEMPERATURE
        )
        relaxed += [query[1], gallery[1]]
    if config.vote_weight and len(held.judged["train"]):
        judged, view = held.triplets(config, step)
        sketch, nearer, farther = judged.triplets.T.astype(np.intp)
        query = sketches(encoder, seen, sketch, view, config.dropout)
        near, far = (photos(encoder, seen, rows, view % 2, config.dropout) for rows in (nearer, farther))
        parts["votes"] = config.vote_weight * judged_loss(
            query[0], near[0], far[0], judged, config.vote_temperature
        )
        hashed = judged_loss(signs(query[1]), signs(near[1]), signs(far[1]), judged, HASH_TEMPERATURE)
        parts["hash"] = parts.get("hash", torch.zeros(())) + config.vote_weight * hashed
        relaxed += [query[1], near[1], far[1]]
    if config.click_weight and len(held.clicked):
        judged, view = held.clicks(config, step)
        sketch, opened, passed_over = judged.triplets.T.astype(np.intp)
        query = sketches(encoder, seen, sketch, view, config.dropout)
        near, far = (photos(encoder, seen, rows, view % 2, config.dropout) for rows in (opened, passed_over))
        parts["clicks"] = config.click_weight * judged_loss(
            query[0], near[0], far[0], judged, config.vote_temperature
        )
        hashed = judged_loss(signs(query[1]), signs(near[1]), signs(far[1]), judged, HASH_TEMPERATURE)
        parts["hash"] = parts.get("hash", torch.zeros(())) + config.click_weight * hashed
        relaxed += [query[1], near[1], far[1]]
    parts["hash"] = config.hash_weight * parts["hash"]
    parts["quantise"] = config.quantisation_weight * quantisation_loss(torch.cat(relaxed))
    moved = torch.stack(
        [(now - was).square().sum() for now, was in zip(encoder.parameters(), base, strict=True)]
    ).sum()
    parts["keep"] = config.keep_weight * moved / torch.stack([was.square().sum() for was in base]).sum()
    return torch.stack(list(parts.values())).sum(), {name: part.item() for name, part in parts.items()}


def judged_loss(query: Tensor, near: Tensor, far: Tensor, judged: Consensus, temperature: float) -> Tensor:
    """Return the likelihood loss of judged triplets under the cosines of unit vectors (V, D)."""
    return vote_likelihood(
        (query * near).sum(1),
        (query * far).sum(1),
        temperature=temperature,
        certainty=torch.from_numpy(judged.certainty),
    )


def sketches(
    encoder: SketchEncoder, seen: Standardised, rows: Rows, view: Rows, dropout: float = 0.0
) -> Encoded:
    """Encode sketches (N,), each under one view: embeddings (N, D) and relaxed codes (N, K)."""
    features = F.dropout(seen.sketch[rows, view], dropout)
    embedding, logits, _ = encoder.heads(features, torch.full((len(features),), SKETCH))
    return embedding, torch.tanh(logits)


def photos(
    encoder: SketchEncoder, seen: Standardised, rows: Rows, mirrored: Rows, dropout: float = 0.0
) -> Encoded:
    """Encode photos (N,), unmirrored or mirrored, with gallery inputs averaged as on the site: (N, D) and (N, K)."""
    features = seen.photo[rows, mirrored]  # (N, I, F)
    n, n_inputs = features.shape[:2]
    domain = seen.gallery_domains.repeat(n)
    embedding, logits, _ = encoder.heads(F.dropout(features.flatten(0, 1), dropout), domain)
    fused = F.normalize(embedding.reshape(n, n_inputs, -1).mean(1), dim=1)
    return fused, torch.tanh(logits.reshape(n, n_inputs, -1).mean(1))


def signs(relaxed: Tensor) -> Tensor:
    """Return unit vectors of the signs of relaxed codes (N, K), with the gradient of the identity."""
    hard = torch.where(relaxed > 0, 1.0, -1.0)
    return F.normalize(relaxed + (hard - relaxed).detach(), dim=1)


@torch.no_grad()
def standardised(encoder: SketchEncoder, held: Bank) -> Standardised:
    """Return the bank's features standardised by the encoder's statistics."""
    sketch = torch.from_numpy(held.sketch).float()
    photo = torch.from_numpy(held.photo).float()
    gallery_domains = torch.tensor(held.gallery_domains)
    return Standardised(
        encoder.standardised(sketch, torch.tensor(SKETCH)),
        encoder.standardised(photo, gallery_domains),
        gallery_domains,
    )


@torch.no_grad()
def adopt_statistics(encoder: SketchEncoder, held: Bank, share: float) -> None:
    """Move each domain's mean and deviation by `share` towards those of the training images."""
    train = held.split == "train"
    of_domain = {SKETCH: held.sketch[train].reshape(-1, held.sketch.shape[-1])}
    for number, domain in enumerate(held.gallery_domains):
        of_domain[domain] = held.photo[:, :, number].reshape(-1, held.photo.shape[-1])
    for domain, features in of_domain.items():
        std, mean = torch.std_mean(torch.from_numpy(features.astype(np.float32)), dim=0)
        encoder.feature_mean[domain].lerp_(mean, share)
        encoder.feature_std[domain].lerp_(std.clamp_min(MIN_STD), share)


@torch.inference_mode()
def validation(encoder: SketchEncoder, held: Bank, seen: Standardised) -> dict[str, dict[str, Any]]:
    """Return acc@1, acc@10, mean reciprocal rank and %corr of val, each with its interval.

    Sketches search all photos of the bank. Metrics that val has no pairs or judgements for are left out.
    """
    gallery = all_photos(encoder, seen).numpy()
    metrics: dict[str, dict[str, Any]] = {}
    rows = held.rows("val")
    if len(rows):
        distances = -sketches(encoder, seen, rows, np.zeros_like(rows))[0].numpy() @ gallery.T
        for k in (1, 10):
            metrics[f"acc@{k}"] = summary(accuracy_at(distances, held.own[rows], k))
        metrics["mrr"] = summary(1 / expected_ranks(distances, held.own[rows]))
    judged = held.judged["val"].triplets.astype(np.intp)
    if len(judged):
        query = sketches(encoder, seen, judged[:, 0], np.zeros(len(judged), np.intp))[0].numpy()
        near, far = (-np.vecdot(query, gallery[judged[:, column]]) for column in (1, 2))
        metrics["%corr"] = summary(correct_triplets(near, far), judged[:, 0])
    return metrics


def all_photos(encoder: SketchEncoder, seen: Standardised) -> Tensor:
    """Return embeddings (P, D) of the bank's unmirrored photos."""
    rows = np.arange(len(seen.photo))
    return photos(encoder, seen, rows, np.zeros_like(rows))[0]


def means(metrics: Mapping[str, Mapping[str, Any]]) -> Metrics:
    """Return the values of the metrics, the number of queries of acc@1, and `score`.

    That is the mean of mean reciprocal rank and %corr, or the one there is.
    """
    values = {name: float(metric["value"]) for name, metric in metrics.items()}
    if "acc@1" in metrics:
        values["n_queries"] = float(metrics["acc@1"]["n"])
    return values | {"score": float(np.mean([values[name] for name in ("mrr", "%corr") if name in values]))}


@torch.inference_mode()
def closest(encoder: SketchEncoder, held: Bank, seen: Standardised) -> np.ndarray[Any, np.dtype[np.float32]]:
    """Return the best cosine of each sketch of val, or of train if val is empty, with any photo, float32 (N,)."""
    rows = np.flatnonzero(held.split == "val")
    rows = rows if len(rows) else np.arange(len(held.sketch))
    query = sketches(encoder, seen, rows, np.zeros_like(rows))[0]
    best: np.ndarray[Any, np.dtype[np.float32]] = (query @ all_photos(encoder, seen).T).max(1).values.numpy()
    return best
