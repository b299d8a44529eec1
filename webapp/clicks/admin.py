"""Recorded answers in Django's administration: to look at and to delete."""

from __future__ import annotations

from django.contrib import admin
from django.http import HttpRequest

from webapp.clicks.models import Answer


@admin.register(Answer)
class AnswerAdmin(admin.ModelAdmin[Answer]):
    list_display = ("key", "at", "kind", "name", "category", "good")
    list_filter = ("kind", "good")
    date_hierarchy = "at"

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Answer | None = None) -> bool:
        return False
