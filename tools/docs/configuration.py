"""The reference of environment variables, from the fields of the configuration class."""

from __future__ import annotations

from dataclasses import fields

from tools.docs import names
from tools.docs.markdown import cell, table

INTRO = """---
hide: [toc]
---

# Configuration

The site reads its settings only from environment variables. An invalid value stops the start with one line that names
the variable and what is allowed. All names begin with `{prefix}`; {aliases} are also read
without the prefix, because hosting platforms set them under these names.

In production, set them in `docker/.env` ([Deploy](../howto/deploy.md)). With `make demo`, put them before the command:

```console
$ SKETCHFIND_LANGUAGE=de PORT=8001 make demo
```

## Settings of the site

"""
OTHERS = """
## Other variables

These are read by commands and tests, not by the site's settings.

"""
MEANINGS = {
    "SKETCHFIND_CACHE": "folder in which trainings cache decoded images",
    "SKETCHFIND_CHROMIUM": "the browser that browser tests and screenshots use",
    "SKETCHFIND_DATA": "folder of the research data for tests and for the commands of result files",
    "SKETCHFIND_PYTHON": "the Python that writes the schema of the API for TypeScript; that of `.venv` by default",
    "SKETCHFIND_SOAK": "set to 1, the fault tests run in their long form",
    "SKETCHFIND_TEST_MIGRATED": "folder with empty, migrated databases, which tests copy",
    "SKETCHFIND_TEST_REDIS_URLS": "Redis servers for the tests, one per test process, separated by spaces",
}


def configuration_page() -> str:
    prefix, aliases = names.find(names.CONFIG_PREFIX), names.find(names.CONFIG_ALIASES)
    rows = []
    for field in fields(names.find(names.CONFIG)):
        default = field.metadata["default"]
        shown = f"`{default}`" if default else "empty"
        rows.append([f"`{prefix}{field.name.upper()}`", shown, cell(field.metadata["meaning"])])
    listed = ", ".join(f"`{name}`" for name in sorted(aliases))
    text = INTRO.format(prefix=prefix, aliases=listed) + table(["variable", "default", "meaning"], rows)
    others = sorted(names.find(names.OTHER_VARIABLES))
    return text + OTHERS + table(["variable", "meaning"], [[f"`{name}`", MEANINGS[name]] for name in others])
