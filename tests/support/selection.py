"""Select and order tests. Those with real data need its folder; without one, their number is reported.

A test's markers say which part of `make test` and `make check` runs it; pyproject.toml describes each. Those that
follow from what a test uses are set here.
"""

import inspect
import os
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

_COUNT = "real_data_left_out"
_left_out = pytest.StashKey[int]()


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> Iterator[None]:
    """Set markers before `-m` selects by them; order the tests and count those left out."""
    for item in items:
        _mark(item)
    yield
    items.sort(key=_place)
    if os.environ.get("SKETCHFIND_DATA"):
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    config.stash[_left_out] = len(left_out)
    if hasattr(config, "workeroutput"):  # a process of xdist
        config.workeroutput[_COUNT] = len(left_out)


def _mark(item: pytest.Item) -> None:
    fixtures = set(getattr(item, "fixturenames", []))
    django_db = item.get_closest_marker("django_db")
    commits = "transactional_db" in fixtures or (django_db and django_db.kwargs.get("transaction"))
    if browser := "e2e" in item.path.parts:
        item.add_marker("browser")
    if commits or django_db or "db" in fixtures or (browser and not item.get_closest_marker("own_stores")):
        item.add_marker("database")
    if commits and not item.get_closest_marker("one_store"):
        item.add_marker("both_stores")


def _place(item: pytest.Item) -> int:
    """Coroutines come first and browser tests last: Playwright's event loop stays in a process and blocks others."""
    if item.get_closest_marker("browser"):
        return 1
    return -1 if inspect.iscoroutinefunction(getattr(item, "function", None)) else 0


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """Collect the count of xdist's processes, which deselect silently, for the report."""
    count = getattr(node, "workeroutput", {}).get(_COUNT, 0)
    node.config.stash[_left_out] = count
    reporter = node.config.pluginmanager.get_plugin("terminalreporter")
    reporter.stats["deselected"] = [SimpleNamespace()] * count


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    count = config.stash.get(_left_out, 0)
    if count:
        terminalreporter.write_line(
            f"{count} tests of real data left out: SKETCHFIND_DATA names no folder that has it", yellow=True
        )
