"""Pages that come from docstrings: the Python API through mkdocstrings, the dataset layouts verbatim."""

from __future__ import annotations

import ast
import importlib.util
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from tools.docs import names

INTRO = "Generated from the docstrings, which state shapes, units and sources. Names starting with `_` are left out."


def python_pages() -> Iterator[tuple[str, str]]:
    """Yield (file name, Markdown) of every page of the Python API."""
    for title, packages in names.PYTHON_API.items():
        parts = [f"# {title}\n", INTRO + "\n"]
        for package in packages:
            parts += [f"## {module}\n\n::: {module}\n" for module in _modules(package)]
        yield f"{title.lower().replace(' ', '-')}.md", "\n".join(parts)


def layouts_section() -> str:
    """Return the layouts of `--format`: the docstrings of the modules that start with "Format `NAME`:"."""
    found = {}
    for module in (each for package in names.PYTHON_API["Datasets"] for each in _modules(package)):
        text = inspect.cleandoc(ast.get_docstring(ast.parse(_file(module).read_text())) or "")
        if heading := re.match(r"Format `([a-z0-9-]+)`: *", text):
            found[heading[1]] = _capitalised(text[heading.end() :])
    return "\n".join(f"### {name}\n\n{text}\n" for name, text in sorted(found.items()))


def _capitalised(text: str) -> str:
    return text[:1].upper() + text[1:]


def _modules(package: str) -> Iterator[str]:
    folder = _file(package).parent
    yield from (
        f"{package}.{path.stem}" for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_")
    )


def _file(module: str) -> Path:
    """Return the source of a module, found without importing it, since some need torch."""
    spec = importlib.util.find_spec(module)
    assert spec is not None, module
    assert spec.origin is not None, module
    return Path(spec.origin)
