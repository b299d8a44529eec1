"""Recipes: what is shipped, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.baselines.registry import BASELINES
from ml.datasets.formats import names_of
from ml.errors import ConfigError
from ml.reproduce.published.papers import TABLES
from ml.reproduce.published.table import Column
from ml.reproduce.recipe import RUN, Recipe, Recipes, parse_recipe
from ml.reproduce.rows import compared, find_tables
from ml.reproduce.state import settings_of
from ml.systems.registry import NAMES

SHIPPED = Recipes()
RUNNABLE = [recipe for recipe in SHIPPED.values() if not recipe.same_as]


@pytest.mark.parametrize("name", TABLES)
def test_every_published_row_has_a_recipe_or_a_reason(name: str) -> None:
    rows = compared(name, SHIPPED, {}).rows
    assert [row.name for row in rows if row.reason == "no recipe yet"] == []
    assert [row.name for row in rows[: len(TABLES[name].rows)]] == list(TABLES[name].rows)


@pytest.mark.parametrize("name", TABLES)
def test_a_reason_is_of_a_published_row(name: str) -> None:
    assert SHIPPED.reasons.get(name, {}).keys() <= TABLES[name].rows.keys()


@pytest.mark.parametrize("recipe", RUNNABLE, ids=lambda recipe: recipe.name)
def test_a_recipe_names_what_exists(recipe: Recipe) -> None:
    assert recipe.system in NAMES or recipe.baseline in BASELINES
    assert recipe.format in names_of("pairs", "drawings")
    assert recipe.root.startswith("$SKETCHFIND_DATA/")
    for variant in recipe.variants():
        if recipe.system:
            assert settings_of(variant)  # raises on a setting that the system lacks
        for value in variant.settings().values():
            if value.startswith(RUN):
                assert SHIPPED.resolved(
                    SHIPPED.referred(value.removeprefix(RUN), by=recipe.name)
                ).recipe.system


def test_no_two_recipes_write_the_same_result() -> None:
    results = [variant.result for recipe in RUNNABLE for variant in recipe.variants() if variant.result]
    assert len(results) == len(set(results))


def test_rows_with_the_same_run_take_it_from_another_table() -> None:
    [row] = [row for row in compared("gdh/table-2", SHIPPED, {}).rows if row.name == "Sketchy: GDH, 64 bits"]
    assert row.measures[64].variant.result == "hash/sketchy-gdh-64"


def test_settings_name_the_code_length() -> None:
    text = 'row = "a"\nsystem = "sketchmate"\nformat = "quickdraw"\nroot = "x"\nresult = "r-{bits}"\nbits = [16, 32]\n'
    recipe = parse_recipe(text + '[settings]\nfused = "shared:fused-{bits}"', name="a/b/c", where="c.toml")
    assert [variant.settings()["fused"] for variant in recipe.variants()] == [
        "shared:fused-16",
        "shared:fused-32",
    ]


def test_a_figure_in_a_group_of_metrics_is_found() -> None:
    column = Column("MAP 32", "zero_shot.mAP", 32)
    assert column.of({"mAP": {"value": 0.1}, "zero_shot": {"mAP": {"value": 0.3}}}) == {"value": 0.3}
    assert column.of({"mAP": {"value": 0.1}}) is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("row = 1\nrow = 2", "not TOML"),
        ('sistem = "dssa"', "unknown key sistem"),
        ('format = "qmul-v1"', "either system or baseline"),
        ('row = "a"\nsystem = "dssa"\nformat = "qmul-v1"\nroot = "x"', "result is missing"),
        (
            'system = "dssa"\nformat = "qmul-v1"\nroot = "x"\nresult = "r"\nbits = [16, 32]',
            "must contain {bits}",
        ),
        ('same_as = "a/b/c"\nsystem = "dssa"', "leave out system"),
        ('run_of = "a/b/c"\nbits = [16]', "leave out system and settings"),
        ('baseline = "hog"\nformat = "x"\nroot = "x"\nresult = "r"\nsplit = "tests"', "split = 'tests'"),
    ],
)
def test_a_wrong_recipe_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as raised:
        parse_recipe(text, name="a/b/c", where="c.toml")
    assert raised.value.field == "c.toml"


def test_a_reference_to_nothing_is_refused(folder: Path) -> None:
    (folder / "small" / "table-1" / "odd.toml").write_text('row = "odd"\nsame_as = "small/table-1/gone"\n')
    with pytest.raises(ConfigError, match="refers to the recipe small/table-1/gone, which does not exist"):
        compared("small/table-1", Recipes(folder), {})


def test_tables_are_found_by_table_paper_or_all() -> None:
    assert find_tables(["gdh/table-4"], SHIPPED) == ["gdh/table-4"]
    assert find_tables(["dssa"], SHIPPED) == [name for name in TABLES if name.startswith("dssa/")]
    assert set(TABLES) <= set(find_tables(["all"], SHIPPED))
    with pytest.raises(ConfigError, match=r"did you mean gdh/table-4\?"):
        find_tables(["gdh/tabel-4"], SHIPPED)
