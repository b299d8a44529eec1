"""Nothing that visitors, workers or operators send makes the server fail; the API answers with problems."""

from __future__ import annotations

import os
import re
from typing import Any, NamedTuple
from urllib.parse import quote, quote_plus

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from drf_spectacular.generators import SchemaGenerator
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from annotation.models import Enrolment, Sketch, Vote
from tests.support.crowd import STROKES, HttpWorker, make_campaign
from tests.support.nasty import IN_ADDRESSES, TEXTS, bodies, json_text
from webapp.accounts.models import ApiToken, User
from webapp.catalog.models import Product
from webapp.catalog.services import catalog_import_create
from webapp.http.problems import CONTENT_TYPE
from webapp.registry.models import DatasetSnapshot, Release, TrainingRun

pytestmark = [pytest.mark.django_db, pytest.mark.both_stores]
SOAK = os.environ.get("SKETCHFIND_SOAK") == "1"
FUZZ = settings(
    max_examples=400 if SOAK else 16,
    deadline=None,
    derandomize=not SOAK,
    database=None,
    suppress_health_check=list(HealthCheck),
)
SCHEMA: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
QUERY = ["cursor", "page", "page_size", "format", "ordering"]


class Operation(NamedTuple):
    method: str
    path: str
    described: dict[str, Any]

    @property
    def content(self) -> tuple[str, dict[str, Any]]:
        """Return media type and schema of its body."""
        found = self.described.get("requestBody", {}).get("content", {})
        return next(((kind, inner["schema"]) for kind, inner in found.items()), ("", {}))


OPERATIONS = [
    Operation(method, path, described)
    for path, methods in SCHEMA["paths"].items()
    for method, described in methods.items()
    if method != "parameters"
]


class Site(NamedTuple):
    """A token per role, and the number or key of one row of each kind, by its name in URLs."""

    people: dict[str, APIClient]
    there: dict[str, Any]


@pytest.fixture
def site(release: Release, operator: User, operator_api: APIClient) -> Site:
    """A live release, an open campaign, a shared sketch, a registered dataset with a run."""
    worker = HttpWorker(make_campaign(4))
    voted, held = (row["id"] for row in worker.next(prefetch=2)["assignments"])
    worker.vote(voted)
    visitor = APIClient()
    share = visitor.post("/api/v1/shares/", {"sketch": STROKES})
    for client in (visitor, worker.api, operator_api):
        client.raise_request_exception = False
    data = DatasetSnapshot.objects.create(
        name="d", format="qmul-v1", sha256="0" * 64, folder=f"datasets/{0:064}"
    )
    run = TrainingRun.objects.create(snapshot=data, snapshot_sha256=data.sha256, system="sketchfind")
    feed = SimpleUploadedFile("a.csv", b"sku,name,category,photo\n")
    there = {
        "assignment_id": held,
        "campaign_id": worker.campaign.pk,
        "enrolment_id": Enrolment.objects.get(worker__panel="").pk,
        "import_id": catalog_import_create(feed=feed, images=None, dry_run=False, created_by=operator).pk,
        "key": Sketch.objects.get().key,
        "model_id": release.model.pk,
        "name": "curves.png",
        "product_id": Product.objects.earliest("pk").pk,
        "release_id": release.pk,
        "run_id": run.pk,
        "share_id": share.json()["id"],
        "snapshot_id": data.pk,
        "token_id": ApiToken.objects.get().pk,
        "vote_id": Vote.objects.get().pk,
    }
    return Site({"visitor": visitor, "worker": worker.api, "operator": operator_api}, there)


@st.composite
def addresses(draw: st.DrawFn, operation: Operation, there: dict[str, Any]) -> str:
    """Return the operation's URL, mostly of existing rows, with a partly nasty query."""
    nasty = st.sampled_from(IN_ADDRESSES)

    def filled(found: re.Match[str]) -> str:
        known = st.just(str(there.get(found[1], "1")))
        return quote(draw(st.one_of(known, known, known, nasty)), safe="%")

    path = re.sub(r"\{([^}]+)\}", filled, operation.path)
    declared = [one["name"] for one in operation.described.get("parameters", []) if one["in"] == "query"]
    names = st.lists(st.sampled_from([*declared, *declared, *QUERY]), max_size=2, unique=True)
    pairs = [f"{name}={quote_plus(draw(nasty), safe='%')}" for name in draw(names)]
    return f"{path}?{'&'.join(pairs)}" if pairs else path


def forms(schema: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    """Return a form with one or more files."""
    nasty = st.sampled_from([text for text in TEXTS if text.isascii() or "\u202e" in text])
    content = st.sampled_from(
        [b"", b"\0", b"sku,name,category,photo\n\0,a,b,c\n", b'{"sku": "\\ud800"}\n' * 2]
    )
    files = st.builds(
        SimpleUploadedFile, st.sampled_from(["a.csv", "a\0.csv", "x" * 400 + ".csv", "b.jsonl"]), content
    )
    ref = schema.get("$ref", "").rpartition("/")[2]
    known = SCHEMA["components"]["schemas"][ref]["properties"] if ref else schema["properties"]
    is_file = {name: inner.get("format") == "binary" for name, inner in known.items()}
    return st.fixed_dictionaries({}, optional={n: files if is_file[n] else nasty for n in is_file})


def check(answer: Any, what: str) -> None:
    assert answer.status_code < 500 or answer.status_code == 503, what
    if answer.status_code >= 400:
        assert answer["Content-Type"] == CONTENT_TYPE, (
            f"{what}: {answer.status_code} {answer['Content-Type']}"
        )
        body = answer.json()
        assert body["status"] == answer.status_code, what
        assert body["detail"], what
        assert answer.status_code != 400 or body["field"] or body["errors"], f"{what}: {body}"


def sent(operation: Operation) -> st.SearchStrategy[Any]:
    """Return the operation's body, or None if it has none."""
    kind, schema = operation.content
    if "multipart/form-data" in kind:
        return forms(schema)
    return bodies(schema, SCHEMA["components"]["schemas"]) if kind else st.none()


def ask(client: APIClient, operation: Operation, address: str, body: Any) -> Any:
    """Return the answer, and roll back what it wrote."""
    kind, _ = operation.content
    call = getattr(client, operation.method)
    cache.clear()  # no rate limit here
    with transaction.atomic():
        if "multipart/form-data" in kind:
            answer = call(address, body, format="multipart")
        elif kind:
            answer = call(address, json_text(body), content_type="application/json")
        else:
            answer = call(address)
        transaction.set_rollback(True)
    return answer


def requested(operation: Operation, site: Site) -> None:
    @FUZZ
    @given(
        who=st.sampled_from(sorted(site.people)),
        address=addresses(operation, site.there),
        body=sent(operation),
    )
    def checked(who: str, address: str, body: Any) -> None:
        answer = ask(site.people[who], operation, address, body)
        check(answer, f"{operation.method} {address} {body!r} as {who}"[:600])

    checked()


@pytest.mark.parametrize("part", range(4))
def test_no_request_breaks_the_api(site: Site, part: int) -> None:
    for operation in OPERATIONS[part::4]:
        requested(operation, site)
