"""One line with the reason why a training failed."""

from __future__ import annotations

import pytest

from webapp.registry.runs.reasons import reason_of

TORCHRUN = """
[rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB.
torch.distributed.elastic.multiprocessing.errors.ChildFailedError:
""".strip().splitlines()


@pytest.mark.parametrize(
    ("status", "lines", "reason"),
    [
        (2, ['{"error": {"type": "ConfigError", "field": "steps", "message": "0, at least 1"}}'], "steps: 0, at least 1"),
        (1, TORCHRUN, "out of memory: [rank0]: torch.OutOfMemoryError: CUDA out of memory. Tried to allocate 2.00 GiB."),
        (1, ["  exitcode  : -9 (pid: 12)", "ChildFailedError: "], "out of memory: the system killed"),
        (-9, ["step 3"], "out of memory: the system killed the training (SIGKILL); it used 2.0 GiB"),
        (1, ["OSError: [Errno 28] No space left on device"], "the disk is full: OSError"),
        (1, ["FileNotFoundError: [Errno 2] No such file or directory: 'a.png'"], "FileNotFoundError: [Errno 2]"),
        (-11, ["Segmentation fault"], "ended with signal 11: Segmentation fault"),
        (1, [], "ended with status 1: no output"),
    ],
)  # fmt: skip
def test_the_reason_is_found(status: int, lines: list[str], reason: str) -> None:
    assert reason_of(status, lines, peak_bytes=2 * 2**30).startswith(reason)
