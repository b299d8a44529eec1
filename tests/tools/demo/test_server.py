"""How the demo's web server configures uvicorn."""

from __future__ import annotations

from typing import Any

import pytest
import uvicorn
from django.conf import settings

from tools.demo import server


def test_no_message_longer_than_a_body_is_held_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    requested: dict[str, Any] = {}
    monkeypatch.setattr(uvicorn, "run", lambda app, **options: requested.update(options))
    server.main(0)
    assert requested["ws_max_size"] == settings.JSON_MAX_BYTES
