"""A table is run, kept, run again, and compared, through the command line."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ml import cli
from ml.errors import ConfigError
from ml.reports.results import read_results
from ml.reproduce.curves import write_curves
from ml.reproduce.recipe import Recipes, Variant
from ml.reproduce.rows import Compared
from ml.reproduce.running import Options
from ml.reproduce.state import differences
from ml.reproduce.tables import reproduce
from tests.ml.reproduce.conftest import PLACE
from tests.support.doodles import write_doodles
from tests.support.tiny_gdh import TINY

TABLE = "small/table-1"
DOODLES = """row = "Doodles: LSH"
baseline = "hash-lsh"
format = "quickdraw"
root = "$SKETCHFIND_DATA/doodles-1,$SKETCHFIND_DATA/doodles-2"
bits = [16, 32]
result = "doodles-{bits}"
"""


def run(recipes: Recipes, options: Options, *rows: str, **more: Any) -> tuple[list[str], Compared]:
    """Run rows and return what was announced, and the table."""
    said: list[str] = []
    [table], failed = reproduce([TABLE], recipes, options, rows=rows, say=said.append, **more)
    assert failed == {}
    return [line.rpartition(" ")[2] for line in said], table


def test_rows_are_run_once_and_again_on_request(recipes: Recipes, options: Options) -> None:
    done, table = run(recipes, options, "hog", "lsh")
    assert done == ["hog", "lsh@16", "lsh@32"]
    results = read_results(options.results)
    assert sorted(results) == ["hats-hog", "hats-lsh-16", "hats-lsh-32"]
    assert results["hats-lsh-32"]["config"]["code_length"] == 32
    assert results["hats-hog"]["command"] == "python -m ml reproduce small/table-1 --only hog"
    assert {measure.state.kind for row in table.rows for measure in row.measures.values()} == {"kept"}

    assert run(recipes, options, "hog", "lsh")[0] == []
    assert run(recipes, Options(**{**vars(options), "again": True}), "hog")[0] == ["hog"]
    looks = read_results(options.results)["hats-hog"]["looks"]
    assert len(looks) == 2
    assert looks[0]["values"] == looks[1]["values"]


def test_a_changed_recipe_makes_its_row_stale(folder: Path, options: Options) -> None:
    run(Recipes(folder), options, "hog")
    path = folder / "small" / "table-1" / "hog.toml"
    path.write_text("# a remark changes nothing\n" + path.read_text())
    assert run(Recipes(folder), options, "hog")[0] == []
    path.write_text(path.read_text() + "[settings]\ncell_px = 64\n")
    said, table = run(Recipes(folder), options, "hog", dry_run=True)
    assert said == ["hog"]
    [measure] = [measure for row in table.rows for measure in row.measures.values()]
    assert str(measure.state) == "stale: other configuration (cell_px '32', now '64')"


@pytest.mark.slow
def test_curves_are_drawn_from_result_files(
    folder: Path, options: Options, data: Path, tmp_path: Path
) -> None:
    """Of hash codes that are measured by category; both packs are one dataset."""
    for number in (1, 2):
        write_doodles(data / f"doodles-{number}", n=12)
    (folder / "small" / "table-1" / "doodles.toml").write_text(DOODLES)
    done, table = run(Recipes(folder), options, "doodles")
    assert done == ["doodles@16", "doodles@32"]
    result = read_results(options.results)["doodles-32"]
    assert result["metrics"]["n_queries"] > 4 * 3  # those of one pack
    assert len(result["curve"]["precision"]) == len(result["curve"]["recall"]) == 33
    assert result["curve"]["recall"][-1] == 1
    files = write_curves(tmp_path / "curves", [table])
    n_gallery = result["metrics"]["n_gallery"]
    assert [path.name for path in files] == [
        f"small-table-1-{bits}-bits-of-{n_gallery}.png" for bits in (16, 32)
    ]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in files)


def test_another_pack_makes_a_row_stale(folder: Path, options: Options) -> None:
    """The zips tell datasets apart, also if their settings are equal."""
    run(Recipes(folder), options, "hog")
    [path] = options.results.rglob("hats-hog.json")
    result = json.loads(path.read_text())
    packs = ("more.zip,hats.zip", "hats.zip")
    for recorded in (
        {**result, "recipe": None, "command": f"python -m ml baseline --root old/{packs[0]}"},
        {
            **result,
            "recipe": None,
            "command": f"python -m ml train --root old/{packs[0]} && x --root {packs[1]}",
        },
    ):
        recipe = Recipes(folder)["small/table-1/hog"]
        variant = Variant(replace(recipe, root=f"$HERE/{packs[1]}"))
        expected = ["packs 'hats.zip,more.zip', now 'hats.zip'"] if "&&" not in recorded["command"] else []
        assert differences(variant, recorded) == expected


def test_a_system_is_trained_with_every_seed(recipes: Recipes, options: Options) -> None:
    run(recipes, Options(**{**vars(options), "seeds": 2}), "san")
    result = read_results(options.results)["hats-san"]
    assert [one["seed"] for one in result["seeds"]] == [0, 1]
    assert all(len(one["ranks"]) == 4 for one in result["seeds"])
    assert (result["ranks"], result["ties"]) == ([], [])
    accuracy = result["metrics"]["acc@1"]
    assert accuracy["value"] == pytest.approx(
        sum(one["metrics"]["acc@1"]["value"] for one in result["seeds"]) / 2, abs=1e-4
    )
    assert accuracy["t95"][0] <= accuracy["value"] <= accuracy["t95"][1]
    assert "sd" in accuracy
    assert len(result["looks"]) == 1
    assert result["recipe"]["name"] == "small/table-1/san"
    assert result["trained_at"] == "0" * 40
    stored = json.loads((options.runs / "small/table-1/san/seed-1/recipe.json").read_text())
    assert stored == result["recipe"]

    # Two seeds are enough for one, not for three, of which two are there.
    assert run(recipes, options, "san")[0] == []
    before = (options.runs / "small/table-1/san/seed-0/model.json").stat().st_mtime_ns
    assert run(recipes, Options(**{**vars(options), "seeds": 3}), "san")[0] == ["san"]
    assert (options.runs / "small/table-1/san/seed-0/model.json").stat().st_mtime_ns == before
    assert len(read_results(options.results)["hats-san"]["seeds"]) == 3


def test_a_baseline_without_a_seed_is_run_once(recipes: Recipes, options: Options) -> None:
    run(recipes, Options(**{**vars(options), "seeds": 2}), "hog", "lsh@16")
    results = read_results(options.results)
    assert results["hats-hog"]["seeds"] is None
    assert [one["seed"] for one in results["hats-lsh-16"]["seeds"]] == [0, 1]


@pytest.mark.slow
def test_a_run_starts_from_the_run_of_another_recipe(folder: Path, options: Options) -> None:
    san = (folder / "small/table-1/san.toml").read_text()
    text = san.replace("triplet-san", "dssa").replace("hats-san", "hats-dssa").replace("Our model", "Full")
    text += f'warm_start = "run:{TABLE}/san"\n'
    (folder / "small/table-1/full.toml").write_text(text)
    run(Recipes(folder), options, "full")
    assert (options.runs / TABLE / "san/seed-0/model.json").exists()
    assert sorted(read_results(options.results)) == ["hats-dssa"]


@pytest.mark.slow
def test_nested_codes_come_from_one_training_and_a_model_serves_several_rows(
    folder: Path, options: Options
) -> None:
    settings = "".join(
        f"{key} = {value!r}\n"
        for key, value in (assignment.split("=") for assignment in TINY)
        if key != "code_length"
    )
    head = (
        'row = "Hats: GDH @ {bits}"\nsystem = "gdh"\nbits = [8, 16]\nnested = true\nresult = "gdh-{bits}"\n'
    )
    table = folder / "small/table-1"
    (table / "gdh.toml").write_text(
        f"{head}{PLACE}\n[settings]\n{settings}init_from_discriminant_axes = false\n"
    )
    again = (
        f'row = "Hats, validation"\nrun_of = "{TABLE}/san"\nsplit = "val"\nresult = "hats-san-val"\n{PLACE}'
    )
    (table / "san-val.toml").write_text(again)
    recipes = Recipes(folder)
    two = Options(**{**vars(options), "seeds": 2})
    run(recipes, two, "gdh", "san", "san-val")
    results = read_results(options.results)
    assert [results[f"gdh-{bits}"]["config"]["code_length"] for bits in (8, 16)] == [8, 16]
    assert [one["seed"] for one in results["gdh-8"]["seeds"]] == [0, 1]
    trained = sorted(path.parent.relative_to(options.runs) for path in options.runs.rglob("plan.json"))
    assert {path.parts[2] for path in trained} == {"gdh", "san"}
    assert (results["hats-san-val"]["split"], results["hats-san-val"]["looks"]) == ("val", [])
    assert results["hats-san-val"]["config"] == results["hats-san"]["config"]
    assert run(recipes, two, "gdh", "san", "san-val")[0] == []


def test_uncommitted_code_is_refused_before_anything_runs(
    recipes: Recipes, options: Options, changed_checkout: None
) -> None:
    with pytest.raises(ConfigError, match=r"uncommitted changes of ml.*--untracked"):
        run(recipes, options, "hog")
    assert not options.results.exists()
    untracked = Options(**{**vars(options), "untracked": True})
    _, table = run(recipes, untracked, "hog")
    assert read_results(options.results)["hats-hog"]["commit"] == "0" * 40 + "-dirty"
    [measure] = [measure for row in table.rows for measure in row.measures.values()]
    assert str(measure.state) == "stale: from code with uncommitted changes"


def test_a_broken_row_does_not_stop_the_others(folder: Path, options: Options) -> None:
    path = folder / "small/table-1/hog.toml"
    path.write_text(path.read_text() + "[settings]\ncell_px = 0.5\n")
    _, failed = reproduce([TABLE], Recipes(folder), options, rows=["hog", "lsh@16"], say=lambda line: None)
    assert list(failed) == ["small/table-1 hog"]
    assert sorted(read_results(options.results)) == ["hats-lsh-16"]


def test_a_row_whose_data_is_not_there_is_left_out(folder: Path, options: Options, data: Path) -> None:
    path = folder / "small/table-1/hog.toml"
    path.write_text(path.read_text().replace("DATA/hats", "DATA/pack.zip/hats"))
    said: list[str] = []
    _, failed = reproduce([TABLE], Recipes(folder), options, rows=["hog"], say=said.append)
    assert failed == {}
    assert said[-1] == f"small/table-1 hog: left out, there is no {data}/pack.zip"


def test_the_command_prints_ours_beside_the_published_figures(
    folder: Path, options: Options, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    smts = folder / "sketch-me-that-shoe" / "table-1"
    smts.mkdir(parents=True)
    text = (folder / "small/table-1/hog.toml").read_text()
    (smts / "hog.toml").write_text(text.replace("Hats: HOG", "Shoe: Dense-HOG + rankSVM"))
    (smts / "cannot-run.toml").write_text('"Shoe: 3DS Deep + rankSVM" = "not built here"\n')
    places = ["--recipes", str(folder), "--results", str(options.results), "--runs", str(options.runs)]
    table = "sketch-me-that-shoe/table-1"
    assert cli.main(["reproduce", table, *places, "--csv", str(tmp_path / "table.csv")]) == 0
    lines = capsys.readouterr().out.splitlines()
    [ours] = [line for line in lines if line.startswith("Shoe: Dense-HOG + rankSVM")]
    assert "24.35 | " in ours
    assert ours.endswith("kept 0000000")
    [missing] = [line for line in lines if line.startswith("Shoe: 3DS")]
    assert missing.endswith("not run: not built here")
    assert sum("no recipe yet" in line for line in lines) == 8

    with (tmp_path / "table.csv").open() as file:
        rows = list(csv.DictReader(file))
    [accuracy] = [row for row in rows if row["recipe"] and row["column"] == "acc@1"]
    assert (accuracy["published"], accuracy["seeds"], accuracy["looks"]) == ("24.35", "1", "1")
    assert float(accuracy["ci95_low"]) <= float(accuracy["ours"]) <= float(accuracy["ci95_high"])

    assert cli.main(["reproduce", "--list", "--json", *places]) == 0
    counts = json.loads(capsys.readouterr().out)["tables"][table]
    assert (counts["published"], counts["without_recipe"], counts["kept"]) == (10, 9, 1)


def test_wrong_names_are_explained(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    place = ["--recipes", str(folder)]
    assert cli.main(["reproduce", *place]) == 2
    assert cli.main(["reproduce", "small/tabel-1", *place]) == 2
    assert cli.main(["reproduce", TABLE, "--only", "hogs", *place]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[0].startswith("TABLE: missing; --list")
    assert "did you mean small/table-1?" in errors[1]
    assert errors[2] == "--only: 'hogs' is no recipe of small/table-1: hog, lsh@16, lsh@32, san"
