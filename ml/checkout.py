"""The commit that the code runs from, so that a result can be traced to it."""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).parents[1]
CHANGED = "-dirty"  # ends the commit of a checkout whose `ml` has changes


def commit() -> str:
    """Return the hash of the checked-out commit, with "-dirty" if `ml` differs from it; "unknown" outside a checkout."""
    try:
        head = _git("rev-parse", "HEAD")
        changed = _git("status", "--porcelain", "--", "ml", ":!ml/results", ":!ml/zoo")
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return f"{head}{CHANGED}" if changed else head


def is_traceable(commit: str) -> bool:
    """Return whether a commit as recorded is exactly the code that ran: a hash without "-dirty"."""
    return re.fullmatch(r"[0-9a-f]{40}", commit) is not None


def _git(*arguments: str) -> str:
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, check=True, capture_output=True, text=True
    ).stdout.strip()
