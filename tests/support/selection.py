"""Which tests run, in what order. Those of real data need a folder of it; without one they are counted aloud."""

import os
from types import SimpleNamespace
from typing import Any

import pytest

_COUNT = "real_data_left_out"


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright's event loop stays in their process, and no other can run there."""
    items.sort(key=lambda item: "e2e" in item.path.parts)
    if os.environ.get("SKETCHFIND_DATA"):
        return
    left_out = [item for item in items if item.get_closest_marker("real_data")]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
    if hasattr(config, "workeroutput"):  # a process of xdist
        config.workeroutput[_COUNT] = len(left_out)


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """xdist's processes deselect in silence; the one that reports hears of it here."""
    reporter = node.config.pluginmanager.get_plugin("terminalreporter")
    reporter.stats["deselected"] = [SimpleNamespace()] * getattr(node, "workeroutput", {}).get(_COUNT, 0)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if os.environ.get("SKETCHFIND_DATA"):
        return
    count = len(terminalreporter.stats.get("deselected", []))
    if count:
        terminalreporter.write_line(
            f"{count} tests of real data left out: SKETCHFIND_DATA names no folder that has it", yellow=True
        )
