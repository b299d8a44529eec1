"""A problem of the machine is one line that says what to do."""

from __future__ import annotations

import importlib.util
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tools.bootstrap.failure import Failure
from tools.bootstrap.machine import disk_space_check, port_check, port_free, port_of, venv_check


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


def test_a_port_in_use_is_reported_with_a_free_one(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    with pytest.raises(Failure, match=rf"^port {port} is in use.*PORT=(\d+) make demo$") as caught:
        port_check(port)

    port_check(int(str(caught.value).rpartition("PORT=")[2].split()[0]))


def test_a_free_port_passes() -> None:
    port_check(port_free())


@pytest.mark.parametrize(("text", "port"), [("", 8000), ("8001", 8001), (" 65535 ", 65535)])
def test_port_is_honoured(text: str, port: int) -> None:
    assert port_of({"PORT": text}) == port


@pytest.mark.parametrize("text", ["0", "65536", "-1", "80.5", "http", "²"])
def test_an_invalid_port_is_refused_with_the_valid_range(text: str) -> None:
    with pytest.raises(Failure, match=r"^PORT: .* from 1 to 65535$"):
        port_of({"PORT": text})


def test_a_full_disk_is_named_with_what_is_needed_and_what_is_free(tmp_path: Path) -> None:
    def disk_usage(folder: Any) -> tuple[int, int, int]:
        assert folder == tmp_path  # the target folder does not exist yet
        return (10_000_000_000, 9_988_000_000, 12_000_000)

    with pytest.raises(Failure) as caught:
        disk_space_check(tmp_path / "new" / ".venv", 1_500, "installing", disk_usage)

    assert (
        str(caught.value) == f"the disk of {tmp_path} is full: installing needs 1,500 MB, it has 12 MB free"
    )


def test_enough_room_passes(tmp_path: Path) -> None:
    disk_space_check(tmp_path, 12, "the demo", lambda folder: (100, 0, 12_000_000))


def test_a_python_without_venv_names_the_package_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name)
    )

    with pytest.raises(Failure, match=r"apt-get install python3\.\d+-venv$"):
        venv_check()
