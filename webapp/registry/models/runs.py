"""Rows about training runs: metrics and log, held devices, retrain rules, and workers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from webapp.registry.models.training import DatasetSnapshot, TrainingRun

MACHINE = "machine"  # the stage of rows about the machine; their step is seconds since the run started
LOG_LINE_MAX = 2000


class RunMetric(models.Model):
    """A row of a stage's metrics.jsonl, or a sample of the machine's load. One per step, however often it is read."""

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="run_metrics", verbose_name=_("run"))
    stage = models.CharField(_("stage"), max_length=40)
    step = models.PositiveIntegerField(_("step"))
    at = models.DateTimeField(_("time"))
    values = models.JSONField(_("values"))
    validated = models.BooleanField(_("has validation"), default=False)

    class Meta:
        verbose_name = _("metric row")
        verbose_name_plural = _("metric rows")
        constraints = [
            models.UniqueConstraint(fields=["run", "stage", "step"], name="registry_metric_step_once")
        ]
        indexes = [models.Index(fields=["run", "id"], name="registry_metric_by_run")]

    def __str__(self) -> str:
        return f"{self.run_id} {self.stage} {self.step}"


class RunLogLine(models.Model):
    """One line that the training wrote; `number` is its position in the run's log file."""

    class Level(models.TextChoices):
        INFO = "info", _("Info")
        WARNING = "warning", _("Warning")
        ERROR = "error", _("Error")

    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="log_lines", verbose_name=_("run"))
    number = models.PositiveIntegerField(_("number"))
    at = models.DateTimeField(_("time"))
    level = models.CharField(_("level"), max_length=8, choices=Level.choices, default=Level.INFO)
    text = models.CharField(_("text"), max_length=LOG_LINE_MAX)

    class Meta:
        verbose_name = _("log line")
        verbose_name_plural = _("log lines")
        constraints = [models.UniqueConstraint(fields=["run", "number"], name="registry_log_line_once")]

    def __str__(self) -> str:
        return f"{self.run_id}:{self.number}"


class DeviceHold(models.Model):
    """A device reserved for a running training: a GPU by its id, or a machine's processors."""

    device = models.CharField(_("device"), max_length=120, unique=True)
    run = models.ForeignKey(TrainingRun, models.CASCADE, related_name="holds", verbose_name=_("run"))

    class Meta:
        verbose_name = _("held device")
        verbose_name_plural = _("held devices")

    def __str__(self) -> str:
        return f"{self.device}: run {self.run_id}"


class RetrainRule(models.Model):
    """Requests a run whenever a campaign has `min_new_triplets` new consensus triplets since the rule's last snapshot."""

    campaign = models.ForeignKey(
        "annotation.Campaign", models.CASCADE, related_name="retrain_rules", verbose_name=_("campaign")
    )
    min_new_triplets = models.PositiveIntegerField(_("new triplets"), default=200)
    system = models.CharField(_("system"), max_length=40)
    profile = models.CharField(_("profile"), max_length=40, default="cpu")
    config = models.JSONField(_("settings"), default=dict, blank=True)
    enabled = models.BooleanField(_("enabled"), default=True)
    auto_promote = models.BooleanField(_("promote if the gate finds it better"), default=False)
    last_snapshot = models.ForeignKey(
        DatasetSnapshot, models.SET_NULL, null=True, blank=True, verbose_name=_("last snapshot")
    )
    n_decided = models.PositiveIntegerField(_("triplets decided at last snapshot"), default=0, editable=False)
    problem = models.TextField(_("why the last attempt failed"), blank=True, editable=False)
    created_at = models.DateTimeField(_("created"), auto_now_add=True)

    class Meta:
        verbose_name = _("retrain rule")
        verbose_name_plural = _("retrain rules")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(min_new_triplets__gte=1), name="registry_rule_needs_triplets")
        ]

    def __str__(self) -> str:
        return f"{self.campaign_id}: {self.system}"


class WorkerBeat(models.Model):
    """A worker process and its current job. It updates its row every few seconds."""

    name = models.CharField(_("name"), max_length=120, unique=True)
    queues = models.JSONField(_("queues"), default=list)
    alive_at = models.DateTimeField(_("last heartbeat"))
    doing = models.JSONField(_("current job"), null=True)
    device = models.CharField(_("device"), max_length=120, blank=True)
    cpu_percent = models.FloatField(_("CPU (%)"), null=True)
    memory_bytes = models.PositiveBigIntegerField(_("memory in bytes"), null=True)

    class Meta:
        verbose_name = _("worker process")
        verbose_name_plural = _("worker processes")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
