"""What this machine must offer before anything is installed; each lack is one line."""

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
    """The port asked for by PORT, 8000 where it is not set."""
    text = environ.get("PORT", "").strip() or "8000"
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise Failure(f"PORT: {text!r} is no port; give a whole number from 1 to 65535")
    return int(text)


def port_check(port: int) -> None:
    """Raises Failure unless we may listen on `port`."""
    with socket.socket() as listener:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((HOST, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                other = port_free(port + 1)
                raise Failure(
                    f"port {port} is taken by another program; choose one: PORT={other} make demo"
                ) from error
            raise Failure(
                f"port {port}: {error.strerror}; choose one above 1023: PORT=8000 make demo"
            ) from error


def port_free(first: int = 0) -> int:
    """A port nobody listens on: the first such from `first` on, or any where it is 0."""
    for port in range(first, 65536):
        with socket.socket() as listener:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, port))
            except OSError:
                continue
            return int(listener.getsockname()[1])
    return port_free()


def room_check(
    folder: Path,
    need_mb: int,
    what: str,
    disk_usage: Callable[[Path], tuple[int, int, int]] = shutil.disk_usage,
) -> None:
    """Raises Failure unless the disk of `folder`, which need not exist yet, has `need_mb` MB free."""
    while not folder.exists():
        folder = folder.parent
    free_mb = disk_usage(folder)[2] // 1_000_000
    if free_mb < need_mb:
        raise Failure(f"the disk of {folder} is full: {what} needs {need_mb:,} MB, {free_mb:,} MB are free")


def venv_check() -> None:
    """Raises Failure where Python came without what makes virtual environments (Debian ships it apart)."""
    if any(importlib.util.find_spec(module) is None for module in ("venv", "ensurepip")):
        package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        raise Failure(f"Python's venv module is missing; install it: apt-get install {package}")
