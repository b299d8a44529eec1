"""A registered dataset, and runs with a fake training process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from tests.support.live_release import (  # noqa: F401  fixtures
    _live_release_of_this_test,
    make_release,
    products,
    release,
)
from tests.support.training import hats, stand_in
from webapp.registry import ml_gateway
from webapp.registry.models import DatasetSnapshot
from webapp.registry.runs import supervise


@pytest.fixture
def snapshot(db: None, tmp_path: Path) -> DatasetSnapshot:
    return hats(tmp_path)


@pytest.fixture
def trains(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """trains(body): replace `python -m ml` by this Python code, and poll often."""
    monkeypatch.setattr(supervise, "POLL_S", 0.05)

    def trains(body: str) -> None:
        def process_of(arguments: Sequence[str], *, processes: int = 1) -> list[str]:
            return [*stand_in(body), *arguments]

        monkeypatch.setattr(ml_gateway, "process_of", process_of)

    return trains
