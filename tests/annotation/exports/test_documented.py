"""The page on exports lists exactly the columns that are written, and its code does in pandas what the site does."""

from __future__ import annotations

import re
import runpy
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from annotation.exports.votes.columns import AFTER, BEFORE, OWN, attribute_column
from annotation.models import Campaign, Consensus, Enrolment, Kind, Task, Vote
from annotation.selectors.agreement import agreement_of
from annotation.selectors.attributes import attribute_agreements
from annotation.services.aggregation.consensus import consensus_recompute
from annotation.snapshots.attributes.export import COLUMNS
from annotation.snapshots.freeze import snapshot_freeze
from annotation.tables.codebook import codebook_markdown
from annotation.tables.columns import Column
from tests.docs.pages import DOCS, FENCE
from tests.factories import ProductFactory
from tests.support.crowd import STROKES, HttpWorker, add_tasks, add_triplets, key, make_campaign, make_sketch

PAGE = (DOCS / "reference" / "exports.md").read_text()
ANY = attribute_column({"slug": "SLUG", "en": "one column for each attribute"})
SECTIONS: Mapping[str, Sequence[Column]] = {
    "### Codebook: votes of all kinds": [*BEFORE, *AFTER],
    "### Codebook: votes on triplets": OWN[Kind.TRIPLETS],
    "### Codebook: votes on attributes": [*OWN[Kind.ATTRIBUTES], ANY],
    "### Codebook: memory drawings": OWN[Kind.SKETCHES],
    "## Codebook: attribute tables": COLUMNS,
}


@pytest.mark.parametrize("title", SECTIONS)
def test_the_page_contains_the_generated_codebook(title: str) -> None:
    section = re.split(r"\n##", PAGE.partition(f"\n{title}\n")[2])[0]
    assert codebook_markdown(SECTIONS[title]) in section


@pytest.fixture
def ran(operator_api: APIClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, db: None) -> dict[str, Any]:
    """Run all code of the page, in order, in a folder with the files that it names; return its variables."""
    chairs, furniture, memory = triplets(), attributes(), drawings(monkeypatch)
    for campaign, what, query, name in (
        (chairs, "votes", "?type=parquet", "chairs-votes.parquet"),
        (chairs, "votes", "?type=csv", "chairs-votes.csv"),
        (chairs, "votes", "?type=jsonl", "chairs-votes.jsonl"),
        (furniture, "votes", "?type=parquet", "furniture-votes.parquet"),
        (memory, "drawings", "", "memory-drawings.ndjson"),
    ):
        response: Any = operator_api.get(f"/api/v1/campaigns/{campaign.pk}/export/{what}{query}")
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        (tmp_path / name).write_bytes(b"".join(response.streaming_content))
    (name,) = set(re.findall(r"snapshot-\w+\.parquet", PAGE))
    snapshot = snapshot_freeze(campaign=chairs)
    exported = operator_api.get(f"/api/v1/snapshots/{snapshot.pk}/export?type=parquet").content
    (tmp_path / name).write_bytes(exported)
    code = tmp_path / "page.py"
    code.write_text("\n".join(block for _, language, block in FENCE.findall(PAGE) if language == "python"))
    monkeypatch.chdir(tmp_path)
    return {**runpy.run_path(str(code)), "chairs": chairs, "furniture": furniture}


def triplets() -> Campaign:
    """Three people judge ten triplets; each also skips one, undoes one, and answers a gold task."""
    campaign = make_campaign(0, slug="chairs", gold_share=0.3, stop_when_decided=False, seed=4)
    products = ProductFactory.create_batch(5)
    sketch = make_sketch()
    pairs = [(a, b) for place, a in enumerate(products) for b in products[place + 1 :]]
    add_tasks(campaign, [Task(sketch=sketch, candidate_a=a, candidate_b=b) for a, b in pairs])
    add_triplets(campaign, 1, is_gold=True, gold_answer="a")
    for number in range(3):
        worker, n = HttpWorker(campaign), 0
        while card := worker.next():
            n += 1
            choice = "cant_tell" if n == 5 else "left" if (n + number) % 3 else "right"
            worker.vote(card["id"], choice)
            if n == 3:
                worker.on(card["id"], "undo", idempotency_key=key())
    return campaign


def attributes() -> Campaign:
    ontology = [{"slug": "arms", "en": "Has arms"}, {"slug": "on-wheels", "en": "On wheels"}]
    campaign = make_campaign(0, kind="attributes", slug="furniture", settings={"ontology": ontology})
    add_tasks(campaign, [Task(product=product) for product in ProductFactory.create_batch(4)])
    for number in range(3):
        worker = HttpWorker(campaign)
        for place in range(4):
            values = {"arms": place % 2 == 0, "on-wheels": None if number == place else number > 0}
            worker.on(worker.next()["id"], "attributes", values=values, idempotency_key=key())
    return campaign


def drawings(monkeypatch: pytest.MonkeyPatch) -> Campaign:
    campaign = make_campaign(0, kind="sketches", slug="memory")
    add_tasks(campaign, [Task(product=ProductFactory())])
    worker = HttpWorker(campaign)
    card = worker.next()
    worker.on(card["id"], "exposure/start")
    later = timezone.now() + timedelta(seconds=20)
    with monkeypatch.context() as patched:
        patched.setattr(timezone, "now", lambda: later)
        worker.on(card["id"], "exposure/end")
        worker.on(card["id"], "sketch", sketch=STROKES, idempotency_key=key())
    return campaign


def test_the_pages_code_gives_what_the_site_computes(ran: dict[str, Any]) -> None:
    _check_consensus(ran)
    _check_formats(ran)
    _check_other_kinds(ran)


def _check_consensus(ran: dict[str, Any]) -> None:
    campaign: Campaign = ran["chairs"]
    consensus_recompute(campaign=campaign, now=timezone.now())
    majority = Consensus.objects.filter(task__campaign=campaign, aggregation="majority")
    assert ran["outcome"].to_dict() == dict(majority.values_list("task_id", "outcome"))
    assert ran["alpha"] == pytest.approx(agreement_of(campaign).alpha)
    votes = Vote.objects.filter(task__campaign=campaign)
    assert len(ran["votes"]) == votes.count()
    assert len(ran["counted"]) == votes.filter(counted=True).count()
    assert set(ran["votes"]["not_counted"].dropna()) >= {"undone", "undo"}
    enrolments = Enrolment.objects.filter(campaign=campaign)
    shares = [one.n_gold_right / one.n_gold for one in enrolments if one.n_gold]
    assert sorted(ran["workers"]["gold_right"].dropna()) == pytest.approx(sorted(shares))
    assert ran["triplets"]["votes_positive"].sum() > 0


def _check_formats(ran: dict[str, Any]) -> None:
    parquet = ran["votes"]
    for other in (ran["from_csv"], ran["from_jsonl"]):
        assert list(other.columns) == list(parquet.columns)
        for name in ("vote", "worker", "choice", "counted", "not_counted", "response_ms", "a", "left"):
            left, right = parquet[name], other[name]
            assert (left.isna() == right.isna()).all(), name
            assert left.dropna().tolist() == right.dropna().tolist(), name
        for name in ("delivered_at", "answered_at", "undone_at"):
            assert other[name].dropna().tolist() == parquet[name].dropna().tolist(), name


def _check_other_kinds(ran: dict[str, Any]) -> None:
    agreements = attribute_agreements(ran["furniture"])
    assert ran["attributes"] == ["attribute_arms", "attribute_on-wheels"]
    lead = ran["lead"]
    for slug, one in agreements.items():
        column = lead[f"attribute_{slug}"]
        assert [(column > 0).sum(), (column < 0).sum()] == [one.n_yes, one.n_no]
    assert ran["seconds"].tolist() == pytest.approx([20], abs=1)
