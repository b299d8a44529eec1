"""A generated catalogue."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.tiny_catalogue import write_catalogue


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of 30 products in 3 categories, with doodles."""
    return write_catalogue(tmp_path_factory.mktemp("catalogue"))
