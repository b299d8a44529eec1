"""One clear line for what went wrong, read off a failed tool's output where the tool says it in fifty."""

from __future__ import annotations

import errno
import platform
import re
from collections.abc import Iterable

_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_DISK_FULL = re.compile(r"No space left on device|ENOSPC|database or disk is full|Disk quota exceeded", re.I)
_NO_NETWORK = re.compile(
    r"NewConnectionError|ConnectTimeoutError|ProxyError|name resolution|Name or service not known"
    r"|nodename nor servname"
    r"|Network is unreachable|ENETUNREACH|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|Could not resolve",
    re.I,
)
_NO_WHEEL = re.compile(r"No matching distribution found for (\S+)")
_CONFLICT = re.compile(r"ResolutionImpossible|conflicting dependencies|Cannot install ")


class Failure(Exception):  # noqa: N818 (not always an error of ours)
    """Ends a command; its text is the one line that the user sees."""


def disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def plain(line: str) -> str:
    """`line` without colours, cursor movements and space around it."""
    return _ESCAPES.sub("", line).strip()


def diagnosis(what: str, output: Iterable[str]) -> str:
    """One line on why `what` failed, from its `output` lines: a known cause, or the last that tells one."""
    lines = [line for each in output if (line := plain(each))]
    text = "\n".join(lines)
    if _DISK_FULL.search(text):
        return f"{what}: the disk is full; free some space and start again"
    # Without a network pip also finds "no matching distribution", so this comes first.
    if _NO_NETWORK.search(text):
        return f"{what}: no network, or the package index does not answer; start again when it does"
    if missing := _NO_WHEEL.search(text):
        return (
            f"{what}: {missing[1]} has no ready-made package for Python {platform.python_version()} on "
            f"{platform.system()} {platform.machine()}, and building it takes a compiler; use 3.11 to 3.13"
        )
    if _CONFLICT.search(text):
        return f"{what}: pyproject.toml and constraints.txt contradict each other; make constraints pins anew"
    lines = [line for line in lines if not line.startswith("WARNING")]
    telling = [line for line in lines if re.search(r"error|failed|:", line, re.I)]
    return f"{what}: {(telling or lines or ['no output'])[-1][:300]}"
