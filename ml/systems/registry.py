"""System name -> module, imported when it is asked for: each needs torch, some more."""

import importlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, cast

from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, ModelError
from ml.evaluation.hashing import Hasher
from ml.evaluation.scorer import Scorer

SYSTEMS = {
    "triplet-san": "ml.systems.triplet_san",
    "dssa": "ml.systems.dssa",
    "sketchmate": "ml.systems.sketchmate",
    "dlbhc": "ml.systems.deep_hashing_dlbhc",
    "dsh-supervised": "ml.systems.deep_hashing_supervised",
    "dsh-sketch": "ml.systems.deep_hashing_sketch",
    "gdh": "ml.systems.gdh",
    "sketchfind": "ml.systems.sketchfind_pairs",
}


class System(Protocol):
    """What each system's module offers for datasets of pairs."""

    def train(
        self, *, dataset: PairDataset, out: Path, profile: str, overrides: Sequence[str], command: str
    ) -> Mapping[str, Any]:
        """Train on the train split, choose on val, write a model folder to `out`; resumes. Returns its metrics."""
        ...

    def load(self, folder: Path) -> Scorer | Hasher:
        """The trained model of a folder."""
        ...


def system(name: str) -> System:
    """The module of a system. Raises ConfigError on an unknown name."""
    if name not in SYSTEMS:
        raise ConfigError("--system", f"{name!r} is unknown; one of {', '.join(SYSTEMS)}")
    return cast(System, importlib.import_module(SYSTEMS[name]))


def load_scorer(folder: Path) -> tuple[Mapping[str, Any], Scorer | Hasher]:
    """The manifest of a model folder and its model, by the system that the manifest names."""
    path = folder / "model.json"
    try:
        manifest = json.loads(path.read_text())
        name = manifest["system"]
    except FileNotFoundError:
        raise ModelError("--model", f"{folder} has no model.json, so it is no model folder") from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(str(path), "not a manifest that names its system") from None
    return manifest, system(name).load(folder)
