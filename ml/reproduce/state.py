"""Whether a result file is still that of its recipe: the same settings, from code that can be looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from ml.checkout import is_traceable
from ml.reproduce.recipe import RUN, SHARED, Variant, parse_recipe, setting_text
from ml.systems.registry import find_system
from ml.training.config import as_json, with_overrides
from ml.training.renamed import current_names

_PACK, _ROOT = re.compile(r"[\w.-]+\.zip"), re.compile(r"--root (\S+)")
# Settings that change nothing about what a row means: the seed is counted separately, the others are of the machine.
_IGNORED = frozenset({"seed", "precision", "checkpoint_interval_s", "channels_last"})


@dataclass(frozen=True)
class State:
    """missing: no result file. stale: of another configuration, code or number of seeds. kept: as the recipe says."""

    kind: Literal["missing", "stale", "kept"]
    reason: str = ""

    def __str__(self) -> str:
        return f"{self.kind}: {self.reason}" if self.reason else self.kind


def state_of(variant: Variant, result: Mapping[str, Any] | None, *, seeds: int = 1) -> State:
    """Return the state of a variant whose result file holds `result`, when at least `seeds` seeds are wanted."""
    if result is None:
        return State("missing")
    if found := differences(variant, result):
        return State("stale", f"other configuration ({'; '.join(found)})")
    commits = [result["commit"], *filter(None, [result.get("trained_at")])]
    if not all(map(is_traceable, commits)):
        return State("stale", "from code with uncommitted changes")
    measured = len(result.get("seeds") or [0])
    if measured < seeds and "seed" in result["config"]:
        return State("stale", f"{measured} seed{'s' if measured > 1 else ''}")
    return State("kept")


def differences(variant: Variant, result: Mapping[str, Any]) -> list[str]:
    """Return what differs between a recipe and a result, such as "steps 600, now 500".

    Settings that were added to the code since are not compared, nor are the folders of other runs in results that are
    older than recipes.
    """
    recipe = variant.recipe
    identity = {
        "system": recipe.system or recipe.baseline,
        "label": variant.label,
        "dataset": recipe.format,
        "split": recipe.split,
        "gallery": recipe.gallery,
    }
    then: dict[str, Any] = current_names(result["config"])
    now: dict[str, Any] = dict(settings_of(variant) if recipe.system else variant.settings())
    now = {key: value for key, value in now.items() if key in then and not _is_path(value)}
    recorded = recorded_variant(result, variant.bits)
    measured_on = recorded.recipe.root if recorded else "".join(_ROOT.findall(result["command"])[-1:])
    packs = _packs(measured_on), _packs(recipe.root)
    if recorded:
        of_then, of_now = _references(recorded), _references(variant)
        then |= dict.fromkeys(of_now, "none") | of_then
        now |= dict.fromkeys(of_then, "none") | of_now
    return [
        *(_difference(key, result[key], value) for key, value in identity.items() if result[key] != value),
        *([_difference("packs", *packs)] if all(packs) and packs[0] != packs[1] else []),
        *(
            _difference(key, then[key], value)
            for key, value in now.items()
            if key not in _IGNORED and not _equal(then[key], value)
        ),
    ]


def _difference(key: str, then: Any, now: Any) -> str:
    return f"{key} {setting_text(then)!r}, now {setting_text(now)!r}"


def settings_of(variant: Variant) -> Mapping[str, Any]:
    """Return all settings of a system's variant as JSON values, from its profile and its recipe. Raises ConfigError."""
    recipe = variant.recipe
    profile = find_system(recipe.system, recipe.format, recipe.profile).profiles[recipe.profile]
    config = with_overrides(profile, [f"{key}={value}" for key, value in variant.settings().items()])
    if variant.is_part:
        config = replace(config, code_length=variant.bits, shorter=())
    values = as_json(config)
    paths = {key for key in values if isinstance(getattr(config, key), Path)}
    return {key: value for key, value in values.items() if key not in paths}


def recorded_variant(result: Mapping[str, Any], bits: int | None) -> Variant | None:
    """Return the recipe that a result records, as it then was; None without one."""
    record = result.get("recipe")
    if not record or record.get("changed"):
        return None
    return Variant(parse_recipe(record["text"], name=record["name"], where=record["name"]), bits)


def _references(variant: Variant) -> dict[str, str]:
    """Return the settings that name other runs."""
    return {key: value for key, value in variant.settings().items() if value.startswith((RUN, SHARED))}


def _packs(root: str) -> tuple[str, ...]:
    """Return the names of the zips in a root, by which it is known wherever they are."""
    return tuple(sorted(_PACK.findall(root)))


def _is_path(value: Any) -> bool:
    return isinstance(value, str) and value.startswith((RUN, SHARED, "$"))


def _equal(one: Any, other: Any) -> bool:
    """Compare settings as values or as `--set` takes them: 1 equals 1.0, and a tuple equals a list."""
    if isinstance(one, int | float) and isinstance(other, int | float):
        return one == other
    return setting_text(one) == setting_text(other) or _number(one) == _number(other) is not None


def _number(value: Any) -> float | None:
    try:
        return float(value)
    except (TypeError, ValueError):
        return None
