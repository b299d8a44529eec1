"""Behaviour shared by every endpoint of the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import path
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoAssertNumQueries, Settings
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.test import APIClient
from rest_framework.views import APIView

from ml.errors import SketchError
from webapp import urls
from webapp.http.api import throttles
from webapp.http.api.schema_view import SchemaApi
from webapp.http.problems import problem_of

pytestmark = pytest.mark.django_db


class Echo(APIView):
    def post(self, request: Request) -> Response:
        sent: Any = request.data
        if sent == "sketch":
            raise SketchError("sketch.strokes[3][17].x", "nan, a finite number is needed")
        if sent == "crash":
            raise RuntimeError("inside")
        return Response(sent)


urlpatterns = [*urls.urlpatterns, path("api/v1/echo", Echo.as_view())]
handler404, handler500 = urls.handler404, urls.handler500


@pytest.fixture(autouse=True)
def _echo(settings: Settings) -> None:
    settings.ROOT_URLCONF = __name__


def _post(data: bytes, **options: Any) -> Any:
    return APIClient(raise_request_exception=False).post(
        "/api/v1/echo", data, content_type="application/json", **options
    )


def _problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status
    assert answer["Content-Type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert body["title"]
    return body


def test_error_of_ml_names_its_field() -> None:
    body = _problem(_post(b'"sketch"'), 400)
    assert body["field"] == "sketch.strokes[3][17].x"
    assert body["errors"] == [
        {"field": "sketch.strokes[3][17].x", "message": "nan, a finite number is needed"}
    ]


@pytest.mark.parametrize(
    "data",
    [b"{", b"\xff", b"NaN", b'{"a": Infinity}', b"[" * 100_000, b"1" * 5_000, b'"\\ud800'],
)
def test_invalid_json_is_a_client_error(data: bytes) -> None:
    _problem(_post(data), 400)


def test_body_is_bounded(settings: Settings) -> None:
    settings.JSON_MAX_BYTES = 100
    assert _post(b'"' + b"x" * 98 + b'"').status_code == 200
    _problem(_post(b'"' + b"x" * 99 + b'"'), 413)


def test_other_media_types_addresses_and_methods() -> None:
    client = APIClient()
    _problem(client.post("/api/v1/echo", b"x", content_type="text/csv"), 415)
    _problem(client.get("/api/v1/echo"), 405)
    _problem(client.get("/api/v1/nowhere"), 404)


def test_server_failure_reveals_no_internals() -> None:
    answer = _post(b'"crash"')
    _problem(answer, 500)
    assert "inside" not in answer.content.decode()


def test_rate_is_limited_with_a_time_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.ApiThrottle, "rate", "2/min", raising=False)
    assert [_post(b"1").status_code for _ in range(3)] == [200, 200, 429]
    refused = _post(b"1")
    _problem(refused, 429)
    assert int(refused["Retry-After"]) > 0


def test_a_refused_client_may_retry_after_the_time_to_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 600.0
    monkeypatch.setattr(throttles, "time", lambda: now)
    monkeypatch.setattr(throttles.ApiThrottle, "rate", "2/min", raising=False)
    assert [_post(b"1").status_code for _ in range(3)] == [200, 200, 429]
    now += int(_post(b"1")["Retry-After"]) - 1
    assert _post(b"1").status_code == 429
    now += 1
    assert _post(b"1").status_code == 200


def test_a_scope_has_its_own_rate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.ScopedThrottle, "THROTTLE_RATES", {"narrow": "1/min"})
    monkeypatch.setattr(Echo, "throttle_scope", "narrow", raising=False)
    assert [_post(b"1").status_code for _ in range(2)] == [200, 429]
    monkeypatch.setattr(Echo, "throttle_scope", None)
    assert _post(b"1").status_code == 200


def test_address_cannot_be_made_up_to_escape_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttles.ApiThrottle, "rate", "2/min", raising=False)
    codes = [_post(b"1", headers={"x-forwarded-for": f"1.2.3.{n}"}).status_code for n in range(3)]
    assert codes == [200, 200, 429]


def test_nested_errors_become_paths() -> None:
    from rest_framework.exceptions import ValidationError

    body = problem_of(
        ValidationError({"a": [{"b": ["wrong"]}, {}], "non_field_errors": ["odd"], "c": {2: ["x"]}})  # type: ignore[dict-item]
    )
    assert body is not None
    assert [(e["field"], e["message"]) for e in body["errors"]] == [
        ("a[0].b", "wrong"),
        ("", "odd"),
        ("c[2]", "x"),
    ]


def test_schema_is_complete_and_declares_problems(
    api: APIClient, capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    settings.ROOT_URLCONF = "webapp.urls"
    SchemaApi._made.clear()  # generated again, so that its warnings are seen
    schema = api.get("/api/v1/schema/?format=json").json()
    products = schema["paths"]["/api/v1/products/"]["get"]["responses"]
    assert "application/problem+json" in products["400"]["content"]
    assert {"/api/v1/search", "/api/v1/catalog/imports/", "/api/v1/tokens/"} <= schema["paths"].keys()
    captured = capsys.readouterr()
    assert "Error" not in captured.err
    assert "Warning" not in captured.err


def test_docs_run_no_script_in_the_page(client: Client) -> None:
    answer = client.get("/api/v1/docs/")
    assert answer.status_code == 200
    assert "script-src 'self';" in answer["Content-Security-Policy"]
    scripts = answer.content.decode().split("<script")[1:]
    assert all(script.startswith(" src=") for script in scripts)


def test_the_schema_is_made_without_a_database(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert SchemaGenerator().get_schema(request=None, public=True)["paths"]  # type: ignore[no-untyped-call]
