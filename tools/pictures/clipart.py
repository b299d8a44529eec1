"""`python -m tools.pictures.clipart ROOT`: render the clip art of Debian's `openclipart-svg` as PNG files.

ROOT: the unpacked package's folder `svg`. Flags, symbols and diagrams are left out, and files that take too long.
"""

from __future__ import annotations

import argparse
import gzip
import signal
import sys
from pathlib import Path
from types import FrameType

from PIL import Image
from rich.progress import track

from tools.pictures.svg import UNREADABLE, rendered

NOT_THINGS = frozenset(
    ["buttons", "computer", "geography", "logos", "shapes", "signs_and_symbols", "special"]
)
WIDTH_PX = 320
MOST_BYTES = 400_000
SECONDS = 4


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures.clipart", description=__doc__)
    parser.add_argument("root", type=Path, help="folder of SVG files by subject")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    signal.signal(signal.SIGALRM, _too_long)
    n = 0
    for path in track(sorted(options.root.rglob("*.svg*")), description="Rendering"):
        subject = path.relative_to(options.root).parts[0]
        if subject in NOT_THINGS or path.stat().st_size > MOST_BYTES:
            continue
        data = path.read_bytes()
        signal.alarm(SECONDS)
        try:
            image = rendered(gzip.decompress(data) if path.suffix == ".svgz" else data, WIDTH_PX)
        except (TimeoutError, OSError, *UNREADABLE):
            continue
        finally:
            signal.alarm(0)
        Image.fromarray(image).save(options.out / f"clipart-{subject}-{path.stem}.png")
        n += 1
    print(f"{options.out}: {n:,} pictures")
    return 0


def _too_long(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError


if __name__ == "__main__":
    sys.exit(main())
