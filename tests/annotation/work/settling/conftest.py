"""A paid study whose participants are in every state."""

from __future__ import annotations

import pytest

from annotation.models import Campaign, Enrolment
from annotation.services.workers.moderation import enrolment_block
from tests.annotation.work.settling.studies import PAID, panel
from tests.annotation.work.test_endings import end, work
from tests.support.crowd import HttpWorker, make_campaign


@pytest.fixture
def study() -> Campaign:
    """A study of four answers: two who finish and agree, one who ends early, one who is blocked, one who goes on."""
    campaign = make_campaign(
        4, required_answers=4, stop_when_decided=False, completion_code="DONE", settings=PAID
    )
    workers = {
        name: HttpWorker(campaign, panel=panel(name)) for name in ("anna", "ben", "cleo", "dan", "eve")
    }
    for name, n in (("anna", 4), ("ben", 4), ("cleo", 1), ("dan", 2), ("eve", 1)):
        work(workers[name], n)
    for name in ("anna", "ben"):
        assert end(workers[name])["completion_code"] == "DONE"
    assert end(workers["cleo"], leave=True)["pay"] == "1.00"
    enrolment_block(enrolment=Enrolment.objects.get(worker__panel_id="dan"), by=None, reason="clicks blindly")
    return campaign
