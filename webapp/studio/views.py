"""The operators' pages. Each is a frame for frontend/src/studio, which gets its data from the API."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from annotation.models import StudySet, Vote
from webapp.accounts.pages import operators_only
from webapp.catalog.import_models import CatalogImport
from webapp.http.markdown import markdown_html
from webapp.registry.models import ModelVersion, Release, TrainingRun


@require_safe
@operators_only
def overview(request: HttpRequest) -> HttpResponse:
    return _page(request, "overview", _("Studio"))


@require_safe
@operators_only
def study_sets(request: HttpRequest) -> HttpResponse:
    return _page(request, "sets", _("Study sets"))


@require_safe
@operators_only
def study_set(request: HttpRequest, set_id: int) -> HttpResponse:
    found = get_object_or_404(StudySet, pk=set_id)
    return _page(request, "set", found.name, id=found.pk)


@require_safe
@operators_only
def runs(request: HttpRequest) -> HttpResponse:
    return _page(request, "runs", _("Runs"))


@require_safe
@operators_only
def run_new(request: HttpRequest) -> HttpResponse:
    """Show the form; `?like=ID` pre-fills that run's settings, `?snapshot=ID` that dataset."""
    return _page(request, "run-new", _("New run"))


@require_safe
@operators_only
def rules(request: HttpRequest) -> HttpResponse:
    return _page(request, "rules", _("Retrain rules"))


@require_safe
@operators_only
def runs_compare(request: HttpRequest) -> HttpResponse:
    """Compare the runs `?ids=1,2,3`."""
    return _page(request, "compare", _("Compare runs"))


@require_safe
@operators_only
def run(request: HttpRequest, run_id: int) -> HttpResponse:
    found = get_object_or_404(TrainingRun, pk=run_id)
    return _page(request, "run", f"{_('Run')} {found.pk}", id=found.pk)


@require_safe
@operators_only
def models(request: HttpRequest) -> HttpResponse:
    return _page(request, "models", _("Models"))


@require_safe
@operators_only
def model(request: HttpRequest, model_id: int) -> HttpResponse:
    found = get_object_or_404(ModelVersion, pk=model_id)
    return _page(request, "model", str(found), card=markdown_html(found.card), id=found.pk)


@require_safe
@operators_only
def releases(request: HttpRequest) -> HttpResponse:
    return _page(request, "releases", _("Releases"))


@require_safe
@operators_only
def release(request: HttpRequest, release_id: int) -> HttpResponse:
    found = get_object_or_404(Release, pk=release_id)
    return _page(request, "release", f"{_('Release')} {found.pk}", id=found.pk)


@require_safe
@operators_only
def words(request: HttpRequest) -> HttpResponse:
    return _page(request, "words", _("Words"))


@require_safe
@operators_only
def insights(request: HttpRequest) -> HttpResponse:
    return _page(request, "insights", _("Insights"))


@require_safe
@operators_only
def sites(request: HttpRequest) -> HttpResponse:
    return _page(request, "sites", _("Site keys"))


@require_safe
@operators_only
def imports(request: HttpRequest) -> HttpResponse:
    return _page(request, "imports", _("Imports"))


@require_safe
@operators_only
def import_(request: HttpRequest, import_id: UUID) -> HttpResponse:
    found = get_object_or_404(CatalogImport, pk=import_id)
    return _page(request, "import", found.feed_name, id=str(found.pk))


@require_safe
@operators_only
def queue(request: HttpRequest) -> HttpResponse:
    return _page(request, "queue", _("Queues and worker processes"))


@require_safe
@operators_only
def vote_lineage(request: HttpRequest, vote_id: int) -> HttpResponse:
    found = get_object_or_404(Vote, pk=vote_id)
    return _page(request, "vote", f"{_('Vote')} {found.pk}", id=found.pk)


def _page(request: HttpRequest, page: str, title: str, *, card: str = "", **data: Any) -> HttpResponse:
    context = {"title": title, "card": card, "page_data": {"page": page, **data}}
    return render(request, "studio/page.html", context)
