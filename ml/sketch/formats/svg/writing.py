"""Write a sketch as SVG."""

from __future__ import annotations

from ml.sketch.strokes import Sketch


def write_svg(sketch: Sketch, *, stroke_width: float | None = None) -> str:
    """Return an SVG document with one path per stroke, coordinates to 0.001, without times and pressures."""
    width = stroke_width or max(sketch.width, sketch.height) / 100
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {sketch.width:g} {sketch.height:g}">',
        f'<g fill="none" stroke="#000" stroke-width="{width:g}"'
        ' stroke-linecap="round" stroke-linejoin="round">',
    ]
    for stroke in sketch.strokes:
        points = [f"{round(x, 3):.10g} {round(y, 3):.10g}" for x, y in stroke[:, :2].tolist()]
        lines.append(f'<path d="M{"L".join(points if len(points) > 1 else points * 2)}"/>')
    return "\n".join([*lines, "</g>", "</svg>", ""])
