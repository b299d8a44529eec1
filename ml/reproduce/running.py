"""Run the variants of recipes: train what is missing, measure, and write the result file."""

from __future__ import annotations

import json
import shutil
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ml.command import command_line
from ml.errors import ConfigError
from ml.reports.results import FOLDER, require_traceable
from ml.reports.run import Request, evaluate_baseline, evaluate_model
from ml.reports.seeds import seed_folder, write_seeds
from ml.reproduce.recipe import RUN, SHARED, Recipes, Variant
from ml.reproduce.training import expanded, first_seed, located_file, of_variant, train_seed
from ml.training.model_folder import MANIFEST, RECIPE

RUNS = Path("runs/recipes")


@dataclass(frozen=True)
class Options:
    """How rows are run.

    seeds: how many. again: run rows that are kept, too, and train them anew. untracked: allow uncommitted changes of
    `ml`. runs: folder of the trainings. results: folder of the result files.
    """

    seeds: int = 1
    again: bool = False
    untracked: bool = False
    runs: Path = RUNS
    results: Path = FOLDER


class Runner:
    """Runs variants, and what they depend on, once each."""

    def __init__(self, recipes: Recipes, options: Options) -> None:
        self.recipes = recipes
        self.options = options
        self._renewed: set[Path] = set()

    def run(self, variant: Variant) -> None:
        """Train and measure a variant, and write its result file.

        Raises ConfigError if `ml` has uncommitted changes, unless these are allowed.
        """
        options, recipe = self.options, variant.recipe
        result = options.results / f"{variant.result}.json"
        if not options.untracked:
            require_traceable(result)
        request = Request(
            format=recipe.format,
            root=Path(expanded("root", recipe.root)),
            unseen_file=located_file("unseen_file", recipe.unseen_file),
            split=recipe.split,
            gallery=recipe.gallery,
            result=result,
            label=variant.label,
            command=self._command(variant),
            untracked=options.untracked,
            recipe=recipe.record(),
        )
        if recipe.baseline:
            settings = [f"{key}={self._value(key, value)}" for key, value in variant.settings().items()]
            evaluate_baseline(recipe.baseline, settings, request, seeds=options.seeds)
            return
        source = self.recipes.source(variant)
        folder = self.folder(source)
        first = first_seed(of_variant(source))
        seeds = range(first, first + options.seeds)
        for seed in seeds:
            self.trained(source, seed, again=options.again)
        write_seeds(folder, list(seeds))
        evaluate_model(folder / f"{variant.bits}-bit" if variant.is_part else folder, request)

    def folder(self, variant: Variant) -> Path:
        """Return the folder of a variant's training, with one folder per seed."""
        own = self.options.runs / variant.recipe.name
        return own if variant.bits is None or variant.recipe.nested else own / f"{variant.bits}-bits"

    def trained(self, variant: Variant, seed: int, *, again: bool = False) -> Path:
        """Train a variant with a seed unless that is done, and return the model folder.

        again: discard a finished training that this runner did not make. Raises ConfigError if the folder holds the
        training of another recipe.
        """
        folder = seed_folder(self.folder(variant), seed)
        if again and folder not in self._renewed and (folder / MANIFEST).exists():
            shutil.rmtree(folder)
        self._renewed.add(folder)
        training = of_variant(variant)
        if (folder / RECIPE).exists():
            before = json.loads((folder / RECIPE).read_text())
            if _meaning(before) != _meaning(training.recipe):
                raise ConfigError(
                    "--runs",
                    f"{folder} was trained by another version of its recipe; use --again or remove it",
                )
        if not (folder / MANIFEST).exists():
            train_seed(training, out=folder, command=self._command(variant), seed=seed, located=self.located)
        return folder

    def located(self, value: str, seed: int) -> str:
        """Return the folder that a setting means: another recipe's run, trained first, or a folder that runs share."""
        if value.startswith(SHARED):
            return str(self.options.runs / "shared" / value.removeprefix(SHARED) / f"seed-{seed}")
        reference = self.recipes.referred(value.removeprefix(RUN), by=value)
        wanted = self.recipes.resolved(reference)
        folder = self.trained(self.recipes.source(wanted), seed)
        return str(folder / f"{wanted.bits}-bit" if wanted.is_part else folder)

    def _value(self, key: str, value: str) -> str:
        """Return a baseline's setting; the network whose features it takes is that of the first seed."""
        return self.located(value, 0) if value.startswith((RUN, SHARED)) else expanded(f"--set {key}", value)

    def _command(self, variant: Variant) -> str:
        recipe = variant.recipe
        seeds = ["--seeds", str(self.options.seeds)] if self.options.seeds > 1 else []
        return command_line(["reproduce", recipe.table, "--only", variant.name, *seeds])


def _meaning(record: Any) -> Any:
    """Return what of a recorded recipe decides about its training, without comments."""
    if not record:
        return None
    described = ("row", "note", "label", "result", "split", "gallery")
    values = tomllib.loads(record["text"])
    return {key: value for key, value in values.items() if key not in described}, record["changed"]
