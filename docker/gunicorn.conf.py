"""gunicorn's settings. Each process holds the live release in memory: few processes (WEB_CONCURRENCY), many threads.

The event loop reads requests; a thread takes one once its body is complete (webapp/http/threaded.py). With gthread, 16
clients that send headers or bodies slowly occupy all threads of two processes, and not even /healthz answers.
"""

import os
import tempfile
from typing import Any

from webapp.config.environment import config_read
from webapp.observability.logs import logging_config

_config = config_read(os.environ)

bind = "0.0.0.0:8000"
worker_class = "asgi"
asgi_lifespan = "off"
timeout = 60
graceful_timeout = 20
keepalive = 75  # longer than the proxy keeps an idle connection (60 s)
worker_tmp_dir = (
    "/dev/shm" if os.path.isdir("/dev/shm") else None
)  # a slow disk must not look like a stuck worker
accesslog = None  # a request is logged once, by the site, with its id
control_socket_disable = True  # the container engine starts and stops the server
logconfig_dict = logging_config(_config.log_format, _config.log_level)

# Where prometheus-client adds up the processes' metrics; read when it is first imported, in a worker.
os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", tempfile.mkdtemp(prefix="sketchfind-metrics-"))


def post_worker_init(worker: Any) -> None:
    """Load the live release before the first request arrives."""
    from webapp.registry.releases import live

    live.current()


def child_exit(server: Any, worker: Any) -> None:
    """Remove a dead process from the metrics."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
