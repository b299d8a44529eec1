"""A campaign's data sheet: what was asked, when, of how many, for which pay, and how the answers were merged.

In the order of T. Gebru et al., "Datasheets for Datasets" (2021): what, collection, people, processing, distribution.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Min, Q

from annotation.models import Campaign, CandidateSet, Enrolment, Kind, Task, Vote
from annotation.models.panels import IMPORTED, REPLAYED, SYNTHETIC
from annotation.selectors.agreement import agreement_of
from annotation.selectors.attributes import attribute_agreements
from annotation.services.workers.reports import rules_of
from annotation.snapshots.freeze import snapshots_of
from annotation.tables.writers import moment

_ASKED = {
    Kind.TRIPLETS: "A sketch and two photos of products: which photo is closer to the sketch?",
    Kind.ATTRIBUTES: "A photo or a sketch: which of the listed attributes does it have?",
    Kind.SKETCHES: "A photo, seen for a while: draw it from memory.",
}
_SNAPSHOTS = 20


@dataclass(frozen=True, slots=True)
class _Counts:
    tasks: dict[str, int]
    votes: dict[str, Any]
    workers: dict[str, int]


def datasheet(campaign: Campaign) -> str:
    """Return the data sheet in Markdown."""
    counts = _counts(campaign)
    parts = [
        ("What", _what(campaign, counts)),
        ("How it was collected", _collection(campaign, counts)),
        ("People", _people(campaign, counts)),
        ("Payment", _payment(campaign)),
        ("Aggregation and agreement", _aggregation(campaign, counts)),
        ("Consent, privacy and licence", _terms(campaign, counts)),
    ]
    sections = (f"## {title}\n\n" + "".join(f"* {line}\n" for line in lines) for title, lines in parts)
    return f"# {campaign.title}: data sheet\n\n" + "\n".join(sections)


def _what(campaign: Campaign, counts: _Counts) -> Iterable[str]:
    yield f"Campaign `{campaign.slug}`, kind: {campaign.kind}. {_ASKED[Kind(campaign.kind)]}"
    if campaign.instructions:
        yield "Instructions: " + " ".join(campaign.instructions.split())
    if campaign.kind == Kind.ATTRIBUTES:
        yield "Attributes: " + ", ".join(f"{one['en']} (`{one['slug']}`)" for one in campaign.ontology) + "."
    tasks = counts.tasks
    yield (
        f"{tasks['n']} tasks, {tasks['gold']} gold and {tasks['practice']} practice tasks apart; "
        f"{tasks['sketches']} sketches, {tasks['random']} tasks drawn at random."
    )
    yield f"State: {campaign.status}; {tasks['open']} tasks still await answers."


def _collection(campaign: Campaign, counts: _Counts) -> Iterable[str]:
    first, last = counts.votes["first"], counts.votes["last"]
    yield (
        f"Opened {_when(campaign.opened_at)}, closed {_when(campaign.closed_at)}; "
        f"answers from {_when(first)} to {_when(last)}."
    )
    yield (
        f"{counts.votes['answers']} answers, of which {counts.votes['counted']} count; "
        f"{counts.votes['skips']} skips, {counts.votes['undos']} undone."
    )
    stops = " Fewer where the missing ones cannot change the majority." if campaign.stop_when_decided else ""
    compares = campaign.kind == Kind.TRIPLETS
    yield (
        f"At most {campaign.votes_per_task} counted answers per task, each by another worker."
        f"{stops if compares else ''}"
    )
    yield f"{campaign.gold_share:.0%} of the tasks that a worker gets are gold tasks; workers cannot tell them apart."
    if campaign.qualification_share:
        yield f"Practice first, passed with {campaign.qualification_share:.0%} right answers."
    if compares:
        yield "Each worker sees candidate a on the left in two of every four tasks, in random order."
    if campaign.kind == Kind.SKETCHES:
        yield f"The photo is shown for {campaign.exposure_s:g} s, as often as the worker wants; the last look is timed."
    if chosen := CandidateSet.objects.filter(campaign=campaign).order_by("pk").first():
        yield (
            f"Candidates: the nearest {len(chosen.products)} by release {chosen.release_id or 'none'}, "
            f"weights {_pairs(chosen.weights)}; the true match is "
            f"{'always' if chosen.true_match_forced else 'not necessarily'} among them."
        )
    if choice := campaign.settings.get("choice"):
        yield f"Choice of tasks: {_pairs(choice)}; seed {campaign.seed}."
    yield "Response times are measured by the server, from the delivery of a task, or the worker's last answer if later."


def _people(campaign: Campaign, counts: _Counts) -> Iterable[str]:
    people = counts.workers
    access = {"open": "Anyone could join", "panel": "Participants of a panel", "invite": "Invited people"}
    yield f"{access[campaign.access]}; {people['n']} workers joined, {people['answered']} of them answered."
    yield (
        f"{people['finished']} finished, {people['screened_out']} were screened out, "
        f"{people['ended_early']} ended early, {people['blocked']} are blocked. "
        "The answers of blocked workers stay and count."
    )
    yield (
        f"Not given by people on this site: {counts.votes['synthetic']} simulated, {counts.votes['replayed']} replayed "
        f"and {counts.votes['imported']} imported answers."
    )
    rules = rules_of(campaign)
    acts = "act" if campaign.settings.get("rules_act") else "only warn the operators"
    yield f"Limits on workers ({_pairs({name: getattr(rules, name) for name in rules.__slots__})}) {acts}."


def _payment(campaign: Campaign) -> Iterable[str]:
    terms, currency = campaign.settings, campaign.settings.get("currency", "")
    stated = False
    if reward := terms.get("reward"):
        stated = True
        yield f"{reward:g} {currency} for finishing."
    if cost := terms.get("cost_per_answer"):
        stated = True
        yield f"{cost:g} {currency} per answer."
    if partial := terms.get("partial_pay"):
        stated = True
        value, is_share = partial["value"], partial["kind"] == "share"
        amount = f"{value:.0%} of that" if is_share else f"{value:g} {currency}"
        yield f"For ending early: {amount}."
    if not stated:
        yield "None is stated."


def _aggregation(campaign: Campaign, counts: _Counts) -> Iterable[str]:
    if campaign.kind == Kind.TRIPLETS:
        agreement = agreement_of(campaign)
        yield (
            "The votes are not merged. Snapshots merge them by majority (a tie gives no triplet), Dawid-Skene or "
            "Bradley-Terry."
        )
        yield (
            f"Krippendorff's alpha {_figure(agreement.alpha)}, pairwise agreement {_figure(agreement.agreement)}, "
            f"cyclic triples {_figure(agreement.cycle_rate)}."
        )
        for snapshot in snapshots_of(campaign, _SNAPSHOTS):
            facts = snapshot.facts.get("counts", {})
            yield (
                f"Snapshot `{snapshot.sha256[:12]}`: {snapshot.facts['consensus']['aggregation']}, "
                f"{facts['triplets']} triplets, {facts['ties']} ties, {facts.get('unsettled', 0)} unsettled."
            )
    elif campaign.kind == Kind.ATTRIBUTES:
        yield (
            "The votes are not merged. Attribute tables merge them by majority (a tie is unknown) or by Dawid-Skene, "
            "for each attribute."
        )
        for slug, one in attribute_agreements(campaign).items():
            yield f"`{slug}`: alpha {_figure(one.alpha)}; yes {one.n_yes}, no {one.n_no}, tied {one.n_tied}."
        for table in campaign.attribute_tables.all()[:_SNAPSHOTS]:
            yield f"Table `{table.sha256[:12]}`: {table.aggregation}, {table.facts['counts']['unsettled']} unsettled."
    else:
        yield "Drawings are not merged."
    yield f"{counts.tasks['open']} tasks are unsettled: further answers could change their outcome."


def _terms(campaign: Campaign, counts: _Counts) -> Iterable[str]:
    yield f"{counts.workers['consented']} of {counts.workers['n']} workers agreed to take part before their first task."
    for version in campaign.consents.annotate(n=Count("enrolments")).order_by("number"):
        text = " ".join(version.text.split())
        yield f"Consent text, version {version.number}, in force for {version.n} of them: “{text}”"
    yield (
        "Workers are named by pseudonyms that differ between campaigns. No participant IDs, accounts or addresses are "
        "included."
    )
    yield f"Licence: {campaign.settings.get('licence') or 'not stated'}."


def _counts(campaign: Campaign) -> _Counts:
    real = Q(is_gold=False, is_training=False)
    tasks = Task.objects.filter(campaign=campaign).aggregate(
        n=Count("pk", filter=real),
        open=Count("pk", filter=real & Q(status=Task.Status.OPEN)),
        gold=Count("pk", filter=Q(is_gold=True)),
        practice=Count("pk", filter=Q(is_training=True)),
        random=Count("pk", filter=Q(is_random_share=True)),
        sketches=Count("sketch", distinct=True),
    )
    is_answer = ~Q(choice__in=["skip", "cant", "undo"])
    votes = Vote.objects.filter(task__campaign=campaign).aggregate(
        first=Min("created_at"),
        last=Max("created_at"),
        answers=Count("pk", filter=is_answer),
        counted=Count("pk", filter=Q(counted=True)),
        skips=Count("pk", filter=Q(choice__in=["skip", "cant"])),
        undos=Count("pk", filter=Q(choice="undo")),
        synthetic=Count("pk", filter=is_answer & Q(worker__panel=SYNTHETIC)),
        replayed=Count("pk", filter=is_answer & Q(worker__panel=REPLAYED)),
        imported=Count("pk", filter=is_answer & Q(worker__panel=IMPORTED)),
    )
    workers = Enrolment.objects.filter(campaign=campaign).aggregate(
        n=Count("pk"),
        answered=Count("pk", filter=Q(n_answers__gt=0)),
        consented=Count("pk", filter=Q(worker__consented_at__isnull=False)),
        blocked=Count("pk", filter=Q(blocked=True)),
        finished=Count("pk", filter=Q(ending="finished")),
        screened_out=Count("pk", filter=Q(ending="screened_out")),
        ended_early=Count("pk", filter=Q(ending="ended_early")),
    )
    return _Counts(tasks, votes, workers)


def _when(at: datetime | None) -> str:
    return moment(at) if at else "not yet"


def _figure(value: float | None) -> str:
    return "undefined" if value is None else f"{value:.3f}"


def _pairs(values: dict[str, Any]) -> str:
    return ", ".join(f"{name} {'none' if value is None else value}" for name, value in values.items())
