"""Whatever is sent to the search, the server does not fail, and answers conform to the schema."""

from __future__ import annotations

import json
from typing import Any

import pytest
import schemathesis
from django.core.cache import cache
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from webapp.http.client_address import UNKNOWN
from webapp.http.limits.budget import work
from webapp.input.text import InputError
from webapp.registry.models import Release
from webapp.search.sockets.consumer import Query, _answer, _parse
from webapp.wsgi import application

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores, pytest.mark.slow]
FUZZ = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.too_slow,
        HealthCheck.filter_too_much,
    ],
)
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]


def no_limits() -> None:
    cache.clear()
    work.reset()


@pytest.fixture
def described(release: Release) -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/schema/?format=json", app=application)


REFUSING = [
    ("POST", "/api/v1/search"),
    ("POST", "/api/v1/search/image"),
    ("GET", "/api/v1/products/{product_id}/similar"),
    ("POST", "/api/v1/shares/"),
    ("POST", "/api/v1/releases/{release_id}/promote"),
    ("POST", "/api/v1/releases/rollback"),
]
READING = [  # without any input that could be invalid
    ("GET", "/api/v1/shares/{share_id}/"),
    ("GET", "/api/v1/examples/"),
    ("GET", "/api/v1/release/"),
]
WRONG, RIGHT = GenerationMode.NEGATIVE, GenerationMode.POSITIVE
OPERATIONS = [(mode, *operation) for mode in (WRONG, RIGHT) for operation in REFUSING]
OPERATIONS += [(RIGHT, *operation) for operation in READING]


@pytest.mark.django_db(transaction=True)  # each request closes its connection
@pytest.mark.parametrize(("mode", "method", "path"), OPERATIONS)
def test_the_api_answers_as_it_is_described(described: Any, mode: Any, method: Any, path: Any) -> None:
    operation = described[path][method]

    @FUZZ
    @given(case=operation.as_strategy(generation_mode=mode))
    def requested(case: Any) -> None:
        no_limits()
        case.call_and_validate(checks=CHECKS)

    requested()


numbers = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False),
    st.integers(-(10**20), 10**20),
    st.floats(0, 100),
    st.booleans(),
    st.none(),
    st.text(max_size=3),
)
points = st.one_of(st.lists(numbers, max_size=6), numbers)
strokes = st.one_of(st.lists(st.one_of(st.lists(points, max_size=5), points), max_size=4), numbers)
drawn = st.lists(
    st.lists(st.tuples(st.floats(-300, 500), st.floats(-300, 500)).map(list), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)
json_values = st.recursive(
    numbers, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=8
)
sketches = st.one_of(
    st.fixed_dictionaries({"width": numbers, "height": numbers, "strokes": strokes}),
    st.builds(lambda ink: {"width": 100, "height": 100, "strokes": ink}, drawn),
    json_values,
)
bodies = st.one_of(
    st.fixed_dictionaries(
        {"sketch": sketches}, optional={"k": json_values, "category": json_values, "x": json_values}
    ),
    json_values,
)


@FUZZ
@given(body=bodies)
def test_no_body_breaks_the_search(release: Release, body: Any) -> None:
    no_limits()
    response = APIClient().post("/api/v1/search", json.dumps(body), content_type="application/json")
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert response.json()["detail"]


@FUZZ
@given(body=st.one_of(st.binary(max_size=200), st.text(max_size=100).map(str.encode)))
def test_no_bytes_break_the_search(release: Release, body: Any) -> None:
    no_limits()
    response = APIClient().post("/api/v1/search", body, content_type="application/json")
    assert response.status_code == 400


@FUZZ
@given(data=st.binary(max_size=500), mode=st.sampled_from(["auto", "photo", "sketch"]))
def test_no_upload_breaks_the_image_search(release: Release, data: Any, mode: Any) -> None:
    from tests.webapp.search.test_other_searches import upload

    no_limits()
    head = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\x00\x00\x00\x00WEBP", b"GIF89a", b"BM"]
    for prefix in head:
        assert upload(APIClient(), prefix + data, mode=mode).status_code == 400


@FUZZ
@given(body=bodies, seq=st.integers(0, 1000))
def test_no_message_breaks_the_socket(release: Release, body: Any, seq: Any) -> None:
    message = {"type": "query", "seq": seq, **(body if isinstance(body, dict) else {"sketch": body})}
    try:
        query = _parse(json.dumps(message))
    except InputError:  # refused with an error before it is a query
        return
    assert query == Query(seq, message)
    answer = json.loads(_answer(query, "en", UNKNOWN, None))
    assert answer["seq"] == seq
    assert answer["type"] == "results" or answer["problem"]["status"] == 400
