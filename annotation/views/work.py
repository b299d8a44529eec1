"""The workers' pages: open campaigns, and one page per kind of campaign, which operators can preview."""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework.request import Request

from annotation.identity import tokens
from annotation.models import Access, Campaign, ConsentVersion, Enrolment, Kind
from annotation.selectors.addresses import work_url
from annotation.selectors.preview import samples_of
from annotation.serializers.work import EndedSerializer
from annotation.services.campaigns.consents import consent_current
from annotation.services.work.locking import enrolment_row
from annotation.services.workers.endings import ended_payload
from annotation.views.links import PANEL_PARAMETERS, link_refusal, panel_page

SCRIPTS = {
    Kind.TRIPLETS: "src/work/triplets/triplets.tsx",
    Kind.ATTRIBUTES: "src/work/attributes/attributes.tsx",
    Kind.SKETCHES: "src/work/sketches/sketches.tsx",
}


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    """List the open campaigns that anyone may join, for workers who read the page's language."""
    language = get_language() or ""
    rows = Campaign.objects.filter(status=Campaign.Status.OPEN, access=Access.OPEN)
    cards = [
        {
            "title": campaign.text("title"),
            "summary": campaign.text("instructions").strip().split("\n")[0],
            "kind": campaign.kind,
            "url": work_url(campaign),
        }
        for campaign in rows
        if not campaign.languages or language in campaign.languages
    ]
    return render(request, "annotation/campaigns.html", {"cards": cards})


@never_cache
@require_safe
def work(request: HttpRequest, slug: str, kind: str) -> HttpResponse:
    """Show a campaign's page. With `?preview`, operators see samples, even of a draft, and nothing is claimed."""
    campaign = get_object_or_404(Campaign, slug=slug)
    preview = "preview" in request.GET and bool(getattr(request.user, "is_operator", False))
    if campaign.status == Campaign.Status.DRAFT and not preview:
        raise Http404
    if campaign.kind != kind:
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return redirect(work_url(campaign) + query)
    enrolment = None if preview else _enrolment(request, campaign)
    if not campaign.is_open and not preview and enrolment is None:
        consent = consent_payload(consent_current(campaign.pk))
        context = {"campaign": campaign, "panel_url": panel_page(request), "consent": consent}
        return render(request, "annotation/resting.html", context)
    payload = campaign_payload(campaign)
    data = {
        "campaign": payload,
        "joined": preview or (enrolment is not None and _has_agreed(enrolment, payload["consent"])),
        "panel_url": campaign.ending_settings("refused").get("url") or panel_page(request),
        "refused": "" if preview or enrolment else link_refusal(request, campaign),
        "ended": EndedSerializer(ended_payload(enrolment)).data if enrolment else None,
        "preview": samples_of(campaign) if preview else None,
    }
    context = {"title": campaign.text("title"), "script": SCRIPTS[Kind(kind)], "page_data": data}
    return render(request, "annotation/work.html", context)


class AttributePayload(TypedDict):
    slug: str
    name: str


class PartialPayPayload(TypedDict):
    """What ending early earns; see `annotation.settling.rules.early_pay`."""

    kind: Literal["amount", "share", "work"]
    value: float


class BonusTerms(TypedDict, total=False):
    """The rest of a bonus rule. every: of kind `gold`; above, least: of `agreement`."""

    every: int
    above: float
    least: int


class BonusPayload(BonusTerms):
    """What is paid on top; see `annotation.settling.rules.bonus`."""

    kind: Literal["gold", "agreement"]
    amount: float


class TermsPayload(TypedDict):
    """What a worker is paid for. required_answers: 0 means all tasks that there are for the worker.

    leads_back: whether endings have codes or return URLs.
    """

    required_answers: int
    reward: float | None
    partial_pay: PartialPayPayload | None
    bonus: BonusPayload | None
    currency: str
    leads_back: bool


class ConsentPayload(TypedDict):
    """What participants agree to, in the language of the request. Blank lines separate paragraphs."""

    version: int
    text: str
    contact: str
    privacy: str


class CampaignPayload(TypedDict):
    """A campaign for the page's script, in the language of the request."""

    id: int
    slug: str
    kind: Literal["triplets", "attributes", "sketches"]
    title: str
    instructions: str
    break_every: int
    undo_steps: int
    exposure_s: float
    ontology: list[AttributePayload]
    terms: TermsPayload
    consent: ConsentPayload | None


def campaign_payload(campaign: Campaign) -> CampaignPayload:
    language = get_language() or campaign.language
    ontology: list[AttributePayload] = [
        {
            "slug": attribute["slug"],
            "name": attribute.get(language) or attribute.get("en") or attribute["slug"],
        }
        for attribute in campaign.ontology
    ]
    return {
        "id": campaign.pk,
        "slug": campaign.slug,
        "kind": campaign.kind,  # type: ignore[typeddict-item]
        "title": campaign.text("title"),
        "instructions": campaign.text("instructions"),
        "break_every": campaign.break_every,
        "undo_steps": campaign.undo_steps,
        "exposure_s": campaign.exposure_s,
        "ontology": ontology,
        "terms": {
            "required_answers": campaign.required_answers,
            "reward": campaign.settings.get("reward"),
            "partial_pay": campaign.settings.get("partial_pay"),
            "bonus": campaign.settings.get("bonus"),
            "currency": campaign.settings.get("currency", ""),
            "leads_back": bool(campaign.settings.get("endings") or campaign.settings.get("completion_url")),
        },
        "consent": consent_payload(consent_current(campaign.pk)),
    }


def consent_payload(consent: ConsentVersion | None) -> ConsentPayload | None:
    if consent is None:
        return None
    return {
        "version": consent.number,
        "text": consent.in_language("text"),
        "contact": consent.in_language("contact"),
        "privacy": consent.in_language("privacy"),
    }


def _has_agreed(enrolment: Enrolment, consent: ConsentPayload | None) -> bool:
    """Return whether a worker has agreed to the present text; otherwise they are asked again before they go on."""
    agreed = enrolment.consent.number if enrolment.consent else None
    return consent is None or agreed == consent["version"]


def _enrolment(request: HttpRequest, campaign: Campaign) -> Enrolment | None:
    """Return the enrolment of this browser's worker; None if a panel's link names a different participant."""
    worker = tokens.worker_of(cast(Request, request))
    if worker is None:
        return None
    for provider, (parameter, *_) in PANEL_PARAMETERS.items():
        if parameter in request.GET and (provider, request.GET[parameter]) != (worker.panel, worker.panel_id):
            return None
    return enrolment_row(worker, campaign.pk)
