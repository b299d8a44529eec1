"""Campaigns: one question put to a crowd, and its rules."""

from __future__ import annotations

from typing import Any

from django.core.validators import MaxLengthValidator, MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from webapp.input.stored import BoundedJSONField

INSTRUCTIONS_MAX = 20_000  # characters
ANSWERS_MAX = 100_000
UNDO_MAX = 100


class Kind(models.TextChoices):
    """What a worker does with one task."""

    TRIPLETS = "triplets", _("Triplets")  # a sketch and two photos: which one is closer?
    ATTRIBUTES = "attributes", _("Attributes")  # a photo or sketch against a binary ontology
    SKETCHES = "sketches", _("Sketches")  # a photo, seen for a while, then drawn from memory


class Access(models.TextChoices):
    """Who may join a campaign."""

    OPEN = "open", _("Anyone")
    PANEL = "panel", _("Participants of a panel")  # whose link names them
    INVITE = "invite", _("Invited people")  # by a personal link


class Campaign(models.Model):
    """One question put to a crowd.

    `settings` holds optional settings: `ontology` ([{"slug", "en", "de"}], attributes), `exposure_s` (sketches),
    `cost_per_answer` and `currency`, `reward` (for finishing), `partial_pay` ({"kind": "amount", "share" or "work",
    "value"}) and `bonus` (see `annotation.settling.rules`), `spending_cap` (no more tasks once so much has been spent),
    `completion_url` (where the panel awaits those who finished), `endings` ({ending: {"code", "url"}} of the others),
    `exclude_campaigns` (ids of campaigns whose participants are refused), `choice` (how tasks were chosen),
    `attributes_from` (id of the attribute table that candidates are chosen by), `licence` (of the published data),
    `rules` (limits for workers) and `rules_act`, `translations` ({"de": {"title", "instructions"}}).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("Draft")
        OPEN = "open", _("Open")
        PAUSED = "paused", _("Paused")  # hands out nothing new; answers to held assignments still count
        CLOSED = "closed", _("Closed")  # answers are stored, but no longer count
        ARCHIVED = "archived", _("Archived")

    kind = models.CharField(_("kind"), max_length=16, choices=Kind.choices, default=Kind.TRIPLETS)
    title = models.CharField(_("title"), max_length=120)
    slug = models.SlugField(_("slug"), max_length=80, unique=True)
    instructions = models.TextField(
        _("instructions"), blank=True, validators=[MaxLengthValidator(INSTRUCTIONS_MAX)]
    )
    language = models.CharField(_("language of title and instructions"), max_length=8, default="en")
    languages = models.JSONField(_("worker languages"), default=list, blank=True, help_text=_("empty: any"))
    status = models.CharField(_("status"), max_length=16, choices=Status.choices, default=Status.DRAFT)
    votes_per_task = models.PositiveSmallIntegerField(
        _("votes per task"), default=3, validators=[MinValueValidator(1), MaxValueValidator(99)]
    )
    stop_when_decided = models.BooleanField(
        _("stop when decided"),
        default=True,
        help_text=_("request votes only while they can change the majority"),
    )
    gold_share = models.FloatField(
        _("share of gold tasks"), default=0.0, validators=[MinValueValidator(0.0), MaxValueValidator(0.5)]
    )
    qualification_share = models.FloatField(
        _("practice pass mark"),
        default=0.0,
        validators=[MinValueValidator(0.0), MaxValueValidator(1.0)],
    )
    access = models.CharField(_("who may join"), max_length=8, choices=Access.choices, default=Access.OPEN)
    required_answers = models.PositiveIntegerField(
        _("answers required for the code"),
        default=0,
        validators=[MaxValueValidator(ANSWERS_MAX)],
        help_text=_("0: all tasks that there are for the worker"),
    )
    session_cap = models.PositiveIntegerField(
        _("answers per session"),
        default=0,
        validators=[MaxValueValidator(ANSWERS_MAX)],
        help_text=_("0: no limit"),
    )
    break_every = models.PositiveIntegerField(
        _("answers between breaks"),
        default=50,
        validators=[MaxValueValidator(ANSWERS_MAX)],
        help_text=_("0: no breaks"),
    )
    lease_s = models.PositiveIntegerField(
        _("lease in seconds"), default=180, validators=[MinValueValidator(10), MaxValueValidator(3600)]
    )
    undo_steps = models.PositiveSmallIntegerField(
        _("answers that can be undone"), default=3, validators=[MaxValueValidator(UNDO_MAX)]
    )
    completion_code = models.CharField(
        _("completion code"), max_length=64, blank=True, help_text=_("empty: a unique code for each worker")
    )
    release_id = models.CharField(_("release that chose the candidates"), max_length=80, blank=True)
    seed = models.PositiveIntegerField(_("random seed"), default=0)
    settings = BoundedJSONField(_("settings"), default=dict, blank=True)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)
    created_by = models.ForeignKey(
        "accounts.User", models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )
    opened_at = models.DateTimeField(_("opened"), null=True, blank=True, editable=False)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("campaign")
        verbose_name_plural = _("campaigns")
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["triplets", "attributes", "sketches"]), name="annotation_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "open", "paused", "closed", "archived"]),
                name="annotation_campaign_status_known",
            ),
            models.CheckConstraint(
                condition=Q(votes_per_task__gte=1, votes_per_task__lte=99), name="annotation_campaign_votes"
            ),
            models.CheckConstraint(
                condition=Q(gold_share__gte=0, gold_share__lte=0.5), name="annotation_campaign_gold_share"
            ),
            models.CheckConstraint(condition=Q(lease_s__gte=1), name="annotation_campaign_lease"),
            models.CheckConstraint(
                condition=Q(access__in=["open", "panel", "invite"]), name="annotation_campaign_access_known"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        """Whether tasks are handed out."""
        return self.status == self.Status.OPEN

    @property
    def counts_answers(self) -> bool:
        """Whether an answer received now may count."""
        return self.status in {self.Status.OPEN, self.Status.PAUSED}

    @property
    def ontology(self) -> list[dict[str, str]]:
        """The campaign's attributes in order, each with a `slug` and a name per language."""
        return list(self.settings.get("ontology", []))

    @property
    def exposure_s(self) -> float:
        """Seconds for which a photo is shown before it is drawn from memory."""
        return float(self.settings.get("exposure_s", 15))

    def ending_settings(self, ending: str) -> dict[str, str]:
        """Return `code` and `url` of an ending other than finishing, as far as they are set."""
        return dict(self.settings.get("endings", {}).get(ending, {}))

    def text(self, name: str) -> str:
        """Return `title` or `instructions` in the language of the request, else in the campaign's own."""
        translations: dict[str, Any] = self.settings.get("translations", {})
        return str(translations.get(get_language() or "", {}).get(name) or getattr(self, name))
