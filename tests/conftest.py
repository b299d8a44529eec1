"""Shared by all tests of the site: nothing leaves a test, and nothing slow happens by accident."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.core.cache import cache
from django.db import connections
from django.test import Client
from django.utils import translation
from django.utils.functional import empty
from pytest_django import Settings
from rest_framework.test import APIClient

from tests import factories
from tests.support.migrated import migrated_copy
from tools.bootstrap.stores.migrated import DATABASE
from webapp.accounts.models import User
from webapp.accounts.services import api_token_create
from webapp.catalog import import_models
from webapp.catalog.words import selectors as word_fits
from webapp.celery import app
from webapp.clicks.experiments import serving
from webapp.http.limits.budget import work
from webapp.registry.releases import live
from webapp.search import words
from webapp.search.sockets.handshakes import handshakes
from webapp.sites import known as site_keys

pytest_plugins = ["tests.support.selection"]

# How fast inputs are generated or tried depends on what else the machine does.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")

app.conf.broker_url = "memory://"  # jobs sent in a test are never run


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings_parallel_suffix: None
) -> None:
    """Use a separate SQLite file for this run, so that parallel runs do not collide; it serves threads too."""
    database = connections["default"].settings_dict
    if connections["default"].vendor == "sqlite":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")
        migrated_copy(f"sqlite:///{database['TEST']['NAME']}")
    elif os.environ.get("SKETCHFIND_TEST_MIGRATED"):
        database["TEST"]["TEMPLATE"] = DATABASE


@pytest.fixture(scope="session")
def django_db_keepdb(request: pytest.FixtureRequest, django_db_modify_db_settings: None) -> bool:
    """Keep the file that the tables were copied into; PostgreSQL's database is made from its template."""
    copied = connections["default"].vendor == "sqlite" and bool(os.environ.get("SKETCHFIND_TEST_MIGRATED"))
    return copied or bool(request.config.getvalue("reuse_db"))


@pytest.fixture(scope="session", autouse=True)
def _files_need_not_outlive_the_machine() -> Iterator[None]:
    """Skip fsync: a release waits for the disk some twenty times, and hundreds of tests make one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda handle: None)
        yield


@pytest.fixture(autouse=True)
def _own_language() -> None:
    """Forget the language of the last test's requests."""
    translation.deactivate()


@pytest.fixture(autouse=True)
def _own_stores(settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Use files in the test's own folder, fast passwords and an empty cache."""
    for alias in ("default", "private"):
        folder = tmp_path / "media" / ("public" if alias == "default" else "private")
        settings.STORAGES = {
            **settings.STORAGES,
            alias: {
                **settings.STORAGES[alias],
                "OPTIONS": {**settings.STORAGES[alias]["OPTIONS"], "location": folder},
            },
        }
    settings.DATA_DIR = tmp_path
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.SECURE_SSL_REDIRECT = False
    settings.RECORDED_QUERY_EVERY = 0  # otherwise a thread writes during the test
    settings.LEARN_FROM_SKETCHES = False  # the same
    settings.RECOGNISER_DIR = None  # most tests rank by shape alone
    monkeypatch.setattr(live, "POLL_S", 0.0)  # no thread: the database is queried every time
    monkeypatch.setattr(site_keys, "KEPT_S", 0.0)
    _forget()
    yield
    _forget()


def _forget() -> None:
    import_models.uploads._wrapped = empty  # type: ignore[assignment]
    live.reset()
    serving.reset()
    word_fits.forget()
    words.forget()
    site_keys.forget()
    work.reset()
    handshakes.reset()
    cache.clear()


# The cast: an owner of something, an operator, a stranger.


@pytest.fixture
def owner(db: None) -> User:
    return factories.UserFactory(username="owner")


@pytest.fixture
def operator(db: None) -> User:
    return factories.UserFactory(username="operator", role=User.Role.OPERATOR)


@pytest.fixture
def stranger(db: None) -> User:
    return factories.UserFactory(username="stranger")


@pytest.fixture
def api() -> APIClient:
    """The API as an anonymous user."""
    return APIClient()


@pytest.fixture
def owner_api(owner: User) -> APIClient:
    return _signed_in(owner)


@pytest.fixture
def operator_api(operator: User) -> APIClient:
    return _signed_in(operator)


@pytest.fixture
def stranger_api(stranger: User) -> APIClient:
    return _signed_in(stranger)


@pytest.fixture
def operator_client(operator: User) -> Client:
    """The operator's browser."""
    client = Client()
    client.force_login(operator, backend="django.contrib.auth.backends.ModelBackend")
    return client


def _signed_in(user: User) -> APIClient:
    """Sign in with a real token, as programs do."""
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {api_token_create(user=user, name='test')[1]}")
    return client
