"""Generated datasets of pairs, and a cache that is deleted after the test."""

from __future__ import annotations

from pathlib import Path

import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from tests.support import layouts


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def hats(tmp_path: Path) -> PairDataset:
    """One category: 20 train and 4 test pairs, triplets."""
    return open_dataset("qmul-v1", layouts.write_qmul_v1(tmp_path / "hats"))


@pytest.fixture
def things(tmp_path: Path) -> PairDataset:
    """Write three categories of ten photos, each with a sketch."""
    return open_dataset("sketchy", layouts.write_sketchy(tmp_path / "things"))
