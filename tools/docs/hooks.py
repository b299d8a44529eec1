"""MkDocs' hooks: adds the generated pages, and moves inline scripts into files so that the site can serve the result."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

from tools.docs.commands import cli_page, management_page
from tools.docs.configuration import configuration_page
from tools.docs.modules import layouts_section, python_pages
from tools.docs.rest import rest_page
from tools.docs.runs import runs_page

# Scripts that run; blocks of data, such as JSON, have a type.
_INLINE = re.compile(r"<script>(.+?)</script>", re.DOTALL)


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add every generated page."""
    for name, text in generated_pages().items():
        files.append(File.generated(config, name, content=text))
    return files


def on_page_markdown(markdown: str, page: Page, **_: Any) -> str:
    """Fill in the parts of a written page that come from the code."""
    return (
        markdown.replace("<!-- layouts -->", layouts_section())
        if "<!-- layouts -->" in markdown
        else markdown
    )


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Move inline scripts into files: the site's content security policy allows none."""
    return move_scripts(output, Path(config.site_dir), depth=page.file.dest_uri.count("/"))


def move_scripts(html: str, site: Path, *, depth: int) -> str:
    """Return `html`, `depth` folders below `site`, with each inline script in a file named by its content."""

    def moved(found: re.Match[str]) -> str:
        name = f"assets/inline/{hashlib.sha256(found[1].encode()).hexdigest()[:16]}.js"
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(found[1], encoding="utf-8")
        return f'<script src="{"../" * depth}{name}"></script>'

    return _INLINE.sub(moved, html)


def generated_pages() -> dict[str, str]:
    """Return the Markdown of every generated page by its path below docs/."""
    _django_setup()
    from drf_spectacular.generators import SchemaGenerator

    schema = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    pages = {
        "reference/cli.md": cli_page(),
        "reference/management.md": management_page(),
        "reference/configuration.md": configuration_page(),
        "reference/rest.md": rest_page(schema),
        "results/runs.md": runs_page(),
    }
    return pages | {f"reference/python/{name}": text for name, text in python_pages()}


def _django_setup() -> None:
    import django
    from django.apps import apps

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")
    if not apps.ready:
        django.setup()
