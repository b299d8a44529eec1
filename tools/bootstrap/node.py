"""The front end's build: Node from the system or PyPI, `npm ci` and the build, only when something has changed."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .failure import Diagnosis, Failure, diagnosis, install_diagnosis
from .packages import Environment
from .workshop import Workshop

# As in frontend/package.json under "engines".
_NODE_MIN = {20: (20, 19), 22: (22, 12)}
_NODE_TEXT = "Node 20.19, 22.12 or newer"


class FrontEnd:
    """The folder frontend/ of the checkout."""

    def __init__(self, shop: Workshop, environment: Environment) -> None:
        self.folder = shop.root / "frontend"
        self._shop = shop
        self._environment = environment
        self._node_folder = system_node(shop.environ)

    @property
    def needs_node(self) -> bool:
        """Whether the system has no suitable Node."""
        return self._node_folder is None

    def node_install(self) -> None:
        """Install Node into the virtual environment, from the PyPI package that ships it."""
        folder = self._environment.python.parent
        if not (folder / "npm").exists():
            try:
                self._environment.install_extra("Node", "node")
            except Failure as failure:
                raise Failure(f"{failure}; or install {_NODE_TEXT} with npm yourself") from failure
        self._node_folder = folder

    def packages_ensure(self) -> None:
        """Run `npm ci`, unless it has run for this lock file."""
        lock = self.folder / "package-lock.json"
        stamp = self.folder / "node_modules" / ".sketchfind"

        def install() -> None:
            self.npm("Front end packages", "ci", "--no-audit", "--no-fund", diagnose=install_diagnosis)

        self._once(stamp, [lock], install)

    def build_ensure(self) -> None:
        """Run `npm run build`, unless it has run for these sources. Packages are only needed for a build."""

        def build() -> None:
            self.packages_ensure()
            self.npm("Front end build", "run", "build")

        self._once(self.folder / "dist" / ".sketchfind", self._sources(), build)

    def npm(self, title: str, *arguments: str, diagnose: Diagnosis = diagnosis) -> None:
        command = [self._npm, *arguments]
        self._shop.run(title, command, cwd=self.folder, environ={"PATH": self._path}, diagnose=diagnose)

    def check(self, title: str, script: str) -> bool:
        """Run a script of package.json. Return whether it succeeded."""
        return self._shop.check(
            title, [self._npm, "run", script], cwd=self.folder, environ={"PATH": self._path}
        )

    @property
    def _npm(self) -> str:
        assert self._node_folder is not None, "node_install first"
        return str(self._node_folder / "npm")

    @property
    def _path(self) -> str:
        # npm's scripts start `node` by name.
        return f"{Path(self._npm).parent}{os.pathsep}{self._shop.environ.get('PATH', os.defpath)}"

    def _once(self, stamp: Path, sources: Iterable[Path], make: Callable[[], None]) -> None:
        """Call `make` and save the hash of `sources` in `stamp`, unless `stamp` already contains it."""
        digest = hashlib.sha256()
        for path in sources:
            digest.update(f"{path.relative_to(self.folder)}\0{path.stat().st_size}\0".encode())
            digest.update(path.read_bytes())
        if not stamp.is_file() or stamp.read_text() != digest.hexdigest():
            make()
            stamp.write_text(digest.hexdigest())

    def _sources(self) -> list[Path]:
        made = {self.folder / name for name in ("node_modules", "dist", "generated", "tests")}
        folders = [path for path in sorted(self.folder.iterdir()) if path.is_dir() and path not in made]
        inside = [path for folder in folders for path in sorted(folder.rglob("*")) if path.is_file()]
        return [*inside, *(path for path in sorted(self.folder.iterdir()) if path.is_file())]


def system_node(environ: Mapping[str, str]) -> Path | None:
    """Return the folder of a `node` on PATH that is new enough and has npm beside it, or None."""
    node = shutil.which("node", path=environ.get("PATH"))
    if node is None or not (Path(node).parent / "npm").exists():
        return None
    output = subprocess.run([node, "--version"], capture_output=True, text=True).stdout
    version = re.match(r"v(\d+)\.(\d+)", output)
    if version is None:
        return None
    major, minor = int(version[1]), int(version[2])
    return Path(node).parent if major > 22 or (major, minor) >= _NODE_MIN.get(major, (99, 0)) else None
