"""Workers and their enrolments. A worker is a key, optionally with an account or a participant ID; no address."""

from __future__ import annotations

import secrets

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from annotation.models.campaigns import Campaign
from annotation.models.consents import ConsentVersion


def participant_hash(participant: str) -> str:
    """Return the keyed hash of PANEL:NUMBER. Without the site's secret key, nobody can tell whose it is."""
    return salted_hmac("annotation.participant", participant, algorithm="sha256").hexdigest()


def worker_key() -> str:
    """Return a random key of 96 bits, which the worker's token must contain; erasure replaces it."""
    return secrets.token_urlsafe(12)


class Worker(models.Model):
    """A member of the crowd: anonymous, an account, or a panel's participant in one browser.

    A participant ID alone proves nothing, so a participant may have several workers, one per browser, in different
    campaigns. Within a campaign there is only one; see `Enrolment.participant`.
    """

    key = models.CharField(max_length=24, unique=True, default=worker_key, editable=False)
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="crowd_worker",
        verbose_name=_("user"),
    )
    panel = models.CharField(_("panel"), max_length=24, blank=True)  # PROLIFIC, MTURK, ...
    panel_id = models.CharField(_("participant ID on the panel"), max_length=120, blank=True)
    consented_at = models.DateTimeField(_("consented"), null=True, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    erased_at = models.DateTimeField(_("erased"), null=True, editable=False)

    class Meta:
        verbose_name = _("worker")
        verbose_name_plural = _("workers")
        constraints = [
            models.CheckConstraint(
                condition=Q(panel="", panel_id="") | ~(Q(panel="") | Q(panel_id="")),
                name="annotation_worker_panel_whole",
            ),
        ]

    def __str__(self) -> str:
        return f"W{self.pk}"


class Ending(models.TextChoices):
    """How a participation ended, so far: none of these stops a worker from continuing."""

    FINISHED = "finished", _("Finished")  # has earned the code
    SCREENED_OUT = "screened_out", _("Screened out")  # failed or skipped the practice
    ENDED_EARLY = "ended_early", _("Ended early")  # chose to stop; partial pay


class Enrolment(models.Model):
    """A worker's participation in a campaign: training, moderation, and counters that change under this row's lock.

    `ending` is the last one that the worker was told, with its code and pay. Whether they may work and what they have
    earned is never stored; see `annotation.selectors.standing`.
    """

    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="enrolments", verbose_name=_("campaign")
    )
    worker = models.ForeignKey(Worker, models.PROTECT, related_name="enrolments", verbose_name=_("worker"))
    participant = models.CharField(  # PANEL:NUMBER; null for others, and after erasure
        max_length=145, null=True, editable=False
    )
    participant_hash = (
        models.CharField(  # keyed; stays after erasure, so that other studies can exclude the participant
            max_length=64, blank=True, editable=False
        )
    )
    consent = models.ForeignKey(  # the version that the worker agreed to; null: the site's own sentence
        ConsentVersion,
        models.PROTECT,
        null=True,
        editable=False,
        related_name="enrolments",
        verbose_name=_("consent text"),
    )
    consented_at = models.DateTimeField(_("consented"), null=True, editable=False)
    study_id = models.CharField(_("panel study"), max_length=120, blank=True)
    panel_session = models.CharField(_("panel session"), max_length=120, blank=True)
    trained_at = models.DateTimeField(_("practice completed"), null=True, editable=False)
    qualified = models.BooleanField(_("qualified"), default=True)
    blocked = models.BooleanField(_("blocked"), default=False)
    block_reason = models.CharField(_("block reason"), max_length=300, blank=True)
    warned_at = models.DateTimeField(_("warned"), null=True, editable=False)
    warning = models.CharField(_("warning"), max_length=300, blank=True)
    cursor = models.BigIntegerField(default=-1, editable=False)  # position of the last task handed out
    n_served = models.PositiveIntegerField(_("tasks assigned"), default=0, editable=False)
    n_answers = models.PositiveIntegerField(_("answers"), default=0, editable=False)
    n_counted = models.PositiveIntegerField(_("counted answers"), default=0, editable=False)
    n_credited = models.PositiveIntegerField(
        _("credited answers"), default=0, editable=False
    )  # `Vote.is_credited`
    n_gold = models.PositiveIntegerField(_("gold tasks answered"), default=0, editable=False)
    n_gold_right = models.PositiveIntegerField(_("gold tasks correct"), default=0, editable=False)
    n_training = models.PositiveIntegerField(_("practice tasks answered"), default=0, editable=False)
    n_training_right = models.PositiveIntegerField(_("practice tasks correct"), default=0, editable=False)
    session_started_at = models.DateTimeField(_("session started"), null=True, editable=False)
    session_done = models.PositiveIntegerField(_("answers in this session"), default=0, editable=False)
    last_answer_at = models.DateTimeField(_("last answer"), null=True, editable=False)
    last_seen_at = models.DateTimeField(_("last seen"), null=True, editable=False)
    ending = models.CharField(_("ending"), max_length=16, choices=Ending.choices, blank=True, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, editable=False)
    completion_code = models.CharField(_("code given"), max_length=64, blank=True, editable=False)
    pay = models.DecimalField(_("pay"), max_digits=9, decimal_places=2, null=True, editable=False)
    created_at = models.DateTimeField(_("joined"), auto_now_add=True)

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        indexes = [
            models.Index(
                fields=["participant_hash"],
                condition=~Q(participant_hash=""),
                name="annotation_enrolment_hash",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "worker"], name="annotation_enrolment_once"),
            models.UniqueConstraint(
                fields=["campaign", "participant"], name="annotation_enrolment_participant_once"
            ),
            models.CheckConstraint(
                condition=Q(blocked=False) | ~Q(block_reason=""), name="annotation_enrolment_block_reasoned"
            ),
            models.CheckConstraint(
                condition=Q(ending="", ended_at__isnull=True, completion_code="", pay__isnull=True)
                | Q(ending__in=["finished", "screened_out", "ended_early"], ended_at__isnull=False),
                name="annotation_enrolment_ending_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.worker} in {self.campaign_id}"

    @property
    def is_trained(self) -> bool:
        return self.trained_at is not None

    @property
    def may_work(self) -> bool:
        """Whether the worker may get tasks, and their answers count."""
        return self.qualified and not self.blocked
