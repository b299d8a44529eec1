"""Releases (read-only) and retrain rules (editable)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext as _

from ml.errors import ConfigError
from webapp.accounts.admin import ReadOnlyAdmin
from webapp.registry.models import IndexBuild, ModelVersion, Release, ReleaseEvent, RetrainRule, SketchSum
from webapp.registry.runs.rules import rule_fields


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ("__str__", "system", "sha256", "created_at")


@admin.register(IndexBuild)
class IndexBuildAdmin(ReadOnlyAdmin):
    list_display = ("id", "model", "status", "n_done", "n_total", "n_skipped", "created_at", "finished_at")
    list_filter = ("status",)


@admin.register(Release)
class ReleaseAdmin(ReadOnlyAdmin):
    list_display = ("id", "model", "note", "created_at", "created_by")


@admin.register(ReleaseEvent)
class ReleaseEventAdmin(ReadOnlyAdmin):
    list_display = ("number", "kind", "release", "replaced", "at", "by", "reason")


@admin.register(SketchSum)
class SketchSumAdmin(ReadOnlyAdmin):
    """Only to be looked at or deleted, which forgets the sketches that it has counted."""

    list_display = ("encoder_sha256", "n", "updated_at")

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


class RetrainRuleForm(forms.ModelForm[RetrainRule]):
    """Validates a rule as a run of it would be validated."""

    class Meta:
        model = RetrainRule
        fields = ("campaign", "min_new_triplets", "system", "profile", "config", "enabled", "auto_promote")

    def clean_config(self) -> dict[str, Any]:
        config = self.cleaned_data["config"]
        if not isinstance(config, dict):
            raise forms.ValidationError(
                _('Enter an object of settings, such as {"steps": 300}, or {} for none.')
            )
        return config

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not self.errors:
            try:
                names = ("campaign", "system", "profile", "config")
                cleaned |= rule_fields(**{name: cleaned[name] for name in names})
            except ConfigError as error:
                self.add_error(error.field if error.field in self.fields else "config", str(error))
        return cleaned


@admin.register(RetrainRule)
class RetrainRuleAdmin(admin.ModelAdmin[RetrainRule]):
    form = RetrainRuleForm
    list_display = ("id", "campaign", "min_new_triplets", "system", "profile", "enabled", "auto_promote")
    list_filter = ("enabled",)
