"""Checks of this machine before anything is installed; each failure is one line."""

from __future__ import annotations

import errno
import importlib.util
import shutil
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from .failure import Failure

HOST = "127.0.0.1"


def port_of(environ: Mapping[str, str]) -> int:
    """Return the port in PORT, 8000 if it is not set."""
    text = environ.get("PORT", "").strip() or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Failure(f"PORT: {text!r} is not a port; choose a whole number from 1 to 65535")
    return int(text)


def port_check(port: int) -> None:
    """Raise Failure unless we may listen on `port`."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port_free(port + 1)
                raise Failure(
                    f"port {port} is in use by another program; choose another: PORT={other} make demo"
                ) from error
            raise Failure(
                f"port {port}: {error.strerror}; choose one above 1023: PORT=8000 make demo"
            ) from error


def port_free(first: int = 0) -> int:
    """Return a port that nobody listens on: the first from `first` on, or any if it is 0."""
    for port in range(first, 65536):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    return port_free()


def disk_space_check(
    folder: Path,
    need_mb: int,
    what: str,
    disk_usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage,
) -> None:
    """Raise Failure unless the disk of `folder`, which need not exist yet, has `need_mb` MB free."""
    while not folder.exists():
        folder = folder.parent
    free_mb = disk_usage(folder)[2] // 1_000_000
    if free_mb < need_mb:
        raise Failure(
            f"the disk of {folder} is full: {what} needs {need_mb:,} MB, it has {free_mb:,} MB free"
        )


def venv_check() -> None:
    """Raise Failure if Python lacks the modules for virtual environments (Debian packages them separately)."""
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Failure(f"Python's venv module is missing; install it: apt-get install {package}")
