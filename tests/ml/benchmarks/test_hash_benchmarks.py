"""The benchmarks of hashing measure what they report."""

import pytest

from ml.benchmarks import hash_retrieval, stroke_shards


def test_stroke_shards_benchmark_reads_back_its_drawings() -> None:
    measured = stroke_shards.run(n=3450)
    assert measured["n_drawings"] == 3450
    assert 20 < measured["bytes_per_drawing"] < 2000


def test_galleries_are_those_of_the_papers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hash_retrieval, "GALLERIES", {345_000: (64,), 1000: (128,)})
    measured = hash_retrieval.run()
    assert measured["n=345000 bits=64"]["codes_mb"] == pytest.approx(2.76)
    assert measured["n=345000 bits=64"]["paper_ms"] == 286
    assert measured["n=1000 bits=128"]["codes_mb"] == pytest.approx(0.016, abs=0.005)
