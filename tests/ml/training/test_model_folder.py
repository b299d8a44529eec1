"""A model folder restores what was saved; an altered one is refused."""

import json
from pathlib import Path

import pytest
import torch
from torch import nn

from ml.errors import ModelError
from ml.hardware import processor
from ml.training.model_folder import MANIFEST, WEIGHTS, load_weights, save_model


class Tied(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.sketch = nn.Conv2d(1, 4, 3).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.photo = self.sketch
        self.register_buffer("mean", torch.arange(3.0))


def test_weights_and_manifest_are_restored(tmp_path: Path) -> None:
    model = Tied()
    written = save_model(
        tmp_path, model, {"name": "shoes", "training": {"minutes": 3.5}, "config": {"seed": 1}}
    )
    manifest, state = load_weights(tmp_path)
    assert manifest == written == json.loads((tmp_path / MANIFEST).read_text())
    assert (manifest["name"], manifest["training"]["minutes"]) == ("shoes", 3.5)
    assert manifest["training"]["torch"] == torch.__version__
    assert manifest["training"]["machine"]
    assert manifest["training"]["processor"] == processor().as_json()
    assert {name: tensor.tolist() for name, tensor in state.items()} == {
        name: tensor.tolist() for name, tensor in model.state_dict().items()
    }
    Tied().load_state_dict(state)


def test_old_setting_names_of_a_folder_map_to_current_names(tmp_path: Path) -> None:
    config, network = {"average_decay": 0.9, "strokes": 0.25}, {"image_px": 64}
    save_model(tmp_path, Tied(), {"name": "shoes", "config": config, "network": network})
    manifest, _ = load_weights(tmp_path)
    assert manifest["config"] == {"ema_decay": 0.9, "stroke_removal_prob": 0.25}
    assert manifest["network"] == {"image_size_px": 64}


def test_only_rank_0_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RANK", "1")
    save_model(tmp_path, Tied(), {"name": "shoes"})
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("missing", [MANIFEST, WEIGHTS])
def test_an_incomplete_folder_is_refused_naming_the_file(tmp_path: Path, missing: str) -> None:
    save_model(tmp_path, Tied(), {"name": "shoes"})
    (tmp_path / missing).unlink()
    with pytest.raises(ModelError, match=f"{missing}: missing"):
        load_weights(tmp_path)


def test_altered_weights_are_refused(tmp_path: Path) -> None:
    save_model(tmp_path, Tied(), {"name": "shoes"})
    content = bytearray((tmp_path / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (tmp_path / WEIGHTS).write_bytes(content)
    with pytest.raises(ModelError, match="altered"):
        load_weights(tmp_path)


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"files": {}}'])
def test_a_broken_manifest_is_refused(tmp_path: Path, text: str) -> None:
    save_model(tmp_path, Tied(), {"name": "shoes"})
    (tmp_path / MANIFEST).write_text(text)
    with pytest.raises(ModelError, match=MANIFEST):
        load_weights(tmp_path)
