"""Figures of the answers of a period: by day, by recognised name, and by category of the first result."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Avg, Count, Exists, OuterRef, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils.translation import get_language

from webapp.catalog.fits import name_label
from webapp.catalog.models import Category
from webapp.catalog.words.rows import name_rows
from webapp.clicks.models import Answer, Click

MOST_ROWS = 12  # names, categories
MOST_SKETCHES = 8  # of a name
LEAST_SEARCHES = 5  # of a category, below which its share means little


@dataclass(frozen=True)
class DayRow:
    """A day's searches; mean_rank: of the clicks on answers of that day, None without any."""

    day: date
    searches: int
    with_click: int
    mean_rank: float | None


@dataclass(frozen=True)
class NameRow:
    """A name that drawings were recognised as. poor: searches whose first result was not a good match."""

    name: str
    label: str
    searches: int
    poor: int
    with_click: int
    n_products: int
    sketches: list[dict[str, Any]] = field(default_factory=list)


@dataclass(frozen=True)
class CategoryRow:
    """A category that answered first. poor, with_click: searches."""

    slug: str
    label: str
    searches: int
    poor: int
    with_click: int


def period(*, days: int, now: datetime) -> QuerySet[Answer]:
    """Return the answers of the last `days` days, today included, each with `clicked`."""
    since = datetime.combine(now.date() - timedelta(days=days - 1), datetime.min.time(), now.tzinfo)
    return Answer.objects.filter(at__gte=since, at__lte=now).annotate(
        clicked=Exists(Click.objects.filter(answer=OuterRef("pk")))
    )


def day_rows(*, days: int, now: datetime) -> list[DayRow]:
    """Return a row for each day of the period, oldest first, days without searches included."""
    answers = period(days=days, now=now).annotate(day=TruncDate("at")).order_by()
    found = {
        row["day"]: row
        for row in answers.values("day").annotate(
            searches=Count("pk"), with_click=Count("pk", filter=Q(clicked=True))
        )
    }
    clicks = Click.objects.filter(answer__in=period(days=days, now=now).values("pk")).order_by()
    ranks = dict(
        clicks.annotate(day=TruncDate("answer__at"))
        .values("day")
        .annotate(mean=Avg("rank"))
        .values_list("day", "mean")
    )
    all_days = [now.date() - timedelta(days=ago) for ago in reversed(range(days))]
    return [
        DayRow(
            day,
            found[day]["searches"] if day in found else 0,
            found[day]["with_click"] if day in found else 0,
            ranks.get(day),
        )
        for day in all_days
    ]


def mean_rank(*, days: int, now: datetime) -> float | None:
    """Return the mean rank of all clicks of the period."""
    clicks = Click.objects.filter(answer__in=period(days=days, now=now).values("pk"))
    found: float | None = clicks.aggregate(mean=Avg("rank"))["mean"]
    return found


def name_poor_rows(*, days: int, now: datetime) -> list[NameRow]:
    """Return the names most often drawn without a good match, or that nothing on sale answers."""
    answers = period(days=days, now=now).filter(kind=Answer.Kind.SKETCH).exclude(name="").order_by()
    counted = answers.values("name").annotate(
        searches=Count("pk"),
        poor=Count("pk", filter=Q(good=False)),
        with_click=Count("pk", filter=Q(clicked=True)),
    )
    rows = list(counted)
    on_sale = {row.name: row.n_fitting for row in name_rows()} if rows else {}
    missing = [row for row in rows if row["poor"] or not on_sale.get(row["name"])]
    missing.sort(key=lambda row: (-(row["poor"] or row["searches"]), row["name"]))
    language = get_language() or "en"
    return [
        NameRow(
            row["name"],
            name_label(row["name"], language),
            row["searches"],
            row["poor"],
            row["with_click"],
            on_sale.get(row["name"], 0),
            _sketches(answers, row["name"]),
        )
        for row in missing[:MOST_ROWS]
    ]


def category_poor_rows(*, days: int, now: datetime) -> list[CategoryRow]:
    """Return the categories that answer first and are opened least, of those with enough searches."""
    answers = period(days=days, now=now).exclude(category="").order_by()
    counted = answers.values("category").annotate(
        searches=Count("pk"),
        poor=Count("pk", filter=Q(good=False)),
        with_click=Count("pk", filter=Q(clicked=True)),
    )
    rows = [row for row in counted if row["searches"] >= LEAST_SEARCHES]
    rows.sort(key=lambda row: (row["with_click"] / row["searches"], -row["searches"], row["category"]))
    found = Category.objects.filter(slug__in=[row["category"] for row in rows])
    labels = {category.slug: category.name for category in found}
    return [
        CategoryRow(
            row["category"],
            labels.get(row["category"], row["category"]),
            row["searches"],
            row["poor"],
            row["with_click"],
        )
        for row in rows[:MOST_ROWS]
    ]


def _sketches(answers: QuerySet[Answer], name: str) -> list[dict[str, Any]]:
    """Return the newest kept sketches of a name, those without a good match first."""
    kept = answers.filter(name=name, sketch__isnull=False).order_by("good", "-pk")
    return [answer.sketch for answer in kept[:MOST_SKETCHES] if answer.sketch]
