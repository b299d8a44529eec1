"""The only access to training, which needs torch: as a module in workers, as a command in its own process for runs.

The systems and their settings come from modules that import no torch, so that the web process can use them.
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

DIE_WITH_PARENT = BASE_DIR / "webapp" / "jobs" / "die_with_parent.py"
_ANY_PARENT = "0"  # whichever process starts the command


def training() -> ModuleType:
    """Return `ml.api`. Raises ModuleNotFoundError naming the package if training is not installed."""
    return import_module("ml.api")


@cache
def training_options() -> tuple[SystemOptions, ...]:
    """Return every system with its formats, profiles and settings."""
    return tuple(all_options())


def profile_of(system: str, format: str, profile: str) -> Profile:
    """Return a system's profile for datasets of a format. Raises ConfigError naming what is unknown."""
    fitting = [each for each in training_options() if format in each["formats"]]
    found = [each for each in fitting if each["name"] in (system, ALSO_MEANS.get(system))]
    if not found:
        names = ", ".join(each["name"] for each in fitting) or "nothing"
        raise ConfigError("system", f"{system!r} cannot be trained on format {format}; available: {names}")
    profiles = [each for system_found in found for each in system_found["profiles"]]
    for each in profiles:
        if each["name"] == profile:
            return each
    names = ", ".join(each["name"] for each in profiles)
    raise ConfigError(
        "profile", f"{profile!r} is not a profile of {system} on format {format}; available: {names}"
    )


def system_trained(system: str, format: str, profile: str) -> str:
    """Return the system that is actually trained: `sketchfind` on a format of pairs may mean `sketchfind-pairs`."""
    return find_system(system, format, profile).name


def train_arguments(
    *, system: str, format: str, root: Path | str, out: Path | str, profile: str, settings: Mapping[str, Any]
) -> list[str]:
    """Return the arguments of `python -m ml` for training."""
    overrides = [
        word for key, value in settings.items() for word in ("--set", f"{key}={setting_text(value)}")
    ]
    fixed = ["--system", system, "--format", format, "--root", str(root), "--out", str(out)]
    return ["train", *fixed, "--profile", profile, *overrides]


def evaluate_arguments(*, format: str, root: Path, model: Path, sheets: Path) -> list[str]:
    """Return the arguments that measure a model on the test split and draw sheets of its queries."""
    return [
        *("evaluate", "--model", str(model), "--format", format, "--root", str(root)),
        *("--sheets", str(sheets)),
    ]


def process_of(arguments: Sequence[str], *, processes: int = 1) -> list[str]:
    """Return the command line of one `ml` process, or of torchrun with several, each of which dies with it."""
    command = [sys.executable, "-m", "ml", *arguments, "--json"]
    if processes == 1:
        return command
    launcher = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--no-python"]
    spread = ["--nproc-per-node", str(processes), "--local-ranks-filter", "0"]
    return [*launcher, *spread, *dying_with(_ANY_PARENT), *command]


def dying_with(parent: str) -> list[str]:
    """Return the prefix that makes a command die with the process `parent`, however that ends."""
    return [sys.executable, "-I", "-S", str(DIE_WITH_PARENT), parent, "9", "-"]


def setting_text(value: Any) -> str:
    """Return a setting in the syntax of `--set`."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(setting_text(item) for item in value)
    return "none" if value is None else str(value)
