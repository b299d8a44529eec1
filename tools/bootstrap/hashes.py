"""`make constraints`, second half: what the images install, every file of it by its hash.

Like pins.py it runs in the virtual environment, after constraints.txt has been written.
"""

import os
import subprocess
import sys
from pathlib import Path

from uv import find_uv_bin

ROOT = Path(__file__).resolve().parents[2]
DOCKER = ROOT / "docker"
HEAD = (
    "# What an image installs, with the hashes of PyPI's files for all platforms. Made by: make constraints\n"
)
IMAGES: dict[str, list[str]] = {"base": [], "train": ["train"]}
# Only PyPI is asked, whatever this machine has besides: another build of a release has other hashes.
COMPILE = ["--universal", "--python-version=3.11", "--generate-hashes", "--only-binary=:all:"]
QUIET = ["--no-config", "--no-header", "--no-annotate", "--no-emit-index-url", "--quiet"]


def main() -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_"))}
    (DOCKER / "requirements").mkdir(exist_ok=True)
    for image, extras in IMAGES.items():
        wanted = [sys.executable, str(DOCKER / "requirements.py"), *extras]
        listed = subprocess.run(wanted, capture_output=True, check=True)
        constraints = ["--constraint", str(ROOT / "constraints.txt")]
        compiled = subprocess.run(
            [find_uv_bin(), "pip", "compile", "-", *constraints, *COMPILE, *QUIET],
            input=listed.stdout,
            env=environ,
            stdout=subprocess.PIPE,
            check=True,
        )
        (DOCKER / "requirements" / f"{image}.txt").write_text(HEAD + compiled.stdout.decode())


if __name__ == "__main__":
    main()
