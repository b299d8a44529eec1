"""Summarise a failed tool's output in one clear line."""

from __future__ import annotations

import errno
import platform
import re
from collections.abc import Callable, Iterable

Diagnosis = Callable[[str, Iterable[str]], str]
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
_DISK_FULL = re.compile(
    r"\b(?:[Nn]o space left on device|ENOSPC|EDQUOT|database or disk is full|Disk quota exceeded)\b"
)
# What pip, npm and apt print, literally: the same words appear in other errors, such as ENOTFOUND in
# FileNotFoundError, and a bundler's `Could not resolve "./page"`.
_NO_NETWORK = re.compile(
    r"\b(?:NewConnectionError|ConnectTimeoutError|ReadTimeoutError|ProxyError)\("
    r"|\bTemporary failure in name resolution\b|\bName or service not known\b"
    r"|\bnodename nor servname provided\b|\bNetwork is unreachable\b"
    r"|^npm (?:error|ERR!) (?:code|errno) "
    r"(?:ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ECONNREFUSED|ECONNRESET|ETIMEDOUT)\b"
    r"|\bTemporary failure resolving '|\bCould not (?:resolve|connect to) (?:'|host:|\S+:\d+ \()",
    re.M,
)
_NO_WHEEL = re.compile(r"^ERROR: No matching distribution found for (\S+)", re.M)
_CONFLICT = re.compile(
    r"^ERROR: (?:ResolutionImpossible\b|Cannot install .*\bconflicting dependencies\b)", re.M
)
# Lines after the one with the cause.
_TRAILING = re.compile(r"^(?:WARNING|\[notice\]|npm (?:error|ERR!) A complete log of this run)")


class Failure(Exception):  # noqa: N818 (not always an error of ours)
    """A command failed; the message is the line that the user sees."""


def disk_full(error: OSError) -> bool:
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def plain(line: str) -> str:
    """Return `line` without colours, cursor movements and surrounding space."""
    return _ESCAPES.sub("", line).strip()


def diagnosis(what: str, output: Iterable[str]) -> str:
    """Return why a command failed, from its `output` lines: a full disk, or the last line that names a cause."""
    lines = _lines(output)
    return _full(what, lines) or f"{what}: {_cause(lines)}"


def install_diagnosis(what: str, output: Iterable[str]) -> str:
    """Return the same for pip, npm or apt, which also fail without a network, a prebuilt package or a solution."""
    lines = _lines(output)
    text = "\n".join(lines)
    if full := _full(what, lines):
        return full
    # Without a network pip also finds "no matching distribution", so this comes first.
    if _NO_NETWORK.search(text):
        return f"{what}: no network, or the package index does not answer; try again later"
    if missing := _NO_WHEEL.search(text):
        return (
            f"{what}: {missing[1]} has no prebuilt package for Python {platform.python_version()} on "
            f"{platform.system()} {platform.machine()}, and building it needs a compiler; use Python 3.11 to 3.13"
        )
    if _CONFLICT.search(text):
        return f"{what}: pyproject.toml and constraints.txt conflict; run make constraints to pin again"
    return f"{what}: {_cause(lines)}"


def log_diagnosis(what: str, log: Iterable[str]) -> str:
    """Return the same for a server that ended: only its last line counts, as it kept running after earlier errors."""
    cause = _cause(_lines(log))
    return _full(what, [cause]) or f"{what}: {cause}"


def _lines(output: Iterable[str]) -> list[str]:
    return [line for each in output if (line := plain(each))]


def _full(what: str, lines: list[str]) -> str | None:
    full = any(_DISK_FULL.search(line) for line in lines)
    return f"{what}: the disk is full; free some space and try again" if full else None


def _cause(lines: list[str]) -> str:
    """Return the last line that names a cause, at most 300 characters."""
    lines = [line for line in lines if not _TRAILING.match(line)]
    candidates = [line for line in lines if re.search(r"error|failed|:", line, re.I)]
    return (candidates or lines or ["no output"])[-1][:300]
