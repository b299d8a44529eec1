"""Model folders from the authors' released weights of `triplet-san` and `dssa` (`ml.models.deep_sbir`).

No weights are shipped. The published DSSA has no HOLEF matrix, so its distance is Euclidean.
"""

from __future__ import annotations

from dataclasses import asdict, replace
from hashlib import sha256
from pathlib import Path
from typing import Any, Literal

from ml.errors import ConfigError
from ml.models.deep_sbir import branch_state, read_layers
from ml.models.dssa.config import DssaConfig
from ml.models.sketch_a_net import SketchANetConfig
from ml.systems.fine_grained.dssa.config import PROFILES as DSSA_PROFILES
from ml.systems.fine_grained.dssa.models import DssaModel
from ml.systems.fine_grained.model import RankingModel
from ml.systems.fine_grained.triplet_san.config import PROFILES as SAN_PROFILES
from ml.systems.fine_grained.triplet_san.model import TripletSan
from ml.training.config import as_json
from ml.training.model_folder import WEIGHTS, save_model, write_weights

System = Literal["triplet-san", "dssa"]
SYSTEMS: tuple[System, ...] = ("triplet-san", "dssa")
STAGES = ("1-train", "2-final")  # from which `dssa` warm-starts


def import_weights(weights: Path, *, system: System, out: Path, command: str) -> dict[str, Any]:
    """Write a model folder that computes what the authors' network does, and return its manifest.

    Its settings are those of the profile `gpu`, the paper's. Raises ModelError if the file has other layers, ConfigError
    if `out` holds a model already.
    """
    if (out / "model.json").exists():
        raise ConfigError("--out", f"{out} holds a model; name another folder")
    state = branch_state(read_layers(weights), attention=system == "dssa")
    model: RankingModel
    network: SketchANetConfig | DssaConfig
    settings: Any
    if system == "dssa":
        settings = replace(DSSA_PROFILES["gpu"], holef=False, coarse_weight=1.0)
        network = DssaConfig(batch_norm=False, coarse_weight=1.0)
        model = DssaModel(network, settings)
    else:
        settings = SAN_PROFILES["gpu"]
        network = SketchANetConfig(batch_norm=False)
        model = TripletSan(network, settings)
    model.load_state_dict({f"branch.{name}": value for name, value in state.items()})
    if system == "triplet-san":
        for stage in STAGES:
            write_weights(out / stage / WEIGHTS, model)
    return save_model(
        out,
        model,
        {
            "name": f"{system}-imported",
            "system": system,
            "version": "1",
            "format": "",
            "category": "",
            "config": dict(as_json(settings)),
            "network": asdict(network),
            "metrics": {},
            "dataset_sha256": "",
            "training": {
                "minutes": 0.0,
                "command": command,
                "imported": {"file": weights.name, "sha256": sha256(weights.read_bytes()).hexdigest()},
            },
        },
    )
