"""The Celery app. Jobs are in each app's `jobs.py`; queues are `train`, `index` and `default`."""

import os
from typing import Any

from celery import Celery, signals
from django_structlog.celery.steps import DjangoStructLogInitStep

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webapp.settings")

app = Celery("webapp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks(related_name="jobs")
app.autodiscover_tasks(
    [f"webapp.registry.{room}" for room in ("gates", "indexes", "releases", "runs")], related_name="jobs"
)
app.steps["worker"].add(DjangoStructLogInitStep)


@signals.worker_init.connect  # type: ignore[untyped-decorator]
def _one_thread_per_picture(**_: Any) -> None:
    """Keep OpenCV from starting threads of its own: jobs work on as many pictures at once as there are cores."""
    import cv2  # here, because every command imports this module

    cv2.setNumThreads(1)


@signals.setup_logging.connect  # type: ignore[untyped-decorator]
def _keep_our_logging(**_: Any) -> None:
    """Keep Django's logging configuration: Celery sets up none if this signal has a receiver."""
