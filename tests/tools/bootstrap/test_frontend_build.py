"""Node only runs for what has changed since its last run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.bootstrap.console import Console
from tools.bootstrap.failure import Failure
from tools.bootstrap.node import FrontEnd, system_node
from tools.bootstrap.packages import Environment
from tools.bootstrap.supervisor import Family
from tools.bootstrap.workshop import Workshop

NODE = """#!/bin/sh
echo v{version}
"""
# Writes a line per call to frontend/, and the folders of the real one.
NPM = """#!/bin/sh
echo "$1 $2" >> requested
if [ "$1" = ci ]; then mkdir -p node_modules; else mkdir -p dist; fi
"""


def put_program(folder: Path, name: str, text: str) -> None:
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(text)
    (folder / name).chmod(0o755)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    put_program(tmp_path / "bin", "node", NODE.format(version="22.12.0"))
    put_program(tmp_path / "bin", "npm", NPM)
    source = tmp_path / "frontend" / "src" / "draw.ts"
    source.parent.mkdir(parents=True)
    source.write_text("one")
    (tmp_path / "frontend" / "package-lock.json").write_text("{}")
    (tmp_path / "pyproject.toml").write_text("[project]\ndependencies = []\noptional-dependencies = {}\n")
    return tmp_path


def requested(checkout: Path) -> list[str]:
    """Return the npm calls of another start."""
    record = checkout / "frontend" / "requested"
    with Console() as console, Family() as family:
        environ = {"PATH": f"{checkout / 'bin'}:/usr/bin:/bin"}
        shop = Workshop(checkout, environ, family, console)
        FrontEnd(shop, Environment(shop)).build_ensure()
    said = record.read_text().split("\n")[:-1] if record.exists() else []
    record.unlink(missing_ok=True)
    return [line.split()[0] for line in said]


def test_a_second_start_runs_nothing(checkout: Path) -> None:
    assert requested(checkout) == ["ci", "run"]
    assert requested(checkout) == []


def test_a_changed_source_is_rebuilt_with_the_installed_packages(checkout: Path) -> None:
    requested(checkout)
    (checkout / "frontend" / "src" / "draw.ts").write_text("two")

    assert requested(checkout) == ["run"]


def test_changed_packages_are_installed_again(checkout: Path) -> None:
    requested(checkout)
    (checkout / "frontend" / "package-lock.json").write_text('{"changed": true}')

    assert requested(checkout) == ["ci", "run"]


def test_a_deleted_build_is_created_again(checkout: Path) -> None:
    requested(checkout)
    for path in (checkout / "frontend" / "dist").iterdir():
        path.unlink()

    assert requested(checkout) == ["run"]


@pytest.mark.parametrize(("fails", "lacks_network"), [("ci", True), ("run", False)])
def test_only_an_installation_can_lack_a_network(checkout: Path, fails: str, lacks_network: bool) -> None:
    npm = NPM + f"""if [ "$1" = {fails} ]; then echo "npm error code ENOTFOUND"; exit 1; fi\n"""
    put_program(checkout / "bin", "npm", npm)

    with pytest.raises(Failure) as failure:
        requested(checkout)

    assert ("no network" in str(failure.value)) == lacks_network


@pytest.mark.parametrize(
    ("version", "will_do"),
    [
        ("18.20.0", False),
        ("20.18.3", False),
        ("20.19.0", True),
        ("21.7.0", False),
        ("22.11.0", False),
        ("24.1.0", True),
    ],
)
def test_node_must_be_new_enough(checkout: Path, version: str, will_do: bool) -> None:
    put_program(checkout / "bin", "node", NODE.format(version=version))

    assert (system_node({"PATH": str(checkout / "bin")}) is not None) == will_do


def test_node_without_npm_will_not_do(checkout: Path) -> None:
    (checkout / "bin" / "npm").unlink()

    assert system_node({"PATH": str(checkout / "bin")}) is None
