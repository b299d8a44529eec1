"""System `sketchfind`: an encoder that finds a product's photo by a drawing of it, and a category by a doodle.

A step sees products and doodles. Each product provides a humanised line drawing and one gallery image (photo or edge
map, of the same view or another); each doodle is a QuickDraw sketch with its category name.

    instance   InfoNCE between drawings and gallery images                      to find the product itself
    category   cross-entropy against category prototypes, for all images; and   to find its category
               doodles against the batch's gallery images of a right category
    hash       the same two on the straight-through signs of the hash head      for the Hamming shortlist
    quantise   pulls relaxed codes towards +-1

The right categories of a doodle are a set: a drawn "chair" may be a chair or an armchair in the shop.
"""

from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from ml.errors import ConfigError
from ml.losses.info_nce import info_nce
from ml.losses.label_set import label_set_cross_entropy
from ml.losses.quantisation import quantisation_loss
from ml.models.sketch_encoder import DOMAINS, SketchEncoder, SketchEncoderConfig
from ml.systems.sketchfind.config import SketchfindConfig
from ml.systems.sketchfind.data import Batch, SketchfindData
from ml.systems.sketchfind.validation import validate
from ml.training.device import autocast, pick_device
from ml.training.loop import Loop, Metrics
from ml.training.model_folder import WEIGHTS

CATEGORY_TEMPERATURE = 0.1
HASH_TEMPERATURE = 0.2
PROTOTYPE_START = 0.02


class SketchfindSystem(nn.Module):
    """The encoder, and the category prototypes, which are only used in training."""

    def __init__(self, config: SketchfindConfig, n_labels: int) -> None:
        super().__init__()
        self.config = config
        sizes = SketchEncoderConfig(config.image_size_px, 4, config.embedding_dim, config.code_length)
        self.encoder = SketchEncoder(sizes)
        # Only directions count; small initial values let AdamW's steps turn them in tens of steps instead of thousands.
        self.prototypes = nn.Parameter(PROTOTYPE_START * torch.randn(n_labels, config.embedding_dim))
        self.hash_prototypes = nn.Parameter(PROTOTYPE_START * torch.randn(n_labels, config.code_length))

    def loss(self, batch: Batch) -> tuple[Tensor, Metrics]:
        """Return the weighted sum of the losses of one batch, and its parts for the log."""
        config = self.config
        images, domain = torch.from_numpy(batch.images), torch.from_numpy(batch.domain)
        device = self.prototypes.device
        images, domain = images.to(device), domain.to(device)
        x = images.permute(0, 3, 1, 2).float().to(memory_format=torch.channels_last)
        with autocast(device, config.precision):
            features = self.encoder.features(x)
        features = features.float()
        self.encoder.track_statistics(features.detach(), domain, momentum=0.05)
        standardised = F.dropout(self.encoder.standardised(features, domain), config.dropout, self.training)
        embedding, logits, _ = self.encoder.heads(standardised, domain)
        relaxed = torch.tanh(logits)
        signs = torch.where(logits > 0, 1.0, -1.0)
        codes = F.normalize(relaxed + (signs - relaxed).detach(), dim=1)  # signs, with the gradient of tanh

        n = len(batch.product)
        labels = torch.from_numpy(batch.labels).to(device)  # (B, L) bool, the right labels of each image
        same_product = torch.from_numpy(batch.product[:, None] == batch.product[None, :]).to(device)
        excluded = same_product & ~torch.eye(n, dtype=torch.bool, device=device)
        shares_label = (labels[2 * n :].float() @ labels[n : 2 * n].float().T) > 0  # doodles x gallery images
        answerable = shares_label.any(dim=1)
        labelled = labels.any(dim=1)  # pictures have no label
        shown = labelled[n : 2 * n]

        def objective(
            vectors: Tensor, prototypes: Tensor, temperature: float, category_temperature: float
        ) -> Tensor:
            drawings, gallery, doodles = vectors[:n], vectors[n : 2 * n], vectors[2 * n :]
            instance = info_nce(drawings, gallery, temperature=temperature, excluded=excluded)
            prototype_logits = vectors @ F.normalize(prototypes, dim=1).T / category_temperature
            category = label_set_cross_entropy(prototype_logits[labelled], labels[labelled])
            if answerable.any():
                near = doodles[answerable] @ gallery[shown].T / category_temperature
                category = category + label_set_cross_entropy(near, shares_label[answerable][:, shown])
            return torch.stack([instance, category])

        weights = torch.tensor([1.0, config.category_weight], device=device)
        real = objective(embedding, self.prototypes, config.temperature, CATEGORY_TEMPERATURE)
        hashed = objective(codes, self.hash_prototypes, HASH_TEMPERATURE, HASH_TEMPERATURE)
        quantise = quantisation_loss(relaxed)
        total = (
            weights @ real + config.hash_weight * (weights @ hashed) + config.quantisation_weight * quantise
        )
        names = ("instance", "category", "hash_instance", "hash_category", "quantise")
        parts = torch.cat([real, hashed, quantise[None]]).tolist()
        return total, dict(zip(names, parts, strict=True))


def train_sketchfind(config: SketchfindConfig, root: Path, out: Path) -> tuple[SketchEncoder, Metrics]:
    """Train on a catalogue folder; writes checkpoint.safetensors and metrics.jsonl to `out`, and resumes from them.

    Returns the encoder with the best validated weights (BatchNorm folded, in eval mode), and that validation.
    """
    torch.manual_seed(config.seed)
    device = pick_device()
    data = SketchfindData(config, root)
    system = SketchfindSystem(config, data.n_labels)
    system.encoder.trunk.load_imagenet()
    system.encoder.trunk.fold_batch_norm()
    if config.start is not None:
        system.encoder.trunk.load_state_dict(trunk_weights(config.start))
    system.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    system.encoder.trunk.freeze(config.frozen_blocks)
    _initialise(system.encoder, data)
    trunk = [p for p in system.encoder.trunk.parameters() if p.requires_grad]
    started_at = [p.detach().clone() for p in trunk]
    size = torch.stack([p.square().sum() for p in started_at]).sum()
    chosen = {id(p) for p in trunk}
    heads = [p for p in system.parameters() if p.requires_grad and id(p) not in chosen]
    optimizer = torch.optim.AdamW(
        [{"params": trunk, "lr": config.trunk_lr}, {"params": heads, "lr": config.head_lr}],
        weight_decay=config.weight_decay,
    )
    batches = data.prefetched()

    def step(index: int) -> tuple[Tensor, Metrics]:
        loss, parts = system.loss(batches(index))
        if not config.keep_weight:
            return loss, parts
        moved = torch.stack(
            [(p - was).square().sum() for p, was in zip(trunk, started_at, strict=True)]
        ).sum()
        keep = config.keep_weight * moved / size
        return loss + keep, {**parts, "keep": keep.item()}

    def validation(module: nn.Module) -> Metrics:
        assert isinstance(module, SketchfindSystem)
        return validate(module.encoder, data)

    loop = Loop(
        model=system,
        optimizer=optimizer,
        steps=config.steps,
        step=step,
        validate=validation,
        folder=out,
        validate_every=config.validate_every,
        checkpoint_interval_s=config.checkpoint_interval_s,
        precision=config.precision,
        title="sketchfind",
    )
    best = loop.run()
    return system.encoder.eval(), best


def trunk_weights(folder: Path) -> dict[str, Tensor]:
    """Return the trunk's weights of a model folder of this system. Raises ConfigError if it has none."""
    prefix = "trunk."
    try:
        stored = load_file(folder / WEIGHTS)
    except OSError as error:
        raise ConfigError("start", f"{folder} has no readable {WEIGHTS}: {error}") from None
    return {name.removeprefix(prefix): value for name, value in stored.items() if name.startswith(prefix)}


@torch.no_grad()
def _initialise(encoder: SketchEncoder, data: SketchfindData) -> None:
    """Initialise domain statistics and the embedding from a few batches of untrained features."""
    device = next(encoder.parameters()).device
    rows, domains = [], []
    for index in range(8):
        batch = data.batch(np.random.default_rng([data.config.seed, 1, index]))
        x = torch.from_numpy(batch.images).to(device).permute(0, 3, 1, 2).float()
        rows.append(encoder.features(x.contiguous(memory_format=torch.channels_last)))
        domains.append(torch.from_numpy(batch.domain).to(device))
    features, domain = torch.cat(rows), torch.cat(domains)
    encoder.track_statistics(features, domain, momentum=1.0)
    encoder.initialise_embedding(encoder.standardised(features, domain))
    assert len(DOMAINS) == encoder.feature_mean.shape[0]
