"""A model's metrics for display on pages: in words, with their confidence interval."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _


class Known(NamedTuple):
    """A metric (a fraction of 1) in words."""

    name: Any
    note: Any
    large: bool = False  # one of the few shown large


_HUMAN = _("human sketches not used in training, searched in the whole catalogue")
_FEW = _("human sketches not used in training, of things that at most nine products show")
_SYNTHETIC = _("deformed line drawings of products not used in training")

KNOWN: dict[str, Known] = {
    "precision@10": Known(_("of the top 10 results are in the right category"), _HUMAN, large=True),
    "any@10": Known(_("of sketches of rarer things find one in the top 10"), _FEW, large=True),
    "acc@1": Known(_("of sketches find their product first"), _SYNTHETIC, large=True),
    "acc@5": Known(_("of sketches find their product in the top 5"), _SYNTHETIC),
    "acc@10": Known(_("of sketches find their product in the top 10"), _SYNTHETIC, large=True),
    "precision@10_half": Known(
        _("of the top 10 results are in the right category, after half of the strokes"), _HUMAN
    ),
    "any@10_half": Known(
        _("of sketches of rarer things find one in the top 10, after half of the strokes"), _FEW
    ),
    "precision@10_shape": Known(_("of the top 10 results are in the right category, by shape alone"), _HUMAN),
    "any@10_shape": Known(_("of sketches of rarer things find one in the top 10, by shape alone"), _FEW),
    "acc@10_cosine": Known(_("of sketches find their product in the top 10, by cosine alone"), _SYNTHETIC),
    "acc@10_hash": Known(_("of sketches find their product in the top 10, by hash codes alone"), _SYNTHETIC),
    "precision@10_cosine": Known(
        _("of the top 10 results are in the right category, by cosine alone"), _HUMAN
    ),
    "precision@10_hash": Known(
        _("of the top 10 results are in the right category, by hash codes alone"), _HUMAN
    ),
    "seats@10": Known(_("of the top 10 results for chair sketches are seats"), _HUMAN),
}


class Figure(NamedTuple):
    """A formatted figure."""

    name: Any
    value: str
    unit: str
    note: Any


def figures(metrics: Mapping[str, Any]) -> list[Figure]:
    """Return the known metrics that were measured, in our order, with their 95 % intervals."""
    return [_figure(key, metrics) for key in KNOWN if _value(metrics.get(key)) is not None]


def large_figures(metrics: Mapping[str, Any]) -> list[Figure]:
    """Return the most important figures."""
    return [_figure(key, metrics) for key, known in KNOWN.items() if known.large and _value(metrics.get(key))]


def _value(metric: Any) -> float | None:
    value = metric.get("value") if isinstance(metric, Mapping) else metric
    return float(value) if isinstance(value, int | float) else None


def n_of(key: str, metrics: Mapping[str, Any]) -> int | None:
    """Return the number of queries of a metric; None if its manifest does not state it.

    Older manifests state one number, which is that of the metrics of single products.
    """
    metric = metrics[key]
    n = metric.get("n") if isinstance(metric, Mapping) else None
    if n is None and key.startswith("acc@"):
        n = metrics.get("n_queries")
    return int(n) if isinstance(n, int | float) else None


def _figure(key: str, metrics: Mapping[str, Any]) -> Figure:
    known, metric = KNOWN[key], metrics[key]
    value, note = _value(metric), known.note
    if n := n_of(key, metrics):
        note = _("%(note)s (n = %(n)s)") % {"note": note, "n": number_format(n, force_grouping=True)}
    if isinstance(metric, Mapping) and len(metric.get("ci95") or ()) == 2:
        low, high = (_percent(float(side)) for side in metric["ci95"])
        note = _("%(note)s; 95%% confidence interval %(low)s to %(high)s") % {
            "note": note,
            "low": low,
            "high": high,
        }
    return Figure(known.name, _percent(value or 0.0), "%", note)


def _percent(share: float) -> str:
    """Format with one decimal, rounded: `number_format` alone truncates."""
    return number_format(round(100 * share, 1), 1)
