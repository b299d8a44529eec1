"""The rows behind a release, from the data to the pointer at the live one.

    DatasetSnapshot -> TrainingRun -> ModelVersion -> IndexBuild -> Release <- LivePointer

Each row carries its parent's SHA-256. Snapshots, model versions and releases never change once written; an
index build never changes once it is ready; the pointer's moves are recorded as `ReleaseEvent` rows.
"""

from webapp.registry.models.gates import GateReport, RecordedQuery
from webapp.registry.models.index_parts import IndexPart
from webapp.registry.models.releases import IndexBuild, LivePointer, ModelVersion, Release, ReleaseEvent
from webapp.registry.models.runs import DeviceHold, RetrainRule, RunLogLine, RunMetric, WorkerBeat
from webapp.registry.models.sketch_sums import SketchSum
from webapp.registry.models.training import DatasetSnapshot, TrainingRun

__all__ = [
    "DatasetSnapshot",
    "DeviceHold",
    "GateReport",
    "IndexBuild",
    "IndexPart",
    "LivePointer",
    "ModelVersion",
    "RecordedQuery",
    "Release",
    "ReleaseEvent",
    "RetrainRule",
    "RunLogLine",
    "RunMetric",
    "SketchSum",
    "TrainingRun",
    "WorkerBeat",
]
