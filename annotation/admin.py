"""The crowd's work in the admin, read-only: changes go through the API and the pages, which lock and audit."""

from __future__ import annotations

from django.contrib import admin

from annotation.models import (
    Assignment,
    AuditEvent,
    Campaign,
    Decision,
    Enrolment,
    ExpertAnswer,
    Sketch,
    Task,
    Vote,
    Worker,
)
from webapp.accounts.admin import ReadOnlyAdmin


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("title", "kind", "status", "votes_per_task", "created_at", "opened_at", "closed_at")
    list_filter = ("kind", "status")
    search_fields = ("title", "slug")


@admin.register(Task)
class TaskAdmin(ReadOnlyAdmin):
    list_display = ("id", "campaign", "kind", "status", "n_counted", "n_leased", "n_votes", "is_gold")
    list_filter = ("kind", "status", "is_gold", "is_training")
    list_select_related = ("campaign",)


@admin.register(Sketch)
class SketchAdmin(ReadOnlyAdmin):
    list_display = ("id", "source", "name", "product", "created_at")
    list_filter = ("source",)
    list_select_related = ("product",)


@admin.register(Worker)
class WorkerAdmin(ReadOnlyAdmin):
    list_display = ("id", "panel", "user", "consented_at", "erased_at")
    list_filter = ("panel",)
    list_select_related = ("user",)


@admin.register(Enrolment)
class EnrolmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "campaign", "worker", "n_answers", "n_counted", "blocked", "last_seen_at")
    list_filter = ("blocked",)
    list_select_related = ("campaign", "worker")


@admin.register(Assignment)
class AssignmentAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "worker", "status", "leased_at", "lease_expires_at")
    list_filter = ("status",)
    list_select_related = ("task", "worker")


@admin.register(Vote)
class VoteAdmin(ReadOnlyAdmin):
    list_display = ("id", "task", "worker", "choice", "counted", "slot", "late", "created_at")
    list_filter = ("choice", "counted", "late")
    list_select_related = ("task", "worker")


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "action", "by", "campaign", "worker", "reason")
    list_filter = ("action",)
    list_select_related = ("by", "campaign", "worker")


@admin.register(Decision)
class DecisionAdmin(ReadOnlyAdmin):
    list_display = ("enrolment", "verdict", "pay", "bonus", "by", "at")
    list_filter = ("verdict",)
    list_select_related = ("enrolment__worker", "by")


@admin.register(ExpertAnswer)
class ExpertAnswerAdmin(ReadOnlyAdmin):
    list_display = ("task", "outcome", "by", "created_at", "reason")
    list_select_related = ("task", "by")
