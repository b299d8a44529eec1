"""Assignments, votes and consensus.

Votes are rows that never change, except that `counted` becomes false when another row revokes the vote. Database
triggers refuse any other change, and a slot above the task's number of votes.
"""

from __future__ import annotations

from typing import ClassVar

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.experts import ExpertAnswer
from annotation.models.sketches import Sketch
from annotation.models.tasks import Task
from annotation.models.workers import Enrolment, Worker

RESPONSE_MAX_MS = 86_400_000  # one day; a longer time says nothing about the answer


class Assignment(models.Model):
    """A task handed to a worker, once per (task, worker). Its lease reserves a slot among the task's votes.

    A photo to draw from memory is exposed: `delivered_ms` is the time between the worker's requests for its start and its
    end, by the server's clock, and includes loading and a lost connection. `shown_ms` is how long it was visible, as the
    browser states, with its start and end by the browser's clock. `exposure_differs` is whether the two disagree; null if
    either is unknown. All are of the last of `n_exposures`.
    """

    class Status(models.TextChoices):
        LEASED = "leased", _("Leased")
        VOTED = "voted", _("Answered")
        SKIPPED = "skipped", _("Skipped")
        EXPIRED = "expired", _("Expired")
        RETURNED = "returned", _("Returned")

    task = models.ForeignKey(
        Task, models.PROTECT, related_name="assignments", db_index=False, verbose_name=_("task")
    )
    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="assignments", db_index=False, verbose_name=_("worker")
    )
    enrolment = models.ForeignKey(
        Enrolment, models.PROTECT, related_name="assignments", db_index=False, verbose_name=_("enrolment")
    )
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.LEASED)
    leased_at = models.DateTimeField(_("leased"), default=timezone.now)
    lease_expires_at = models.DateTimeField(_("lease ends"))
    renewed = models.PositiveSmallIntegerField(_("renewals"), default=0)
    left_is_a = models.BooleanField(_("candidate A on the left"), default=True)
    position = models.PositiveIntegerField(_("position in the worker's sequence"), default=0)
    exposure_started_at = models.DateTimeField(_("photo delivered"), null=True, editable=False)
    exposure_ended_at = models.DateTimeField(_("end of the exposure received"), null=True, editable=False)
    delivered_ms = models.PositiveIntegerField(_("photo delivered for, ms"), null=True, editable=False)
    shown_started_at = models.DateTimeField(
        _("photo shown, as the browser states it"), null=True, editable=False
    )
    shown_ended_at = models.DateTimeField(
        _("photo hidden, as the browser states it"), null=True, editable=False
    )
    shown_ms = models.PositiveIntegerField(
        _("photo visible for, ms, as the browser states it"), null=True, editable=False
    )
    exposure_differs = models.BooleanField(_("times of the exposure differ"), null=True, editable=False)
    n_exposures = models.PositiveSmallIntegerField(_("photo views"), default=0, editable=False)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(fields=["task", "worker"], name="annotation_assignment_once"),
            models.CheckConstraint(
                condition=Q(status__in=["leased", "voted", "skipped", "expired", "returned"]),
                name="annotation_assignment_status_known",
            ),
        ]
        indexes = [
            models.Index(fields=["enrolment", "status"], name="annotation_assignment_hand"),
            models.Index(
                fields=["lease_expires_at"], condition=Q(status="leased"), name="annotation_assignment_due"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.status}"


def earns_credit(*, late: bool, counts: bool, gold: bool, graded: bool) -> bool:
    """Return whether an answer that is not undone earns credit: in time, and counted or to a gold task.

    Workers can't tell the two apart. Gold is graded while the answer could have counted.
    """
    return not late and (counts or (gold and graded))


class Vote(models.Model):
    """One answer of one worker, of any kind, in order of arrival; an `undo` revokes an earlier one.

    `slot` is the place among the task's votes (1..n_votes) assigned on arrival. It is null for skips and undos, for gold
    and practice tasks, and without a free place. `counted` is whether the vote still counts. `is_right` is also null
    for answers to gold tasks that could not count: repeated ones, those of blocked workers, and after the campaign
    closed. `measured_ms` is the time by the server's clock since the task was delivered, or since the worker's last
    answer if that came later; null for votes that were not cast on this site. `response_ms` is only what the client says.
    """

    class Choice(models.TextChoices):
        A = "a", _("Candidate A")
        B = "b", _("Candidate B")
        CANT_TELL = "cant_tell", _("Can't tell")
        VALUES = "values", _("Attributes")  # of an attribute task: `values`
        DRAWN = "drawn", _("Drawn")  # of a sketch task: `sketch`
        CANT = "cant", _("Can't draw it")
        SKIP = "skip", _("Skipped")
        UNDO = "undo", _("Undone")

    class Device(models.TextChoices):
        UNKNOWN = "", _("Unknown")
        PHONE = "phone", _("Phone")
        TABLET = "tablet", _("Tablet")
        DESKTOP = "desktop", _("Desktop")

    COUNTABLE: ClassVar[frozenset[str]] = frozenset({"a", "b", "cant_tell", "values", "drawn"})

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="votes", db_index=False, verbose_name=_("assignment")
    )
    task = models.ForeignKey(Task, models.PROTECT, related_name="votes", verbose_name=_("task"))
    worker = models.ForeignKey(
        Worker, models.PROTECT, related_name="votes", db_index=False, verbose_name=_("worker")
    )
    choice = models.CharField(_("choice"), max_length=16, choices=Choice.choices)
    side = models.CharField(_("side"), max_length=8, blank=True)  # of the chosen photo: left or right
    values = models.JSONField(_("attributes"), null=True, blank=True)  # {slug: true, false or null}
    sketch = models.OneToOneField(
        Sketch, models.PROTECT, null=True, blank=True, related_name="vote", verbose_name=_("sketch")
    )
    counted = models.BooleanField(_("counts"), default=False)
    slot = models.PositiveSmallIntegerField(_("slot"), null=True)
    late = models.BooleanField(_("received after its lease"), default=False)
    revokes = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, related_name="revoked_by", verbose_name=_("revokes")
    )
    is_right = models.BooleanField(_("correct (gold and practice)"), null=True)
    measured_ms = models.PositiveIntegerField(_("response time in ms"), null=True)
    response_ms = models.PositiveIntegerField(
        _("response time in ms, as the browser states it"),
        null=True,
        validators=[MaxValueValidator(RESPONSE_MAX_MS)],
    )
    idempotency_key = models.CharField(max_length=64)
    served_release = models.CharField(_("release shown"), max_length=80, blank=True)
    device_class = models.CharField(_("device"), max_length=8, choices=Device.choices, blank=True)
    created_at = models.DateTimeField(_("received"), default=timezone.now, db_index=True)

    class Meta:
        verbose_name = _("vote")
        verbose_name_plural = _("votes")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["worker", "idempotency_key"], name="annotation_vote_key_once"),
            models.UniqueConstraint(
                fields=["task", "slot"], condition=Q(counted=True), name="annotation_vote_slot_once"
            ),
            models.UniqueConstraint(
                fields=["task", "worker"], condition=Q(counted=True), name="annotation_vote_worker_once"
            ),
            models.CheckConstraint(
                condition=Q(counted=False) | Q(slot__isnull=False, slot__gte=1),
                name="annotation_vote_counted_has_slot",
            ),
            models.CheckConstraint(
                condition=Q(slot__isnull=True) | Q(choice__in=["a", "b", "cant_tell", "values", "drawn"]),
                name="annotation_vote_countable",
            ),
            models.CheckConstraint(
                condition=Q(choice="undo", revokes__isnull=False)
                | (~Q(choice="undo") & Q(revokes__isnull=True)),
                name="annotation_vote_undo_revokes",
            ),
            models.CheckConstraint(
                condition=Q(choice__in=["a", "b", "cant_tell", "values", "drawn", "cant", "skip", "undo"]),
                name="annotation_vote_choice_known",
            ),
            models.CheckConstraint(
                condition=Q(side__in=["", "left", "right"]), name="annotation_vote_side_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk}: {self.choice}"

    @property
    def is_credited(self) -> bool:
        """Whether the answer earns credit towards the code and the pay. Undoing it takes the credit back."""
        task = self.task
        return earns_credit(
            late=self.late, counts=self.slot is not None, gold=task.is_gold, graded=self.is_right is not None
        )

    @property
    def receipt(self) -> str:
        """Proof for the worker that the answer was stored."""
        return f"v{self.pk}"


class Consensus(models.Model):
    """The outcome of a task by one aggregation. Recomputable from the counted votes and the experts' answers alone.

    expert: the answer that decided the outcome instead of the votes; null if they did.
    """

    class Outcome(models.TextChoices):
        A = "a", _("Candidate A")
        B = "b", _("Candidate B")
        TIE = "tie", _("Tie")

    task = models.ForeignKey(Task, models.CASCADE, related_name="consensuses", verbose_name=_("task"))
    aggregation = models.CharField(_("aggregation"), max_length=24)
    outcome = models.CharField(_("outcome"), max_length=8, choices=Outcome.choices, blank=True)
    counts = models.JSONField(_("counts"), default=dict)
    probability = models.FloatField(_("probability of the outcome"), null=True)
    votes_hash = models.CharField(_("hash of the votes"), max_length=64)
    expert = models.ForeignKey(
        ExpertAnswer, models.PROTECT, null=True, related_name="+", verbose_name=_("expert’s answer")
    )
    computed_at = models.DateTimeField(_("computed"), default=timezone.now)

    class Meta:
        verbose_name = _("consensus")
        verbose_name_plural = _("consensuses")
        constraints = [
            models.UniqueConstraint(fields=["task", "aggregation"], name="annotation_consensus_once")
        ]

    def __str__(self) -> str:
        return f"{self.task_id} {self.aggregation}: {self.outcome}"
