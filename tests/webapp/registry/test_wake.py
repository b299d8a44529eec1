"""Jobs are sent by name: each name sent by the registry or beat exists."""

from __future__ import annotations

from django.conf import settings

from webapp.celery import app
from webapp.registry import wake


def test_every_job_that_is_sent_by_name_exists() -> None:
    app.loader.import_default_modules()
    sent = {wake.INDEX_BUILD, wake.FOLLOW_CATALOGUE, wake.GATE, wake.TRAINING, wake.RUNS_FOLLOW}
    scheduled = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert sent | scheduled <= set(app.tasks)
