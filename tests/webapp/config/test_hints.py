"""Variables without effect are reported: former names of settings, and misspelt ones."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from webapp.config.checks import variables_known
from webapp.config.environment import BASE_DIR, PREFIX
from webapp.config.hints import OTHERS, environment_hints


def test_a_former_name_is_reported_with_the_new_one() -> None:
    assert environment_hints({"PROXY_COUNT": "2", "ALLOWED_HOSTS": "shop.example", "HTTPS": "true"}) == [
        "ALLOWED_HOSTS has no effect on the site; use SKETCHFIND_ALLOWED_HOSTS instead",
        "HTTPS has no effect on the site; use SKETCHFIND_HTTPS instead",
        "PROXY_COUNT has no effect on the site; use SKETCHFIND_PROXY_COUNT instead",
    ]


def test_compose_gives_a_default_beside_a_former_name() -> None:
    (hint,) = environment_hints({"PROXY_COUNT": "2", "SKETCHFIND_PROXY_COUNT": "1"})
    assert hint.startswith("PROXY_COUNT has no effect")


@pytest.mark.parametrize(
    "environ",
    [
        {"LANGUAGE": "de_DE:de", "DEBUG": "app:*", "LOG_LEVEL": "trace", "HTTPS": ""},  # of other programs
        {
            "DATABASE_URL": "sqlite:///x",
            "REDIS_URL": "redis://h",
            "MEDIA_URL": "file:x",
            "SECRET_KEY": "k" * 50,
        },
        {"PROXY_COUNT": "2", "SKETCHFIND_PROXY_COUNT": "2"},
        {"PORT": "8000", "SKETCHFIND_DATA": "/data", "SKETCHFIND_SOAK": "1", "SKETCHFIND_DATA_DIR": "var"},
    ],
)
def test_effective_and_foreign_variables_are_not_reported(environ: Any) -> None:
    assert environment_hints(environ) == []


def test_a_misspelt_name_is_reported_with_the_nearest() -> None:
    assert environment_hints({"SKETCHFIND_ALOWED_HOST": "shop.example"}) == [
        "SKETCHFIND_ALOWED_HOST is not a setting of the site; did you mean SKETCHFIND_ALLOWED_HOSTS?"
    ]


def test_a_deployments_check_warns(settings: Settings) -> None:
    settings.ENVIRONMENT_HINTS = ["HTTPS has no effect"]
    (warning,) = variables_known(None)
    assert (warning.id, warning.msg) == ("sketchfind.W003", "HTTPS has no effect")


def test_the_log_of_a_start_warns(tmp_path: Path) -> None:
    environ = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "webapp.settings",
        "SKETCHFIND_DATA_DIR": str(tmp_path),
        "SKETCHFIND_LOG_FORMAT": "json",
        "SKETCHFIND_PROXY_COUNTS": "1",
    }
    started = subprocess.run(
        [sys.executable, "-c", "import webapp.asgi"],
        cwd=BASE_DIR,
        env=environ,
        capture_output=True,
        text=True,
    )
    assert started.returncode == 0
    assert started.stderr.count("\n") == 1
    assert "did you mean SKETCHFIND_PROXY_COUNT?" in started.stderr


def test_every_variable_of_the_repository_is_known() -> None:
    files = subprocess.run(
        ["git", "ls-files", "*.py", "*.ts", "*.mjs", "docker", "Makefile", ".ci"],
        cwd=BASE_DIR, capture_output=True, text=True, check=True,
    ).stdout.split()  # fmt: skip
    named = {
        name
        for file in files
        if (BASE_DIR / file).is_file() and file != "tests/webapp/config/test_hints.py"
        for name in re.findall(rf"\b{PREFIX}[A-Z_]+\b(?!\d)", (BASE_DIR / file).read_text("utf-8", "replace"))
    }
    assert environment_hints(dict.fromkeys(named, "")) == []
    assert named >= OTHERS - {"SKETCHFIND_SOAK", "SKETCHFIND_TEST_MIGRATED", "SKETCHFIND_TEST_REDIS_URLS"}
