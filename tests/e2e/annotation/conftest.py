"""Campaigns with real products, and workers at their pages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.site_process import Site

TRIPLETS = {"kind": "triplets", "n_tasks": 12, "break_every": 0, "votes_per_task": 1}
SETTINGS: dict[str, dict[str, Any]] = {
    "keyboard": {**TRIPLETS, "n_tasks": 6, "n_training": 2, "break_every": 4, "completion_code": "SF-KEYS"},
    "double": TRIPLETS,
    "swipe": TRIPLETS,
    "together": {**TRIPLETS, "n_tasks": 10},
    "offline": TRIPLETS,
    "closed-page": TRIPLETS,
    "signed-out": TRIPLETS,
    "refused": TRIPLETS,
    "crowded": {**TRIPLETS, "n_tasks": 1},
    "singles": TRIPLETS,
    "panel": {
        **TRIPLETS,
        "n_tasks": 2,
        "completion_code": "SF-PANEL",
        "settings": {"completion_url": "https://panel.example/done"},
    },
    "early": {
        **TRIPLETS,
        "required_answers": 3,
        "completion_code": "SF-FULL",
        "settings": {
            "currency": "EUR",
            "reward": 4,
            "partial_pay": {"kind": "share", "value": 0.25},
            "completion_url": "https://panel.example/done?cc={code}",
            "endings": {"ended_early": {"code": "SF-EARLY"}},
        },
    },
    "later": {**TRIPLETS, "access": "panel"},
    "selective": {**TRIPLETS, "n_training": 1, "qualification_share": 1.0},
    "looks": {**TRIPLETS, "n_training": 1, "break_every": 1, "votes_per_task": 40},
    "speed": {**TRIPLETS, "n_tasks": 40},
    "erased": TRIPLETS,
    "sizes": {**TRIPLETS, "votes_per_task": 40},
    "live": {**TRIPLETS, "n_tasks": 40},
    "disputes": {**TRIPLETS, "n_tasks": 1, "votes_per_task": 3},
    # Every test has its own workers, and each takes a place in every task.
    "attributes": {"kind": "attributes", "n_tasks": 4, "break_every": 0, "votes_per_task": 40},
    "described": {"kind": "attributes", "n_tasks": 3, "votes_per_task": 2},
    "memory": {
        "kind": "sketches",
        "n_tasks": 6,
        "break_every": 0,
        "votes_per_task": 40,
        "settings": {"exposure_s": 1.5},
    },
}


@pytest.fixture(scope="session")
def campaigns(site: Site) -> dict[str, int]:
    """Open campaigns: id by slug."""
    from tests.e2e.annotation.seeds import ONTOLOGY

    wanted = [{"slug": slug, **fields} for slug, fields in SETTINGS.items()]
    for fields in wanted:
        if fields["kind"] == "attributes":
            fields["settings"] = {"ontology": ONTOLOGY}
    code = f"from tests.e2e.annotation.seeds import make; make({wanted!r})"
    lines = site.manage("shell", "--no-imports", "--command", code).split("\n")
    pairs = [line.split() for line in lines if line]
    return {slug: int(pk) for slug, pk in pairs}


@pytest.fixture
def worker(page: Page, campaigns: dict[str, int]) -> WorkPage:
    """A worker at a desktop."""
    return WorkPage(page, campaigns)


@pytest.fixture
def phone_worker(new_context: Callable[..., BrowserContext], campaigns: dict[str, int]) -> WorkPage:
    """A worker with a phone."""
    context = new_context(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    return WorkPage(context.new_page(), campaigns)
