"""A failed tool's fifty lines become one."""

from __future__ import annotations

import platform
from typing import Any

import pytest

from tools.bootstrap.failure import diagnosis, install_diagnosis, log_diagnosis

PIP_OFFLINE = """\
WARNING: Retrying (Retry(total=1)) after 'NewConnectionError('<Connection object>: Failed
ERROR: Could not find a version that satisfies the requirement aggdraw (from versions: none)
ERROR: No matching distribution found for aggdraw
"""
PIP_FULL = """\
Installing collected packages: numpy, faiss-cpu
ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device
"""
PIP_NO_WHEEL = """\
ERROR: Could not find a version that satisfies the requirement aggdraw (from versions: 1.3, 1.4.1)
ERROR: No matching distribution found for aggdraw
"""
NPM_FULL = """\
npm error code ENOSPC
npm error syscall write
npm error nospc ENOSPC: no space left on device, write
"""
NPM_OFFLINE = "npm error code EAI_AGAIN\nnpm error network request to http://index.example/preact failed"
NPM_NO_HOST = """\
npm error code ENOTFOUND
npm error syscall getaddrinfo
npm error errno ENOTFOUND
npm error network request to http://index.example/preact failed, reason: getaddrinfo ENOTFOUND index.example
npm error network This is a problem related to network connectivity.
npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-29T15_28_07_379Z-debug-0.log
"""
NPM_CONFLICT = """\
npm error code ERESOLVE
npm error ERESOLVE could not resolve
npm error
npm error While resolving: vite-plugin@1.0.0
npm error Fix the upstream dependency conflict, or retry
npm error A complete log of this run can be found in: /root/.npm/_logs/2026-11-29T15_28_07_379Z-debug-0.log
"""
APT_OFFLINE = (
    "W: Failed to fetch http://mirror.example/x/InRelease  Temporary failure resolving 'mirror.example'"
)
APT_REFUSED = "E: Failed to fetch http://127.0.0.1:9/x.deb  Could not connect to 127.0.0.1:9 (127.0.0.1). - connect (111)"
PIP_CONFLICT = """\
ERROR: Cannot install -r base.txt (line 1) because these package versions have conflicting dependencies.
ERROR: ResolutionImpossible: for help visit https://pip.pypa.io/en/latest/topics/dependency-resolution/
"""
PIP_OTHER_PYTHON = "ERROR: Cannot install on Python version 3.14.0; only versions >=3.10,<3.14 are supported."
WORKER_WITHOUT_FOLDER = """\
2026-11-22T10:04:37Z [critical ] Unrecoverable error: FileNotFoundError(2, 'No such file or directory') [celery.worker]
Traceback (most recent call last):
  File "/srv/webapp/broker.py", line 41, in _get
    for name in sorted(os.listdir(folder)):
                       ^^^^^^^^^^^^^^^^^^
FileNotFoundError: [Errno 2] No such file or directory: '/srv/var/broker/messages'
"""
WORKER_WITHOUT_REDIS = """\
2026-11-22T10:04:37Z [error    ] consumer: Cannot connect to redis://cache:6379/0: Error -2 connecting to cache. Name \
or service not known.. [celery.worker.consumer.consumer]
ConnectionRefusedError: [Errno 111] ECONNREFUSED
"""
DISK_WAS_FULL = """\
2026-11-22T10:04:37Z [warning  ] share_not_kept error='[Errno 28] No space left on device'
2026-11-22T11:30:00Z [info     ] request_finished code=200
ERROR:    [Errno 98] error while attempting to bind on address ('127.0.0.1', 8000): address already in use
"""
BUNDLER = "error during build:\nRollupError: Could not resolve './page' from src/main.tsx: ENOTFOUND is no network here"
SEED = "Applying migrations\nDATABASE_URL: 'nonsense' is not sqlite:///PATH\n\n"


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (PIP_OFFLINE, "no network"),
        (PIP_FULL, "the disk is full"),
        (NPM_FULL, "the disk is full"),
        ("django.db.utils.OperationalError: database or disk is full", "the disk is full"),
        (NPM_OFFLINE, "no network"),
        (PIP_NO_WHEEL, "aggdraw has no prebuilt package for Python " + platform.python_version()),
        (SEED, "DATABASE_URL: 'nonsense' is not sqlite:///PATH"),
        ("", "no output"),
        (NPM_NO_HOST, "no network"),
        (APT_OFFLINE, "no network"),
        (APT_REFUSED, "no network"),
        (PIP_CONFLICT, "pyproject.toml and constraints.txt conflict"),
        (NPM_CONFLICT, "npm error Fix the upstream dependency conflict, or retry"),
        (PIP_OTHER_PYTHON, "ERROR: Cannot install on Python version 3.14.0; only versions >=3.10,<3.14"),
    ],
)
def test_one_line_names_the_step_and_the_cause(output: Any, cause: str) -> None:
    said = install_diagnosis("Python packages", output.splitlines())

    assert said.startswith(f"Python packages: {cause}")
    assert "\n" not in said


def test_a_missing_prebuilt_package_names_suitable_pythons() -> None:
    assert "compiler" in install_diagnosis("Python packages", PIP_NO_WHEEL.splitlines())
    assert "3.11 to 3.13" in install_diagnosis("Python packages", PIP_NO_WHEEL.splitlines())


@pytest.mark.parametrize(
    ("log", "cause"),
    [
        (WORKER_WITHOUT_FOLDER, "FileNotFoundError: [Errno 2] No such file or directory: '/srv/var/broker"),
        (WORKER_WITHOUT_REDIS, "ConnectionRefusedError: [Errno 111] ECONNREFUSED"),
        (DISK_WAS_FULL, "ERROR:    [Errno 98] error while attempting to bind on address"),
        ("OSError: [Errno 28] No space left on device: '/srv/var/x'", "the disk is full"),
    ],
)
def test_only_the_last_lines_of_a_server_count(log: Any, cause: str) -> None:
    assert log_diagnosis("worker", log.splitlines()).startswith(f"worker: {cause}")


@pytest.mark.parametrize("output", [WORKER_WITHOUT_FOLDER, WORKER_WITHOUT_REDIS, BUNDLER, PIP_NO_WHEEL])
def test_only_installers_can_lack_a_network_or_a_package(output: Any) -> None:
    said = diagnosis("Front end build", output.splitlines())

    assert said == f"Front end build: {output.splitlines()[-1]}"


def test_an_installer_that_misses_a_file_has_a_network() -> None:
    said = install_diagnosis("Python packages", WORKER_WITHOUT_FOLDER.splitlines())

    assert said.startswith("Python packages: FileNotFoundError")
