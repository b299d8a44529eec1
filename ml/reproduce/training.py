"""Train from a recipe, from a result file or from plain options, with one seed or several."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from ml import api
from ml.errors import ConfigError
from ml.reports.seeds import seed_folder, spread, write_seeds
from ml.reproduce.recipe import RUN, SHARED, Variant, parse_recipe, read_recipe, setting_text
from ml.systems.registry import find_system
from ml.training.checkpoint import write_atomically
from ml.training.config import with_overrides
from ml.training.model_folder import MANIFEST, RECIPE
from ml.training.renamed import current_names

_UNSET = re.compile(r"\$(?:\{)?([A-Z_]+)")


@dataclass(frozen=True)
class Training:
    """What is trained.

    overrides: settings as "key=value". recipe: recorded in the model folder. unseen_file: for zero-shot formats, a file
    of the categories not to train on.
    """

    system: str
    format: str
    root: str
    profile: str = "cpu"
    overrides: tuple[str, ...] = ()
    recipe: Mapping[str, Any] | None = None
    unseen_file: str = ""

    def changed(self, overrides: Sequence[str]) -> Training:
        """Return it with further settings, which its recipe then names as changed."""
        return replace(self, overrides=(*self.overrides, *overrides)).noted(*overrides)

    def noted(self, *changes: str) -> Training:
        """Return it with changes that the stored recipe names."""
        if not self.recipe or not changes:
            return self
        return replace(self, recipe={**self.recipe, "changed": [*self.recipe["changed"], *changes]})


def of_variant(variant: Variant) -> Training:
    """Return the training of a recipe's variant. Raises ConfigError for a baseline, which is not trained."""
    recipe = variant.recipe
    if not recipe.system:
        what = f"{recipe.name} is not trained; run it with: python -m ml reproduce {recipe.table}"
        raise ConfigError("--config", f"{what} --only {recipe.stem}")
    settings = tuple(f"{key}={value}" for key, value in variant.run.settings().items())
    return Training(
        *(recipe.system, recipe.format, recipe.root, recipe.profile, settings, recipe.record()),
        unseen_file=recipe.unseen_file,
    )


def of_recipe(path: Path, *, bits: int | None = None) -> Training:
    """Return the training of a recipe file, of a recipe with several code lengths that of `bits` or of the longest."""
    recipe = read_recipe(path)
    if recipe.same_as:
        raise ConfigError("--config", f"{path} takes the run of another recipe: use {recipe.same_as}")
    wanted = bits or max(recipe.bits, default=None)
    if wanted not in (recipe.bits or (None,)):
        raise ConfigError("--set code_length", f"{wanted}, the recipe has {', '.join(map(str, recipe.bits))}")
    return of_variant(Variant(recipe, wanted))


def of_result(path: Path) -> Training:
    """Return the training of a result file: of its recipe, or of the settings that it lists.

    Raises ConfigError if the file is no result, or that of a baseline.
    """
    try:
        result = json.loads(path.read_text())
        record, config, command = result.get("recipe"), result["config"], result["command"]
    except OSError as error:
        raise ConfigError("--from", f"{path} cannot be read: {error.strerror}") from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError("--from", f"{path} is not a result file") from None
    if record:
        recipe = parse_recipe(record["text"], name=record["name"], where=str(path))
        bits = result["metrics"].get("code_length") if recipe.bits else None
        return of_variant(Variant(recipe, bits)).changed(record["changed"])
    arguments = _training_arguments(command)
    if arguments is None:
        raise ConfigError("--from", f"{path} is of a baseline; run its command: {command}")
    given = [value for name, value in arguments if name == "--set"]
    named = {assignment.partition("=")[0] for assignment in given}
    settings = current_names(config)
    if "shorter" in named:  # the result of a part, whose settings are not those of the run
        settings = {key: value for key, value in settings.items() if key not in ("code_length", "shorter")}
    options = dict(arguments)
    recorded = [f"{key}={setting_text(value)}" for key, value in settings.items() if key not in named]
    return Training(
        options["--system"],
        options["--format"],
        options["--root"],
        options.get("--profile", "cpu"),
        (*recorded, *given),
        unseen_file=options.get("--unseen-file", ""),
    )


def train(
    training: Training,
    *,
    out: Path,
    command: str,
    seeds: int = 1,
    located: Callable[[str, int], str] | None = None,
) -> Mapping[str, Any]:
    """Train with one seed, or with several consecutive ones into `out`/seed-<n>; resumes.

    located: returns the folder of a value that names another run, for a seed. Returns what the system returns, or of
    several seeds the mean, deviation and t-interval of each validation metric.
    """
    if seeds == 1:
        return train_seed(training, out=out, command=command, located=located)
    if seeds < 1:
        raise ConfigError("--seeds", f"{seeds}, must be at least 1")
    first = first_seed(training)
    chosen = range(first, first + seeds)
    for number, seed in enumerate(chosen, start=1):
        print(f"Seed {seed}, {number} of {seeds}", file=sys.stderr)
        train_seed(training, out=seed_folder(out, seed), command=command, seed=seed, located=located)
    write_seeds(out, list(chosen))
    return {"seeds": list(chosen)} | _spread([seed_folder(out, seed) for seed in chosen])


def train_seed(
    training: Training,
    *,
    out: Path,
    command: str,
    seed: int | None = None,
    located: Callable[[str, int], str] | None = None,
) -> Mapping[str, Any]:
    """Train once, by default with the seed of the settings, and store the recipe in the model folder.

    Raises ConfigError if a value names a folder that this machine lacks.
    """
    used = first_seed(training) if seed is None else seed
    overrides = [_located(assignment, used, located) for assignment in training.overrides]
    root = Path(expanded("--root", training.root))
    if training.recipe is not None:
        write_atomically(out / RECIPE, (json.dumps(training.recipe, indent=2) + "\n").encode())
    return api.train(
        system=training.system,
        format=training.format,
        root=root,
        out=out,
        profile=training.profile,
        overrides=[*overrides, f"seed={seed}"] if seed is not None else overrides,
        command=command,
        unseen_file=located_file("--unseen-file", training.unseen_file),
    )


def first_seed(training: Training) -> int:
    """Return the seed of the settings."""
    row = find_system(training.system, training.format, training.profile)
    seeds = [assignment for assignment in training.overrides if assignment.startswith("seed=")]
    return int(with_overrides(row.profiles[training.profile], seeds).seed)


def expanded(field: str, text: str) -> str:
    """Return a path with the environment's variables. Raises ConfigError naming one that is not set."""
    found = os.path.expandvars(text)
    if missing := _UNSET.search(found):
        if missing[1] == "ELSEWHERE":
            raise ConfigError(field, f"{text} was a folder of another machine; name yours")
        raise ConfigError(field, f"set {missing[1]} to the folder with the data: {text}")
    return found


def located_file(field: str, text: str) -> Path | None:
    """Return a file with the environment's variables, None for "". Raises ConfigError naming one that is not set."""
    return Path(expanded(field, text)) if text else None


def _located(assignment: str, seed: int, located: Callable[[str, int], str] | None) -> str:
    key, _, value = assignment.partition("=")
    if value.startswith((RUN, SHARED)):
        if located is None:
            raise ConfigError(
                f"--set {key}",
                f"{value} is the run of another recipe; name its folder, or use: python -m ml reproduce",
            )
        return f"{key}={located(value, seed)}"
    return f"{key}={expanded(f'--set {key}', value)}"


def _training_arguments(command: str) -> list[tuple[str, str]] | None:
    """Return the options of the last training in a recorded command, in order; None if it has none."""
    for part in reversed(command.split(" && ")):
        words = shlex.split(part)
        if words[:4] == ["python", "-m", "ml", "train"]:
            return list(zip(words[4::2], words[5::2], strict=False))
    return None


def _spread(folders: Sequence[Path]) -> dict[str, Any]:
    """Return the statistics over seeds of the numbers that every manifest holds as metrics."""
    metrics = [json.loads((folder / MANIFEST).read_text()).get("metrics", {}) for folder in folders]
    return {
        name: spread([float(one[name]) for one in metrics])
        for name in metrics[0]
        if all(isinstance(one.get(name), int | float) for one in metrics)
    }
