"""Sketches as pictures."""

from __future__ import annotations

from typing import Any

_WIDTH = 1 / 100  # line width as a share of the longer side


def sketch_svg(payload: dict[str, Any]) -> str:
    """Return validated strokes as SVG, for people to look at; encoders get the server's raster."""
    width, height = payload["width"], payload["height"]
    paths = (
        "M"
        + "L".join(f"{point[0]:.1f},{point[1]:.1f}" for point in (stroke if len(stroke) > 1 else stroke * 2))
        for stroke in payload["strokes"]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">'
        f'<path d="{"".join(paths)}" fill="none" stroke="#1a1a1a" stroke-width="{max(width, height) * _WIDTH:g}" '
        'stroke-linecap="round" stroke-linejoin="round"/></svg>'
    )
