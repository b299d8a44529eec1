"""A failed tool's fifty lines become one."""

import platform

import pytest

from webapp.bootstrap.failure import diagnosis

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
SEED = "Applying migrations\nDATABASE_URL: 'nonsense' is not sqlite:///PATH\n\n"


@pytest.mark.parametrize(
    ("output", "cause"),
    [
        (PIP_OFFLINE, "no network"),
        (PIP_FULL, "the disk is full"),
        (NPM_FULL, "the disk is full"),
        ("django.db.utils.OperationalError: database or disk is full", "the disk is full"),
        (NPM_OFFLINE, "no network"),
        (PIP_NO_WHEEL, "aggdraw has no ready-made package for Python " + platform.python_version()),
        (SEED, "DATABASE_URL: 'nonsense' is not sqlite:///PATH"),
        ("", "no output"),
    ],
)
def test_one_line_names_the_step_and_the_cause(output, cause):
    said = diagnosis("Python packages", output.splitlines())

    assert said.startswith(f"Python packages: {cause}")
    assert "\n" not in said


def test_a_missing_ready_made_package_points_to_pythons_that_have_it():
    assert "compiler" in diagnosis("Python packages", PIP_NO_WHEEL.splitlines())
    assert "3.11 to 3.13" in diagnosis("Python packages", PIP_NO_WHEEL.splitlines())
