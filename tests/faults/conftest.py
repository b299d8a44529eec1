"""Sites of real processes on their own stores."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.support.topology import Stores, Topology, topology_with_stores

LONG = bool(os.environ.get("SKETCHFIND_SOAK"))  # `make soak`: the same, but longer


@dataclass(frozen=True, slots=True)
class Site:
    """A running site, its stores, and its data."""

    topology: Topology
    stores: Stores
    reported: dict[str, Any]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The stores and data of one test file, which starts the processes it needs."""
    folder = tmp_path_factory.mktemp("site")
    with topology_with_stores(folder) as (topology, stores):
        yield Site(topology, stores, topology.prepare())


@pytest.fixture(scope="session")
def long() -> bool:
    return LONG


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A separate file system of 64 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=64m", "tmpfs", str(place)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("mounting a file system needs root; a limit on file sizes stands in where a test has one")
    yield place
    subprocess.run(["umount", "--lazy", str(place)], check=True)
