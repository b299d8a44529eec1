"""The one door to training, which needs torch: as a module in workers, as a command of its own process for runs.

What may be trained, with every setting, comes from modules that import no torch, so that the web process can use it.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from ml.errors import ConfigError
from ml.systems.options import Profile as Profile
from ml.systems.options import SystemOptions, all_options
from ml.systems.registry import ALSO_MEANS, find_system
from ml.training.renamed import current_names as current_names
from webapp.config.environment import BASE_DIR

TIED = BASE_DIR / "webapp" / "jobs" / "tied.py"
_WHOEVER_STARTS = "0"  # tied.py's word for: my parent, whichever it is


def training() -> ModuleType:
    """`ml.api`. Raises ModuleNotFoundError naming the package where training is not installed."""
    return import_module("ml.api")


@cache
def training_options() -> tuple[SystemOptions, ...]:
    """Every system with the formats, profiles and settings that it may be trained by."""
    return tuple(all_options())


def profile_of(system: str, format: str, profile: str) -> Profile:
    """A system's profile for datasets of a format. Raises ConfigError naming what is unknown."""
    fitting = [each for each in training_options() if format in each["formats"]]
    found = [each for each in fitting if each["name"] in (system, ALSO_MEANS.get(system))]
    if not found:
        names = ", ".join(each["name"] for each in fitting) or "nothing"
        raise ConfigError("system", f"{system!r} is none that learns from format {format}; {names}")
    profiles = [each for system_found in found for each in system_found["profiles"]]
    for each in profiles:
        if each["name"] == profile:
            return each
    names = ", ".join(each["name"] for each in profiles)
    raise ConfigError("profile", f"{profile!r} is none of {system} on format {format}; {names}")


def system_trained(system: str, format: str, profile: str) -> str:
    """The name of what trains: `sketchfind` on a format of pairs may mean `sketchfind-pairs`."""
    return find_system(system, format, profile).name


def train_arguments(
    *, system: str, format: str, root: Path | str, out: Path | str, profile: str, settings: Mapping[str, Any]
) -> list[str]:
    """The train command of `ml`, from its first word on."""
    overrides = [
        word for key, value in settings.items() for word in ("--set", f"{key}={setting_text(value)}")
    ]
    fixed = ["--system", system, "--format", format, "--root", str(root), "--out", str(out)]
    return ["train", *fixed, "--profile", profile, *overrides]


def evaluate_arguments(*, format: str, root: Path, model: Path, sheets: Path) -> list[str]:
    """The command that measures a model on the test split and draws sheets of its queries."""
    return [
        *("evaluate", "--model", str(model), "--format", format, "--root", str(root)),
        *("--sheets", str(sheets)),
    ]


def process_of(arguments: Sequence[str], *, processes: int = 1) -> list[str]:
    """The process that runs a command of `ml`, or several that train together by torchrun, each tied to it."""
    command = [sys.executable, "-m", "ml", *arguments, "--json"]
    if processes == 1:
        return command
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--no-python"]
    spread = ["--nproc-per-node", str(processes), "--local-ranks-filter", "0"]
    return [*launcher, *spread, *tied(_WHOEVER_STARTS), *command]


def tied(parent: str) -> list[str]:
    """What makes the command after it die with process `parent`, however that ends."""
    return [sys.executable, "-I", "-S", str(TIED), parent, "9", "-"]


def setting_text(value: Any) -> str:
    """A setting as `--set` reads it."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(setting_text(item) for item in value)
    return "none" if value is None else str(value)
