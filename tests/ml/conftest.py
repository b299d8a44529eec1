"""Tests write result files whatever the state of the checkout."""

from __future__ import annotations

import pytest

from ml import checkout


@pytest.fixture(autouse=True)
def clean_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout without uncommitted changes."""
    monkeypatch.setattr(checkout, "_git", lambda *arguments: "0" * 40 if arguments[0] == "rev-parse" else "")


@pytest.fixture
def changed_checkout(monkeypatch: pytest.MonkeyPatch) -> None:
    """A checkout with an uncommitted change."""
    monkeypatch.setattr(
        checkout, "_git", lambda *arguments: "0" * 40 if arguments[0] == "rev-parse" else " M"
    )
