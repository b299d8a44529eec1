"""The form of a published table."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Unit = Literal["percent", "share", "value"]


@dataclass(frozen=True)
class Column:
    """One column: its heading, the metric of our result files that measures the same, and its code length, if any.

    metric: a dot leads into a group of metrics: `zero_shot.mAP`.
    """

    heading: str
    metric: str
    bits: int | None = None

    def of(self, metrics: Mapping[str, Any]) -> Any:
        """Return this column's metric, None if a result lacks it."""
        found: Any = metrics
        for name in self.metric.split("."):
            found = found.get(name, {})
        return found if found != {} else None


@dataclass(frozen=True)
class Table:
    """A published table. name: its folder below `ml/recipes`. unit: of the printed figures. rows: figures by row.

    note: what to know before comparing ours with it.
    """

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Mapping[str, tuple[float | None, ...]]
    unit: Unit = "percent"
    note: str = ""

    def __post_init__(self) -> None:
        for row, values in self.rows.items():
            assert len(values) == len(self.columns), f"{self.name}, {row}: one figure per column"


def of_lengths(metrics: Mapping[str, str], lengths: tuple[int, ...]) -> tuple[Column, ...]:
    """Return a column for each metric, heading -> metric, at each code length."""
    return tuple(
        Column(f"{heading} {bits}", metric, bits) for heading, metric in metrics.items() for bits in lengths
    )
