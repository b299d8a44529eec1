"""Experiments, answers that visitors looked at, and the products that they opened from them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Experiment(models.Model):
    """A release that answers a share of the visits beside the live one, by interleaved rankings. One runs at a time.

    running: true until it has ended, then null, so that the database refuses a second one. percent: of the visits.
    """

    release = models.ForeignKey(
        "registry.Release", models.PROTECT, related_name="+", verbose_name=_("release")
    )
    against = models.ForeignKey(
        "registry.Release", models.PROTECT, related_name="+", verbose_name=_("live release")
    )
    percent = models.PositiveSmallIntegerField(_("percent of visits"))
    running = models.BooleanField(_("running"), null=True, default=True)
    started_at = models.DateTimeField(_("started"), auto_now_add=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("started by")
    )
    ended_at = models.DateTimeField(_("ended"), null=True)
    end_reason = models.CharField(_("reason"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("experiment")
        verbose_name_plural = _("experiments")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["running"], condition=Q(running=True), name="clicks_experiment_one_runs"
            ),
            models.CheckConstraint(
                condition=Q(percent__gte=1, percent__lte=100), name="clicks_experiment_percent"
            ),
            models.CheckConstraint(
                condition=Q(running=True, ended_at=None) | Q(running=None, ended_at__isnull=False),
                name="clicks_experiment_ended_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: release {self.release_id}"


class Answer(models.Model):
    """An answer that stayed on a visitor's page for two seconds or led to a click.

    key: from the answer's signed id, so that an answer counts once. visit: a keyed hash of the page's random id, empty
    without one. product_ids: as shown, best first. name: what the drawing was recognised as, empty if unknown. category:
    of the first result. good: whether the first result is at least a fair match. pair: the upper of two neighbouring
    ranks that were chosen for a random swap, 0 if none were; swapped: whether they changed places. teams: in an
    experiment, for each product 0 if the live release contributed it, 1 if the other. sketch: only if the visitor agreed
    to keep it.
    """

    class Kind(models.TextChoices):
        SKETCH = "sketch", _("Sketch")
        IMAGE = "image", _("Image")

    key = models.CharField(max_length=16, unique=True, editable=False)
    visit = models.CharField(_("visit"), max_length=24, blank=True, db_index=True)
    release = models.ForeignKey(
        "registry.Release", models.CASCADE, related_name="+", verbose_name=_("release")
    )
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices)
    product_ids = models.JSONField(_("products shown"), default=list)
    name = models.CharField(_("recognised as"), max_length=80, blank=True)
    category = models.CharField(_("category"), max_length=80, blank=True)
    good = models.BooleanField(_("good match"))
    pair = models.PositiveSmallIntegerField(default=0)
    swapped = models.BooleanField(default=False)
    experiment = models.ForeignKey(
        Experiment, models.CASCADE, null=True, related_name="answers", verbose_name=_("experiment")
    )
    teams = models.CharField(max_length=100, blank=True)
    sketch = models.JSONField(_("sketch"), null=True)
    n_bytes = models.PositiveIntegerField(_("bytes"), default=0)
    at = models.DateTimeField(_("time"), db_index=True)

    class Meta:
        verbose_name = _("recorded answer")
        verbose_name_plural = _("recorded answers")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(experiment=None, teams="") | Q(experiment__isnull=False, visit__gt=""),
                name="clicks_answer_experiment_visit",
            ),
            models.CheckConstraint(condition=~Q(key=""), name="clicks_answer_key"),
            models.CheckConstraint(
                condition=Q(kind__in=["sketch", "image"]), name="clicks_answer_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(swapped=False) | Q(pair__gt=0), name="clicks_answer_swapped_pair"
            ),
        ]

    def __str__(self) -> str:
        return self.key


class Click(models.Model):
    """A product that was opened from an answer, once per answer. rank: at which it was shown, from 1."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="clicks", verbose_name=_("answer"))
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, related_name="+", verbose_name=_("product")
    )
    rank = models.PositiveSmallIntegerField(_("rank"))
    at = models.DateTimeField(_("time"), auto_now_add=True)

    class Meta:
        verbose_name = _("click")
        verbose_name_plural = _("clicks")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "product"], name="clicks_click_once"),
            models.CheckConstraint(condition=Q(rank__gt=0), name="clicks_click_rank"),
        ]

    def __str__(self) -> str:
        return f"{self.answer_id}: {self.rank}"
