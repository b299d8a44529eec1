"""`python -m tools.hostile.client ROW HOST PORT ADDRESS`: says so and misbehaves until it is ended."""

from __future__ import annotations

import sys
import threading
import time
from http.client import HTTPException
from itertools import count

from tools.hostile.row import Row, Target
from tools.hostile.rows import ROWS

BEGUN = "begun"


def main(name: str, host: str, port: str, address: str) -> None:
    row, target, calls = ROWS[name], Target(host, int(port), address), count()
    threads = [
        threading.Thread(target=_act, args=(row, target, calls), daemon=True) for _ in range(row.at_once)
    ]
    for thread in threads:
        thread.start()
    print(BEGUN, flush=True)
    for thread in threads:
        thread.join()


def _act(row: Row, target: Target, calls: count[int]) -> None:
    while True:
        try:
            row.act(target, next(calls))
        except (OSError, HTTPException):
            time.sleep(0.05)  # refused or closed: what it wanted, so on with it


if __name__ == "__main__":
    main(*sys.argv[1:])
