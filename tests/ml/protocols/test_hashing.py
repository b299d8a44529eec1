"""The protocol for hash codes on generated datasets, and its figures and result files."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from ml.baselines.hashing.baseline import ShallowConfig, ShallowHasher, fit_shallow, shallow_hashers
from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from ml.errors import ConfigError, DatasetError
from ml.metrics import ranking
from ml.protocols.hashing import measure_hashing
from ml.protocols.selection import Kind
from ml.reports.comparison import compare_codes
from ml.reports.hashing.figures import entropy_figure, precision_recall_figure, write_figures
from ml.reports.hashing.run import HashingRequest, report_hashing
from ml.reports.hashing.tables import hashing_tables
from ml.reports.results import Run, read_results, result_of, write_result
from ml.retrieval.packing import hamming, pack
from tests.support import layouts
from tests.support.doodles import write_doodles


class NoisyHasher:
    """A hasher of 16 bits: logits are the code of the category plus Gaussian noise of the given scale."""

    unseen: tuple[str, ...] = ()

    def __init__(self, noise: float) -> None:
        self._noise = noise

    def logits(self, dataset: PairDataset, kind: Kind, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        described = dataset.photos if kind == "photo" else dataset.sketches
        codes = np.random.default_rng(0).choice([-1.0, 1.0], (len(dataset.categories), 16))
        noise = np.random.default_rng(1 + (kind == "photo")).standard_normal((len(described), 16))
        numbers = [dataset.categories.index(described[row].category) for row in rows]
        return np.asarray(codes[numbers] + self._noise * noise[rows], dtype=np.float32)


class Classifier(NoisyHasher):
    """A NoisyHasher that classifies every sketch as ring or star."""

    categories = ("ring", "star")

    def class_scores(self, dataset: PairDataset, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        return np.array([[0.0, dataset.sketches[row].category == "star"] for row in rows], dtype=np.float32)


class Constant:
    """A hasher that reads nothing: the code of a row is its number."""

    def __init__(self, asked: list[int] | None = None) -> None:
        self._asked = [] if asked is None else asked

    def logits(self, dataset: PairDataset, kind: Kind, rows: NDArray[np.intp]) -> NDArray[np.float32]:
        self._asked.append(len(rows))
        bits = (rows[:, None] >> np.arange(8)) & 1
        return np.asarray(2 * bits - 1, dtype=np.float32)


@pytest.fixture
def doodles(tmp_path: Path) -> PairDataset:
    return open_dataset("quickdraw", write_doodles(tmp_path / "doodles", n=20))


def test_sketches_search_the_other_sketches_of_their_split(doodles: PairDataset) -> None:
    hasher = NoisyHasher(1.0)
    measured = measure_hashing(hasher, doodles, split="test")
    rows = doodles.sketch_rows("test")
    assert (measured.metrics["n_queries"], measured.metrics["n_gallery"]) == (20, 19)
    codes = pack(hasher.logits(doodles, "sketch", rows))
    labels = np.array([doodles.sketches[row].category for row in rows])
    for query in range(len(rows)):
        others = np.arange(len(rows)) != query
        expected = ranking.average_precision(
            hamming(codes[others], codes[query])[None].astype(float), (labels[others] == labels[query])[None]
        )
        assert measured.average_precisions[query] == pytest.approx(expected[0])
    assert measured.metrics["mAP"]["value"] == pytest.approx(measured.average_precisions.mean())
    assert measured.metrics["R"] == 4


def test_the_gallery_may_hold_all_splits(doodles: PairDataset) -> None:
    measured = measure_hashing(NoisyHasher(0.5), doodles, split="val", gallery="all")
    assert (measured.metrics["n_queries"], measured.metrics["n_gallery"]) == (12, 79)
    assert np.array_equal(measured.gallery_rows[measured.own], measured.query_rows)


def test_queries_may_be_taken_out_of_the_gallery(doodles: PairDataset) -> None:
    """One drawing in eleven of each category searches the others, as in SketchMate's Table 3."""
    measured = measure_hashing(NoisyHasher(0.5), doodles, split="train", gallery="apart")
    queries, searched = set(measured.query_rows.tolist()), set(measured.gallery_rows.tolist())
    assert not queries & searched
    assert queries | searched == set(doodles.sketch_rows("train").tolist())
    counts = np.bincount(measured.query_labels)
    assert counts.tolist() == [-(-len(doodles.sketch_rows("train")) // len(counts) // 11)] * len(counts)
    assert measured.metrics["n_gallery"] == len(searched)
    assert (measured.own == -1).all()


def test_photos_cannot_be_taken_out_of_the_gallery(things: PairDataset) -> None:
    with pytest.raises(DatasetError, match="--gallery: apart"):
        measure_hashing(NoisyHasher(0.5), things, gallery="apart")


def test_no_drawing_is_read_to_choose_and_rank(doodles: PairDataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """Millions of drawings fit in memory only as codes, which are encoded and packed in parts."""
    plain = measure_hashing(Constant(), doodles, gallery="all")
    asked: list[int] = []
    monkeypatch.setattr("ml.protocols.hashing._ENCODED_AT_ONCE", 7)
    fresh = open_dataset("quickdraw", doodles.root)
    again = measure_hashing(Constant(asked), fresh, gallery="all")
    assert max(asked) == 7
    assert again.metrics == plain.metrics
    assert not {"sketches", "_drawings"} & vars(fresh).keys()


def test_photos_are_the_gallery_if_the_dataset_has_photos(things: PairDataset) -> None:
    measured = measure_hashing(NoisyHasher(0.5), things, split="test")
    assert measured.gallery_kind == "photo"
    assert measured.metrics["n_gallery"] == 6
    assert (measured.own == -1).all()


def test_instances_are_ranked_within_their_category_and_among_all(things: PairDataset) -> None:
    """Against the metrics of `ml.metrics.ranking` on the whole matrix of distances."""
    hasher = NoisyHasher(1.5)
    measured = measure_hashing(hasher, things, split="train")
    sketches, photos = things.sketch_rows("train"), things.photo_rows("train")
    queries = pack(hasher.logits(things, "sketch", sketches))
    gallery = pack(hasher.logits(things, "photo", photos))
    distances = np.stack([hamming(gallery, query) for query in queries]).astype(float)
    true = np.searchsorted(photos, things.true_photos[sketches])
    drawn = np.array([things.sketches[row].category for row in sketches])
    shown = np.array([things.photos[row].category for row in photos])
    within = np.where(drawn[:, None] == shown, distances, np.inf)
    for k in (1, 5, 10):
        expected = ranking.accuracy_at(within, true, k).mean(), ranking.accuracy_at(distances, true, k).mean()
        found = measured.metrics[f"acc@{k}"]["value"], measured.metrics[f"acc@{k}_all"]["value"]
        assert found == pytest.approx(expected)
    assert measured.instances is not None
    assert measured.instances.overall is not None
    expected_ranks = ranking.expected_ranks(distances, true)
    np.testing.assert_allclose(measured.instances.overall.ranks, expected_ranks)
    assert measured.metrics["acc@1"]["value"] >= measured.metrics["acc@1_all"]["value"]


def test_sketches_alone_have_no_instances(doodles: PairDataset) -> None:
    measured = measure_hashing(NoisyHasher(0.5), doodles)
    assert measured.instances is None
    assert "acc@1" not in measured.metrics


def test_a_result_of_codes_holds_the_ranks_of_instances(things: PairDataset, tmp_path: Path) -> None:
    run = Run("a", {}, 1.0, "a machine", "a command")
    measured = report_hashing(NoisyHasher(1.0), things, HashingRequest("train"))
    assert measured.instances is not None
    write_result(
        tmp_path / "codes.json", result_of(run, things, measured, {"instances": measured.instances.as_json()})
    )
    found = measured.metrics
    instances = read_results(tmp_path)["codes"]["instances"]
    assert len(instances["ranks"]) == len(instances["ties_all"]) == found["n_instances"]


def test_codes_without_noise_rank_perfectly_and_noise_lowers_map(doodles: PairDataset) -> None:
    perfect, noisy = (measure_hashing(NoisyHasher(noise), doodles).metrics for noise in (0.0, 3.0))
    assert perfect["mAP"]["value"] == perfect["mAP_asymmetric"]["value"] == 1
    assert perfect["precision@R"]["value"] == 1
    assert (perfect["d1"], perfect["distinct_codes"]) == (0, 4)
    assert noisy["mAP"]["value"] < 0.8
    assert noisy["d1/d2"] > perfect["d1/d2"]


def test_two_hashers_are_compared_query_by_query(doodles: PairDataset) -> None:
    found = compare_codes(NoisyHasher(0.2), NoisyHasher(3.0), doodles, split="test")
    gain = found["mAP"]["difference"]
    assert gain["value"] == pytest.approx(found["mAP"]["model"]["value"] - found["mAP"]["against"]["value"])
    assert gain["ci95"][0] > 0
    same = compare_codes(NoisyHasher(0.5), NoisyHasher(0.5), doodles, split="test")
    assert same["mAP"]["difference"]["value"] == 0
    assert list(same["mAP"]["difference"]["ci95"]) == [0, 0]


def test_accuracy_counts_only_the_categories_of_the_classifier(doodles: PairDataset) -> None:
    metrics = measure_hashing(Classifier(0.5), doodles).metrics
    assert metrics["accuracy"]["value"] == 1
    alone = measure_hashing(Classifier(0.5), doodles, categories=("comb", "zigzag")).metrics
    assert "accuracy" not in alone


def test_no_relevant_item_is_an_error(tmp_path: Path) -> None:
    dataset = open_dataset("quickdraw", write_doodles(tmp_path / "few", n=2))
    with pytest.raises(DatasetError, match="a relevant item"):
        measure_hashing(NoisyHasher(0.5), dataset, split="val")


def test_a_report_writes_figures_and_its_result_a_file(doodles: PairDataset, tmp_path: Path) -> None:
    hasher = NoisyHasher(1.0)
    hasher.unseen = ("comb",)
    run = Run("planned", {"code_length": 16}, 1.0, "a machine", "a command")
    measured = report_hashing(hasher, doodles, HashingRequest("test", sheets=tmp_path / "sheets"))
    found = measured.metrics
    write_result(tmp_path / "results" / "planned.json", result_of(run, doodles, measured))
    assert found["n_queries"] == 15
    assert (found["zero_shot"]["n_queries"], found["zero_shot"]["n_gallery"]) == (5, 19)
    result = read_results(tmp_path / "results")["planned"]
    assert len(result["ranks"]) == len(result["ties"]) == 15
    assert result["metrics"]["mAP"]["value"] == pytest.approx(found["mAP"]["value"], abs=1e-4)
    json.dumps(found)
    names = {path.name for path in (tmp_path / "sheets").iterdir()}
    assert names == {
        "precision-recall.png",
        "bits.png",
        "tsne.png",
        "entropy.png",
        "sheet-01.png",
        "sheet-02.png",
    }
    for path in (tmp_path / "sheets").iterdir():
        assert Image.open(path).convert("L").getextrema() != (255, 255)


def test_sheets_frame_the_items_of_the_querys_category(doodles: PairDataset, tmp_path: Path) -> None:
    write_figures(tmp_path, doodles, measure_hashing(NoisyHasher(0.0), doodles), sheets=1)
    image = np.asarray(Image.open(tmp_path / "sheet-01.png"), dtype=int)
    green = (image == (22, 163, 74)).all(axis=2).any(axis=0)
    red = (image == (220, 38, 38)).all(axis=2).any(axis=0)
    assert green.any()
    assert (
        np.flatnonzero(green).max() < np.flatnonzero(red).min()
    )  # the four others of its category are first


def test_curves_and_entropies_are_drawn(doodles: PairDataset, tmp_path: Path) -> None:
    curves = {str(noise): measure_hashing(NoisyHasher(noise), doodles).counts for noise in (0.5, 2.0)}
    drawn = precision_recall_figure(tmp_path / "curves.png", curves)
    histogram = entropy_figure(tmp_path / "entropy.png", np.linspace(0.1, 0.2, 50) ** 1.3, "star")
    for path in (drawn, histogram):
        assert Image.open(path).width > 300


@pytest.mark.parametrize("name", ["lsh", "sdh"])
def test_shallow_hashers_over_hog_find_doodles(doodles: PairDataset, name: str) -> None:
    fitted = fit_shallow(name, doodles, ["code_length=32"])
    assert isinstance(fitted.scorer, ShallowHasher)
    metrics = measure_hashing(fitted.scorer, doodles).metrics
    assert metrics["code_length"] == 32
    assert metrics["mAP"]["value"] > 0.5
    assert fitted.config["features"] == "hog"
    both = shallow_hashers([name], [32], doodles, ShallowConfig())
    rows = doodles.sketch_rows("test")
    again = both[name, 32].logits(doodles, "sketch", rows)
    np.testing.assert_allclose(again, fitted.scorer.logits(doodles, "sketch", rows), atol=1e-4)


def test_shallow_hashers_over_imagenet_features_find_photos(tmp_path: Path) -> None:
    layouts.write_sketchy(tmp_path / "sketchy")
    dataset = open_dataset("sketchy", tmp_path / "sketchy")
    fitted = fit_shallow("pca-itq", dataset, ["features=lite0", "image_size_px=32", "code_length=8"])
    assert isinstance(fitted.scorer, ShallowHasher)
    metrics = measure_hashing(fitted.scorer, dataset).metrics
    assert metrics["n_gallery"] == len(dataset.photo_rows("test"))
    assert fitted.scorer.logits(dataset, "photo", dataset.photo_rows("test")).shape[1] == 8


def test_deep_features_need_a_model(doodles: PairDataset) -> None:
    with pytest.raises(ConfigError, match="model"):
        fit_shallow("lsh", doodles, ["features=deep"])
    with pytest.raises(ConfigError, match="code_length"):
        ShallowConfig(code_length=20)


def test_tables_have_a_column_per_code_length(doodles: PairDataset) -> None:
    results = {}
    for name, noise, bits in (("a-16", 0.2, 16), ("a-32", 0.1, 32), ("b-16", 3.0, 16)):
        run = Run(name[0], {}, 1.0, "a machine", "a command", label="x" if name == "b-16" else "")
        results[name] = result_of(run, doodles, measure_hashing(NoisyHasher(noise), doodles))
        results[name]["metrics"]["code_length"] = bits
    table = hashing_tables(results).splitlines()
    assert (
        table[0]
        == "**quickdraw**, test: 20 sketches, each against 19 items of the split, including 4 of its category"
    )
    assert table[2] == "| system | MAP 16 | MAP 32 | P@200 16 | P@200 32 |"
    assert table[4].startswith("| a | 100.0 (100–100) | 100.0 (100–100) | 21.1 (21–21) |")
    assert table[5].startswith("| b, x | ")
    assert table[5].split("|")[3].strip() == ""
    assert hashing_tables({}) == ""


def test_results_on_another_gallery_have_a_separate_table(doodles: PairDataset) -> None:
    def result(n_queries: int = 20, **config: object) -> dict[str, Any]:
        run = Run("a", config, 1.0, "a machine", "a command")
        made = result_of(run, doodles, measure_hashing(NoisyHasher(0.1), doodles))
        made["metrics"] |= {"code_length": 16, "n_queries": n_queries}
        return made

    plain, unseen, recogniser = result(), result(n_queries=15), result(head="recognition")
    unseen["metrics"]["zero_shot"] = {**plain["metrics"], "n_queries": 5, "n_gallery": 7}
    recogniser["metrics"]["accuracy"] = {"value": 0.5, "ci95": [0.4, 0.6]}
    found = hashing_tables({"plain": plain, "unseen": unseen, "recogniser": recogniser})
    headings = [line for line in found.splitlines() if line.startswith("**")]
    assert [line.split(" sketches")[0] for line in headings[:3]] == [
        "**quickdraw**, categories unseen in training: 5",
        "**quickdraw**, test: 15",
        "**quickdraw**, test: 20",
    ]
    assert headings[3].startswith("**quickdraw**, test: recognition of 20 sketches")
    assert found.splitlines()[-1] == "| a | 50.0 (40–60) |"
