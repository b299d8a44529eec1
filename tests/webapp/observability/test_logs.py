"""Log lines: request ids stay, but query strings with ids of panels' workers do not."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import structlog
from django.test import Client

from webapp.observability.logs import logging_config

SECRET = "5f1c0ffee5f1c0ffee5f1c0f"
REQUEST_ID = "0123456789abcdef0123456789abcdef"
Written = Callable[[], str]


@pytest.fixture(params=["json", "console"])
def written(request: pytest.FixtureRequest) -> Iterator[Written]:
    """Return what the site has logged, formatted by its own configuration."""
    settings: dict[str, Any] = logging_config(request.param, "DEBUG")["formatters"]["structured"]
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(settings.pop("()")(**settings))
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield stream.getvalue
    root.removeHandler(handler)
    root.setLevel(level)


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/", "/nowhere/", "/api/v1/nowhere", "/api/v1/categories/", "/admin/"])
def test_requests_are_logged_by_path_and_id(client: Client, written: Written, path: str) -> None:
    client.get(f"{path}?PROLIFIC_PID={SECRET}&SESSION_ID={SECRET}", headers={"x-request-id": REQUEST_ID})
    text = written()
    assert SECRET not in text
    assert f"GET {path}" in text
    assert REQUEST_ID in text


@pytest.mark.django_db
def test_a_failure_is_logged_with_its_traceback_and_no_query(
    client: Client, written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise RuntimeError(f"no answer to /campaigns/7/?PROLIFIC_PID={SECRET} today")

    monkeypatch.setattr("webapp.probes.health._works", fail)
    client.raise_request_exception = False
    assert client.get(f"/readyz?PROLIFIC_PID={SECRET}").status_code == 500
    text = written()
    assert SECRET not in text
    assert "RuntimeError: no answer to /campaigns/7/ today" in text
    assert "Traceback" in text


@pytest.mark.parametrize(
    ("logger", "message", "arguments", "kept"),
    [
        ("uvicorn.error", '%s - "WebSocket %s" [accepted]', ("10.0.0.1:5", f"/ws/search/?a={SECRET}"),
         '"WebSocket /ws/search/" [accepted]'),
        ("gunicorn.error", "Error handling request %s", (f"/campaigns/7/?PROLIFIC_PID={SECRET}",),
         "Error handling request /campaigns/7/"),
        ("httpx", "HTTP Request: GET %s", (f"https://panel.example/done?cc={SECRET}",),
         "GET https://panel.example/done"),
    ],
)  # fmt: skip
def test_lines_of_servers_and_libraries_too(
    written: Written, logger: str, message: str, arguments: Any, kept: str
) -> None:
    logging.getLogger(logger).warning(message, *arguments)
    text = written()
    assert SECRET not in text
    assert kept in text.replace('\\"', '"')


def test_other_question_marks_are_left_alone(written: Written) -> None:
    structlog.get_logger("tests").warning("really? yes", ratio="1/2", sql="SELECT 1 WHERE a = ?")
    text = written()
    assert all(words in text for words in ("really? yes", "1/2", "WHERE a = ?"))


def test_an_unchecked_correlation_id_is_not_logged(client: Client, written: Written) -> None:
    client.get("/healthz", headers={"x-correlation-id": SECRET})
    assert SECRET not in written()


def test_json_lines_are_json() -> None:
    settings: dict[str, Any] = logging_config("json", "INFO")["formatters"]["structured"]
    formatter = settings.pop("()")(**settings)
    record = logging.LogRecord("django.request", logging.ERROR, "", 1, "Failed: %s", ("/x?y=1",), None)
    line = json.loads(formatter.format(record))
    assert (line["event"], line["level"]) == ("Failed: /x", "error")
