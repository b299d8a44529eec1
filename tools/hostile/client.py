"""`python -m tools.hostile.client ROW HOST PORT ADDRESS`: print a line, then misbehave until killed."""

from __future__ import annotations

import sys
import threading
import time
from http.client import HTTPException
from itertools import count

from tools.hostile.row import Row, Target
from tools.hostile.rows import ROWS

STARTED = "started"


def main(name: str, host: str, port: str, address: str) -> None:
    row, target, calls = ROWS[name], Target(host, int(port), address), count()
    threads = [
        threading.Thread(target=_act, args=(row, target, calls), daemon=True) for _ in range(row.at_once)
    ]
    for thread in threads:
        thread.start()
    print(STARTED, flush=True)
    for thread in threads:
        thread.join()


def _act(row: Row, target: Target, calls: count[int]) -> None:
    while True:
        try:
            row.act(target, next(calls))
        except (OSError, HTTPException):
            time.sleep(0.05)  # refused or closed, as intended; continue


if __name__ == "__main__":
    main(*sys.argv[1:])
