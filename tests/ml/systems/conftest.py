"""Generated datasets for the systems that learn from pairs; their cached frames are deleted after the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ml.datasets.formats import open_dataset
from ml.datasets.pairs import PairDataset
from tests.support import layouts
from tests.support.doodles import write_doodles


@pytest.fixture(scope="session")
def packs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with `hats` (qmul-v1) and `sketchy`."""
    folder = tmp_path_factory.mktemp("packs")
    layouts.write_qmul_v1(folder / "hats")
    layouts.write_sketchy(folder / "sketchy")
    return folder


@pytest.fixture(scope="session")
def frame_cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SKETCHFIND_CACHE", str(folder))
        yield folder


@pytest.fixture(scope="session")
def hats(packs: Path, frame_cache: Path) -> PairDataset:
    """20 train and 4 test pairs of one category, with votes."""
    return open_dataset("qmul-v1", packs / "hats")


@pytest.fixture(scope="session")
def sketchy(packs: Path, frame_cache: Path) -> PairDataset:
    """Three categories of ten photos with a sketch each."""
    return open_dataset("sketchy", packs / "sketchy")


@pytest.fixture(scope="session")
def doodles(packs: Path, frame_cache: Path) -> PairDataset:
    """Four categories of 24 drawings each, with strokes."""
    return open_dataset("quickdraw", write_doodles(packs / "doodles"))
