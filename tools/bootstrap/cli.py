"""The commands behind the Makefile. If one fails, a single line says why."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from .bytecode import with_bytecode
from .chores import bench, demo_reset, soak
from .demo import demo
from .documentation import docs
from .failure import Failure, disk_full
from .parent import end_with_parent
from .suite import check, lint, test
from .supervisor import Stopped, stop_on_signals

ROOT = Path(__file__).resolve().parents[2]
COMMANDS: dict[str, Callable[[Path, Mapping[str, str]], int]] = {
    "demo": demo,
    "demo-reset": demo_reset,
    "test": test,
    "check": check,
    "lint": lint,
    "soak": soak,
    "bench": bench,
    "docs": docs,
}


def main(arguments: Sequence[str]) -> int:
    """Run one command. Return its exit status; 130 if it was stopped."""
    if len(arguments) != 1 or arguments[0] not in COMMANDS:
        print(f"usage: python3 tools/bootstrap {{{','.join(COMMANDS)}}}", file=sys.stderr)
        return 2
    name = arguments[0]
    stop_on_signals()
    end_with_parent()
    try:
        return COMMANDS[name](ROOT, with_bytecode(os.environ, ROOT / ".venv"))
    except Failure as failure:
        print(f"make {name}: {failure}", file=sys.stderr)
    except OSError as error:
        if not disk_full(error):
            raise
        print(
            f"make {name}: the disk of {error.filename or ROOT} is full; free some space and try again",
            file=sys.stderr,
        )
    except Stopped as stopped:
        print(f"make {name}: stopped ({stopped})", file=sys.stderr)
        return 130
    return 1
