"""Campaigns, workers, sketches, tasks, answers and what is computed from them; own material of studies."""

from annotation.models.answers import Assignment, Consensus, Vote
from annotation.models.attribute_tables import AttributeTable
from annotation.models.audit import AuditEvent
from annotation.models.campaigns import Access, Campaign, Kind
from annotation.models.consents import ConsentVersion
from annotation.models.experts import ExpertAnswer
from annotation.models.figures import WorkerFigures
from annotation.models.material import MaterialImport, StudyPhoto, StudySet
from annotation.models.rounds import PairRound
from annotation.models.settling import Decision, Submission, Verdict
from annotation.models.sketches import CandidateSet, Sketch
from annotation.models.tasks import AttributeTask, SketchTask, Task, TripletTask
from annotation.models.workers import Ending, Enrolment, Worker

__all__ = [
    "Access",
    "Assignment",
    "AttributeTable",
    "AttributeTask",
    "AuditEvent",
    "Campaign",
    "CandidateSet",
    "Consensus",
    "ConsentVersion",
    "Decision",
    "Ending",
    "Enrolment",
    "ExpertAnswer",
    "Kind",
    "MaterialImport",
    "PairRound",
    "Sketch",
    "SketchTask",
    "StudyPhoto",
    "StudySet",
    "Submission",
    "Task",
    "TripletTask",
    "Verdict",
    "Vote",
    "Worker",
    "WorkerFigures",
]
