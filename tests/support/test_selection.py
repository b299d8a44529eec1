"""What a test uses says which part of `make test` runs it."""

from __future__ import annotations

import pytest


def markers(request: pytest.FixtureRequest) -> set[str]:
    named = {marker.name for marker in request.node.iter_markers()}
    return named & {"browser", "database", "both_stores"}


def test_what_needs_no_store_runs_once(request: pytest.FixtureRequest) -> None:
    assert markers(request) == set()


def test_what_uses_the_database_runs_on_postgresql(request: pytest.FixtureRequest, db: None) -> None:
    assert markers(request) == {"database"}


@pytest.mark.django_db(transaction=True)
def test_what_commits_runs_on_both(request: pytest.FixtureRequest) -> None:
    assert markers(request) == {"database", "both_stores"}


@pytest.mark.one_store
@pytest.mark.django_db(transaction=True)
def test_what_commits_can_say_that_one_store_will_do(request: pytest.FixtureRequest) -> None:
    assert markers(request) == {"database"}
