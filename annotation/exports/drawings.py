"""A campaign's memory drawings as stroke data: QuickDraw's raw layout, one drawing per line, with its circumstances."""

from __future__ import annotations

from collections.abc import Iterator

from annotation.exports.votes.columns import vote_columns
from annotation.exports.votes.rows import vote_batches
from annotation.models import Campaign, Vote
from annotation.tables.columns import Column
from annotation.tables.writers import Batches, table_jsonl
from ml.sketch.formats.quickdraw import to_drawing
from ml.sketch.strokes import parse_sketch

_BATCH = 50  # drawings held in memory at once
_STROKES, _CATEGORY = "sketch__strokes", "task__product__category__slug"
_OMITTED = frozenset(
    {"choice", "drawing", "skipped", "undoes", "gold", "practice", "gold_answer", "right", "random"}
)


def drawing_columns(campaign: Campaign) -> list[Column]:
    """Return the keys of a line: QuickDraw's own, then those of the votes that concern drawings."""
    others = [column for column in vote_columns(campaign) if column.name not in _OMITTED]
    return [
        Column("key_id", "text", "key of the drawing; `drawing` in the votes", lambda row: row["sketch__key"]),
        Column("word", "text", "category of the product", lambda row: row[_CATEGORY]),
        Column("width", "number", "width of the canvas", lambda row: row[_STROKES]["width"], "as in the drawing"),
        Column("height", "number", "height of the canvas", lambda row: row[_STROKES]["height"], "as in the drawing"),
        *others,
        Column(
            "drawing", "json", "strokes, each a list of x, a list of y and a list of times",
            lambda row: to_drawing(parse_sketch(row[_STROKES])), "x, y: pixels; times: milliseconds",
        ),
    ]  # fmt: skip


def drawings_ndjson(campaign: Campaign) -> Iterator[bytes]:
    """Yield every drawing of a campaign, also those that do not count."""
    return table_jsonl(drawing_columns(campaign), _batches(campaign))


def _batches(campaign: Campaign) -> Batches:
    drawn = Vote.objects.filter(task__campaign=campaign, sketch__isnull=False)
    return vote_batches(campaign, drawn, fields=(_STROKES, _CATEGORY), size=_BATCH)
