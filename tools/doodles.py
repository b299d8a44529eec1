"""`python -m tools.doodles PACK`: write the shipped drawings of `ml.sketch.doodles` from QuickDraw <name>.ndjson files.

PACK: a zip. Of each name, the first drawings of the train split are taken that were recognised by the game.
"""

from __future__ import annotations

import argparse
import sys
import zipfile
from pathlib import Path, PurePosixPath

from ml.contracts.split import split_shares
from ml.sketch.doodles import DOODLES, doodles_content
from ml.sketch.formats.quickdraw import read_drawings
from ml.sketch.strokes import Sketch

VAL, TEST = 0.15, 0.25  # as in `ml.datasets.quickdraw`
EACH = 4  # drawings of a name


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.doodles", description=__doc__)
    parser.add_argument("pack", type=Path, help="zip of <name>.ndjson files")
    parser.add_argument("--out", type=Path, default=DOODLES, help="file to write")
    options = parser.parse_args(arguments)
    with zipfile.ZipFile(options.pack) as archive:
        members = sorted(name for name in archive.namelist() if name.endswith(".ndjson"))
    content = doodles_content({PurePosixPath(name).stem: _chosen(options.pack, name) for name in members})
    options.out.write_bytes(content)
    print(f"{options.out}: {len(members)} names, {len(content):,} bytes")
    return 0


def _chosen(pack: Path, member: str) -> list[Sketch]:
    drawings = list(read_drawings(pack, member=member))
    splits = split_shares([drawing.key_id for drawing in drawings], val=VAL, test=TEST)
    found = [
        drawing.sketch
        for drawing in drawings
        if splits[drawing.key_id] == "train" and drawing.fields.get("recognized", True)
    ]
    return found[:EACH]


if __name__ == "__main__":
    sys.exit(main())
