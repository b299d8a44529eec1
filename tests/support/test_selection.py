"""The part of `make test` that runs a test depends on what it uses."""

from __future__ import annotations

import pytest


def markers(request: pytest.FixtureRequest) -> set[str]:
    named = {marker.name for marker in request.node.iter_markers()}
    return named & {"browser", "database", "both_stores"}


def test_tests_without_a_store_run_once(request: pytest.FixtureRequest) -> None:
    assert markers(request) == set()


def test_tests_with_a_database_run_on_postgresql(request: pytest.FixtureRequest, db: None) -> None:
    assert markers(request) == {"database"}


@pytest.mark.django_db(transaction=True)
def test_committing_tests_run_on_both_stores(request: pytest.FixtureRequest) -> None:
    assert markers(request) == {"database", "both_stores"}


@pytest.mark.one_store
@pytest.mark.django_db(transaction=True)
def test_committing_tests_can_request_one_store(request: pytest.FixtureRequest) -> None:
    assert markers(request) == {"database"}
