"""Guesses at passwords, each under another name."""

from __future__ import annotations

from urllib.parse import urlencode

from tools.hostile.row import Row, Target

_TOKEN = "a" * 32  # any, as long as cookie and form agree


def _login(target: Target, call: int) -> None:
    form = urlencode({"username": f"user{call}", "password": "guess", "csrfmiddlewaretoken": _TOKEN})
    origin = f"http://{target.host}:{target.port}"
    content_type = "application/x-www-form-urlencoded"
    target.post("/admin/login/", form.encode(), content_type, Cookie=f"csrftoken={_TOKEN}", Origin=origin)


ROWS = [Row("logins", 20, _login)]
