"""A database of the tests is copied if `make test` has made copies, and migrated otherwise."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from tests.support.migrated import migrated_copy
from tools.bootstrap.stores.migrated import FILE


def test_without_copies_the_caller_migrates(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SKETCHFIND_TEST_MIGRATED", raising=False)
    assert not migrated_copy(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    assert not list(tmp_path.iterdir())


def test_the_copy_has_the_tables(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SKETCHFIND_TEST_MIGRATED", str(tmp_path))
    with closing(sqlite3.connect(tmp_path / FILE)) as made:
        made.execute("CREATE TABLE votes (id)")
    assert migrated_copy(f"sqlite:///{tmp_path / 'site.sqlite3'}")
    with closing(sqlite3.connect(tmp_path / "site.sqlite3")) as copied:
        assert copied.execute("SELECT name FROM sqlite_master").fetchall() == [("votes",)]


def test_a_run_without_postgresql_has_no_copy_of_it(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SKETCHFIND_TEST_MIGRATED", str(tmp_path))
    assert not migrated_copy("postgresql://sketchfind@127.0.0.1:1/site")
