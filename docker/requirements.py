"""`python requirements.py [EXTRA...]`: print the requirements in pyproject.toml, one per line, for pip."""

import sys
import tomllib
from pathlib import Path

HERE = Path(__file__).resolve().parent
project = next(path for path in (HERE / "pyproject.toml", HERE.parent / "pyproject.toml") if path.exists())
wanted = tomllib.loads(project.read_text())["project"]
print(*wanted["dependencies"], sep="\n")
for extra in sys.argv[1:]:
    print(*wanted["optional-dependencies"][extra], sep="\n")
