"""Training from a recipe, from a result file, and with several seeds, through the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml import cli
from ml.errors import ConfigError
from ml.reports.results import FOLDER, read_results
from ml.reproduce.training import of_result

QUICK = ["--set", "steps=2", "--set", "validate_every=1", "--set", "batch_size=4", "--set", "precision=fp32"]


def manifest(folder: Path) -> dict[str, object]:
    loaded: dict[str, object] = json.loads((folder / "model.json").read_text())
    return loaded


@pytest.mark.slow
def test_a_recipe_is_trained_and_stored(folder: Path, tmp_path: Path) -> None:
    recipe = folder / "small/table-1/san.toml"
    out, root = tmp_path / "out", str(tmp_path / "data" / "hats")
    assert cli.main(["train", "--config", str(recipe), "--out", str(out), "--set", "margin=0.5"]) == 0
    config = manifest(out)["config"]
    assert isinstance(config, dict)
    assert (config["steps"], config["margin"]) == (2, 0.5)
    stored = json.loads((out / "recipe.json").read_text())
    assert stored == {"name": "san", "text": recipe.read_text(), "changed": ["margin=0.5"]}

    result = tmp_path / "results" / "one.json"
    evaluate = ["evaluate", "--model", str(out), "--format", "qmul-v1", "--root", root]
    assert cli.main([*evaluate, "--result", str(result)]) == 0
    assert read_results(result.parent)["one"]["recipe"] == stored

    again = tmp_path / "again"
    assert cli.main(["train", "--from", str(result), "--out", str(again)]) == 0
    assert manifest(again)["config"] == config
    assert (again / "weights.safetensors").read_bytes() == (out / "weights.safetensors").read_bytes()
    assert json.loads((again / "recipe.json").read_text()) == stored


@pytest.mark.slow
def test_seeds_are_trained_side_by_side_and_measured_together(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out, root = tmp_path / "out", str(tmp_path / "data" / "hats")
    of_hats = ["--format", "qmul-v1", "--root", root]
    train = ["train", "--system", "triplet-san", *of_hats, "--out", str(out), *QUICK, "--seeds", "2"]
    assert cli.main([*train, "--set", "seed=5", "--json"]) == 0
    trained = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert trained["seeds"] == [5, 6]
    assert trained["val/score"]["sd"] >= 0
    seeds = [manifest(out / f"seed-{seed}")["config"] for seed in (5, 6)]
    assert [config["seed"] for config in seeds if isinstance(config, dict)] == [5, 6]

    result = tmp_path / "results" / "two.json"
    assert cli.main(["evaluate", "--model", str(out), *of_hats, "--result", str(result)]) == 0
    assert [one["seed"] for one in read_results(result.parent)["two"]["seeds"]] == [5, 6]


@pytest.mark.slow
def test_looks_at_the_test_split_are_counted_without_a_result_file(tmp_path: Path) -> None:
    out, root = tmp_path / "out", str(tmp_path / "data" / "hats")
    of_hats = ["--format", "qmul-v1", "--root", root]
    assert cli.main(["train", "--system", "triplet-san", *of_hats, "--out", str(out), *QUICK]) == 0
    evaluate = ["evaluate", "--model", str(out), *of_hats]
    assert cli.main([*evaluate, "--split", "val"]) == 0
    assert cli.main(evaluate) == 0
    result = tmp_path / "results" / "one.json"
    assert cli.main([*evaluate, "--result", str(result)]) == 0
    looks = read_results(result.parent)["one"]["looks"]
    assert len(looks) == 2
    assert set(looks[0]["values"]) == {"acc@1", "acc@10", "%corr", "mAP"}


@pytest.mark.slow
def test_a_model_of_uncommitted_code_gets_no_result_file(
    tmp_path: Path, changed_checkout: None, capsys: pytest.CaptureFixture[str]
) -> None:
    out, root = tmp_path / "out", str(tmp_path / "data" / "hats")
    of_hats = ["--format", "qmul-v1", "--root", root]
    assert cli.main(["train", "--system", "triplet-san", *of_hats, "--out", str(out), *QUICK]) == 0
    result = tmp_path / "results" / "one.json"
    evaluate = ["evaluate", "--model", str(out), *of_hats, "--result", str(result)]
    assert cli.main(evaluate) == 2
    assert "--untracked" in capsys.readouterr().err
    assert not (out / "looks.json").exists()  # refused before the test split was ranked
    assert cli.main([*evaluate, "--untracked"]) == 0
    assert read_results(result.parent)["one"]["trained_at"] == "0" * 40 + "-dirty"


def test_missing_and_contradicting_options_are_named(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    out, recipe = ["--out", str(tmp_path / "out")], str(folder / "small/table-1/san.toml")
    assert cli.main(["train", *out]) == 2
    assert cli.main(["train", *out, "--config", recipe, "--system", "dssa"]) == 2
    assert cli.main(["train", *out, "--config", str(folder / "gone.toml")]) == 2
    assert cli.main(["train", *out, "--config", str(folder / "small/table-1/hog.toml")]) == 2
    assert cli.main(["train", *out, "--config", recipe, "--seeds", "0"]) == 2
    monkeypatch.delenv("SKETCHFIND_DATA")
    assert cli.main(["train", *out, "--config", recipe]) == 2
    errors = capsys.readouterr().err.splitlines()
    assert errors[0].startswith("--system: missing; or name a recipe by --config")
    assert errors[1] == "--system: is given by --config; leave it out"
    assert errors[2].startswith("--config: ")
    assert errors[3].startswith("--config: hog is not trained; run it with: python -m ml reproduce")
    assert errors[4] == "--seeds: 0, must be at least 1"
    assert errors[5].startswith("--root: set SKETCHFIND_DATA to the folder with the data")


def test_older_results_are_trained_from_their_settings_and_command() -> None:
    found = of_result(FOLDER / "hash" / "chair-v1-gdh-32.json")
    assert (found.system, found.format, found.profile) == ("gdh", "qmul-v1", "cpu")
    assert found.root == "$SKETCHFIND_DATA/qmul-v1.zip/qmul-v1/chairs"
    assert "shorter=32,64" in found.overrides
    assert not any(setting.startswith("code_length=") for setting in found.overrides)  # of the part
    assert "hash_lr=0.0003" in found.overrides
    with pytest.raises(ConfigError, match="of a baseline; run its command: python -m ml baseline"):
        of_result(FOLDER / "chair-v1-hog.json")
