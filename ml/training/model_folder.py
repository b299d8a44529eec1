"""The folder of a research model: weights.safetensors and model.json, with its origin and the weights' SHA-256."""

import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from ml.errors import ModelError
from ml.training.checkpoint import write_atomically
from ml.training.device import training_facts
from ml.training.distributed import is_main
from ml.training.renamed import current_names

MANIFEST, WEIGHTS = "model.json", "weights.safetensors"
RECIPE = "recipe.json"  # only of models that a recipe made


def write_weights(path: Path, model: nn.Module) -> None:
    """Write a module's parameters and buffers; shared ones are written under each of their names."""
    state = model.state_dict()
    write_atomically(
        path, save({name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()})
    )


def save_model(folder: Path, model: nn.Module, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """Write a model folder, the manifest last, and return the manifest as written.

    manifest: name, system, version, format, category, config, metrics, dataset_sha256 and training (minutes, command).
    Torch's version, the commit, the machine, the precision used there and the weights' SHA-256 are added. Under torchrun,
    only rank 0 writes.
    """
    precision = manifest.get("config", {}).get("precision", "fp32")
    training = {**training_facts(precision), **manifest.get("training", {})}
    written: dict[str, Any] = {**manifest, "training": training}
    if is_main():
        write_weights(folder / WEIGHTS, model)
        written["files"] = {WEIGHTS: sha256((folder / WEIGHTS).read_bytes()).hexdigest()}
        write_atomically(folder / MANIFEST, (json.dumps(written, indent=2) + "\n").encode())
    return written


def load_weights(folder: Path) -> tuple[dict[str, Any], dict[str, Tensor]]:
    """Load the manifest, with current names of settings, and the state dict of a model folder, tensors on the CPU.

    Raises ModelError naming what is missing, unreadable or altered.
    """
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        expected = manifest["files"][WEIGHTS]
        content = (folder / WEIGHTS).read_bytes()
    except FileNotFoundError as error:
        raise ModelError(str(error.filename), "missing; the folder is not a model") from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(str(folder / MANIFEST), f"not a manifest that names {WEIGHTS}") from None
    if sha256(content).hexdigest() != expected:
        raise ModelError(str(folder / WEIGHTS), "altered: its SHA-256 differs from the manifest's")
    try:
        state = load(content)
    except SafetensorError as error:
        raise ModelError(str(folder / WEIGHTS), f"not a safetensors file: {error}") from None
    named = {part: current_names(manifest[part]) for part in ("config", "network") if part in manifest}
    return {**manifest, **named}, state
