"""A task that fails, hangs or kills its process affects no other."""

import math
import os
import time

from tools.demo.render.workers import run_all


def test_every_task_is_done_and_errors_are_reported() -> None:
    outcome = dict(run_all(math.sqrt, [4.0, -1.0, 9.0, 16.0], jobs=2, timeout_s=60))
    assert outcome.pop(-1.0).startswith("ValueError")
    assert outcome == {4.0: "", 9.0: "", 16.0: ""}


def test_a_hanging_task_is_ended_and_the_next_is_done() -> None:
    outcome = dict(run_all(time.sleep, [3600.0, 0.0], jobs=1, timeout_s=20))
    assert outcome == {3600.0: "not done after 20 s", 0.0: ""}


def test_a_dying_process_is_replaced() -> None:
    assert [error for _, error in run_all(os._exit, [1, 2], jobs=1, timeout_s=60)] == ["the process died"] * 2


def test_nothing_to_do_starts_nothing() -> None:
    assert list(run_all(math.sqrt, [], jobs=2, timeout_s=1)) == []
