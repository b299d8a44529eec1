"""Campaign Worker Enrolment Sketch CandidateSet Task Assignment Vote Consensus AuditEvent, and own material."""

from annotation.models.answers import Assignment, Consensus, Vote
from annotation.models.audit import AuditEvent
from annotation.models.campaigns import Access, Campaign, Kind
from annotation.models.consents import ConsentVersion
from annotation.models.figures import WorkerFigures
from annotation.models.material import MaterialImport, StudyPhoto, StudySet
from annotation.models.sketches import CandidateSet, Sketch
from annotation.models.tasks import AttributeTask, SketchTask, Task, TripletTask
from annotation.models.workers import Ending, Enrolment, Worker

__all__ = [
    "Access",
    "Assignment",
    "AttributeTask",
    "AuditEvent",
    "Campaign",
    "CandidateSet",
    "Consensus",
    "ConsentVersion",
    "Ending",
    "Enrolment",
    "Kind",
    "MaterialImport",
    "Sketch",
    "SketchTask",
    "StudyPhoto",
    "StudySet",
    "Task",
    "TripletTask",
    "Vote",
    "Worker",
    "WorkerFigures",
]
