"""Entry point for `python3 tools/bootstrap COMMAND`. Old Pythons must be able to parse it, to report their version."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036
    found = "%d.%d" % sys.version_info[:2]  # noqa: UP031
    sys.exit(
        "Python "
        + found
        + " is too old: Sketchfind needs 3.11 or newer; choose one with make PYTHON=python3.12 ..."
    )

# At the end, so that no module beside this package can shadow one of the standard library.
sys.path[0:1] = []
sys.path.append(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

from bootstrap.cli import main  # type: ignore[import-not-found]  # noqa: E402

sys.exit(main(sys.argv[1:]))
