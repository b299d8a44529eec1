"""What an experiment has shown so far, from the clicks on its interleaved answers."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np

from ml.metrics.interleaving import Preference, preference
from webapp.clicks.models import Answer, Click, Experiment


@dataclass(frozen=True)
class Outcome:
    """n_visits: that saw interleaved answers. clicks: won by the live release and by the other."""

    n_visits: int
    clicks: tuple[int, int]
    preference: Preference


def outcome(experiment: Experiment) -> Outcome:
    """Return the visits' preference; a visit counts once, however often it searches."""
    answers = Answer.objects.filter(experiment=experiment)
    won: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    clicks = Click.objects.filter(answer__in=answers.values("pk")).values_list(
        "answer__visit", "answer__teams", "rank"
    )
    for visit, teams, rank in clicks.iterator():
        won[int(teams[rank - 1])][visit] += 1
    visits = sorted(won[0].keys() | won[1].keys())
    first, second = (np.array([team[visit] for visit in visits], np.int64) for team in won)
    return Outcome(
        answers.values("visit").distinct().count(),
        (won[0].total(), won[1].total()),
        preference(first, second),
    )
