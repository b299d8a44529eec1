"""What is worth a second look before a campaign opens. None of it forbids opening."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.utils.translation import gettext as _

from annotation.models import Campaign

Code = Literal["no_gold", "no_practice", "few_tasks", "no_consent"]
CODES: tuple[Code, ...] = ("no_gold", "no_practice", "few_tasks", "no_consent")


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning; `confirm`: whether opening needs the operator's confirmation."""

    code: Code
    text: str
    confirm: bool = True


def opening_warnings(campaign: Campaign) -> list[Warned]:
    """Return the warnings about a campaign as it is now."""
    found: list[Warned] = []
    if campaign.gold_share and not campaign.tasks.filter(is_gold=True).exists():
        share = round(campaign.gold_share * 100)
        text = _("A gold share of %(share)d %% is set, but the campaign has no gold task: nobody is checked.")
        found.append(Warned("no_gold", text % {"share": share}))
    if campaign.qualification_share and not campaign.tasks.filter(is_training=True).exists():
        text = _("A practice pass mark is set, but the campaign has no practice task: everybody passes.")
        found.append(Warned("no_practice", text))
    n_tasks = campaign.tasks.filter(is_training=False).count()
    is_adaptive = campaign.candidate_sets.filter(risk__isnull=False).exists()
    if n_tasks < campaign.required_answers and not is_adaptive:
        text = _(
            "%(required)d answers are required for the code, but there are only %(n)d tasks: nobody can finish."
        )
        found.append(Warned("few_tasks", text % {"required": campaign.required_answers, "n": n_tasks}))
    if not campaign.consents.exists():
        text = _("No consent text of your own is set: workers agree to the site’s general sentence.")
        found.append(Warned("no_consent", text, confirm=False))
    return found
