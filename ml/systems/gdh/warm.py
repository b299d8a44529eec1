"""Generators and discriminators that a run takes over from an earlier one, which trained L_gan alone."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import load_file
from torch import nn

from ml.errors import ModelError
from ml.systems.gdh.learner import GdhLearner
from ml.training.model_folder import load_weights, write_weights

CRITICS = "critics.safetensors"
_GENERATORS = ("model.to_photo.", "model.to_sketch.")
_CRITICS = ("photo_critic.", "sketch_critic.")


def save_critics(folder: Path, learner: GdhLearner) -> None:
    """Write the discriminators beside a model, for runs that start from it; nothing without L_gan."""
    if learner.photo_critic is not None and learner.sketch_critic is not None:
        both = nn.ModuleDict({"photo_critic": learner.photo_critic, "sketch_critic": learner.sketch_critic})
        write_weights(folder / CRITICS, both)


def start_from(learner: GdhLearner, folder: Path) -> None:
    """Copy the generators and discriminators of a finished run.

    A run without attention fits a network with it, whose mask then starts by keeping everything. Raises ModelError if
    the folder is not such a run or its layers have other shapes.
    """
    _, state = load_weights(folder)
    if not (folder / CRITICS).exists():
        raise ModelError("warm_start", f"{folder} has no {CRITICS}, so it did not train L_gan")
    found = {f"model.{name}": value for name, value in state.items()} | load_file(folder / CRITICS)
    found = {name: value for name, value in found.items() if name.startswith((*_GENERATORS, *_CRITICS))}
    own = learner.state_dict()
    for name, value in found.items():
        if name not in own or own[name].shape != value.shape:
            raise ModelError("warm_start", f"{folder} has {name} {tuple(value.shape)}, which does not fit")
    wanted = {
        name for name in own if name.startswith((*_GENERATORS, *_CRITICS)) and ".attention." not in name
    }
    if missing := sorted(wanted - found.keys()):
        raise ModelError("warm_start", f"{folder} has no {missing[0]}")
    learner.load_state_dict(found, strict=False)
