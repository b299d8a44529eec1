"""How long recorded answers are kept."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import Settings
from rest_framework.test import APIClient

from tests.webapp.clicks.conftest import Answered, click
from webapp.clicks.models import Answer, Click
from webapp.clicks.recording.quota import clicks_expire


@pytest.mark.parametrize(
    ("mode", "days", "kept"), [("on", 30, 1), ("on", 0, 2), ("ask", 30, 1), ("off", 30, 0)]
)
def test_old_answers_are_deleted_and_all_of_them_once_recording_is_off(
    api: APIClient, answered: Answered, settings: Settings, mode: str, days: int, kept: int
) -> None:
    click(api, answered(), 1)
    Answer.objects.update(at=timezone.now() - timedelta(days=31))
    click(api, answered(), 1)
    settings.RECORD_CLICKS, settings.CLICK_DAYS = mode, days
    assert clicks_expire(now=timezone.now()) in (0, 2 * (2 - kept))  # rows of answers and clicks
    assert Answer.objects.count() == Click.objects.count() == kept
