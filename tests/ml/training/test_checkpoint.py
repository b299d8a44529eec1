"""A checkpoint restores its tree and leaves no other files; a run folder keeps its settings."""

import json
from pathlib import Path

import pytest
import torch

from ml.errors import ConfigError
from ml.training.checkpoint import load_checkpoint, save_checkpoint
from ml.training.run_files import claim_folder


def test_a_checkpoint_restores_the_saved_tree(tmp_path: Path) -> None:
    weight = torch.arange(6.0).reshape(2, 3)
    state = {
        "model": {"w": weight},
        "state": {0: {"step": torch.tensor(3.0)}},
        "best": None,
    }
    save_checkpoint(tmp_path / "c.safetensors", {**state, "rates": [0.1, 0.2], "n": 4})
    loaded = load_checkpoint(tmp_path / "c.safetensors")
    assert torch.equal(loaded["model"]["w"], weight)
    assert loaded["state"][0]["step"] == 3.0
    assert (loaded["best"], loaded["rates"], loaded["n"]) == (None, [0.1, 0.2], 4)
    assert [p.name for p in tmp_path.iterdir()] == ["c.safetensors"]


def test_a_run_folder_refuses_to_resume_with_other_settings(tmp_path: Path) -> None:
    claim_folder(tmp_path / "run", {"seed": 0, "skip": (1, 2)})
    claim_folder(tmp_path / "run", {"seed": 0, "skip": (1, 2)})
    with pytest.raises(ConfigError, match="was started with seed=0, found 1"):
        claim_folder(tmp_path / "run", {"seed": 1, "skip": (1, 2)})


def test_a_run_with_old_setting_names_resumes(tmp_path: Path) -> None:
    claim_folder(tmp_path, {"clip": 5.0, "average_decay": None})
    claim_folder(tmp_path, {"grad_clip_norm": 5.0, "ema_decay": None})
    with pytest.raises(ConfigError, match=r"grad_clip_norm=5\.0, found 1\.0"):
        claim_folder(tmp_path, {"grad_clip_norm": 1.0, "ema_decay": None})


def test_a_run_may_continue_in_another_precision(tmp_path: Path) -> None:
    claim_folder(tmp_path, {"seed": 0, "precision": "bf16"})
    claim_folder(tmp_path, {"seed": 0, "precision": "auto"})
    assert json.loads((tmp_path / "settings.json").read_text())["precision"] == "bf16"
