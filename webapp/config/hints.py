"""Find environment variables that look like ours but have no effect; `python -m webapp.config.hints` prints them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from difflib import get_close_matches

from webapp.config.environment import ALIASES, PREFIX, Config, environment_inherited

# Our variables that are not settings of the site.
OTHERS = frozenset(
    {
        "SKETCHFIND_CACHE",  # folder of decoded frames, for training
        "SKETCHFIND_CHROMIUM",  # the browser for the tests
        "SKETCHFIND_DATA",  # folder of research data, for the tests and the commands that make result files
        "SKETCHFIND_PYTHON",  # the Python that writes the API's schema for TypeScript; .venv's if unset
        "SKETCHFIND_SOAK",  # run the fault tests in their long form
        "SKETCHFIND_TEST_MIGRATED",  # copies of the tables
        "SKETCHFIND_TEST_REDIS_URLS",  # one server per test process
    }
)


def environment_hints(environ: Mapping[str, str]) -> list[str]:
    """Return a line for each variable without effect: a former name of a setting, or a misspelt one.

    A former name counts only if the setting would accept its value: `LANGUAGE=de_DE:de` and `DEBUG=app:*` are meant for
    other programs.
    """
    settings = {f"{PREFIX}{field.name.upper()}": field.metadata["parse"] for field in fields(Config)}
    former = []
    for name, parse in settings.items():
        old = name.removeprefix(PREFIX)
        text = environ.get(old, "").strip()
        if old not in ALIASES and text != environ.get(name, "").strip() and _accepts(parse, text):
            former.append(f"{old} has no effect on the site; use {name} instead")
    unknown = sorted(
        name for name in environ if name.startswith(PREFIX) and name not in settings and name not in OTHERS
    )
    return [*former, *(_unknown(name, list(settings)) for name in unknown)]


def _accepts(parse: object, text: str) -> bool:
    if not text or not callable(parse):
        return False
    try:
        parse(text)
    except ValueError:
        return False
    return True


def _unknown(name: str, settings: list[str]) -> str:
    nearest = get_close_matches(name, settings, n=1, cutoff=0.0)[0]
    return f"{name} is not a setting of the site; did you mean {nearest}?"


if __name__ == "__main__":
    for hint in environment_hints(environment_inherited()):
        print(hint)
