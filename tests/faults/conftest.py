"""Sites of real processes. Those with stores of their own run once, beside the tests on SQLite."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support.topology import Stores, Topology, topology_with_stores

LONG = bool(os.environ.get("SKETCHFIND_SOAK"))  # `make soak`: the same for longer


@dataclass(frozen=True, slots=True)
class Site:
    """A running site, its stores, and what it holds."""

    topology: Topology
    stores: Stores
    told: dict[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Stores and data of one test file; it starts the processes it needs."""
    if os.environ.get("SKETCHFIND_DATABASE_URL"):
        pytest.skip("starts stores of its own; runs with the tests on SQLite")
    folder = tmp_path_factory.mktemp("site")
    with topology_with_stores(folder) as (topology, stores):
        yield Site(topology, stores, topology.prepare())


@pytest.fixture(scope="session")
def long() -> bool:
    return LONG
