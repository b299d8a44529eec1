"""What participants are paid: an operator's decisions, and what the panel says about each submission."""

from __future__ import annotations

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from annotation.models.workers import Enrolment


class Verdict(models.TextChoices):
    """How a participant is paid at the panel."""

    APPROVE = "approve", _("Approved")  # the panel pays for finishing; a bonus may come on top
    BONUS = "bonus", _("Paid by bonus only")  # for those who returned the study or ended early
    REJECT = "reject", _("Rejected")


class Decision(models.Model):
    """An operator's decision about paying one participant; the audit log keeps earlier ones.

    The amounts are stored as decided, so that lists for the panel do not change with later answers or rules.
    """

    enrolment = models.OneToOneField(
        Enrolment, models.PROTECT, related_name="decision", verbose_name=_("enrolment")
    )
    verdict = models.CharField(_("decision"), max_length=8, choices=Verdict.choices)
    pay = models.DecimalField(_("pay"), max_digits=9, decimal_places=2, default=Decimal(0))
    bonus = models.DecimalField(_("bonus"), max_digits=9, decimal_places=2, default=Decimal(0))
    reason = models.CharField(_("reason"), max_length=300, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("user")
    )
    at = models.DateTimeField(_("decided"), default=timezone.now)

    class Meta:
        verbose_name = _("decision about pay")
        verbose_name_plural = _("decisions about pay")
        constraints = [
            models.CheckConstraint(
                condition=Q(verdict__in=["approve", "bonus"], pay__gte=0, bonus__gte=0)
                | Q(verdict="reject", pay=0, bonus=0) & ~Q(reason=""),
                name="annotation_decision_consistent",
            )
        ]

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.verdict}"

    @property
    def amount(self) -> Decimal:
        """What the participant gets in all."""
        return self.pay + self.bonus

    @property
    def by_bonus(self) -> Decimal:
        """What of it is sent as a bonus."""
        return self.amount if self.verdict == Verdict.BONUS else self.bonus


class Submission(models.Model):
    """A participant's submission in the panel's own list, as last uploaded."""

    enrolment = models.OneToOneField(
        Enrolment, models.CASCADE, related_name="submission", verbose_name=_("enrolment")
    )
    status = models.CharField(_("status at the panel"), max_length=40)  # APPROVED, RETURNED, TIMED-OUT, ...
    code = models.CharField(_("code entered at the panel"), max_length=120, blank=True)
    at = models.DateTimeField(_("uploaded"), default=timezone.now)

    class Meta:
        verbose_name = _("submission at the panel")
        verbose_name_plural = _("submissions at the panel")

    def __str__(self) -> str:
        return f"{self.enrolment_id}: {self.status}"

    @property
    def is_returned(self) -> bool:
        """Whether the participant gave the place back or the panel took it."""
        return self.status.upper().replace("_", "-") in {"RETURNED", "TIMED-OUT", "ABANDONED"}
