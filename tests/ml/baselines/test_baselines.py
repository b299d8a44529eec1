"""Every baseline fits a generated dataset, ranks it better than chance if applicable, and is reproducible."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest

from ml.baselines.registry import BASELINES, fit_baseline
from ml.cli import main
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.protocols.pairs import measure
from tests.support import layouts

pytestmark = pytest.mark.slow

SMALL = {
    "hog-bow-ranksvm": ["words=20"],
    "lite0-ranksvm": ["image_size_px=64"],
    "untrained-lite0": ["image_size_px=64"],
}


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def hats(tmp_path: Path) -> PairDataset:
    return open_dataset("qmul-v1", layouts.write_qmul_v1(tmp_path / "hats"))


@pytest.mark.parametrize("name", BASELINES)
def test_every_baseline_fits_and_ranks(name: str, hats: PairDataset) -> None:
    fitted = fit_baseline(name, hats, SMALL.get(name, []))
    measured = measure(fitted.scorer, hats)
    assert 0 < measured.metrics["mAP"]["value"] <= 1
    assert json.dumps(dict(fitted.config))
    if "ranksvm" in name:
        assert fitted.config["form"] in ("absolute", "squared")


@pytest.mark.parametrize("name", ["hog", "untrained-lite0"])
def test_without_training_shifted_outlines_are_found(name: str, hats: PairDataset) -> None:
    measured = measure(fit_baseline(name, hats, SMALL.get(name, [])).scorer, hats, gallery="all")
    assert measured.metrics["acc@1"]["value"] > 0.5  # chance is 1 / 24


def test_the_vocabulary_is_reproducible(hats: PairDataset) -> None:
    rows = hats.sketch_rows("test"), hats.photo_rows("test")
    first, second = (
        fit_baseline("hog-bow-ranksvm", hats, ["words=20"]).scorer.distances(hats, *rows) for _ in range(2)
    )
    assert np.array_equal(first, second)


def test_rank_svm_without_votes_is_refused(tmp_path: Path) -> None:
    things = open_dataset("sketchy", layouts.write_sketchy(tmp_path / "things"))
    with pytest.raises(DatasetError, match="human triplets"):
        fit_baseline("dense-hog-ranksvm", things)


def test_an_unknown_baseline_or_setting_is_named(hats: PairDataset) -> None:
    with pytest.raises(ConfigError, match="'sift' is unknown; expected one of hog,"):
        fit_baseline("sift", hats)
    with pytest.raises(ConfigError, match="--set cells: unknown"):
        fit_baseline("hog", hats, ["cells=3"])


def test_the_command_prints_json_and_writes_result_and_sheets(
    tmp_path: Path, hats: PairDataset, capsys: pytest.CaptureFixture[str]
) -> None:
    data = ["--format", "qmul-v1", "--root", str(hats.root)]
    leave = ["--result", str(tmp_path / "r.json"), "--sheets", str(tmp_path / "sheets")]
    assert main(["baseline", "--name", "hog", *data, *leave, "--label", "first", "--json"]) == 0
    printed = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert {"acc@1", "acc@5", "acc@10", "%corr", "mAP", "n_queries", "n_gallery"} <= printed.keys()
    assert all(len(printed[name]["ci95"]) == 2 for name in ("acc@1", "%corr", "mAP"))
    written = json.loads((tmp_path / "r.json").read_text())
    assert (written["system"], written["label"], written["category"]) == ("hog", "first", "hats")
    assert (tmp_path / "sheets" / "sheet-01.png").stat().st_size > 1000


def test_the_command_refuses_in_one_line(hats: PairDataset, capsys: pytest.CaptureFixture[str]) -> None:
    data = ["--format", "qmul-v1", "--root", str(hats.root)]
    assert main(["baseline", "--name", "sift", *data]) == 2
    assert capsys.readouterr().err.startswith("--name: 'sift' is unknown")
    assert main(["evaluate", "--model", "nowhere", *data]) == 2
    assert "no model.json" in capsys.readouterr().err
    assert main(["evaluate", "--model", "nowhere", *data, "--record"]) == 2
    assert capsys.readouterr().err == "--record: applies only to format catalogue\n"
    assert main(["train", "--system", "magic", *data, "--out", "nowhere"]) == 2
    assert capsys.readouterr().err.startswith("--system: 'magic' is unknown")


@pytest.mark.real_data
@pytest.mark.parametrize(
    ("category", "expected"), [("shoes", (0.322, 0.783, 0.680)), ("chairs", (0.629, 0.928, 0.690))]
)
def test_plain_hog_on_the_real_data(category: str, expected: tuple[float, float, float]) -> None:
    """Within two queries of the first measurement, which verifies the reading of sketches, edge maps and triplets.

    The tolerance is two queries because a processor's rounding may decide near ties either way.
    """
    dataset = open_dataset(
        "qmul-v1", Path(os.environ["SKETCHFIND_DATA"]) / "qmul-v1.zip" / "qmul-v1" / category
    )
    metrics = measure(fit_baseline("hog", dataset).scorer, dataset).metrics
    measured = [metrics[name]["value"] for name in ("acc@1", "acc@10", "%corr")]
    assert measured[:2] == pytest.approx(expected[:2], abs=2 / len(dataset.sketch_rows("test")) + 0.001)
    assert measured[2] == pytest.approx(expected[2], abs=0.01)
