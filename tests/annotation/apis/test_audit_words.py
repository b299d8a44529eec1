"""The audit page has words, not stored names, for every action and every setting that can change."""

from __future__ import annotations

import re
from pathlib import Path

from annotation.serializers.campaigns import CampaignSerializer
from annotation.serializers.settings import _CHECKS
from annotation.services.aggregation.checks import _rules
from annotation.services.campaigns.lifecycle import STEPS

ROOT = Path(__file__).resolve().parents[3]
WORDS = (ROOT / "frontend/src/studio/campaigns/audit/words.ts").read_text()
CALL = re.compile(r"\b(?:audit|_changed)\(")
ACTION = re.compile(r'"([a-z_]+\.[a-z_]+)"')


def actions() -> set[str]:
    found = {f"campaign.{step}" for step in STEPS} | {f"check.{rule}" for rule in _rules()}
    for path in (ROOT / "annotation").rglob("*.py"):
        text = path.read_text()
        if "import audit" in text:
            for call in CALL.finditer(text):
                found |= set(ACTION.findall(text[call.end() : call.end() + 80]))
    return found


def test_every_action_has_words() -> None:
    found = actions()
    assert {"campaign.reopen", "study_set.delete", "enrolment.warn", "dispute.withdraw"} <= found
    assert [action for action in sorted(found) if f'"{action}": t(' not in WORDS] == []


def test_every_setting_has_words() -> None:
    read_only = {"id", *CampaignSerializer.Meta.read_only_fields} - {"status"}
    names = {*CampaignSerializer.Meta.fields, *_CHECKS} - read_only
    assert [name for name in sorted(names) if not re.search(rf"^    {name}: t\(", WORDS, re.MULTILINE)] == []
