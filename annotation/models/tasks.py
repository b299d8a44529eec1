"""Tasks: one table for all three kinds, so that counting and locking are implemented and tested once."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign, Kind
from annotation.models.sketches import Sketch
from webapp.input.stored import BoundedJSONField


class TaskManager(models.Manager["Task"]):
    """Return only tasks of the model's kind; all kinds for `Task`."""

    def get_queryset(self) -> models.QuerySet[Task]:
        tasks = super().get_queryset()
        return tasks.filter(kind=self.model.KIND) if self.model.KIND else tasks


class Task(models.Model):
    """One question to several workers. Counters change only under this row's lock.

    `n_wanted` answers are handed out: as many as could settle the task, at most `n_votes`. `has_room`, computed by the
    database, is whether one more may be handed out. Gold and practice tasks go to every worker and never count.
    """

    KIND: ClassVar[str] = ""

    class Status(models.TextChoices):
        OPEN = "open", _("Open")
        DECIDED = "decided", _("Decided")
        EXHAUSTED = "exhausted", _("No majority")

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="tasks", db_index=False, verbose_name=_("campaign")
    )
    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, editable=False)
    position = models.PositiveIntegerField(_("position"), default=0)  # tasks are handed out in this order
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.OPEN)
    sketch = models.ForeignKey(
        Sketch, models.PROTECT, null=True, blank=True, related_name="tasks", verbose_name=_("sketch")
    )
    product = models.ForeignKey(  # the photo to be described or drawn
        "catalog.Product", models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("product")
    )
    candidate_a = models.ForeignKey(
        "catalog.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("candidate A"),
    )
    candidate_b = models.ForeignKey(
        "catalog.Product",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("candidate B"),
    )
    n_votes = models.PositiveSmallIntegerField(_("maximum votes"), default=3)
    n_wanted = models.PositiveSmallIntegerField(_("votes required"), default=2)
    n_counted = models.PositiveSmallIntegerField(_("counted votes"), default=0, editable=False)
    n_leased = models.PositiveSmallIntegerField(_("open leases"), default=0, editable=False)
    n_a = models.PositiveSmallIntegerField(_("votes for A"), default=0, editable=False)
    n_b = models.PositiveSmallIntegerField(_("votes for B"), default=0, editable=False)
    n_undone = models.PositiveSmallIntegerField(_("undone counted votes"), default=0, editable=False)
    is_gold = models.BooleanField(_("gold"), default=False)
    is_training = models.BooleanField(_("practice"), default=False)
    gold_answer = BoundedJSONField(
        _("correct answer"),
        null=True,
        blank=True,
        help_text=_('"a", "b", "cant_tell"; attributes: {slug: bool}'),
    )
    explanation = models.TextField(_("feedback after practice"), blank=True)
    is_random_share = models.BooleanField(_("in the random sample"), default=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    has_room = models.GeneratedField(
        expression=models.Case(
            models.When(
                Q(
                    status="open",
                    is_gold=False,
                    is_training=False,
                    n_wanted__gt=F("n_counted") + F("n_leased"),
                ),
                then=models.Value(True),
            ),
            default=models.Value(False),
        ),
        output_field=models.BooleanField(),
        db_persist=True,
    )

    objects: ClassVar[TaskManager] = TaskManager()

    class Meta:
        verbose_name = _("task")
        verbose_name_plural = _("tasks")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["open", "decided", "exhausted"]), name="annotation_task_status_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    kind="triplets",
                    sketch__isnull=False,
                    product__isnull=True,
                    candidate_a__isnull=False,
                    candidate_b__isnull=False,
                    candidate_a__lt=F("candidate_b"),
                )
                | Q(
                    Q(sketch__isnull=True, product__isnull=False)
                    | Q(sketch__isnull=False, product__isnull=True),
                    kind="attributes",
                    candidate_a__isnull=True,
                    candidate_b__isnull=True,
                )
                | Q(
                    kind="sketches",
                    sketch__isnull=True,
                    product__isnull=False,
                    candidate_a__isnull=True,
                    candidate_b__isnull=True,
                ),
                name="annotation_task_of_its_kind",
            ),
            models.CheckConstraint(
                condition=Q(n_votes__gte=1, n_wanted__lte=F("n_votes"), n_counted__lte=F("n_votes"))
                & Q(n_votes__gte=F("n_counted") + F("n_leased")),
                name="annotation_task_never_over",
            ),
            models.CheckConstraint(
                condition=Q(n_counted__gte=F("n_a") + F("n_b")), name="annotation_task_tally"
            ),
            models.CheckConstraint(
                condition=Q(is_gold=False, is_training=False) | Q(n_counted=0, n_leased=0),
                name="annotation_task_gold_never_counts",
            ),
            # A settled triplet may be asked once more, as gold or practice.
            models.UniqueConstraint(
                fields=["campaign", "sketch", "candidate_a", "candidate_b"],
                condition=Q(kind="triplets", is_gold=False, is_training=False),
                name="annotation_triplet_once",
            ),
            models.UniqueConstraint(
                fields=["campaign", "sketch", "candidate_a", "candidate_b"],
                condition=Q(kind="triplets") & (Q(is_gold=True) | Q(is_training=True)),
                name="annotation_known_triplet_once",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "has_room", "position"], name="annotation_task_claim"),
            models.Index(fields=["campaign", "status"], name="annotation_task_status"),
            models.Index(
                fields=["campaign", "position"],
                condition=Q(is_gold=True) | Q(is_training=True),
                name="annotation_task_gold",
            ),
        ]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        if not args and self.KIND:
            kwargs.setdefault("kind", self.KIND)
        super().__init__(*args, **kwargs)

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def counts(self) -> bool:
        """Whether answers count, as they do except for gold and practice tasks."""
        return not (self.is_gold or self.is_training)


class TripletTask(Task):
    """A sketch and two products, `candidate_a < candidate_b`: which photo is closer to the sketch?"""

    KIND = Kind.TRIPLETS

    class Meta:
        proxy = True
        verbose_name = _("triplet")
        verbose_name_plural = _("triplets")


class AttributeTask(Task):
    """A product's photo or a sketch: which attributes of the campaign's ontology does it have?"""

    KIND = Kind.ATTRIBUTES

    class Meta:
        proxy = True
        verbose_name = _("attribute task")
        verbose_name_plural = _("attribute tasks")


class SketchTask(Task):
    """A product's photo to draw from memory."""

    KIND = Kind.SKETCHES

    class Meta:
        proxy = True
        verbose_name = _("sketch task")
        verbose_name_plural = _("sketch tasks")
