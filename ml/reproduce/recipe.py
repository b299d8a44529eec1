"""Recipes: the TOML files of `ml/recipes`, one per row of a published table. Its README describes the keys."""

from __future__ import annotations

import dataclasses
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, get_args

from ml.contracts.split import Split
from ml.errors import ConfigError
from ml.protocols.pairs import GALLERIES, Gallery

FOLDER = Path(__file__).parents[1] / "recipes"
CANNOT_RUN = "cannot-run"  # the file of a table that says why rows have no recipe
RUN, SHARED = "run:", "shared:"  # values that name another recipe's run, or a folder that runs share


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How one published row is trained and measured.

    name: the file's path below `ml/recipes`, without suffix. row: the row as the table names it; {bits} stands for each
    code length. result: "" for a run that is not measured itself, which others start from. settings: values as `--set`
    takes them. text: the file's content. The README beside the recipes describes all keys.
    """

    name: str
    row: str = ""
    system: str = ""
    baseline: str = ""
    profile: str = "cpu"
    format: str = ""
    root: str = ""
    unseen_file: str = ""
    bits: tuple[int, ...] = ()
    nested: bool = False
    split: Split = "test"
    gallery: Gallery = "split"
    label: str = ""
    result: str = ""
    same_as: str = ""
    run_of: str = ""
    note: str = ""
    settings: Mapping[str, str] = field(default_factory=dict)
    text: str = ""

    @property
    def table(self) -> str:
        """The table that it belongs to, such as `gdh/table-4`."""
        return self.name.rpartition("/")[0]

    @property
    def stem(self) -> str:
        """Its name within the table."""
        return self.name.rpartition("/")[2]

    def variants(self) -> tuple[Variant, ...]:
        """Return what is measured: the row itself, or one variant per code length."""
        return tuple(Variant(self, bits) for bits in self.bits or (None,))

    def record(self) -> dict[str, Any]:
        """Return what model folders and result files hold of it."""
        return {"name": self.name, "text": self.text, "changed": []}


@dataclass(frozen=True)
class Variant:
    """One measurement of a recipe. bits: its code length, None if the recipe lists none."""

    recipe: Recipe
    bits: int | None = None

    @property
    def name(self) -> str:
        """Its name within the table, such as `shoes-gdh@32`."""
        return self.recipe.stem if self.bits is None else f"{self.recipe.stem}@{self.bits}"

    @property
    def row(self) -> str:
        """The row of the published table."""
        return self._with_bits(self.recipe.row)

    @property
    def label(self) -> str:
        """What distinguishes its result from others of the system."""
        return self._with_bits(self.recipe.label)

    @property
    def result(self) -> str:
        """Path of its result file below the folder of results, without suffix."""
        return self._with_bits(self.recipe.result)

    @property
    def is_part(self) -> bool:
        """Whether its codes are the first bits of a longer code, in a folder of their own."""
        return self.recipe.nested and self.bits != max(self.recipe.bits)

    @property
    def run(self) -> Variant:
        """The variant whose training makes this one's model."""
        return Variant(self.recipe, max(self.recipe.bits)) if self.recipe.nested else self

    def settings(self) -> dict[str, str]:
        """Return the settings of the run, with references to other runs as written."""
        settings = {key: self.run._with_bits(value) for key, value in self.recipe.settings.items()}
        if self.bits is not None:
            settings["code_length"] = str(self.run.bits)
        if self.recipe.nested:
            settings["shorter"] = ",".join(str(bits) for bits in self.recipe.bits if bits != self.run.bits)
        return settings

    def _with_bits(self, text: str) -> str:
        return text.replace("{bits}", str(self.bits))


def read_recipe(path: Path, *, folder: Path | None = None) -> Recipe:
    """Read a recipe. folder: what its name is relative to, by default its own folder.

    Raises ConfigError naming the file and the key that is wrong.
    """
    try:
        text = path.read_text()
    except OSError as error:
        raise ConfigError("--config", f"{path} cannot be read: {error.strerror}") from None
    name = path.relative_to(folder or path.parent).with_suffix("").as_posix()
    return parse_recipe(text, name=name, where=str(path))


def parse_recipe(text: str, *, name: str, where: str) -> Recipe:
    """Parse a recipe. where: what an error names. Raises ConfigError."""
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(where, f"not TOML: {error}") from None
    known = {field.name for field in dataclasses.fields(Recipe)} - {"name", "text"}
    if unknown := sorted(values.keys() - known):
        raise ConfigError(where, f"unknown key {unknown[0]}; expected one of {', '.join(sorted(known))}")
    if values.get("split", "test") not in get_args(Split):
        raise ConfigError(where, f"split = {values['split']!r}, expected one of {', '.join(get_args(Split))}")
    if values.get("gallery", "split") not in GALLERIES:
        raise ConfigError(where, f"gallery = {values['gallery']!r}, expected one of {', '.join(GALLERIES)}")
    settings = values.pop("settings", {})
    if not isinstance(settings, Mapping):
        raise ConfigError(where, "settings must be a table: [settings]")
    values["settings"] = {key: setting_text(value) for key, value in settings.items()}
    values["bits"] = tuple(values.get("bits", ()))
    recipe = Recipe(name=name, text=text, **values)
    _check(recipe, where)
    return recipe


def setting_text(value: Any) -> str:
    """Return a setting's value, from TOML or JSON, as `--set key=value` takes it."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, list | tuple):
        return ",".join(setting_text(item) for item in value)
    return str(value)


def _check(recipe: Recipe, where: str) -> None:
    if recipe.same_as:
        if recipe.system or recipe.baseline or recipe.settings:
            raise ConfigError(where, "same_as takes the run of another recipe: leave out system and settings")
        return
    if recipe.run_of:
        if recipe.system or recipe.baseline or recipe.settings or recipe.bits:
            raise ConfigError(
                where, "run_of measures the run of another recipe: leave out system and settings"
            )
    elif bool(recipe.system) == bool(recipe.baseline):
        raise ConfigError(where, "expected either system or baseline")
    needed = ("format", "root") if recipe.system and not recipe.row else ("format", "root", "result")
    for key in needed:
        if not getattr(recipe, key):
            raise ConfigError(where, f"{key} is missing")
    if recipe.nested and (recipe.baseline or len(recipe.bits) < 2):
        raise ConfigError(where, "nested = true needs a system and at least two code lengths in bits")
    if len(recipe.bits) > 1 and "{bits}" not in recipe.result and recipe.result:
        raise ConfigError(where, "result must contain {bits}, or every code length would write the same file")


class Recipes(Mapping[str, Recipe]):
    """All recipes of a folder by name, and the reasons why some rows have none."""

    def __init__(self, folder: Path = FOLDER) -> None:
        paths = sorted(folder.rglob("*.toml"))
        read = [read_recipe(path, folder=folder) for path in paths if path.stem != CANNOT_RUN]
        self._recipes = {recipe.name: recipe for recipe in read}
        for recipe in read:
            if recipe.run_of:
                run = self.referred(recipe.run_of, by=recipe.name).recipe
                self._recipes[recipe.name] = replace(
                    recipe, system=run.system, profile=run.profile, settings=run.settings
                )
        self.reasons: dict[str, dict[str, str]] = {
            path.parent.relative_to(folder).as_posix(): tomllib.loads(path.read_text())
            for path in paths
            if path.stem == CANNOT_RUN
        }

    def __getitem__(self, name: str) -> Recipe:
        return self._recipes[name]

    def __iter__(self) -> Any:
        return iter(self._recipes)

    def __len__(self) -> int:
        return len(self._recipes)

    def tables(self) -> tuple[str, ...]:
        """Return the names of all tables, sorted."""
        return tuple(sorted({recipe.table for recipe in self.values()} | set(self.reasons)))

    def of(self, table: str) -> list[Recipe]:
        """Return the recipes of one table."""
        return [recipe for recipe in self.values() if recipe.table == table]

    def referred(self, reference: str, *, by: str) -> Variant:
        """Return the variant that a reference `NAME` or `NAME@BITS` of a recipe means. Raises ConfigError."""
        name, _, bits = reference.partition("@")
        if name not in self:
            raise ConfigError(by, f"refers to the recipe {name}, which does not exist")
        variant = Variant(self[name], int(bits) if bits.isdigit() else None)
        if variant not in self[name].variants():
            choices = ", ".join(str(known) for known in self[name].bits) or "none"
            raise ConfigError(by, f"refers to {reference}, whose recipe has the code lengths {choices}")
        return variant

    def source(self, variant: Variant) -> Variant:
        """Return the variant whose training makes a variant's model: its own, or with `run_of` that of another."""
        run_of = variant.recipe.run_of
        return self.referred(run_of, by=variant.recipe.name).run if run_of else variant.run

    def resolved(self, variant: Variant) -> Variant:
        """Return the variant that is run: of a recipe with `same_as`, the one that it names."""
        while variant.recipe.same_as:
            reference = variant._with_bits(variant.recipe.same_as)
            variant = self.referred(reference, by=variant.recipe.name)
        return variant
