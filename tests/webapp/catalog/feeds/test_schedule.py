"""When a feed is fetched next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from webapp.catalog.feeds.schedule import next_attempt, next_fetch

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def _minutes(**failure: object) -> float:
    return (next_attempt(NOW, **failure) - NOW) / timedelta(minutes=1)  # type: ignore[arg-type]


def test_a_feed_comes_back_after_its_hours() -> None:
    assert next_fetch(NOW, 6) == datetime(2026, 3, 1, 6, tzinfo=UTC)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 5), (2, 10), (3, 20), (8, 640), (9, 1280), (10, 1440), (10_000, 1440)]
)
def test_failures_that_may_pass_are_tried_again_soon_then_less_often(failures: int, minutes: int) -> None:
    assert _minutes(every_h=6, failures=failures, transient=True) == minutes


@pytest.mark.parametrize(("failures", "hours"), [(1, 1), (2, 2), (5, 16), (6, 24)])
def test_others_wait_for_the_regular_time(failures: int, hours: int) -> None:
    assert _minutes(every_h=1, failures=failures, transient=False) == 60 * hours


def test_a_server_may_ask_for_more() -> None:
    assert _minutes(every_h=1, failures=1, transient=True, retry_after_s=3600) == 60
    assert _minutes(every_h=1, failures=1, transient=True, retry_after_s=10) == 5
