"""Create tasks as an operator requests them: one by one, from candidates, or for every product of a category."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from rest_framework.exceptions import ValidationError

from annotation.models import AttributeTable, Campaign, CandidateSet, Kind, Sketch, StudySet, Task
from annotation.sampling.candidates import Weights
from annotation.sampling.pairs import pair_count
from annotation.selectors.attribute_tables import describes
from annotation.selectors.material import photos_of, sketches_chosen
from annotation.selectors.money.rounds import PlannedTasks
from annotation.services.tasks.answers import WHAT_FITS, answer_fits
from annotation.services.tasks.candidates import Plan, candidate_sets_create, triplets_create
from annotation.services.tasks.creation import Added, tasks_create, tasks_new
from annotation.services.tasks.features import features_provider
from webapp.accounts.models import User
from webapp.catalog.models import Product
from webapp.catalog.selectors import products_on_sale
from webapp.catalog.tree import branch_ids

_NEEDED = {
    Kind.TRIPLETS: [{"sketch", "candidate_a", "candidate_b"}],
    Kind.ATTRIBUTES: [{"product"}, {"sketch"}],
    Kind.SKETCHES: [{"product"}],
}
_POINTERS = {"sketch": Sketch, "product": Product, "candidate_a": Product, "candidate_b": Product}


def tasks_planned(
    *,
    campaign: Campaign,
    by: User | None,
    tasks: Sequence[Mapping[str, Any]] | None = None,
    candidates: Mapping[str, Any] | None = None,
    shelf: Mapping[str, Any] | None = None,
    shuffle: bool = False,
) -> Added:
    """Create tasks that the campaign does not have yet. Raises ValidationError naming a field that does not fit it."""
    _check_kind(campaign, candidates=candidates, shelf=shelf)
    if candidates is not None:
        return _from_candidates(campaign, by, dict(candidates))
    rows = _shelf(campaign, shelf) if shelf is not None else _one_by_one(campaign, tasks or [])
    return tasks_create(campaign=campaign, tasks=rows, by=by, shuffle=shuffle)


def tasks_counted(
    campaign: Campaign,
    *,
    n_tasks: int,
    candidates: Mapping[str, Any] | None,
    shelf: Mapping[str, Any] | None,
) -> PlannedTasks:
    """Return how many tasks `tasks_planned` would lead to, besides `n_tasks`, without creating any.

    Raises the same errors.
    """
    _check_kind(campaign, candidates=candidates, shelf=shelf)
    n = n_tasks + (0 if shelf is None else len(tasks_new(campaign, _shelf(campaign, shelf))))
    return PlannedTasks(n) if candidates is None else _pairs_counted(campaign, candidates, n)


def _check_kind(
    campaign: Campaign, *, candidates: Mapping[str, Any] | None, shelf: Mapping[str, Any] | None
) -> None:
    if shelf is not None and campaign.kind == Kind.TRIPLETS:
        raise ValidationError(
            {"shelf": _("is for attributes and memory drawings; triplets come from candidates")}
        )
    if candidates is not None and campaign.kind != Kind.TRIPLETS:
        raise ValidationError({"candidates": _("are for triplets")})


def _pairs_counted(campaign: Campaign, params: Mapping[str, Any], n_others: int) -> PlannedTasks:
    n_products = _products(params, "candidates").count()
    sketches = sketches_planned(params)
    _check_chosen(params, n_sketches=len(sketches), n_products=n_products)
    known = set(CandidateSet.objects.filter(campaign=campaign).values_list("sketch_id", flat=True))
    n_sketches = sum(sketch.pk not in known for sketch in sketches)
    plan = Plan(**params["plan"])
    n_candidates = min(params["n_candidates"], n_products)
    if plan.strategy == "adaptive":
        return PlannedTasks(n_others, n_sketches, n_candidates, plan.risk)
    n_pairs = pair_count(n_candidates)
    n = n_sketches * min(n_pairs, plan.pairs_per_sketch or n_pairs)
    return PlannedTasks(n_others + (n if plan.strategy == "all" else min(n, plan.n_triplets or n)))


def _one_by_one(campaign: Campaign, tasks: Sequence[Mapping[str, Any]]) -> list[Task]:
    needed = _NEEDED[Kind(campaign.kind)]
    for place, task in enumerate(tasks):
        if task.keys() & _POINTERS.keys() not in needed:
            words = " or ".join(", ".join(sorted(names)) for names in needed)
            raise ValidationError({f"tasks[{place}]": f"a task of this campaign needs {words}"})
        if task.get("candidate_a") is not None and task["candidate_a"] >= task["candidate_b"]:
            raise ValidationError({f"tasks[{place}].candidate_a": "must be less than candidate_b"})
        if task["is_gold"] and task["is_training"]:
            wrong = _("a task is either gold (is_gold) or practice (is_training), not both")
            raise ValidationError({f"tasks[{place}].is_training": wrong})
        if (task["is_gold"] or task["is_training"]) and not answer_fits(campaign, task["gold_answer"]):
            raise ValidationError({f"tasks[{place}].gold_answer": WHAT_FITS})
    for name, model in _POINTERS.items():
        ids = {task[name] for task in tasks if name in task}
        known = set(model._base_manager.filter(pk__in=ids).values_list("pk", flat=True))
        if unknown := ids - known:
            raise ValidationError({f"tasks.{name}": f"{min(unknown)} does not exist"})
    renamed = [{f"{k}_id" if k in _POINTERS else k: v for k, v in task.items()} for task in tasks]
    return [Task(**fields) for fields in renamed]


def sketches_planned(params: Mapping[str, Any]) -> list[Sketch]:
    """Return the sketches that a choice of candidates names. Raises ValidationError for unknown sets and categories."""
    category = params["sketch_category"]
    branch = branch_ids(category) if category else None
    if branch == []:
        raise ValidationError({"candidates.sketch_category": "does not exist"})
    return list(
        sketches_chosen(
            source=params["source"],
            study_set=_study_set(params["study_set"], "candidates.study_set"),
            ids=params["sketches"],
            own_ids=params["own_ids"],
            branch=branch,
        )
    )


def _shelf(campaign: Campaign, params: Mapping[str, Any]) -> list[Task]:
    """Return an unsaved task for each product, or for each sketch of a study set. Raises ValidationError for none."""
    study_set = _study_set(params["sketches_of"], "shelf.sketches_of")
    if study_set is None:
        tasks = [Task(product=product) for product in _products(params, "shelf")]
    elif campaign.kind != Kind.ATTRIBUTES:
        raise ValidationError({"shelf.sketches_of": _("is for attributes; other tasks show photos")})
    else:
        tasks = [Task(sketch=sketch) for sketch in sketches_chosen(study_set=study_set)]
    if not tasks:
        named = next((name for name in ("sketches_of", "photos_of") if params[name]), "category")
        raise ValidationError({f"shelf.{named}": _("has nothing to make a task of")})
    return tasks


def _products(params: Mapping[str, Any], request: str) -> QuerySet[Product]:
    """Return the private photos of a study set, or the products on sale in a category."""
    study_set = _study_set(params["photos_of"], f"{request}.photos_of")
    return photos_of(study_set) if study_set else products_on_sale(category=params["category"])


def _study_set(pk: int | None, field: str) -> StudySet | None:
    found = StudySet.objects.filter(pk=pk).first() if pk else None
    if pk and found is None:
        raise ValidationError({field: _("{id} does not exist").format(id=pk)})
    return found


def _from_candidates(campaign: Campaign, by: User | None, params: dict[str, Any]) -> Added:
    sketches = list(sketches_planned(params))
    products = list(_products(params, "candidates"))
    _check_chosen(params, n_sketches=len(sketches), n_products=len(products))
    provider = features_provider()
    weights = Weights(**params["weights"])
    table = _attribute_table(campaign, params["attributes_from"])
    if table:
        _check_describes(table, sketches, products)
    if not table and not weights.feature:
        raise ValidationError({"candidates.attributes_from": "is needed if features have no weight"})
    candidate_sets_create(
        campaign=campaign,
        sketches=sketches,
        products=products,
        provider=provider,
        by=by,
        weights=weights,
        attributes_from=table,
        n_candidates=min(params["n_candidates"], len(products)),
        force_true_match=params["force_true_match"],
    )
    try:
        return triplets_create(
            campaign=campaign,
            plan=Plan(**params["plan"]),
            by=by,
            provider=provider,
            candidate_release=params["candidate_release"],
            weights=weights,
            attributes_from=table,
        )
    except ValueError as error:
        raise ValidationError({"candidates.plan": str(error)}) from error


def _check_chosen(params: Mapping[str, Any], *, n_sketches: int, n_products: int) -> None:
    if n_products < 2:
        wrong = "photos_of" if params["photos_of"] else "category"
        raise ValidationError({f"candidates.{wrong}": _("has fewer than two products")})
    if not n_sketches:
        raise ValidationError({"candidates.sketches": _("no sketch fits this choice")})


def _check_describes(table: AttributeTable, sketches: Sequence[Sketch], products: Sequence[Product]) -> None:
    try:
        wrong = (
            ""
            if describes(table, sketches=sketches, products=products)
            else "does not describe these sketches and products"
        )
    except FileNotFoundError:
        wrong = "is missing from the storage"
    if wrong:
        raise ValidationError({"candidates.attributes_from": f"{table.name} {wrong}"})


def _attribute_table(campaign: Campaign, given: int | None) -> AttributeTable | None:
    """Return the table that the request names, or else the campaign's settings; 0 names none."""
    pk = given if given is not None else campaign.settings.get("attributes_from")
    if not pk:
        return None
    table = AttributeTable.objects.filter(pk=pk).first()
    if table is None:
        raise ValidationError({"candidates.attributes_from": f"there is no attribute table {pk}"})
    return table
