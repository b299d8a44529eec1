"""Sketch-a-Net's fc6 + RankSVM: the deep feature of *Sketch Me That Shoe*, section 5.2.

The paper's network is pretrained by stages 1-3 of its section 4.4; here that is the model folder of

    python -m ml train --system triplet-san --set skip=4 ...

Without one the network stays as initialised, which shows how much of the result is due to RankSVM.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from ml.baselines.ranked import fit_ranked
from ml.baselines.registry import Fitted
from ml.baselines.scorers import Features, unit
from ml.datasets.frames import Kind, frames
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError
from ml.models.branches.network import Branch
from ml.models.sketch_a_net import INPUT_PX, SketchANetConfig, SketchANetHead
from ml.protocols.scorer import Rows
from ml.systems.fine_grained.augment import crop_at
from ml.systems.fine_grained.config import CANVAS_PX
from ml.systems.fine_grained.model import ink
from ml.systems.fine_grained.triplet_san.config import TripletSanConfig
from ml.systems.fine_grained.triplet_san.model import TripletSan
from ml.systems.fine_grained.triplet_san.training import load
from ml.training.config import as_json, documented, with_overrides
from ml.training.model_folder import MANIFEST

_BATCH = 128


@dataclass(frozen=True)
class SketchANetFeatureConfig:
    """Which network to take features from."""

    model: Path | None = documented(None, "model folder of triplet-san; none: random initialisation")
    seed: int = documented(0, "seed of the initialisation")


def fit(dataset: PairDataset, overrides: Sequence[str] = ()) -> Fitted:
    """Fit RankSVM over the fc6 features of sketches and edge maps."""
    config = with_overrides(SketchANetFeatureConfig(), overrides)
    if config.model is None:
        torch.manual_seed(config.seed)
        branch = Branch("sketch-a-net", SketchANetConfig())
        made_by = f"random initialisation, seed {config.seed}"
    else:
        model = load(config.model).model
        assert isinstance(model, TripletSan)
        branch = model.branch
        if not isinstance(branch.head, SketchANetHead):
            raise ConfigError("model", f"{config.model} has another branch than Sketch-a-Net")
        made_by = json.loads((config.model / MANIFEST).read_text())["training"]["command"]
    scorer, choice = fit_ranked(fc6_features(branch.eval()), dataset)
    return Fitted(scorer, {**as_json(config), **asdict(choice)}, made_by)


def fc6_features(branch: Branch) -> Features:
    """Return features, float32 (N, 512), of the centre crop, framed as `triplet-san` frames images by default."""
    head = branch.head
    assert isinstance(head, SketchANetHead)
    device, frame = next(branch.parameters()).device, TripletSanConfig().frame_spec
    corner = (CANVAS_PX - INPUT_PX) // 2

    @torch.inference_mode()
    def features(dataset: PairDataset, kind: Kind, rows: Rows) -> NDArray[np.float32]:
        images = crop_at(frames(dataset, kind, rows, frame), corner, corner, INPUT_PX)
        parts = []
        for start in range(0, len(images), _BATCH):
            batch = ink(torch.from_numpy(images[start : start + _BATCH]).to(device))
            parts.append(head.fc6_features(branch.maps(batch)).float().cpu())
        return unit(torch.cat(parts).numpy())

    return features
