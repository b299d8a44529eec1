"""The registry of systems, one row each. Importing it, or a system's settings, imports no torch.

To add a system, write its folder and add a row here.
"""

import importlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, cast

from ml.datasets.formats import Use, names_of
from ml.errors import ConfigError, ModelError
from ml.protocols.hashing import Hasher
from ml.protocols.scorer import Scorer
from ml.serving.recogniser import Recogniser


class SystemModule(Protocol):
    """The interface of the module of a row."""

    def train(
        self, *, dataset: Any, out: Path, profile: str, overrides: Sequence[str], command: str
    ) -> Mapping[str, Any]:
        """Train on the train split, choose on val, and write a model folder to `out`; resumes. Returns metrics.

        dataset: the result of the format's reader.
        """
        ...

    def load(self, folder: Path) -> Scorer | Hasher | Recogniser:
        """Load the trained model of a folder. Only the first row of a name needs it."""
        ...


@dataclass(frozen=True)
class System:
    """A row of the registry: a system, and the kind of dataset that its profiles are for.

    config, module: modules of `ml.systems`. `config` has PROFILES and imports no torch; `module` is a `SystemModule`.
    servable: whether the models can answer searches on the site.
    """

    name: str
    learns_from: Use
    config: str
    module: str
    servable: bool = False

    @property
    def formats(self) -> tuple[str, ...]:
        """Names of the dataset formats that it can be trained on."""
        return names_of(self.learns_from)

    @property
    def profiles(self) -> Mapping[str, Any]:
        """Settings by name of profile."""
        profiles: Mapping[str, Any] = importlib.import_module(f"ml.systems.{self.config}").PROFILES
        return profiles

    def load_module(self) -> SystemModule:
        """Import the module that trains and loads its models."""
        return cast(SystemModule, importlib.import_module(f"ml.systems.{self.module}"))


SYSTEMS = (
    System("triplet-san", "pairs", "fine_grained.triplet_san.config", "fine_grained.triplet_san.training"),
    System("dssa", "pairs", "fine_grained.dssa.config", "fine_grained.dssa.training"),
    System("gdh", "pairs", "gdh.config", "gdh.training"),
    System("sketchmate", "drawings", "sketchmate.config", "sketchmate.training"),
    System("dlbhc", "drawings", "deep_hashing.config", "deep_hashing.dlbhc"),
    System("dsh-supervised", "drawings", "deep_hashing.config", "deep_hashing.dsh_supervised"),
    System("dsh-sketch", "drawings", "deep_hashing.config", "deep_hashing.dsh_sketch"),
    System("recogniser", "drawings", "recogniser.config", "recogniser.release"),
    System("sketchfind-pairs", "pairs", "pairs.config", "pairs.training"),
    System("sketchfind", "catalogue", "sketchfind.config", "sketchfind.release", servable=True),
    System("sketchfind", "pairs", "fine_tune.config", "fine_tune.training", servable=True),
)
NAMES = tuple(dict.fromkeys(row.name for row in SYSTEMS))
# Both networks once shared a name; existing commands, runs and rules may still use it for the second.
ALSO_MEANS = {"sketchfind": "sketchfind-pairs"}


def rows_named(name: str) -> tuple[System, ...]:
    """Return the rows that a name may mean, its own first. Raises ConfigError on an unknown name."""
    if name not in NAMES:
        raise ConfigError("--system", f"{name!r} is unknown; expected one of {', '.join(NAMES)}")
    meant = (name, ALSO_MEANS.get(name))
    return tuple(sorted((row for row in SYSTEMS if row.name in meant), key=lambda row: meant.index(row.name)))


def find_system(name: str, format: str, profile: str) -> System:
    """Return the row that trains `name` with a profile on datasets of a format.

    If a name has no row for a format of pairs or drawings, its last row is returned, which reports what the dataset
    lacks. Raises ConfigError on an unknown name or profile, and on a name that cannot be trained on a catalogue.
    """
    rows = rows_named(name)
    fitting = [row for row in rows if format in row.formats]
    if not fitting and format in names_of("catalogue"):
        able = ", ".join(row.name for row in SYSTEMS if format in row.formats)
        raise ConfigError("--system", f"{name!r} cannot be trained on format {format}; use {able}")
    fitting = fitting or [rows[-1]]
    known = {profile_name: row for row in reversed(fitting) for profile_name in row.profiles}
    if profile not in known:
        raise ConfigError("--profile", f"{profile!r} is unknown; expected one of {', '.join(known)}")
    return known[profile]


def load_scorer(folder: Path) -> tuple[Mapping[str, Any], Scorer | Hasher | Recogniser]:
    """Load the manifest and the model of a model folder, by the system that the manifest names. Raises ModelError."""
    path = folder / "model.json"
    try:
        manifest = json.loads(path.read_text())
        name = manifest["system"]
    except FileNotFoundError:
        raise ModelError("--model", f"{folder} is not a model folder: it has no model.json") from None
    except (ValueError, KeyError, TypeError):
        raise ModelError(str(path), "not a manifest with a system") from None
    if name in ALSO_MEANS and "raster" not in manifest:  # not servable, so written before the second name
        name = ALSO_MEANS[name]
        manifest = {**manifest, "system": name}
    return manifest, rows_named(name)[0].load_module().load(folder)
