"""Whether a task is settled and how many answers it still wants: by its votes or, before that, by an expert's answer."""

from __future__ import annotations

from annotation.consensus.task_status import TaskStatus, TaskTally, task_status, votes_wanted
from annotation.models import Campaign, ExpertAnswer, Task


def tally_of(task: Task) -> TaskTally:
    return TaskTally(task.n_votes, task.n_counted, task.n_a, task.n_b)


def task_state(task: Task, campaign: Campaign, tally: TaskTally, expert: str = "") -> tuple[int, TaskStatus]:
    """Return the number of wanted votes and the status with this tally.

    expert: the outcome of the expert's answer in force, if any. It closes a task that its votes leave open: no more of
    them are wanted.
    """
    compares, stop = task.candidate_a_id is not None, campaign.stop_when_decided
    status = task_status(tally, compares=compares, stop_when_decided=stop)
    if expert and status == "open":
        return tally.n_counted, "exhausted" if expert == ExpertAnswer.Outcome.TIE else "decided"
    return votes_wanted(tally, compares=compares, stop_when_decided=stop), status
