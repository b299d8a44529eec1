"""Study sets and what is in them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from annotation.models import Sketch, StudyPhoto, StudySet
from webapp.catalog.models import Product


def study_sets() -> QuerySet[StudySet]:
    """Return all sets with `n_sketches` and `n_photos`."""
    sketches = Sketch.objects.filter(study_set=OuterRef("pk")).order_by().values("study_set")
    photos = StudyPhoto.objects.filter(study_set=OuterRef("pk")).order_by().values("study_set")
    return StudySet.objects.annotate(
        n_sketches=Coalesce(Subquery(sketches.annotate(n=Count("pk")).values("n")), 0),
        n_photos=Coalesce(Subquery(photos.annotate(n=Count("pk")).values("n")), 0),
    )


def photos_of(study_set: StudySet) -> QuerySet[Product]:
    """Return the private products of a set, with their photos."""
    products = Product.everything.filter(study_photo__study_set=study_set).select_related("category")
    return products.prefetch_related("photos").defer("fits", "description").order_by("id")


def sketches_chosen(
    *,
    source: str | None = None,
    study_set: StudySet | None = None,
    ids: Sequence[int] = (),
    own_ids: Sequence[str] = (),
    branch: Sequence[int] | None = None,
) -> QuerySet[Sketch]:
    """Return sketches by source, set, ids, own ids, and the categories of what they show; each narrows the choice."""
    sketches = Sketch.objects.order_by("pk")
    if source:
        sketches = sketches.filter(source=source)
    if study_set is not None:
        sketches = sketches.filter(study_set=study_set)
    if ids:
        sketches = sketches.filter(pk__in=ids)
    if own_ids:
        sketches = sketches.filter(own_id__in=own_ids)
    if branch is not None:
        sketches = sketches.filter(product__category__in=branch)
    return sketches
