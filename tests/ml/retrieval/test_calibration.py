from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from ml.errors import IndexMismatchError
from ml.retrieval.calibration import CALIBRATION, Calibration, Judge
from ml.retrieval.evidence import BY_NAME, BY_SHAPE, evidence
from ml.retrieval.hits import Hits
from ml.retrieval.logistic import Logistic
from ml.retrieval.name_prior import NameFits, NamePrior

RECOGNISER = "r" * 64


def hits(cosines: list[float], scores: list[float] | None = None, best: float | None = None) -> Hits:
    n = len(cosines)
    found = np.array(cosines, np.float32)
    return Hits(
        rows=np.arange(n),
        ids=np.arange(n),
        scores=found if scores is None else np.array(scores, np.float32),
        cosines=found,
        embeddings=np.zeros((n, 4), np.float32),
        hamming=np.zeros(n, np.int32),
        products=None,
        best_cosine=max(cosines, default=-1.0) if best is None else best,
        n_gallery=n,
        n_shortlist=n,
        hamming_ms=0.0,
        rerank_ms=0.0,
    )


def prior(probabilities: list[float]) -> NamePrior:
    """Of a gallery whose even rows fit the first of three names, and whose odd rows fit the second."""
    fits = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    groups = np.tile([1, 2], 20).astype(np.int32)
    found = NameFits(("chair", "lamp", "lion"), groups, fits, np.array([0, 20, 20]))
    return found.prior(np.array(probabilities, np.float32), 0.2)


def by(feature: str, features: tuple[str, ...] = BY_SHAPE, nothing_below: float = 0.1) -> Judge:
    """A judge by one piece of evidence: 0.5 where it is 0."""
    return Judge(Logistic(np.array([10.0 * (name == feature) for name in features]), 0.0), nothing_below)


def test_evidence_of_shape_compares_with_what_follows_and_with_the_best() -> None:
    cosines = [0.9, 0.7, *[0.5] * 8, *[0.4] * 20]
    found = dict(zip(BY_SHAPE, evidence(hits(cosines), None).T, strict=True))
    assert found["cosine"] == pytest.approx(cosines)
    assert found["margin"][:2] == pytest.approx([0.5, 0.3])
    assert found["behind"][:2] == pytest.approx([0, -0.2])


def test_evidence_of_names_is_that_of_each_product() -> None:
    found = evidence(hits([0.5, 0.6], scores=[0.4, 0.3], best=0.7), prior([0.6, 0.1, 0.3]))
    assert dict(zip(BY_NAME, found[0], strict=True)) == pytest.approx(
        {
            "cosine": 0.5,
            "margin": -0.1,
            "behind": 0.0,
            "chance": 0.6,
            "foreign": 0.3,
            "other": 0.0,
            "below": -0.2,
            "chance_below": -0.12,
            "chance_cosine": 0.3,
        }
    )
    assert found[1, BY_NAME.index("chance")] == pytest.approx(0.1)


@pytest.mark.parametrize("n", [0, 1, 12])
def test_few_hits_have_evidence_as_well(n: int) -> None:
    for given, features in ((None, BY_SHAPE), (prior([1, 0, 0]), BY_NAME)):
        found = evidence(hits([0.5] * n), given)
        assert found.shape == (n, len(features))
        assert np.isfinite(found).all()


def test_probabilities_become_words() -> None:
    judged = Calibration(by("cosine")).judged(hits([0.2, 0.11, 0.1, 0.0, -0.05, -0.1]), None)
    assert judged.words == ["strong", "strong", "fair", "fair", "weak", "weak"]
    assert not judged.nothing_close


def test_nothing_is_close_if_the_likeliest_result_is_unlikely() -> None:
    calibration = Calibration(by("cosine", nothing_below=0.6))
    assert calibration.judged(hits([0.0, 0.0]), None).nothing_close
    assert not calibration.judged(hits([0.0, 0.1]), None).nothing_close
    assert calibration.judged(hits([]), None).nothing_close


def test_names_count_only_for_the_recogniser_that_was_there() -> None:
    calibration = Calibration(by("cosine"), by("chance", BY_NAME), RECOGNISER)
    found, given = hits([-0.5, 0.0]), prior([1, 0, 0])
    named = calibration.judged(found, given, RECOGNISER)
    assert named.words == ["strong", "fair"]
    by_shape = ["weak", "fair"]
    assert calibration.judged(found, given, "s" * 64).words == by_shape
    assert calibration.judged(found, None, RECOGNISER).words == by_shape
    assert Calibration(by("cosine")).judged(found, given, "").words == by_shape


def written(folder: Path, **changes: Any) -> Path:
    calibration = Calibration(by("margin"), by("foreign", BY_NAME, 0.3), RECOGNISER)
    raw = {**json.loads(calibration.content()), **changes}
    path = folder / CALIBRATION
    path.write_text(json.dumps({key: value for key, value in raw.items() if value is not ...}))
    return path


def test_a_file_is_read_as_written(tmp_path: Path) -> None:
    found = Calibration.read(written(tmp_path))
    assert found.named is not None
    assert found.recogniser_sha256 == RECOGNISER
    assert found.named.nothing_below == 0.3
    assert found.shape.model.weights.tolist() == by("margin").model.weights.tolist()
    assert Calibration.read(written(tmp_path, named=None)).named is None
    assert json.loads(found.content()) == json.loads(written(tmp_path).read_bytes())


WEIGHTS = dict.fromkeys(BY_SHAPE, 1.0)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"version": 99}, "version"),
        ({"version": ...}, "version"),
        ({"recogniser_sha256": None}, "recogniser_sha256"),
        ({"shape": ...}, "shape"),
        ({"shape": {"weights": {"cosine": 1.0}, "intercept": 0, "nothing_below": 0}}, "shape"),
        ({"shape": {"weights": {**WEIGHTS, "x": 1}, "intercept": 0, "nothing_below": 0}}, "shape"),
        ({"shape": {"weights": WEIGHTS, "intercept": float("nan"), "nothing_below": 0}}, "shape"),
        ({"shape": {"weights": WEIGHTS, "intercept": 0}}, "shape"),
        ({"named": {"weights": WEIGHTS, "intercept": 0, "nothing_below": 0}}, "named"),
        ({"named": []}, "named"),
    ],
)
def test_a_wrong_file_is_refused_by_the_key_that_is_wrong(
    tmp_path: Path, changes: dict[str, Any], field: str
) -> None:
    path = written(tmp_path, **changes)
    with pytest.raises(IndexMismatchError) as refusal:
        Calibration.read(path)
    assert refusal.value.field == f"{path}.{field}"


def test_what_is_not_json_is_refused(tmp_path: Path) -> None:
    path = tmp_path / CALIBRATION
    for content in (b"", b"[]", b"\xff"):
        path.write_bytes(content)
        with pytest.raises(IndexMismatchError):
            Calibration.read(path)
