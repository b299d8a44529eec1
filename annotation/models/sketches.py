"""Query sketches, and the products chosen as their candidates."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign
from annotation.models.material import OWN_ID_MAX, StudySet


def sketch_key() -> str:
    """Return the random part of a sketch's URL: 72 bits, so that nobody can enumerate other people's drawings."""
    return secrets.token_urlsafe(9)


class Sketch(models.Model):
    """A query sketch: strokes, or the picture of an imported one. Never changed once written."""

    class Source(models.TextChoices):
        IMPORT = "import", _("Imported")
        VISITOR = "visitor", _("Visitor")
        COLLECTED = "collected", _("Collected")

    key = models.CharField(max_length=16, unique=True, default=sketch_key, editable=False)
    source = models.CharField(_("source"), max_length=16, choices=Source.choices)
    name = models.CharField(_("name"), max_length=120, blank=True)  # of an imported file, for provenance
    study_set = models.ForeignKey(
        StudySet, models.PROTECT, null=True, blank=True, related_name="sketches", verbose_name=_("study set")
    )
    own_id = models.CharField(_("own id"), max_length=OWN_ID_MAX, blank=True)  # unique in its study set
    strokes = models.JSONField(_("strokes"), null=True, blank=True)  # as `parse_sketch` accepts them
    raster = models.FileField(_("picture"), max_length=200, blank=True)
    product = models.ForeignKey(
        "catalog.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("product shown"),
    )
    consented_at = models.DateTimeField(_("author consented"), null=True, blank=True)
    exposure = models.JSONField(_("signed exposure"), null=True, blank=True, editable=False)
    n_bytes = models.PositiveIntegerField(_("bytes"), null=True, editable=False)  # of a visitor's
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("sketch")
        verbose_name_plural = _("sketches")
        constraints = [
            models.CheckConstraint(
                condition=Q(source__in=["import", "visitor", "collected"]),
                name="annotation_sketch_source_known",
            ),
            models.CheckConstraint(
                condition=Q(strokes__isnull=False) | ~Q(raster=""), name="annotation_sketch_drawn"
            ),
            models.CheckConstraint(
                condition=~Q(source="visitor") | Q(consented_at__isnull=False),
                name="annotation_sketch_visitor_consented",
            ),
            models.UniqueConstraint(
                fields=["study_set", "own_id"],
                condition=Q(study_set__isnull=False),
                name="annotation_sketch_own_id_once",
            ),
        ]
        indexes = [models.Index(fields=["source", "id"], name="annotation_sketch_source")]

    def __str__(self) -> str:
        return self.name or self.key


class CandidateSet(models.Model):
    """The products to compare for a sketch, nearest first, frozen with the release that chose them."""

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="candidate_sets", verbose_name=_("campaign")
    )
    sketch = models.ForeignKey(
        Sketch, models.PROTECT, related_name="candidate_sets", verbose_name=_("sketch")
    )
    products = models.JSONField(_("ranked products"))  # ids, nearest first
    distances = models.JSONField(_("distances"), default=list, blank=True)
    release_id = models.CharField(_("release"), max_length=80, blank=True)
    weights = models.JSONField(_("weights of attributes and features"), default=dict, blank=True)
    true_match_forced = models.BooleanField(_("true match included"), default=False)
    risk = (
        models.FloatField(  # of a pair that nobody is asked, at most; null: pairs are not chosen by the votes
            _("accepted risk of a wrong order"), null=True, blank=True
        )
    )
    settled_at = models.DateTimeField(_("order settled"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("candidate set")
        verbose_name_plural = _("candidate sets")
        constraints = [
            models.UniqueConstraint(fields=["campaign", "sketch"], name="annotation_candidates_once")
        ]

    def __str__(self) -> str:
        return f"{self.sketch_id}: {len(self.products)}"
