"""The input layer: what it refuses, where, and with which name."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from rest_framework.test import APIClient

from annotation.models import AuditEvent, Campaign
from tests.support.crowd import make_campaign
from tests.support.nasty import json_text
from webapp.http.problems import CONTENT_TYPE
from webapp.input.parsing import MAX_DEPTH, parse_json
from webapp.input.text import InputError
from webapp.registry.models import DatasetSnapshot

REFUSED = [
    ('{"a": [1, {"b": 1e999}]}', "a[1].b", "finite"),
    ('{"a": NaN}', "a", "finite"),
    ('{"a": "\\ud800"}', "a", "surrogate"),
    ('{"a": ["b\\u0000"]}', "a[0]", "U.0000"),
    ('{"a\\u0000": 1}', "body", "U.0000"),
    ('{"a": 9223372036854775808}', "a", "beyond"),
    ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "body", "nested"),
    ('["]",' * 40 + "1" + "]" * 40, "body", "nested"),
    ('["\\n",' * 40 + "1" + "]" * 40, "body", "nested"),
    ("[" * 100_000, "body", "nested|not JSON|recursion"),
    ("[" + "1," * 500_000 + "1]", "body", "more than 500000 values"),
    ("{", "body", "not JSON"),
    (b"\xff", "body", "not JSON"),
    (
        "[" + "1," * 20_000 + "1e999]",
        "body",
        "not JSON.* column 4000",
    ),  # too long to search for the value's name
    ("9" * 5000, "body", "not JSON"),
]


@pytest.mark.parametrize(("text", "field", "why"), REFUSED)
def test_the_parser_names_what_it_refuses(text: str | bytes, field: str, why: str) -> None:
    with pytest.raises(InputError, match=why) as refused:
        parse_json(text)
    assert refused.value.field == field


@pytest.mark.parametrize(
    "value",
    [{"a": [1, 2.5, "ü\U0001f600", None, True]}, 2**63 - 1, 1e308, "[[[[{{{{" * 20, '\\"[', [[]] * 9, {}],
)
def test_the_parser_returns_what_was_sent(value: Any) -> None:
    for ascii in (True, False):
        assert parse_json(json.dumps(value, ensure_ascii=ascii)) == value


def test_the_deepest_value_that_is_accepted() -> None:
    text = "[" * MAX_DEPTH + "]" * MAX_DEPTH
    assert parse_json(text) == json.loads(text)


def problem(answer: Any, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == CONTENT_TYPE
    return dict(answer.json())


@pytest.mark.both_stores
@pytest.mark.django_db
class TestApi:
    def test_only_a_lists_own_cursor_is_accepted(self, operator_api: APIClient) -> None:
        campaign = make_campaign(3)
        lists = ["products/", "catalog/imports/", "campaigns/", "sketches/"]
        lists += [f"campaigns/{campaign.pk}/{name}/" for name in ("audit", "tasks", "workers", "disputed")]
        for path in lists:
            for cursor in (base64.b64encode(b"p=abc").decode(), "", "%00", "x:y", "%ED%A0%80", "9" * 5000):
                body = problem(operator_api.get(f"/api/v1/{path}?cursor={cursor}"), 400)
                assert body["field"] == "cursor", path
        tasks = f"/api/v1/campaigns/{campaign.pk}/tasks/"
        first = operator_api.get(f"{tasks}?page_size=2").json()
        assert len(operator_api.get(first["next"]).json()["results"]) == 1
        other = first["next"].replace("/tasks/", "/audit/")
        assert problem(operator_api.get(other), 400)["field"] == "cursor"  # in another order

    @pytest.mark.parametrize("number", [2**63, 10**40])
    def test_numbers_beyond_the_database_are_not_found(self, operator_api: APIClient, number: int) -> None:
        problem(operator_api.get(f"/api/v1/campaigns/{number}/"), 404)
        problem(
            operator_api.get(f"/api/v1/campaigns/{number}/me", headers={"authorization": "Worker x"}), 404
        )
        problem(operator_api.get(f"/api/v1/runs/{number}/metrics/"), 404)

    def test_a_query_names_its_field(self, operator_api: APIClient) -> None:
        assert problem(operator_api.get("/api/v1/products/?q=%00"), 400)["field"] == "q"
        assert problem(operator_api.get("/api/v1/products/?a%00=b"), 400)["field"] == "request"
        problem(operator_api.get("/api/v1/shares/a%00b/"), 404)

    def test_settings_nested_deeply_are_refused(self, operator_api: APIClient) -> None:
        text = json_text({"kind": "triplets", "title": "t", "slug": "t", "settings": {"x": "@deep@"}})
        answer = operator_api.post("/api/v1/campaigns/", text, content_type="application/json")
        assert "nested" in problem(answer, 400)["detail"]
        assert not Campaign.objects.exists()

    def test_a_stored_row_that_is_too_deep_is_listed_and_can_be_replaced(
        self, operator_api: APIClient, operator_client: Client
    ) -> None:
        deep: Any = []
        for _ in range(300):
            deep = [deep]
        campaign = Campaign.objects.create(title="Deep", slug="deep", settings={"x": deep, "currency": "EUR"})
        AuditEvent.objects.create(action="campaign.update", campaign=campaign, facts={"settings": deep})
        (row,) = operator_api.get("/api/v1/campaigns/").json()["results"]
        assert row["settings"] == {}
        (event,) = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/audit/").json()["results"]
        assert event["facts"] == {}
        assert operator_client.get("/admin/annotation/campaign/").status_code == 200
        assert operator_client.get(f"/admin/annotation/campaign/{campaign.pk}/change/").status_code == 200
        address = f"/api/v1/campaigns/{campaign.pk}/"
        assert operator_api.patch(address, {"settings": {"currency": "USD"}}).status_code == 200
        assert operator_api.get(address).json()["settings"] == {"currency": "USD"}

    @pytest.mark.parametrize("type", ["csv", "zip"])
    def test_a_registered_dataset_is_not_exported(self, operator_api: APIClient, type: str) -> None:
        made = {"name": "d", "format": "qmul-v1", "sha256": "0" * 64}
        registered = DatasetSnapshot.objects.create(**made, folder=f"datasets/{'0' * 64}")
        address = f"/api/v1/snapshots/{registered.pk}/export?type={type}"
        assert "registered" in problem(operator_api.get(address), 409)["detail"]

    def test_the_files_of_a_snapshot_are_gone(self, operator_api: APIClient) -> None:
        made = {"name": "d", "format": "snapshot", "sha256": "1" * 64}
        frozen = DatasetSnapshot.objects.create(**made, folder=f"snapshots/{'1' * 64}")
        problem(operator_api.get(f"/api/v1/snapshots/{frozen.pk}/export"), 404)

    def test_too_many_fields_are_a_problem(self, api: APIClient) -> None:
        body = {f"f{n}": "1" for n in range(1100)} | {"image": SimpleUploadedFile("a.png", b"x")}
        problem(api.post("/api/v1/search/image", body, format="multipart"), 400)


@pytest.mark.both_stores
@pytest.mark.django_db
class TestPages:
    ADDRESSES = [
        "/browse/?q=%00",
        "/browse/?category=a%00b",
        "/s/a%00/",
        "/static/%00.js",
        "/media/%00.webp",
        "/annotate/a%00/",
        "/admin/login/?next=%00",
        f"/static/{'a' * 1900}.js",
        f"/media/{'a' * 1900}.webp",
        f"/{'a' * 3000}",
        "/p/99999999999999999999-x/",
        "/studio/runs/99999999999999999999/",
        "/browse/?page=99999999999999999999",
        "/browse/?q=%ED%A0%80",
        f"/browse/?category={'x' * 9000}",
        "/%ED%A0%80/",
    ]

    @pytest.mark.parametrize("address", ADDRESSES)
    def test_no_address_breaks_a_page(self, operator_client: Client, address: str) -> None:
        operator_client.raise_request_exception = False
        for client in (operator_client, Client(raise_request_exception=False)):
            assert client.get(address).status_code < 500

    @pytest.mark.parametrize(
        "query",
        [
            "id__exact=99999999999999999999",
            "id__in=1,99999999999999999999",
            "id__gt=99999999999999999999",
            "created_at__gte=abc",
            "o=99999999999999999999.-1",
            "p=99999999999999999999",
            "q=%00",
            "q=%22",
            "e=1",
            "all=",
            "source__exact=%00",
            "product__id__exact=abc",
        ],
    )
    def test_no_filter_breaks_the_admin(self, operator_client: Client, query: str) -> None:
        operator_client.raise_request_exception = False
        for page in ("annotation/sketch", "annotation/campaign", "catalog/product", "registry/release"):
            answer = operator_client.get(f"/admin/{page}/?{query}", follow=True)
            assert answer.status_code < 500, page
        assert operator_client.get(f"/admin/annotation/sketch/{query}/change/").status_code < 500

    @pytest.mark.parametrize(
        "form",
        [
            {"username": "a\0", "password": "b"},
            {"username": "a", "password": "\0"},
            {"username\0": "a"},
            {"username": "a", "password": "b", "next": "\0"},
            {"username": "x" * 100_000, "password": "y" * 100_000},
            {"username": "\u202e'--", "password": "9" * 400},
        ],
    )
    def test_no_form_breaks_the_login(self, client: Client, form: dict[str, str]) -> None:
        client.raise_request_exception = False
        assert client.post("/admin/login/", form).status_code < 500
        assert client.post("/i18n/setlang/", form).status_code < 500

    def test_a_refused_form_gets_a_page_with_the_reason(self, client: Client) -> None:
        answer = client.post("/admin/login/", {"username": "a\0", "password": "b"})
        assert answer.status_code == 400
        assert "username" in answer.content.decode()
        assert "</html>" in answer.content.decode()

    def test_cookies_and_headers(self, operator_client: Client, client: Client) -> None:
        client.raise_request_exception = False
        client.cookies.load('sessionid="a\\000b"; theme="\\000"')
        assert client.get("/browse/").status_code == 200
        for name in ("accept-language", "authorization", "referer", "x-request-id", "user-agent", "host"):
            for value in (
                "a\0b",
                "\x80" * 50,
                "x" * 9000,
                "Bearer \0",
                "Worker \udcff".encode(errors="ignore").decode(),
            ):
                assert client.get("/api/v1/release/", headers={name: value}).status_code < 500, name
