"""Fixtures of the registry's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from tests.support.tiny_model import tiny_model
from webapp.registry.indexes import encoding
from webapp.registry.indexes.photos import photos_encode


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tiny_model(tmp_path / "model")


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """The number of photos in each encoded batch of a build, without those of its check."""
    counts: list[int] = []
    real = photos_encode

    def counting(encoder: Any, photos: Any, rows: Any = None) -> Any:
        counts.append(len(photos))
        return real(encoder, photos, rows)

    monkeypatch.setattr(encoding, "photos_encode", counting)
    return counts
