"""System `recogniser`: learns which name a drawing shows, from true names and a teacher's soft labels.

loss = (1 - w) CE(true name) + w T^2 KL(teacher || student) at temperature T (Hinton, Vinyals, Dean, "Distilling the
Knowledge in a Neural Network", 2015, section 2), with the teacher's opinion of the same augmented, perhaps unfinished
drawing. The trained weights may be averaged with those that the run started from (Wortsman et al., "Robust fine-tuning of
zero-shot models", CVPR 2022), which keeps what the start knew and learns the rest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import Tensor, nn

from ml.errors import ConfigError
from ml.models.recogniser import RecogniserNetwork, RecogniserSizes
from ml.serving.recogniser_files import OTHER, RecogniserManifest
from ml.systems.recogniser.config import RecogniserConfig
from ml.systems.recogniser.data import Batch, RecogniserData
from ml.systems.recogniser.teacher import Teacher
from ml.training.device import autocast, pick_device, placed
from ml.training.loop import Loop, Metrics
from ml.training.model_folder import WEIGHTS

_AT_ONCE = 256


@dataclass(frozen=True)
class Trained:
    """A trained network with its best validated weights, in eval mode, that validation, and the minutes of training."""

    network: RecogniserNetwork
    best: Metrics
    minutes: float


def train_recogniser(config: RecogniserConfig, data: RecogniserData, out: Path) -> Trained:
    """Train on drawings; writes to `out` and resumes from there."""
    torch.manual_seed(config.seed)
    device = pick_device()
    network = RecogniserNetwork(RecogniserSizes(len(data.names), config.hidden), config.dropout)
    network.trunk.load_imagenet()
    network.trunk.fold_batch_norm()
    if config.start is not None:
        load_start(network, data.names, config.start)
    network.trunk.freeze(config.frozen_blocks)
    network = placed(network, device)
    teacher = Teacher(config.teacher) if config.teacher is not None else None
    columns = teacher.columns(data.names) if teacher is not None else None
    trunk = [parameter for parameter in network.trunk.parameters() if parameter.requires_grad]
    heads = [*network.hidden.parameters(), *network.names.parameters()]
    optimizer = torch.optim.AdamW(
        [{"params": trunk, "lr": config.learning_rate}, {"params": heads, "lr": config.head_lr}],
        weight_decay=config.weight_decay,
    )
    batches = data.prefetched()

    def loss(batch: Batch) -> tuple[Tensor, Metrics]:
        targets = torch.from_numpy(batch.targets).to(device)
        taught_rows = torch.from_numpy(batch.taught).to(device)
        with autocast(device, config.precision):
            logits = network(_as_input(batch.images, device))
        logits = logits.float()
        named = F.cross_entropy(logits, targets, label_smoothing=config.label_smoothing, reduction="none")
        right = logits.argmax(1) == targets.argmax(1)
        parts = {"named": named.mean().item(), "top-1": right.float().mean().item()}
        if teacher is None or columns is None:
            return named.mean(), parts
        temperature = config.teacher_temperature
        known = torch.isin(targets[taught_rows].argmax(1), torch.from_numpy(columns[0]).to(device))
        soft = teacher.logits(batch.small).to(device)[:, columns[1]] / temperature
        ours = F.log_softmax(logits[taught_rows][:, columns[0]] / temperature, dim=1)
        taught = F.kl_div(ours, F.softmax(soft, dim=1), reduction="none").sum(1)
        taught = temperature**2 * taught * known
        weight = torch.where(taught_rows, 1 - config.teacher_weight, 1.0)
        total = (weight * named).sum() + config.teacher_weight * taught.sum()
        return total / len(named), {**parts, "taught": taught.mean().item()}

    images, labels = data.held_out("val")

    offered = [number for number, name in enumerate(data.names) if name != OTHER]  # the first ones

    def validation(module: nn.Module) -> Metrics:
        logits = logits_of(module, images)[:, offered]
        ranks = (logits > logits[np.arange(len(labels)), labels][:, None]).sum(1)
        found = {f"top-{k}": float((ranks < k).mean()) for k in (1, 5)}
        return {**found, "score": (found["top-1"] + found["top-5"]) / 2}

    loop = Loop.of(
        config,
        model=network,
        optimizer=optimizer,
        step=lambda index: loss(batches(index)),
        validate=validation,
        folder=out,
        title="recogniser",
    )
    begun = {name: value.clone() for name, value in network.state_dict().items()}
    best = loop.run()
    if config.start_share:
        network.load_state_dict(
            {
                name: torch.lerp(value, begun[name], config.start_share)
                for name, value in network.state_dict().items()
            }
        )
    if OTHER in data.names:
        with torch.no_grad():
            network.names.bias[data.names.index(OTHER)] -= config.other_discount
    return Trained(network.eval(), best, loop.minutes)


def load_start(network: RecogniserNetwork, names: Sequence[str], folder: Path) -> None:
    """Load the weights of a recogniser's folder; names that it does not know start at zero.

    Raises ConfigError if the folder has other sizes.
    """
    known = RecogniserManifest.read(folder).names
    stored = load_file(folder / WEIGHTS)
    place = {name: number for number, name in enumerate(known)}
    rows = [(number, place[name]) for number, name in enumerate(names) if name in place]
    ours, theirs = (list(column) for column in zip(*rows, strict=True))
    for part in ("weight", "bias"):
        row = getattr(network.names, part).detach().clone().zero_()
        row[ours] = stored[f"names.{part}"][theirs]
        stored[f"names.{part}"] = row
    try:
        network.load_state_dict(stored)
    except RuntimeError as error:
        raise ConfigError("start", f"{folder} is another network: {error}") from None


@torch.inference_mode()
def logits_of(network: nn.Module, images: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return logits, float32 (N, names), of images, uint8 (N, S, S)."""
    device = next(network.parameters()).device
    network.eval()
    parts = [
        network(_as_input(images[start : start + _AT_ONCE], device)).float().cpu().numpy()
        for start in range(0, len(images), _AT_ONCE)
    ]
    return np.concatenate(parts)


def _as_input(images: NDArray[np.uint8], device: torch.device) -> Tensor:
    return torch.from_numpy(images).to(device).float()[:, None]
