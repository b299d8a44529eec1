"""Import triplets that were judged elsewhere: as tasks to judge here, or with their votes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.files.base import ContentFile
from django.db import transaction

from annotation.consensus.task_status import TaskTally, task_status
from annotation.models import (
    Assignment,
    Campaign,
    CandidateSet,
    Enrolment,
    Sketch,
    Task,
    TripletTask,
    Vote,
    Worker,
)
from annotation.models.panels import IMPORTED
from annotation.sampling.sides import left_is_a
from annotation.services.audit import audit
from annotation.services.tasks.creation import tasks_create
from annotation.services.tasks.qmul_v1 import Annotation, AnyPath
from annotation.services.tasks.statistics import statistics_refresh
from ml.errors import DatasetError
from ml.images.decode import decode_image
from ml.sketch.trace import trace
from webapp.accounts.models import User
from webapp.catalog.importer.feeds.records import RawRow
from webapp.catalog.importer.findings import RowError
from webapp.catalog.importer.run import feed_import
from webapp.catalog.models import Product
from webapp.catalog.services import image_limits
from webapp.http.problems import ConflictError

_BATCH = 1000


@dataclass(frozen=True, slots=True)
class JudgedTriplet:
    """A sketch, two products in any order, and the id of the product that won each vote (None: can't tell)."""

    sketch: Sketch
    products: tuple[int, int]
    winners: Sequence[int | None]


@transaction.atomic
def qmul_v1_import(
    *, annotation: Annotation, campaign: Campaign, n_sketches: int | None, by: User | None
) -> list[JudgedTriplet]:
    """Create products, sketches, candidate sets and triplets for the first `n_sketches`; return their votes.

    Existing products are found by SKU, sketches by name. A sketch keeps its picture and gets strokes traced from it.
    """
    n_sketches = min(n_sketches or len(annotation.sketches), len(annotation.sketches))
    wanted = set(range(n_sketches)) | {
        photo
        for votes in annotation.votes[:n_sketches]
        for vote in votes
        for photo in (vote.nearer, vote.farther)
    }
    products = qmul_v1_products(annotation, sorted(wanted))
    judged: list[JudgedTriplet] = []
    for row in range(n_sketches):
        sketch = _sketch(annotation, row, products[row])
        wins: dict[frozenset[int], list[int | None]] = {}
        for vote in sorted(annotation.votes[row], key=lambda vote: vote.round):
            pair = frozenset((products[vote.nearer], products[vote.farther]))
            wins.setdefault(pair, []).append(products[vote.nearer])
        for pair, winners in wins.items():
            low, high = sorted(pair)
            judged.append(JudgedTriplet(sketch, (low, high), winners))
        total = Counter(winner for winners in wins.values() for winner in winners)
        CandidateSet.objects.get_or_create(
            campaign=campaign,
            sketch=sketch,
            defaults={
                "products": [product for product, _ in total.most_common()],
                "release_id": f"qmul-v1 {annotation.category} {annotation.split}",
                "true_match_forced": True,
            },
        )
    tasks = [
        TripletTask(sketch=one.sketch, candidate_a_id=one.products[0], candidate_b_id=one.products[1])
        for one in judged
    ]
    tasks_create(campaign=campaign, tasks=tasks, by=by)
    return judged


@transaction.atomic
def votes_import(
    *, campaign: Campaign, judged: Sequence[JudgedTriplet], source: str, by: User | None, now: datetime
) -> int:
    """Add votes cast elsewhere to the campaign's triplets, in slots 1, 2...; return how many.

    Vote number k of a triplet is assigned to the k-th imported worker of `source`. The side of each photo is unknown
    and drawn at random. Raises ConflictError if a triplet already has votes, is not in the campaign, or has too many.
    """
    tasks = {
        (task.sketch_id, task.candidate_a_id, task.candidate_b_id): task
        for task in TripletTask.objects.select_for_update(no_key=True).filter(
            campaign=campaign, is_gold=False, is_training=False
        )
    }
    enrolments: list[Enrolment] = []
    assignments: list[Assignment] = []
    votes: list[Vote] = []
    changed: list[Task] = []
    for one in judged:
        low, high = sorted(one.products)
        task = tasks.get((one.sketch.pk, low, high))
        if task is None or task.n_counted or task.n_leased or len(one.winners) > task.n_votes:
            raise ConflictError(
                f"sketch {one.sketch}, products {low} and {high}: not an unanswered triplet with enough slots"
            )
        tally = TaskTally(task.n_votes)
        for place, winner in enumerate(one.winners):
            if place == len(enrolments):
                enrolments.append(_imported_worker(campaign, source, place, now))
            choice = "cant_tell" if winner is None else "a" if winner == low else "b"
            enrolment = enrolments[place]
            assignment = Assignment(
                task=task,
                worker_id=enrolment.worker_id,
                enrolment=enrolment,
                status=Assignment.Status.VOTED,
                leased_at=now,
                lease_expires_at=now,
                left_is_a=left_is_a(
                    seed=campaign.seed, enrolment_id=enrolment.pk, position=enrolment.n_answers
                ),
                position=enrolment.n_answers,
            )
            assignments.append(assignment)
            votes.append(
                Vote(
                    assignment=assignment,
                    task=task,
                    worker_id=enrolment.worker_id,
                    choice=choice,
                    counted=True,
                    slot=place + 1,
                    idempotency_key=f"import-{task.pk}-{place}",
                    served_release=f"import: {source}"[:80],
                    created_at=now,
                )
            )
            tally = tally.plus(choice)
            enrolment.n_answers += 1
            enrolment.n_counted += 1
            enrolment.n_credited += 1
        task.n_counted, task.n_a, task.n_b = tally.n_counted, tally.n_a, tally.n_b
        task.status = task_status(tally, compares=True, stop_when_decided=campaign.stop_when_decided)
        changed.append(task)
    Assignment.objects.bulk_create(assignments, batch_size=_BATCH)
    Vote.objects.bulk_create(votes, batch_size=_BATCH)
    for task in changed:
        task.n_wanted = max(task.n_wanted, task.n_counted)
    Task.objects.bulk_update(changed, ["n_counted", "n_a", "n_b", "n_wanted", "status"], batch_size=_BATCH)
    Enrolment.objects.bulk_update(enrolments, ["n_answers", "n_counted", "n_credited"])
    statistics_refresh(Assignment, Task, Vote)
    audit("votes.import", by=by, campaign=campaign, source=source, votes=len(votes))
    return len(votes)


def _imported_worker(campaign: Campaign, source: str, place: int, now: datetime) -> Enrolment:
    worker, _ = Worker.objects.get_or_create(panel=IMPORTED, panel_id=f"{source}-{place + 1}"[:120])
    enrolment, _ = Enrolment.objects.get_or_create(
        campaign=campaign, worker=worker, defaults={"trained_at": now}
    )
    return enrolment


class _Photos:
    """Read pictures for the catalogue importer from an annotation's files."""

    def __init__(self, places: dict[str, AnyPath]) -> None:
        self.places = places

    def read(self, name: str) -> bytes:
        try:
            return self.places[name].read_bytes()
        except (OSError, KeyError) as error:
            raise RowError("photo", f"{name!r} is not among the pictures") from error


def qmul_v1_products(annotation: Annotation, rows: Sequence[int]) -> dict[int, int]:
    """Import the photos at `rows` as products, like any catalogue; return product ids by row."""
    skus = {row: f"{annotation.category}-v1-{annotation.photos[row].stem}" for row in rows}
    places = {sku: annotation.photos[row] for row, sku in skus.items()}
    feed = [
        RawRow(
            number,
            {
                "sku": skus[row],
                "name": f"{annotation.category} {annotation.photos[row].stem}",
                "category": f"{annotation.category}-v1",
                "images": skus[row],
                "source": "QMUL V1, for research use only",
            },
        )
        for number, row in enumerate(rows, start=1)
    ]
    for step in feed_import(feed, _Photos(places), limits=image_limits()):
        for finding in step.findings:
            if finding.refused:
                raise DatasetError(finding.sku, f"{finding.field}: {finding.why}")
    found = dict(Product.objects.filter(sku__in=skus.values()).values_list("sku", "pk"))
    return {row: found[sku] for row, sku in skus.items()}


def _sketch(annotation: Annotation, row: int, product_id: int) -> Sketch:
    place = annotation.sketches[row]
    name = f"{annotation.category}-v1/{annotation.split}/{place.name}"
    known = Sketch.objects.filter(source=Sketch.Source.IMPORT, name=name).first()
    if known:
        return known
    data = place.read_bytes()
    strokes = trace(decode_image(data, image_limits()), field=place.name).to_payload()
    sketch = Sketch(source=Sketch.Source.IMPORT, name=name, strokes=strokes, product_id=product_id)
    sketch.raster.save(f"sketches/{sketch.key}.png", ContentFile(data), save=False)
    sketch.save()
    return sketch
