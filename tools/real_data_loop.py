"""The whole loop on real data: votes through the API, a snapshot, a retrained head, the gate, and its promotion.

Then every model is compared with the previous release on the official test, which none of it saw: true pairs only,
votes only, both, by each aggregation. Use a separate site: the data and models trained on them are for research only.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from django.conf import settings
from django.utils import timezone

from annotation.consensus.aggregate import AGGREGATIONS, Aggregation
from annotation.models import Campaign, Vote
from annotation.selectors.agreement import agreement_of
from annotation.services.aggregation.consensus import consensus_recompute
from annotation.services.campaigns.lifecycle import campaign_step
from annotation.services.tasks.imports import qmul_v1_products
from annotation.services.tasks.qmul_v1 import Annotation, qmul_v1_annotation
from annotation.snapshots.freeze import snapshot_freeze
from ml.errors import SketchfindError
from tools.crowd.replay import replay_mismatches, replay_prepare, replay_run
from tools.crowd.servers import Servers
from webapp.catalog.models import Product
from webapp.registry import ml_gateway
from webapp.registry.gates.services import gate_request, gate_run
from webapp.registry.indexes.builds import index_build, index_build_request
from webapp.registry.models import DatasetSnapshot, GateReport, ModelVersion, Release, TrainingRun
from webapp.registry.releases.building import release_build
from webapp.registry.releases.services import release_promote
from webapp.registry.runs.chain import runs_follow
from webapp.registry.runs.services import run_request
from webapp.registry.runs.supervise import run_next
from webapp.stores import artifacts

N_SERVERS = 2
N_WORKERS = 12
SHIPPED = settings.BASE_DIR / "ml" / "zoo" / "sketchfind"
Say = Callable[[str], None]


class LoopError(SketchfindError):
    """A step of the loop failed."""


@dataclass(frozen=True)
class Recipe:
    """What a model learns from. aggregation: None if no votes are used."""

    pairs: bool
    aggregation: Aggregation | None

    @property
    def label(self) -> str:
        if self.aggregation is None:
            return "true pairs alone"
        return f"{'both' if self.pairs else 'votes alone'}, {self.aggregation}"

    @property
    def config(self) -> dict[str, Any]:
        """The settings that differ from the profile."""
        off = {} if self.pairs else {"pair_weight": 0.0}
        return off | ({"vote_weight": 0.0} if self.aggregation is None else {})


SHIPPED_RECIPE = Recipe(pairs=True, aggregation="majority")  # the unchanged profile, on the usual snapshot


def recipes() -> Iterator[Recipe]:
    """The recipe that is gated and promoted first."""
    yield SHIPPED_RECIPE
    yield Recipe(pairs=True, aggregation=None)
    for pairs in (True, False):
        for aggregation in AGGREGATIONS:
            if (recipe := Recipe(pairs, aggregation)) != SHIPPED_RECIPE:
                yield recipe


def loop_run(
    *, root: Path, config: Mapping[str, Any], n_sketches: int | None, seeds: int, say: Say
) -> dict[str, Any]:
    """Run the loop in this site's own database and folder. Raises LoopError if they contain another catalogue.

    config: settings of the profile that differ for every model. n_sketches: use only the first N, to try it out.
    """
    train, test = (qmul_v1_annotation(root, split) for split in ("train", "test"))
    campaign = Campaign.objects.filter(slug__startswith=f"replay-{train.category}-train-").first()
    if campaign is None and Product.objects.exists():
        raise LoopError(
            "SKETCHFIND_DATA_DIR",
            "this site has a catalogue; use a separate folder and database for the loop",
        )
    qmul_v1_products(test, range(len(test.photos)))  # these are on sale too, but nothing is learnt from them
    campaign, votes = _voted(campaign, train, n_sketches, say)
    before, _ = release_build(folder=SHIPPED, reason="the shipped model")
    say(f"release {before.pk} is live: {before.model}, {before.index_build.n_photos} photos")
    rows: list[dict[str, Any]] = []
    gated: dict[str, Any] = {}
    for recipe in recipes():
        frozen = snapshot_freeze(campaign=campaign, aggregation=recipe.aggregation or "majority")
        snapshot = DatasetSnapshot.objects.get(pk=frozen.pk)
        for seed in range(seeds):
            run_config = {**config, **recipe.config, "seed": seed}
            model = _trained(snapshot, before.model, recipe, run_config)
            rows.append(_row(recipe, seed, model, before.model, root))
            say(_told(rows[-1]))
            if not gated:
                gated = _gated(model, say)
    return {
        "dataset": f"qmul-v1, {train.category}",
        "before": {"model": str(before.model), "sha256": before.model.sha256},
        "votes": votes,
        "snapshot": {"split": snapshot.facts["split"], "counts": snapshot.facts["counts"]},
        "gate": gated,
        "rows": rows,
    }


def _voted(
    campaign: Campaign | None, train: Annotation, n_sketches: int | None, say: Say
) -> tuple[Campaign, dict[str, Any]]:
    """Return the campaign of the real votes, cast over HTTP; one that an earlier run has finished is reused."""
    started = perf_counter()
    if campaign is None:
        replay = replay_prepare(train, n_sketches=n_sketches)
        campaign = replay.campaign
        say(f"campaign {campaign.slug}: {len(replay.judged)} triplets")
        with Servers(N_SERVERS, settings.DATA_DIR / "servers.log") as servers:
            asyncio.run(replay_run(replay, servers.urls, n_workers=N_WORKERS))
        if wrong := replay_mismatches(replay):
            raise LoopError(
                "votes", "\n".join([f"{len(wrong)} majorities differ from the file's", *wrong[:5]])
            )
        campaign = campaign_step(campaign=campaign, step="close", by=None, now=timezone.now())
    elif campaign.status != Campaign.Status.CLOSED:
        raise LoopError(
            "SKETCHFIND_DATA_DIR", f"{campaign.slug} is incomplete; use a new folder for the loop"
        )
    consensus_recompute(campaign=campaign, now=timezone.now())
    figures = agreement_of(campaign)
    n_votes = Vote.objects.filter(task__campaign=campaign, counted=True).count()
    say(f"{n_votes} votes through the API, agreement of two {figures.agreement}, alpha {figures.alpha}")
    return campaign, {
        "n": n_votes,
        "agreement": figures.agreement,
        "alpha": figures.alpha,
        "seconds": round(perf_counter() - started),
    }


def _trained(
    snapshot: DatasetSnapshot, base: ModelVersion, recipe: Recipe, config: Mapping[str, Any]
) -> ModelVersion:
    """Train a run on a snapshot, in the same way as from the studio."""
    run = run_request(
        snapshot=snapshot,
        system="sketchfind",
        profile="fine-tune",
        config=config,
        base_model=base,
        note=f"{recipe.label}, seed {config['seed']}",
    )
    run_next(worker="loop")
    run.refresh_from_db()
    if run.status != TrainingRun.Status.DONE:
        raise LoopError(f"run {run.pk}", run.error or run.status)
    model: ModelVersion = run.model_versions.get()
    return model


def _row(recipe: Recipe, seed: int, model: ModelVersion, base: ModelVersion, root: Path) -> dict[str, Any]:
    """Compare a model with the base on the official test, query by query."""
    folders = (
        artifacts.local_folder(one.folder, [*one.manifest["files"], "model.json"]) for one in (model, base)
    )
    compared = ml_gateway.training().compare(
        model=next(folders), against=next(folders), format="qmul-v1", root=root
    )
    return {
        "label": recipe.label,
        "pairs": recipe.pairs,
        "aggregation": recipe.aggregation,
        "seed": seed,
        "minutes": model.manifest["training"]["minutes"],
        "n_pairs": model.manifest["dataset"]["n_pairs"] if recipe.pairs else 0,
        "n_triplets": model.manifest["dataset"]["n_triplets"] if recipe.aggregation else 0,
        "validation": model.metrics,
        "test": compared,
    }


def _gated(model: ModelVersion, say: Say) -> dict[str, Any]:
    """Index, release, gate and promote the model. Return what the gate found."""
    build = index_build_request(model=model)
    index_build(build=build)
    release = next((one for one in runs_follow() if one.model == model), None)
    release = release or Release.objects.get(index_build=build)
    report = gate_request(release=release, run=model.training_run)
    gate_run(report=report)
    report = GateReport.objects.get(pk=report.pk)
    for reason in report.reasons:
        say(f"gate: {'yes' if reason['ok'] else 'NO '} {reason['text']}")
    if report.passed:
        release_promote(release=release, reason=f"gate {report.pk} passed")
        say(f"release {release.pk} is live")
    return {
        "passed": report.passed,
        "better": report.better,
        "promoted": bool(report.passed),
        "reasons": report.reasons,
        **{key: report.report[key] for key in ("split", "metrics", "latency_ms", "index")},
    }


def _told(row: Mapping[str, Any]) -> str:
    figures = ", ".join(
        f"{name} {100 * metric['model']['value']:.1f} ({100 * metric['difference']['value']:+.1f})"
        for name, metric in row["test"].items()
        if isinstance(metric, dict)
    )
    return f"{row['label']}, seed {row['seed']}: {figures}; {row['minutes']} minutes"


def loop_table(result: Mapping[str, Any]) -> str:
    """Return the rows as Markdown: the previous release, then each recipe's mean over seeds, with intervals."""
    first = result["rows"][0]["test"]
    names = [name for name, metric in first.items() if isinstance(metric, dict)]
    lines = [
        "| learnt from | " + " | ".join(names) + " | minutes |",
        "|---" * (len(names) + 2) + "|",
        "| the release before | " + " | ".join(_share(first[name]["against"]) for name in names) + " | |",
    ]
    for label in dict.fromkeys(row["label"] for row in result["rows"]):
        rows = [row for row in result["rows"] if row["label"] == label]
        cells = [_cell([row["test"][name] for row in rows]) for name in names]
        minutes = sum(row["minutes"] for row in rows) / len(rows)
        lines.append(f"| {label} | {' | '.join(cells)} | {minutes:.1f} |")
    return "\n".join(lines) + "\n"


def _share(metric: Mapping[str, Any]) -> str:
    low, high = metric["ci95"]
    return f"{100 * metric['value']:.1f} ({100 * low:.0f} to {100 * high:.0f})"


def _cell(metrics: list[Mapping[str, Any]]) -> str:
    """Return value and difference to the previous release; for several seeds, the means of values and interval ends."""

    def mean(*path: Any) -> float:
        total = 0.0
        for metric in metrics:
            value: Any = metric
            for key in path:
                value = value[key]
            total += value
        return 100 * total / len(metrics)

    low, high = mean("difference", "ci95", 0), mean("difference", "ci95", 1)
    return f"{mean('model', 'value'):.1f}; {mean('difference', 'value'):+.1f} ({low:+.1f} to {high:+.1f})"
