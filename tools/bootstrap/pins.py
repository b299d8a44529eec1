"""`make constraints`: prints pins for our dependencies and all they need, as installed where it runs.

Unlike the rest of this folder it runs in the virtual environment and uses `packaging` from there.
"""

import sys
import tomllib
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

EXTRAS = ("train", "dev", "docs", "tools", "node")
HEAD = "# Every version that the site, its training and its tests run with. Made by: make constraints"


def closure(requirements: list[str]) -> dict[str, str]:
    """Version by name of `requirements` and all they need. SystemExit names what is not installed."""
    versions: dict[str, str] = {}
    seen: set[tuple[str, str]] = set()
    todo = [Requirement(line) for line in requirements]
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        for extra in ("", *requirement.extras):
            if (name, extra) in seen:
                continue
            seen.add((name, extra))
            try:
                package = distribution(name)
            except PackageNotFoundError:
                sys.exit(f"{name} is not installed: .venv/bin/pip install '{requirement}'")
            # Without a local version such as +cpu: an index elsewhere has another build of the same release.
            versions[name] = package.version.partition("+")[0]
            needed = [Requirement(line) for line in package.requires or []]
            todo += [each for each in needed if each.marker is None or each.marker.evaluate({"extra": extra})]
    return versions


def main() -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]
    versions = closure([*project["dependencies"], *(line for name in EXTRAS for line in extras[name])])
    print(HEAD, *(f"{name}=={version}" for name, version in sorted(versions.items())), sep="\n")


if __name__ == "__main__":
    main()
