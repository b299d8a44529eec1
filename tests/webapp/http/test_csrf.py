"""Cookies that browsers send automatically, of a session or a worker, change nothing without a CSRF token."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.test import APIClient

from annotation.apis.work import JoinApi, WorkerApi
from annotation.identity import tokens
from annotation.models import Worker
from tests.support.crowd import make_campaign
from webapp.accounts.models import User

pytestmark = pytest.mark.django_db
UNSAFE = ("post", "put", "patch", "delete")
VALUES = {"uuid": "00000000-0000-4000-8000-000000000000"}  # by converter; 1 for the others


def endpoints() -> Iterator[tuple[str, type[Any], str]]:
    """Yield path, view and method of everything below /api/v1/ that may change something."""

    def walk(patterns: list[Any], prefix: str) -> Iterator[tuple[str, Any]]:
        for pattern in patterns:
            path = prefix + str(pattern.pattern)
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns, path)
            elif isinstance(pattern, URLPattern):
                yield path, getattr(pattern.callback, "cls", None)

    for path, view in walk(get_resolver().url_patterns, "/"):
        if view is None or not path.startswith("/api/v1/"):
            continue
        address = re.sub("<([^>]*)>", lambda part: VALUES.get(part[1].partition(":")[0], "1"), path)
        yield from ((address, view, method) for method in UNSAFE if hasattr(view, method))


ALL = list(endpoints())
# Whoever has the answer's signed id or the visit's random one may do this; no cookie adds to it.
BY_ID = {"/api/v1/answers/", "/api/v1/clicks/", "/api/v1/visits/erase/"}
OF_WORKERS = [(path, method) for path, view, method in ALL if issubclass(view, WorkerApi | JoinApi)]


def test_the_endpoints_are_found() -> None:
    assert len(ALL) > 30
    assert len(OF_WORKERS) >= 12
    assert {path for path, view, _ in ALL if not view.authentication_classes} == BY_ID


@pytest.mark.parametrize(("path", "method"), [(path, method) for path, _, method in ALL if path not in BY_ID])
def test_a_session_alone_changes_nothing(operator: User, path: str, method: str) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    refused = getattr(browser, method)(path)
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]


@pytest.mark.parametrize(("path", "method"), OF_WORKERS)
def test_a_workers_cookie_alone_changes_nothing(path: str, method: str) -> None:
    browser = APIClient(enforce_csrf_checks=True)
    browser.cookies[tokens.COOKIE] = tokens.token_of(Worker.objects.create())
    refused = getattr(browser, method)(path)
    assert refused.status_code == 403
    assert "CSRF" in refused.json()["detail"]
    assert not Worker.objects.exclude(erased_at=None).exists()


@pytest.fixture
def page(settings: Any) -> APIClient:
    """A worker's browser on a page of the site, with a token."""
    settings.DJANGO_VITE = {"default": {"dev_mode": True}}
    browser = APIClient(enforce_csrf_checks=True)
    browser.cookies = Client().get("/annotate/").client.cookies
    return browser


def test_the_sites_own_pages_send_the_token_and_programs_send_the_workers(page: APIClient) -> None:
    campaign = make_campaign(2)
    token = {"X-CSRFToken": page.cookies["csrftoken"].value}
    joined = page.post(f"/api/v1/campaigns/{campaign.pk}/join", {"consent": True}, headers=token)
    assert joined.status_code == 201
    following = f"/api/v1/campaigns/{campaign.pk}/next"
    assert page.post(following).status_code == 403
    assert page.post(following, headers=token).status_code == 200
    program = APIClient(enforce_csrf_checks=True)
    header = {"Authorization": f"Worker {joined.json()['worker_token']}"}
    assert program.post(following, headers=header).status_code == 200


def test_another_sites_page_is_refused_though_it_has_a_token(page: APIClient) -> None:
    campaign = make_campaign(1)
    token = page.cookies["csrftoken"].value
    page.cookies[tokens.COOKIE] = tokens.token_of(Worker.objects.create())
    headers = {"X-CSRFToken": token, "Origin": "http://testserver:9000"}
    assert page.post(f"/api/v1/campaigns/{campaign.pk}/next", headers=headers).status_code == 403
