"""End this process when its parent has ended, or was interrupted without this process being signalled."""

from __future__ import annotations

import os
import re
import signal
import threading
import time
from pathlib import Path


def end_with_parent() -> None:
    """From now on, get SIGTERM when the parent has ended, or is a make that waits for us to end."""
    parent = os.getppid()
    under_make = "MAKELEVEL" in os.environ and not _blocks_interrupt(parent)

    def watch() -> None:
        while os.getppid() == parent and not (under_make and _blocks_interrupt(parent)):
            time.sleep(0.3)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, daemon=True).start()


def _blocks_interrupt(pid: int) -> bool:
    """Return whether a process blocks SIGINT: make does so from the moment it gets one until its children have ended.

    A terminal's Ctrl-C reaches us as well; `kill -INT` of make alone does not, and both would wait forever.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
    blocked = re.search(r"^SigBlk:\s*([0-9a-f]+)", status, re.M)
    return bool(blocked and int(blocked[1], 16) & (1 << (signal.SIGINT - 1)))
