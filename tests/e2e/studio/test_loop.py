"""The whole loop on the demo's own processes: a crowd votes, an operator freezes, retrains, promotes, and rolls back.

The crowd is designed so that the gate has something to find: it prefers paler photos, against which the shipped model
is biased. That a retrained model passes here shows that the loop works, not that retraining on real votes helps.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.site_process import running
from tests.e2e.studio.chairs import N_SKETCHES, PAIRS_A_SKETCH, SLUG, TITLE
from tests.e2e.studio.conftest import NAME, PASSWORD, signed_in
from tests.e2e.studio.demo_site import DemoSite

pytestmark = pytest.mark.own_stores

N_TRIPLETS = N_SKETCHES * PAIRS_A_SKETCH
CROWD = ("--workers", "12", "--pace-s", "0.4", "--random-share", "0", "--taste", "pale")
STEPS = "60"  # of the profile's 300: by then its curves are nearly flat
# For a busy machine, in ms; a quiet one needs a tenth.
VOTING, TRAINING, GATING, FOLLOWING = 180_000, 300_000, 180_000, 20_000
Ranking = list[tuple[int, float]]


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory, front_end: None) -> Iterator[DemoSite]:
    """On SQLite and files, as in `make demo`."""
    with running(DemoSite(tmp_path_factory.mktemp("demo"), database_url="", redis_url="")) as demo:
        demo.manage("create_operator", NAME, "--password", PASSWORD)
        yield demo


@pytest.fixture(scope="module")
def site(demo: DemoSite) -> DemoSite:
    return demo


@pytest.fixture
def studio(demo: DemoSite, new_context: Callable[..., BrowserContext]) -> Page:
    """The demo's studio, as its operator first sees it."""
    return signed_in(new_context().new_page(), f"{demo.url}/studio/campaigns/")


def test_votes_retrain_the_search_and_a_rollback_undoes_it(demo: DemoSite, studio: Page) -> None:
    before, live = ranking(demo), demo.get("release/")["id"]
    judged(studio, demo)
    run_asked(studio)
    watched(studio)
    candidate = gated(studio)
    assert ranking(demo) == before  # nothing has gone live by itself

    moved(studio, "Promote", "The crowd agrees with it.")
    expect(studio.get_by_role("heading", level=1)).to_contain_text("live")
    followed(studio, demo, candidate)
    after = ranking(demo)
    assert [product for product, _ in after] != [product for product, _ in before]

    moved(studio, "Roll back", "It likes pale ones too much.")
    expect(studio.get_by_role("heading", level=1)).not_to_contain_text("live")
    followed(studio, demo, live)
    assert ranking(demo) == before
    studio.goto(f"{demo.url}/studio/releases/")
    history = studio.locator(".history li")
    expect(history.nth(0)).to_contain_text("It likes pale ones too much.")
    expect(history.nth(1)).to_contain_text("The crowd agrees with it.")


def ranking(demo: DemoSite) -> Ranking:
    """Return the products that the first example finds, with their scores, best first."""
    answer = demo.post("search", {"sketch": demo.get("examples/")[0]["sketch"], "k": 20})
    return [(row["product"]["id"], row["score"]) for row in answer["results"]]


def judged(studio: Page, demo: DemoSite) -> None:
    """Let a crowd vote over HTTP until every triplet is decided, while the operator watches."""
    studio.get_by_role("link", name=TITLE).click()
    decided = studio.locator(".live-decided")
    expect(decided).to_contain_text(f"0 of {N_TRIPLETS}")
    with demo.crowd(SLUG, *CROWD) as crowd:
        expect(decided).to_contain_text(re.compile(rf"\b[1-9]\d* of {N_TRIPLETS}"), timeout=VOTING)
        expect(studio.locator(".live-state")).to_have_text("live")
        expect(studio.get_by_role("row").filter(has_text=re.compile(r"^W\d+"))).to_have_count(12)
        expect(decided).to_contain_text(f"{N_TRIPLETS} of {N_TRIPLETS}", timeout=VOTING)
        assert crowd.wait(VOTING / 1000) == 0, demo.logs()


def run_asked(studio: Page) -> None:
    """Go from the campaign's page to a run on its votes."""
    studio.get_by_role("button", name="Freeze").click()
    studio.get_by_role("link", name="Train", exact=True).click()
    expect(studio.get_by_label("Profile")).to_have_value("fine-tune")
    studio.get_by_label("steps", exact=True).fill(STEPS)
    studio.get_by_label("Note").fill("The crowd’s first votes.")
    studio.get_by_role("button", name="Start").click()


def watched(studio: Page) -> None:
    """Watch the loss curve until the run is done."""
    head = studio.get_by_role("heading", level=1)
    at = studio.locator(".chart").filter(has=studio.get_by_role("heading", name="loss")).locator(".chart-x")
    expect(at).to_have_text(re.compile(r"^step \d+$"), timeout=TRAINING)
    expect(head).to_contain_text("Running")
    seen = at.text_content() or ""
    expect(at).not_to_have_text(seen, timeout=TRAINING)
    expect(head).to_contain_text("Done", timeout=TRAINING)
    expect(at).to_have_text(f"step {int(STEPS) - 1}")


def gated(studio: Page) -> int:
    """Go from the run's page to its release once the gate has passed, without a reload. Return its id."""
    outcome = studio.locator(".run-outcome")
    expect(outcome).to_contain_text("passed the gate", timeout=GATING)
    outcome.get_by_role("link", name=re.compile(r"^Release \d+$")).click()
    expect(studio.get_by_role("heading", level=1)).to_contain_text("passed the gate")
    expect(studio.locator(".reason").filter(has_text="%corr rose by")).to_be_visible()
    expect(studio.locator(".reason-against")).to_have_count(0)
    expect(studio.locator(".chain")).to_contain_text(TITLE)
    return int(studio.url.rstrip("/").rpartition("/")[2])


def moved(studio: Page, button: str, reason: str) -> None:
    """Promote, or roll back, with a reason."""
    studio.get_by_role("button", name=button, exact=True).click()
    dialog = studio.get_by_role("dialog")
    dialog.get_by_label("Reason").fill(reason)
    dialog.get_by_role("button", name=button, exact=True).click()
    expect(dialog).to_have_count(0)


def followed(studio: Page, demo: DemoSite, release: int) -> None:
    """Wait until the web process answers with that release."""
    for _ in range(FOLLOWING // 200):
        if (
            demo.post("search", {"sketch": demo.get("examples/")[0]["sketch"], "k": 1})["release"]["id"]
            == release
        ):
            return
        studio.wait_for_timeout(200)
    raise AssertionError(f"release {release} does not answer\n{demo.logs()}")
