"""Signing in: attempts by address, hashing one at a time, and what a session and a `next` may be."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from axes.models import AccessAttempt
from django.contrib.auth.hashers import check_password, make_password
from django.test import Client
from pytest_django import Settings

from webapp.accounts import hashing
from webapp.accounts.hashing import BoundedLock, HashingBusyError
from webapp.accounts.models import User

PASSWORD = "a long enough one"


@pytest.fixture
def kim(db: None) -> User:
    return User.objects.create_superuser("kim", PASSWORD)


@pytest.fixture
def busy(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The site's own hasher, while another login is checked and the queue behind it is full."""
    settings.PASSWORD_HASHERS = ["webapp.accounts.hashing.QueuedPBKDF2PasswordHasher"]
    monkeypatch.setattr(hashing.QueuedPBKDF2PasswordHasher, "iterations", 1)
    monkeypatch.setattr(hashing, "hashing_lock", BoundedLock(waiting=0, patience_s=0.0))
    with ExitStack() as stack:
        stack.enter_context(hashing.hashing_lock.acquired())
        yield


def sign_in(client: Client, name: str = "kim", password: str = PASSWORD, then: str = "/admin/") -> Any:
    return client.post(f"/admin/login/?next={then}", {"username": name, "password": password})


def test_an_address_that_signs_in_too_often_waits_and_others_do_not(
    client: Client, kim: User, settings: Settings
) -> None:
    settings.LOGINS_PER_MIN = 2
    answers = [client.post("/admin/login/", {"username": f"n{n}", "password": "x"}) for n in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert AccessAttempt.objects.count() == 2  # the third reached neither database nor hasher
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert sign_in(elsewhere).status_code == 302


@pytest.mark.parametrize("name", ["kim", "nobody"])
def test_a_login_while_the_hasher_is_busy_must_wait_whether_or_not_the_name_exists(
    kim: User, busy: None, name: str
) -> None:
    refused = sign_in(Client(), name)
    assert (refused.status_code, refused["Retry-After"]) == (429, "2")
    assert refused.content.decode() == "Too many sign-in attempts. Try again in 2 seconds."


def test_one_password_is_hashed_at_a_time() -> None:
    hashing_lock = BoundedLock(waiting=1, patience_s=5.0)
    inside, most, lock = 0, 0, threading.Lock()
    refused: list[int] = []
    everybody, held = threading.Barrier(4), threading.Event()

    def hash_one(number: int) -> None:
        nonlocal inside, most
        everybody.wait()
        try:
            with hashing_lock.acquired():
                with lock:
                    inside += 1
                    most = max(most, inside)
                held.wait(1.0)  # until the surplus has been refused
                with lock:
                    inside -= 1
        except HashingBusyError:
            refused.append(number)
            if len(refused) == 2:
                held.set()

    threads = [threading.Thread(target=hash_one, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (most, len(refused)) == (1, 2)


def test_waiting_too_long_is_refused_and_frees_the_place() -> None:
    lock = BoundedLock(waiting=1, patience_s=0.01)
    with lock.acquired(), pytest.raises(HashingBusyError), lock.acquired():
        raise AssertionError
    with lock.acquired():
        pass


def test_the_sites_hasher_reads_djangos_own_hashes(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.PBKDF2PasswordHasher"]
    stored = make_password(PASSWORD)
    settings.PASSWORD_HASHERS = ["webapp.accounts.hashing.QueuedPBKDF2PasswordHasher"]
    assert check_password(PASSWORD, stored)
    assert not check_password("another", stored)


def test_signing_in_changes_the_session(client: Client, kim: User) -> None:
    session = client.session
    session["before"] = "kept"
    session.save()
    fixed = session.session_key
    assert sign_in(client).status_code == 302
    assert client.session.session_key != fixed
    assert Client().get("/admin/", headers={"cookie": f"sessionid={fixed}"}).status_code == 302


@pytest.mark.parametrize(
    "then", ["//evil.example/", "https://evil.example/", "/\\evil.example", "javascript:x"]
)
def test_signing_in_and_choosing_a_language_redirect_within_the_site(
    client: Client, kim: User, then: str
) -> None:
    for answer in (
        sign_in(client, then=then),
        client.post("/i18n/setlang/", {"language": "de", "next": then}),
    ):
        assert answer.status_code == 302
        assert "evil" not in answer.headers["Location"]
        assert answer.headers["Location"].startswith("/")
