"""The columns of a campaign's votes, for each kind of campaign."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from annotation.models import Campaign, Kind
from annotation.models.answers import earns_credit
from annotation.models.panels import IMPORTED, REPLAYED, SYNTHETIC
from annotation.tables.columns import Column, Row

NOT_COUNTED = {
    "gold": "a gold task, which never counts",
    "practice": "a practice task, which never counts",
    "undo": "this row undoes an earlier answer",
    "undone": "the worker undid the answer",
    "skipped": "the worker skipped the task",
    "cant_draw": "the worker could not draw it",
    "repeated": "the worker had answered the task already",
    "closed": "the campaign was closed",
    "blocked": "the worker was blocked",
    "unqualified": "the worker had failed the practice",
    "settled": "the task had all its answers, or others held the last of them",
}
ORIGINS = {
    "person": "a person, on this site",
    "synthetic": "a simulated worker",
    "replayed": "a recorded vote, replayed",
    "imported": "a vote cast elsewhere, imported from a file",
}
_PANELS = {SYNTHETIC: "synthetic", REPLAYED: "replayed", IMPORTED: "imported"}
_TRIPLET_CHOICES = {
    "a": "photo a is closer to the sketch",
    "b": "photo b is closer",
    "cant_tell": "can't tell",
    "skip": "skipped",
    "undo": "undoes an earlier answer",
}
_SKIPPED = {"skip": "skipped", "undo": "undoes an earlier answer"}


def _at(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name]


def _credited(row: Row) -> bool:
    return not row["revoked_by__id"] and earns_credit(
        late=row["late"],
        counts=bool(row["slot"]),
        gold=row["task__is_gold"],
        graded=row["is_right"] is not None,
    )


def _text(name: str) -> Callable[[Row], Any]:
    return lambda row: row[name] or None


def _left(row: Row) -> str | None:
    return "a" if row["assignment__left_is_a"] else "b"


def _exposure(end: str) -> Callable[[Row], Any]:
    """Return the time at which the photo was shown or hidden: the drawing's, or the last one if nothing was drawn."""
    return lambda row: row[f"exposure_{end}_at"]


def _delivered_s(row: Row) -> float | None:
    started, ended = row["exposure_started_at"], row["exposure_ended_at"]
    return round((ended - started).total_seconds(), 3) if started and ended else None


def _shown_s(row: Row) -> float | None:
    return None if row["shown_ms"] is None else round(row["shown_ms"] / 1000, 3)


_PRODUCT_OWN_ID = Column(
    "product_own_id",
    "text",
    "own id of the photo in its study set",
    _at("task__product__study_photo__own_id"),
)
BEFORE: Sequence[Column] = (
    Column("vote", "integer", "number of the row, in order of arrival", _at("id")),
    Column("campaign", "text", "last part of the campaign's URL", _at("campaign")),
    Column("task", "integer", "number of the task", _at("task_id")),
    Column(
        "worker",
        "text",
        "pseudonym, the same in all exports of the campaign; not the panel's participant ID",
        _at("worker"),
    ),
    Column("origin", "text", "who answered", lambda row: _PANELS.get(row["worker__panel"], "person"), "", ORIGINS),
    Column("position", "integer", "place of the task in the worker's sequence", _at("assignment__position"), "from 0"),
)  # fmt: skip

_TRIPLETS: Sequence[Column] = (
    Column("sketch", "text", "key of the sketch", _at("task__sketch__key")),
    Column("sketch_own_id", "text", "own id of the sketch in its study set", _text("task__sketch__own_id")),
    Column("sketch_name", "text", "name that the sketch was imported with", _text("task__sketch__name")),
    Column("true_match", "text", "SKU of the product that the sketch shows, if known", _at("task__sketch__product__sku")),
    Column("a", "text", "SKU of one product", _at("task__candidate_a__sku")),
    Column("b", "text", "SKU of the other product", _at("task__candidate_b__sku")),
    Column("a_own_id", "text", "own id of photo a in its study set", _at("task__candidate_a__study_photo__own_id")),
    Column("b_own_id", "text", "own id of photo b in its study set", _at("task__candidate_b__study_photo__own_id")),
    Column("choice", "text", "the answer", _at("choice"), "", _TRIPLET_CHOICES),
    Column(
        "chosen", "text", "SKU of the chosen product",
        lambda row: row[f"task__candidate_{row['choice']}__sku"] if row["choice"] in ("a", "b") else None,
    ),
    Column("left", "text", "the photo on the left", _left, "", {"a": "photo a", "b": "photo b"}),
    Column("side", "text", "side of the chosen photo", _text("side"), "", {"left": "left", "right": "right"}),
)  # fmt: skip

_ATTRIBUTES: Sequence[Column] = (
    Column("product", "text", "SKU of the product described; empty for a sketch", _at("task__product__sku")),
    _PRODUCT_OWN_ID,
    Column("sketch", "text", "key of the sketch described; empty for a product", _at("task__sketch__key")),
    Column("sketch_own_id", "text", "own id of the sketch in its study set", _text("task__sketch__own_id")),
    Column("sketch_name", "text", "name that the sketch was imported with", _text("task__sketch__name")),
    Column("choice", "text", "the answer", _at("choice"), "", {"values": "described", **_SKIPPED}),
    Column(
        "values", "json", "the answer as given, by attribute: true, false, or null for can't tell; contains "
        "attributes that the campaign no longer lists", _at("values"),
    ),
)  # fmt: skip

_DRAWINGS: Sequence[Column] = (
    Column("product", "text", "SKU of the product to draw from memory", _at("task__product__sku")),
    _PRODUCT_OWN_ID,
    Column("choice", "text", "the answer", _at("choice"), "",
           {"drawn": "drawn", "cant": "can't draw it", **_SKIPPED}),
    Column("drawing", "text", "key of the drawing; `key_id` in the file of drawings", _at("sketch__key")),
    Column("shown_at", "time", "when the server sent the photo for the last look", _exposure("started")),
    Column("hidden_at", "time", "when the server was told that the photo is hidden", _exposure("ended")),
    Column("exposure_delivered_s", "number", "time between the two, by the server's clock", _delivered_s, "seconds"),
    Column(
        "exposure_shown_s", "number", "how long the photo was visible, as the browser states it, without time in a "
        "hidden tab", _shown_s, "seconds",
    ),
    Column("exposure_differs", "boolean", "the two differ by more than a second", _at("exposure_differs")),
    Column("exposure_set_s", "number", "viewing time set for the campaign", _at("exposure_set_s"), "seconds"),
    Column("looks", "integer", "how often the worker looked at the photo before the answer", _at("looks")),
)  # fmt: skip

AFTER: Sequence[Column] = (
    Column("counted", "boolean", "whether the answer counts", _at("counted")),
    Column("not_counted", "text", "the reason, if it does not count", _at("not_counted"), "", NOT_COUNTED),
    Column("credited", "boolean", "earns credit towards the code and the pay: in time, not undone, and counted or to a "
           "gold task", _credited),
    Column("late", "boolean", "received after the task's time had run out", _at("late")),
    Column("undone", "boolean", "the worker undid the answer", lambda row: row["revoked_by__id"] is not None),
    Column("undone_at", "time", "when the worker undid the answer", _at("revoked_by__created_at")),
    Column("undoes", "integer", "the vote that this row undoes", _at("revokes_id")),
    Column("skipped", "boolean", "skipped, or could not be drawn", lambda row: row["choice"] in ("skip", "cant")),
    Column("gold", "boolean", "a gold task", _at("task__is_gold")),
    Column("practice", "boolean", "a practice task", _at("task__is_training")),
    Column("gold_answer", "json", "right answer to a gold or practice task", _at("task__gold_answer")),
    Column("right", "boolean", "whether the answer to a gold or practice task is right", _at("is_right")),
    Column("random", "boolean", "the task was drawn at random; only these are unbiased for evaluation",
           _at("task__is_random_share")),
    Column("consent", "integer", "version of the consent text that the worker last agreed to; empty for the site's own",
           _at("assignment__enrolment__consent__number")),
    Column("delivered_at", "time", "when the task was handed to the worker", _at("assignment__leased_at")),
    Column("answered_at", "time", "when the answer was received", _at("created_at")),
    Column(
        "response_ms", "integer", "by the server's clock, since the task was delivered, or since the worker's last "
        "answer if that came later; empty for votes not cast on this site", _at("measured_ms"), "milliseconds",
    ),
    Column("client_ms", "integer", "response time as the browser states it", _at("response_ms"), "milliseconds"),
    Column("device", "text", "kind of device", _text("device_class"), "",
           {"phone": "phone", "tablet": "tablet", "desktop": "desktop"}),
    Column("release", "text", "release that chose the candidates, or the source of imported votes",
           _text("served_release")),
)  # fmt: skip


OWN: Mapping[Kind, Sequence[Column]] = {
    Kind.TRIPLETS: _TRIPLETS,
    Kind.ATTRIBUTES: _ATTRIBUTES,
    Kind.SKETCHES: _DRAWINGS,
}


def vote_columns(campaign: Campaign) -> list[Column]:
    """Return the columns of a campaign's votes. Attributes have one column each, in the order of the campaign's list."""
    attributes = map(attribute_column, campaign.ontology) if campaign.kind == Kind.ATTRIBUTES else ()
    return [*BEFORE, *OWN[Kind(campaign.kind)], *attributes, *AFTER]


def attribute_column(attribute: Mapping[str, str]) -> Column:
    """Return the column of an attribute, an entry of the campaign's list."""
    slug = attribute["slug"]

    def read(row: Row) -> str | None:
        values = row["values"] or {}
        if slug not in values:
            return None
        return "cant_tell" if values[slug] is None else "yes" if values[slug] else "no"

    return Column(
        f"attribute_{slug}",
        "text",
        attribute["en"],
        read,
        "",
        {"yes": "has it", "no": "does not have it", "cant_tell": "can't tell"},
    )
