"""Add a researcher's own triplets from a file, by own ids: sketch, a, b, gold answer, explanation for practice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import IO

from rest_framework.exceptions import ValidationError

from annotation.models import Campaign, Kind, Sketch, StudyPhoto, StudySet, TripletTask
from annotation.services.material.manifest import columns_check, record_fields, table_open
from annotation.services.tasks.answers import CHOICES
from annotation.services.tasks.creation import Added, tasks_create
from ml.errors import SketchfindError, gettext_noop
from webapp.accounts.models import User
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import FeedError, RowError
from webapp.catalog.models import Product
from webapp.input.messages import message_text

MAX_ROWS = 20_000
MAX_ERRORS = 100  # listed
COLUMNS = ("sketch", "a", "b", "gold", "explanation")
_CHUNK = 500


def own_triplets_import(
    *,
    campaign: Campaign,
    file: IO[bytes],
    name: str,
    study_set: StudySet | None,
    shuffle: bool,
    by: User | None,
) -> Added:
    """Add all triplets of a CSV, JSON or JSONL file, or none.

    sketch: an own id of `study_set`, or without a set the sketch's key. a, b: own ids of the set's photos, or SKUs of the
    shop. gold: a, b, cant_tell, or the id in a or b. A row with an explanation is a practice task.

    Raises ValidationError naming every wrong row, FeedError for an unusable file, ConflictError for a closed campaign.
    """
    if campaign.kind != Kind.TRIPLETS:
        raise ValidationError({"file": "triplets are for campaigns of kind triplets"})
    rows = _rows(file, name)
    wanted = [fields for _, fields in rows]
    sketches = _sketches({fields.get("sketch", "") for fields in wanted}, study_set)
    products = _products({fields.get(side, "") for fields in wanted for side in ("a", "b")}, study_set)
    tasks: list[TripletTask] = []
    errors: dict[str, str] = {}
    first: dict[tuple[int, int, int], int] = {}
    for number, fields in rows:
        try:
            task = _task(fields, sketches, products)
            key = (task.sketch_id or 0, task.candidate_a_id or 0, task.candidate_b_id or 0)
            if first.setdefault(key, number) != number:
                raise RowError("row", gettext_noop("is already in row {first}"), first=first[key])
            tasks.append(task)
        except SketchfindError as error:
            place = f"row {number}" if error.field == "row" else f"row {number}, {error.field}"
            errors[place] = message_text(error.template, error.values)
    if errors:
        raise ValidationError(dict(list(errors.items())[:MAX_ERRORS]))
    return tasks_create(campaign=campaign, tasks=tasks, by=by, shuffle=shuffle)


def _rows(file: IO[bytes], name: str) -> list[tuple[int, dict[str, str]]]:
    table = table_open(file, name, field="file")
    columns_check(table.header, COLUMNS, needed=("sketch", "a", "b"), aliases={})
    rows: list[tuple[int, dict[str, str]]] = []
    for record in table.records:
        if len(rows) >= MAX_ROWS:
            raise FeedError("file", gettext_noop("more than {max} rows"), max=MAX_ROWS)
        rows.append((record.number, _fields(record)))
    if not rows:
        raise FeedError("file", gettext_noop("has no rows"))
    return rows


def _fields(record: RawRow) -> dict[str, str]:
    try:
        return record_fields(record, {})
    except SketchfindError as error:
        why = message_text(error.template, error.values)
        raise ValidationError({f"row {record.number}": why}) from error


def _task(fields: Mapping[str, str], sketches: Mapping[str, int], products: Mapping[str, int]) -> TripletTask:
    for column, known in (("sketch", sketches), ("a", products), ("b", products)):
        if column not in fields:
            raise RowError(column, gettext_noop("missing"))
        if fields[column] not in known:
            raise RowError(column, gettext_noop("there is no {id}"), id=fields[column])
    a, b = products[fields["a"]], products[fields["b"]]
    if a == b:
        raise RowError("b", gettext_noop("is the same photo as a"))
    gold, explanation = _gold(fields), fields.get("explanation", "")
    if explanation and not gold:
        raise RowError("gold", gettext_noop("missing; a practice task needs the right answer"))
    if len(explanation) > 1000:
        raise RowError("explanation", gettext_noop("more than {max} characters"), max=1000)
    if a > b:
        a, b = b, a
        gold = {"a": "b", "b": "a"}.get(gold, gold)
    return TripletTask(
        sketch_id=sketches[fields["sketch"]],
        candidate_a_id=a,
        candidate_b_id=b,
        is_gold=bool(gold and not explanation),
        is_training=bool(explanation),
        gold_answer=gold or None,
        explanation=explanation,
    )


def _gold(fields: Mapping[str, str]) -> str:
    gold = fields.get("gold", "")
    if not gold or gold in CHOICES:
        return gold
    for side in ("a", "b"):
        if gold == fields[side]:
            return side
    raise RowError("gold", gettext_noop("must be a, b, cant_tell, or the id in a or b"))


def _sketches(wanted: set[str], study_set: StudySet | None) -> dict[str, int]:
    found: dict[str, int] = {}
    for ids in _chunks(wanted):
        if study_set is None:
            rows = Sketch.objects.filter(key__in=ids).values_list("key", "pk")
        else:
            rows = Sketch.objects.filter(study_set=study_set, own_id__in=ids).values_list("own_id", "pk")
        found |= dict(rows)
    return found


def _products(wanted: set[str], study_set: StudySet | None) -> dict[str, int]:
    """Return products by SKU of the shop and by own id, which goes first."""
    found: dict[str, int] = {}
    for ids in _chunks(wanted):
        found |= dict(Product.objects.filter(sku__in=ids).values_list("sku", "pk"))
        if study_set is not None:
            own = StudyPhoto.objects.filter(study_set=study_set, own_id__in=ids)
            found |= dict(own.values_list("own_id", "product_id"))
    return found


def _chunks(ids: set[str]) -> Sequence[list[str]]:
    ordered = sorted(ids)
    return [ordered[start : start + _CHUNK] for start in range(0, len(ordered), _CHUNK)]
