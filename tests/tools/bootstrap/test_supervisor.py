"""However the demo ends, none of its processes stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import pytest

from tools.bootstrap.machine import port_free

FAKE = Path(__file__).with_name("fake_site.py")
CONNECTION_WAIT_S = 30
Wrapped = Callable[[list[str]], list[str]]


def alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def answers(url: Any) -> Any:
    try:
        with urlopen(f"{url}/api/v1/examples/", timeout=5) as answer:
            return answer.status == 200
    except OSError:
        return False


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + CONNECTION_WAIT_S
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)


class Site:
    """The running fake demo; `pids` of all its processes by name."""

    def __init__(self, folder: Path, port: int, mode: str, wrapped: Wrapped) -> None:
        self.folder = folder
        self.process = subprocess.Popen(
            wrapped([sys.executable, str(FAKE), str(folder), str(port), mode]),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    @property
    def pids(self) -> dict[str, int]:
        notes = {path.name: path.read_text() for path in self.folder.glob("*") if path.suffix == ""}
        return {name: int(text) for name, text in notes.items() if text}

    def ready_line(self) -> str:
        assert self.process.stdout
        for line in self.process.stdout:
            if line.startswith("ready: "):
                until(lambda: set(self.pids) >= {"supervisor", "web", "worker", "pool"})
                return line.strip()
        pytest.fail(f"it ended before it was ready: {self.said()}")

    def line(self, start: str) -> str:
        """Return the next console line that starts with `start`."""
        assert self.process.stdout
        return next(line for line in self.process.stdout if line.startswith(start))

    def restarted(self, name: str, old: int) -> bool:
        return self.pids.get(name, old) != old and alive(self.pids[name])

    def said(self) -> str:
        """Return its standard error until it ends."""
        assert self.process.stderr
        return self.process.stderr.read()

    def all_gone(self) -> bool:
        return not any(alive(pid) for pid in self.pids.values())


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(mode: str = "", wrapped: Wrapped = lambda command: command) -> Site:
        sites.append(Site(tmp_path, port_free(), mode, wrapped))
        return sites[-1]

    yield make
    for site in sites:
        for pid in [site.process.pid, *site.pids.values()]:
            if alive(pid):
                os.kill(pid, signal.SIGKILL)
        site.process.communicate()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_every_process(start: Callable[..., Site], number: signal.Signals) -> None:
    site = start()
    assert site.ready_line().startswith("ready: http://127.0.0.1:")

    site.process.send_signal(number)

    assert site.process.wait(CONNECTION_WAIT_S) == 130
    assert site.all_gone()
    assert "Traceback" not in site.said()


def test_a_child_that_ignores_signals_is_ended_by_force(start: Callable[..., Site]) -> None:
    site = start("stubborn")
    site.ready_line()

    site.process.send_signal(signal.SIGINT)

    site.process.wait(CONNECTION_WAIT_S)
    assert site.all_gone()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux ties a child to its parent's death")
def test_killing_the_supervisor_ends_every_process(start: Callable[..., Site]) -> None:
    site = start()
    site.ready_line()

    site.process.kill()

    until(site.all_gone)


def test_the_death_of_the_parent_ends_every_process(start: Callable[..., Site]) -> None:
    # A separate shell between us and the demo, which it does not replace.
    site = start(wrapped=lambda command: ["sh", "-c", '"$@"; true', "sh", *command])
    site.ready_line()

    site.process.kill()

    until(site.all_gone)


def test_interrupting_only_make_ends_every_process(start: Callable[..., Site], tmp_path: Path) -> None:
    def under_make(command: list[str]) -> list[str]:
        makefile = tmp_path / "make.file"
        makefile.write_text("demo:\n\t@" + " ".join(f"'{word}'" for word in command) + "\n")
        return ["make", "-f", str(makefile)]

    site = start(wrapped=under_make)
    site.ready_line()

    site.process.send_signal(signal.SIGINT)  # not the group: the demo itself gets no signal

    site.process.wait(CONNECTION_WAIT_S)
    assert site.all_gone()


def test_a_server_that_ends_is_reported_with_the_reason_on_one_line(start: Callable[..., Site]) -> None:
    site = start("broken")

    _, said = site.process.communicate(timeout=CONNECTION_WAIT_S)

    assert site.process.returncode == 1
    (line,) = said.splitlines()
    assert line.startswith(
        "make demo: broken ended with status 1: DATABASE_URL: 'nonsense' is not a database"
    )


@pytest.mark.parametrize("name", ["web", "worker"])
def test_a_killed_server_is_restarted_and_reported_on_one_line(start: Callable[..., Site], name: str) -> None:
    site = start()
    url = site.ready_line().removeprefix("ready: ")
    old = site.pids

    os.kill(old[name], signal.SIGKILL)

    said = site.line(name)
    assert said.startswith(f"{name} was ended by SIGKILL, perhaps because the memory was full (log: ")
    assert f"/{name}.log); restarting in" in said
    if name == "worker":
        assert answers(url)  # while it restarts
    until(lambda: site.restarted(name, old[name]))
    until(lambda: answers(url))
    if name == "worker":
        until(lambda: site.restarted("pool", old["pool"]))
        assert not alive(old["pool"])  # left behind by the killed one
    others = {"web", "worker"} - {name}
    assert all(site.pids[other] == old[other] for other in others)
    site.process.send_signal(signal.SIGINT)
    assert site.process.wait(CONNECTION_WAIT_S) == 130
    assert site.all_gone()


def test_a_failure_after_the_site_is_ready_is_retried(start: Callable[..., Site]) -> None:
    site = start("trainer")
    url = site.ready_line().removeprefix("ready: ")

    pauses = [site.line("trainer ended with status 1: start").split()[-2] for _ in range(2)]

    assert float(pauses[1]) == 2 * float(pauses[0])
    assert answers(url)
    until(lambda: "trainer" in site.pids)
    log = (site.folder / "trainer.log").read_text()
    assert log.count("trainer starts") == 3  # restarts append to it


def test_the_next_command_starts_a_new_log(start: Callable[..., Site]) -> None:
    site = start("broken")
    (site.folder / "broken.log").write_text("of yesterday\n")
    site.process.wait(CONNECTION_WAIT_S)

    log = (site.folder / "broken.log").read_text()

    assert log.count("not a database") == 3  # the attempts of this command
