"""The content of a campaign's snapshot as plain rows in a fixed order: equal votes give equal rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from annotation.consensus.aggregate import Aggregation, aggregate
from annotation.consensus.agreement import alpha, pairwise_agreement
from annotation.consensus.majority import tally
from annotation.consensus.votes import CANT_TELL, A, Votes
from annotation.models import Campaign, ExpertAnswer, Sketch, SketchTask, Task, TripletTask, Vote
from annotation.models.panels import SYNTHETIC
from annotation.selectors.experts import expert_answers
from annotation.selectors.votes import counted_votes
from ml.contracts.snapshot import PHOTOS, ProductRow, TripletRow, UnsettledRow, VoteCounts, VoteRow
from ml.contracts.split import Split, split_of
from webapp.catalog.models import Photo, Product
from webapp.catalog.skus import sku_stem

Unsettled = Literal["left_out", "listed", "flagged"]
"""What becomes of triplets that still await votes: left out, listed in a file of their own, or among the others."""


@dataclass(frozen=True, slots=True)
class Shares:
    """Shares of the products to hold out for validation and test, by hash of the SKU."""

    val: float = 0.1
    test: float = 0.2

    def of(self, key: str) -> Split:
        return split_of(key, val=self.val, test=self.test)


@dataclass(frozen=True, slots=True)
class SketchEntry:
    """A sketch to write: word is its category's slug, photo its product's SKU."""

    sketch: Sketch
    word: str
    photo: str | None
    split: Split


@dataclass(slots=True)
class Facts:
    """Facts about the votes for the manifest."""

    ties: int = 0
    unsettled: int = 0
    experts: int = 0
    workers: int = 0
    synthetic_votes: int = 0
    alpha: float | None = None
    agreement: float | None = None


@dataclass(slots=True)
class Content:
    """Rows by file. photos: name in the snapshot -> stored photo. as_of: time of the last vote or expert's answer."""

    products: list[ProductRow] = field(default_factory=list)
    sketches: list[SketchEntry] = field(default_factory=list)
    triplets: list[TripletRow] = field(default_factory=list)
    votes: list[VoteRow] = field(default_factory=list)
    unsettled: list[UnsettledRow] = field(default_factory=list)
    photos: dict[str, Photo] = field(default_factory=dict)
    facts: Facts = field(default_factory=Facts)
    as_of: datetime | None = None


def content_of(
    campaign: Campaign, aggregation: Aggregation, shares: Shares, unsettled: Unsettled = "left_out"
) -> Content:
    """Return the campaign's products, sketches, triplets and votes, without those of products that have no photo.

    The votes contain those on unsettled triplets, flagged, and the aggregation learns from all of them.
    """
    content = Content()
    votes, experts = counted_votes(campaign), expert_answers(campaign)
    tasks = TripletTask.objects.filter(campaign=campaign, is_gold=False, is_training=False).in_bulk()
    sketches = _sketches(campaign, tasks)
    skus = _products_add(content, campaign, tasks, sketches, shares)
    words = _sketches_add(content, sketches, tasks, skus, shares)
    _triplets_add(content, votes, tasks, words, skus, aggregation, experts, unsettled)
    _votes_add(content, votes, tasks, words, skus)
    _facts_add(content, campaign, votes, experts)
    return content


def _sketches(campaign: Campaign, tasks: Mapping[int, Task]) -> dict[int, Sketch]:
    """Return the sketches that were judged and those that the campaign collected."""
    drawn = Vote.objects.filter(task__in=SketchTask.objects.filter(campaign=campaign), counted=True)
    ids = {task.sketch_id for task in tasks.values()} | set(drawn.values_list("sketch_id", flat=True))
    sketches = Sketch.objects.filter(pk__in=_known(ids), strokes__isnull=False)
    return {sketch.pk: sketch for sketch in sketches.order_by("key")}


def _products_add(
    content: Content,
    campaign: Campaign,
    tasks: Mapping[int, Task],
    sketches: Mapping[int, Sketch],
    shares: Shares,
) -> dict[int, Product]:
    ids = {task.candidate_a_id for task in tasks.values()} | {task.candidate_b_id for task in tasks.values()}
    ids |= {sketch.product_id for sketch in sketches.values()}
    ids |= set(Task.objects.filter(campaign=campaign).values_list("product_id", flat=True))
    found = (
        Product.everything.filter(pk__in=_known(ids)).select_related("category").prefetch_related("photos")
    )
    products = {product.pk: product for product in found.order_by("sku") if product.main_photo}
    for product in products.values():
        photo = product.main_photo
        assert photo is not None
        name = f"{PHOTOS}/{sku_stem(product.sku)}.{(photo.file.name or '').rpartition('.')[2]}"
        content.photos[name] = photo
        content.products.append(
            {
                "key": product.sku,
                "name": product.name,
                "category": product.category.slug,
                "split": shares.of(product.sku),
                "photo": name,
            }
        )
    return products


def _sketches_add(
    content: Content,
    sketches: Mapping[int, Sketch],
    tasks: Mapping[int, Task],
    products: Mapping[int, Product],
    shares: Shares,
) -> dict[int, tuple[str, Split]]:
    """Add the sketches and return (key, split) by id. A sketch is in its product's split, or in one by its own key."""
    first_candidate = {task.sketch_id: task.candidate_a_id for task in tasks.values()}
    known: dict[int, tuple[str, Split]] = {}
    for sketch in sketches.values():
        own = products.get(sketch.product_id or 0)
        alike = own or products.get(first_candidate.get(sketch.pk) or 0)
        if alike is None:
            continue
        split = shares.of(own.sku if own else sketch.key)
        known[sketch.pk] = (sketch.key, split)
        content.sketches.append(SketchEntry(sketch, alike.category.slug, own.sku if own else None, split))
    return known


def _triplets_add(
    content: Content,
    votes: Votes,
    tasks: Mapping[int, Task],
    sketches: Mapping[int, tuple[str, Split]],
    products: Mapping[int, Product],
    aggregation: Aggregation,
    experts: Mapping[int, ExpertAnswer],
    unsettled: Unsettled,
) -> None:
    """Add the triplets. Where an expert has answered, the outcome is theirs, whatever the votes say."""
    counts = tally(votes.task, votes.choice)
    merged = aggregate(votes, aggregation)
    n_ties = 0
    for task_id, n_a, n_b, n_cant_tell in zip(
        counts.task.tolist(),
        counts.n_a.tolist(),
        counts.n_b.tolist(),
        counts.n_cant_tell.tolist(),
        strict=True,
    ):
        task, merged_votes, expert = tasks[task_id], merged[task_id], experts.get(task_id)
        outcome = expert.outcome if expert else merged_votes.outcome
        a, b = products.get(task.candidate_a_id or 0), products.get(task.candidate_b_id or 0)
        if a is None or b is None or (task.sketch_id or 0) not in sketches:
            continue
        key, split = sketches[task.sketch_id or 0]
        content.facts.experts += expert is not None
        if is_open := task.status == Task.Status.OPEN and expert is None:
            content.facts.unsettled += 1
            if unsettled == "listed":
                so_far = {"a": n_a, "b": n_b, "cant_tell": n_cant_tell}
                content.unsettled.append({"sketch": key, "a": a.sku, "b": b.sku, "votes": so_far})
            if unsettled != "flagged":
                continue
        if outcome == "tie":
            n_ties += not is_open
            continue
        a_wins = outcome == "a"
        votes_cast: VoteCounts = {
            "positive": n_a if a_wins else n_b,
            "negative": n_b if a_wins else n_a,
            "cant_tell": n_cant_tell,
        }
        row: TripletRow = {
            "sketch": key,
            "positive": (a if a_wins else b).sku,
            "negative": (b if a_wins else a).sku,
            "votes": votes_cast,
            "split": split,
            "random": task.is_random_share,
        }
        if expert:
            row["expert"] = True
        elif merged_votes.probability is not None:
            row["probability"] = round(merged_votes.probability, 6)
        if is_open:
            row["settled"] = False
        content.triplets.append(row)
    content.triplets.sort(key=lambda row: (row["sketch"], row["positive"], row["negative"]))
    content.unsettled.sort(key=lambda row: (row["sketch"], row["a"], row["b"]))
    content.facts.ties = n_ties


def _votes_add(
    content: Content,
    votes: Votes,
    tasks: Mapping[int, Task],
    sketches: Mapping[int, tuple[str, Split]],
    products: Mapping[int, Product],
) -> None:
    """Add every counted vote, so that any aggregation can be recomputed. Workers are renumbered in each snapshot."""
    number: dict[int, str] = {}
    for row in range(len(votes)):
        task = tasks[int(votes.task[row])]
        a, b = products.get(task.candidate_a_id or 0), products.get(task.candidate_b_id or 0)
        if a is None or b is None or (task.sketch_id or 0) not in sketches:
            continue
        choice = int(votes.choice[row])
        vote: VoteRow = {
            "sketch": sketches[task.sketch_id or 0][0],
            "a": a.sku,
            "b": b.sku,
            "worker": number.setdefault(int(votes.worker[row]), f"w{len(number) + 1}"),
            "choice": "cant_tell" if choice == CANT_TELL else "a" if choice == A else "b",
            "left": "a" if votes.left_is_a[row] else "b",
            "response_ms": int(votes.response_ms[row]),
        }
        if task.status == Task.Status.OPEN:
            vote["settled"] = False
        content.votes.append(vote)


def _facts_add(
    content: Content, campaign: Campaign, votes: Votes, experts: Mapping[int, ExpertAnswer]
) -> None:
    counted = Vote.objects.filter(task__campaign=campaign, counted=True)
    last = counted.order_by("-created_at").values_list("created_at", flat=True).first()
    content.as_of = max([last or campaign.created_at, *(answer.created_at for answer in experts.values())])
    counts = tally(votes.task, votes.choice)
    content.facts.workers = len(set(votes.worker.tolist()))
    content.facts.synthetic_votes = counted.filter(worker__panel=SYNTHETIC).count()
    content.facts.alpha = _rounded(alpha(counts))
    content.facts.agreement = _rounded(pairwise_agreement(counts))


def _known(ids: set[int | None]) -> set[int]:
    return {pk for pk in ids if pk is not None}


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 6)
