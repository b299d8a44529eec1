"""Icons become drawings under the names that they mean."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ml.sketch.formats.quickdraw import read_drawings
from tools.pictures.icons import MOST, main, name_of, named_icons

OUTLINE = '<path fill="none" stroke="currentColor" stroke-width="2" d="M4 4H20V20H4Z"/>'
AREA = '<circle cx="12" cy="12" r="9" fill="#c33"/>'


@pytest.mark.parametrize(
    ("icon", "name"),
    [
        ("armchair", "chair"),
        ("rocking-chair", "chair"),
        ("clock-outline", "clock"),
        ("clock-03", "clock"),
        ("plug-circle-minus", None),
        ("yandex", None),
    ],
)
def test_the_name_of_an_icon(icon: str, name: str | None) -> None:
    assert name_of(icon) == name


def test_no_name_gets_more_than_its_share() -> None:
    icons = [f"clock-{number:02}" for number in range(20)]
    assert len(named_icons(icons)) == MOST


def test_outlines_are_traced_once_and_areas_by_their_edge(tmp_path: Path) -> None:
    icons = {"table": {"body": OUTLINE}, "clock": {"body": AREA}, "yandex": {"body": AREA}}
    (tmp_path / "icons.json").write_text(
        json.dumps({"prefix": "tiny", "icons": icons, "width": 24, "height": 24})
    )
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 0
    assert sorted(path.stem for path in (tmp_path / "out").iterdir()) == ["clock", "table"]
    (table,) = read_drawings(tmp_path / "out" / "table.ndjson")
    (clock,) = read_drawings(tmp_path / "out" / "clock.ndjson")
    for drawing in (table, clock):
        x0, y0, x1, y1 = drawing.sketch.ink_box()
        assert x1 - x0 == pytest.approx(255, abs=8)
        assert y1 - y0 == pytest.approx(255, abs=8)
    ink = sum(float(abs(stroke[1:, :2] - stroke[:-1, :2]).sum()) for stroke in table.sketch.strokes)
    assert ink == pytest.approx(4 * 255, rel=0.1), "the line once, not its two edges"
