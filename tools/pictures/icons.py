"""`python -m tools.pictures.icons PACKAGE...`: write named icons as drawings, a <name>.ndjson per name.

PACKAGE: an unpacked `@iconify-json/*` package. An icon counts as what its own name means, by the vocabulary that also
reads products' words; icons that mean nothing in it are left out. Lines are traced as they are, areas by their edges.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from rich.progress import track

from ml.errors import SketchError
from ml.images.edges import edge_map
from ml.sketch.trace import trace_lines
from ml.vocabulary.fit import ProductWords, vocabulary
from tools.pictures.drawings import Strokes, simplified, write
from tools.pictures.svg import UNREADABLE, rendered

SIDE_PX = 256
LEAST_FIT = 0.8  # below, the name of an icon is only related to a name of the vocabulary
MOST = 6  # icons of a package with the same name
STYLES = {
    *("outline", "filled", "fill", "bold", "light", "thin", "duotone", "alt", "variant"),
    *("one", "two", "three", "four"),
}
LINE_WIDTH = 1 / 30  # of outline icons, as a fraction of the side; thick lines would be traced less exactly
MARGIN = 0.08  # around an icon, as a fraction of its longer side


def main(arguments: list[str] | None = None) -> int:
    """Run the command."""
    parser = argparse.ArgumentParser(prog="python -m tools.pictures.icons", description=__doc__)
    parser.add_argument("packages", type=Path, nargs="+", help="folders that contain an icons.json")
    parser.add_argument("--out", type=Path, required=True, help="folder to write")
    options = parser.parse_args(arguments)
    found: dict[str, list[tuple[str, Strokes]]] = defaultdict(list)
    for package in options.packages:
        icons = json.loads((package / "icons.json").read_text())
        named = named_icons(icons["icons"])
        for icon, name in track(list(named.items()), description=f"Tracing {icons['prefix']}"):
            key = f"{icons['prefix']}:{icon}"
            try:
                strokes = traced(icons, icon)
            except (SketchError, *UNREADABLE):
                continue
            found[name].append((key, strokes))
    written = sum(write(options.out, name, drawings) for name, drawings in found.items())
    print(f"{options.out}: {written:,} drawings of {len(found)} names")
    return 0


def named_icons(icons: Iterable[str]) -> dict[str, str]:
    """Return icon -> name of the vocabulary, for at most `MOST` icons of each name, those with the plainest names."""
    chosen: dict[str, list[str]] = defaultdict(list)
    for icon in sorted(icons, key=lambda icon: (len(icon), icon)):
        if (name := name_of(icon)) is not None and len(chosen[name]) < MOST:
            chosen[name].append(icon)
    return {icon: name for name, group in chosen.items() for icon in group}


def name_of(icon: str) -> str | None:
    """Return the name of the vocabulary that an icon's own name, "rocking-chair", means best; None without one.

    Only names of one or two words count, without words of style: longer ones name symbols, "plug-circle-minus".
    """
    words = [word for word in icon.split("-") if word not in STYLES and not word.isdigit()]
    if not 1 <= len(words) <= 2:
        return None
    fits = vocabulary().fit(ProductWords(" ".join(words), {}))
    best = int(fits.argmax())
    return vocabulary().names[best] if fits[best] >= LEAST_FIT else None


def traced(icons: dict[str, Any], icon: str) -> Strokes:
    """Return an icon of an icons.json as QuickDraw strokes [[x...], [y...]] on a canvas of 256. Raises SketchError."""
    row = icons["icons"][icon]
    width, height = (row.get(side, icons.get(side, 16)) for side in ("width", "height"))
    body = row["body"].replace("currentColor", "#000")
    outline = 'fill="none"' in body and "stroke-width" in body
    if outline:
        body = re.sub(r'stroke-width="[^"]*"', f'stroke-width="{LINE_WIDTH * width:g}"', body)
    margin = MARGIN * max(width, height)
    image = rendered(
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="'
        f'{-margin:g} {-margin:g} {width + 2 * margin:g} {height + 2 * margin:g}">{body}</svg>'.encode(),
        SIDE_PX,
    )
    lines = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if outline else edge_map(image)
    return simplified(trace_lines(np.asarray(lines, np.uint8)))


if __name__ == "__main__":
    sys.exit(main())
