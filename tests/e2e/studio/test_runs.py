"""Runs in a real browser: requested, watched live, cancelled, compared."""

from __future__ import annotations

import json
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.complaints import LOST, Complaints
from tests.e2e.site_process import Site

Ids = dict[str, int]
PATHS = ["", "runs/", "runs/new/", "runs/rules/", "runs/compare/", "models/", "releases/", "queue/"]


def test_anonymous_users_are_redirected_to_sign_in(page: Page, ids: Ids) -> None:
    for path in [*PATHS, f"runs/{ids['done']}/", f"models/{ids['model']}/", f"releases/{ids['live']}/"]:
        page.goto(f"/studio/{path}")
        expect(page).to_have_url(re.compile("/admin/login/"))


def test_the_list_shows_each_run_and_filters(operator: Page, ids: Ids) -> None:
    operator.goto("/studio/runs/")
    running = operator.get_by_role("row").filter(has_text="Running")
    expect(running).to_contain_text("180 of 400 (45%)")
    expect(running).to_contain_text("1 min 50 s left")
    expect(running.get_by_role("progressbar")).to_be_visible()
    expect(operator.get_by_role("row").filter(has_text="Failed")).to_contain_text("out of memory")
    operator.get_by_role("button", name="Failed").click()
    expect(operator.locator("tbody tr")).to_have_count(1)
    operator.reload()  # the URL keeps the filter
    expect(operator.get_by_role("button", name="Failed")).to_have_attribute("aria-pressed", "true")
    expect(operator.locator("tbody tr")).to_have_count(1)


def test_a_run_is_followed_live_through_reload_and_restart(
    operator: Page, site: Site, ids: Ids, complaints: Complaints
) -> None:
    operator.goto(f"/studio/runs/{ids['running']}/")
    state, loss = operator.locator(".live-state"), operator.locator(".chart").filter(has_text="loss")
    expect(state).to_have_text("live")
    expect(loss.locator("canvas")).to_be_visible()
    expect(operator.locator(".log li")).to_have_count(60)
    _tell(site, ids, 180, 181)
    expect(operator.locator(".log li").last).to_contain_text("reported of step 181")
    expect(operator.locator(".run-progress")).to_contain_text("181 of 400")
    operator.reload()
    expect(operator.locator(".log li")).to_have_count(61)
    expect(state).to_have_text("live")

    complaints.mean(*LOST)
    site.stop()
    expect(state).to_have_text("no connection")
    expect(operator.locator(".log li")).to_have_count(61)  # existing rows stay
    _tell(site, ids, 182)
    site.start()
    expect(state).to_have_text("live")
    expect(operator.locator(".log li").last).to_contain_text("reported of step 182")
    expect(operator.locator(".log li")).to_have_count(62)


def test_curves_are_read_by_pointer_and_by_keyboard(operator: Page, ids: Ids) -> None:
    operator.goto(f"/studio/runs/{ids['done']}/")
    loss = operator.locator(".chart").filter(has_text="loss")
    lr = operator.locator(".chart").filter(has_text="lr")
    expect(loss.locator(".chart-x")).to_have_text("step 399")
    plot = loss.get_by_role("slider")
    plot.focus()
    operator.keyboard.press("Home")
    expect(loss.locator(".chart-x")).to_have_text("step 0")
    expect(lr.locator(".chart-x")).to_have_text("step 0")  # all charts follow
    expect(plot).to_have_attribute(
        "aria-valuetext", re.compile(r"^step 0: 1-projection 3\.1, 2-ranking 2\.4$")
    )
    operator.keyboard.press("ArrowRight")
    expect(loss.locator(".chart-x")).to_have_text("step 8")
    smooth = loss.locator(".legend strong").first.text_content()
    operator.get_by_label("Smoothing").fill("0")
    expect(loss.locator(".legend strong").first).not_to_have_text(smooth or "")
    operator.get_by_label("X axis").select_option("time")
    expect(loss.locator(".chart-x")).to_have_text(re.compile("^after"))
    box = loss.locator(".u-over").bounding_box()
    assert box
    operator.mouse.move(box["x"] + box["width"] / 2, box["y"] + 40)
    expect(loss.locator(".chart-x")).to_have_text(re.compile(r"^after 1 min"))


def test_a_failed_run_shows_the_reason(operator: Page, ids: Ids) -> None:
    operator.goto(f"/studio/runs/{ids['failed']}/")
    failure = operator.get_by_role("alert")
    expect(failure).to_contain_text("out of memory: the system killed the training")
    expect(failure).to_contain_text("on attempt 2")
    operator.get_by_label("Warnings and errors only").check()
    expect(operator.locator(".log li")).to_have_count(1)
    expect(operator.locator(".log li")).to_contain_text("killed by signal 9")


def test_a_run_is_requested_cancelled_and_resumed(operator: Page, ids: Ids) -> None:
    operator.goto("/studio/runs/")
    operator.get_by_role("link", name="New run").click()
    expect(operator.get_by_label("Snapshot")).to_have_value(str(ids["snapshot"]))
    operator.get_by_label("steps", exact=True).fill("40")
    operator.get_by_label("Note").fill("Is 40 enough?")
    expect(operator.get_by_text("1 changed")).to_be_visible()
    operator.get_by_role("button", name="Start").click()
    head = operator.get_by_role("heading", level=1)
    expect(head).to_contain_text("Waiting")
    expect(operator.get_by_text("Is 40 enough?")).to_be_visible()
    expect(operator.locator(".settings .setting-changed")).to_contain_text("steps")
    operator.get_by_role("button", name="Cancel run").click()
    expect(operator.get_by_role("dialog")).to_be_visible()
    operator.keyboard.press("Escape")
    expect(operator.get_by_role("dialog")).to_have_count(0)
    expect(head).to_contain_text("Waiting")
    operator.get_by_role("button", name="Cancel run").click()
    operator.get_by_role("dialog").get_by_role("button", name="Cancel run").click()
    expect(head).to_contain_text("Cancelled")
    operator.get_by_role("button", name="Resume").click()
    expect(head).to_contain_text("Waiting")
    operator.get_by_role("link", name="Duplicate run").click()
    expect(operator.get_by_label("steps", exact=True)).to_have_value("40")


def test_the_form_names_the_field_that_is_wrong(operator: Page, complaints: Complaints) -> None:
    operator.goto("/studio/runs/new/")
    steps = operator.get_by_label("steps", exact=True)
    steps.fill("many")
    operator.get_by_role("button", name="Start").click()
    expect(steps).to_be_focused()
    expect(steps).to_have_attribute("aria-invalid", "true")
    expect(steps.locator("xpath=..")).to_contain_text("Enter a whole number.")
    expect(operator.get_by_role("alert")).to_contain_text("steps")
    operator.get_by_role("button", name="reset to 300").click()
    processes = operator.get_by_label("Processes")
    processes.fill("99")
    complaints.mean("status of 400")
    operator.get_by_role("button", name="Start").click()  # the server refuses
    expect(processes).to_be_focused()
    expect(processes.locator("xpath=..")).to_contain_text("64")


def test_runs_are_compared(operator: Page, ids: Ids) -> None:
    operator.goto("/studio/runs/")
    for name in ("done", "other"):
        operator.get_by_role("checkbox", name=f"Compare run {ids[name]}").check()
    operator.get_by_role("button", name="Compare 2").click()
    differing = operator.get_by_role("region", name="Differences").get_by_role("row")
    expect(differing.filter(has_text="learning_rate")).to_contain_text("0.01")
    best = operator.get_by_role("row", name=re.compile("acc@1 0")).locator("strong")
    expect(best).to_have_text("0.61")
    legend = operator.locator(".chart").filter(has_text="loss").locator(".legend li")
    expect(legend).to_have_count(3)  # two stages of one, one of the other
    operator.get_by_label("Add a run…").select_option(str(ids["failed"]))
    expect(legend).to_have_count(4)
    operator.get_by_role("button", name=f"Remove run {ids['done']}").click()
    expect(legend).to_have_count(2)
    expect(operator).to_have_url(re.compile(f"ids={ids['other']},{ids['failed']}$"))


@pytest.mark.parametrize(("path", "words"), [("runs/", "No runs yet"), ("models/", "No models yet")])
def test_an_empty_studio_explains_what_will_appear(operator: Page, path: str, words: str) -> None:
    nothing = json.dumps({"count": 0, "next": None, "previous": None, "results": []})

    def answer(route: Route) -> None:
        route.fulfill(status=200, content_type="application/json", body=nothing)

    operator.route(re.compile(f"/api/v1/{path}"), answer)
    operator.goto(f"/studio/{path}")
    expect(operator.get_by_role("heading", name=words)).to_be_visible()


def test_a_page_reports_a_lost_server_and_recovers(operator: Page, complaints: Complaints) -> None:
    complaints.mean(*LOST)
    pattern = re.compile(r"/api/v1/queue/")
    operator.route(pattern, lambda route: route.abort())
    operator.goto("/studio/queue/")
    expect(operator.get_by_role("alert")).to_contain_text("No connection.")
    operator.unroute(pattern)
    operator.get_by_role("button", name="Try again").click()
    expect(operator.get_by_role("row").filter(has_text="train@desk")).to_contain_text("active")
    expect(operator.get_by_role("row").filter(has_text="index@desk")).to_contain_text("no heartbeat")
    operator.route(pattern, lambda route: route.abort())
    expect(operator.locator(".live-state")).to_have_text("no connection")
    expect(operator.get_by_role("row").filter(has_text="train@desk")).to_be_visible()  # existing rows stay
    operator.unroute_all()


def _tell(site: Site, ids: Ids, *steps: int) -> None:
    code = f"from tests.e2e.studio.seeds import tell; tell({ids['running']}, {list(steps)})"
    site.manage("shell", "--no-imports", "--command", code)


def test_a_retrain_rule_is_made_changed_and_deleted(operator: Page) -> None:
    operator.goto("/studio/runs/")
    operator.get_by_role("link", name="Retrain rules").click()
    operator.get_by_role("button", name="New rule").click()
    expect(operator.get_by_label("Profile")).to_have_value("fine-tune")
    operator.get_by_label("System", exact=True).select_option("triplet-san")
    expect(operator.get_by_role("option", name="gpu (no GPU here)")).to_be_disabled()
    operator.get_by_label("System", exact=True).select_option("sketchfind")
    operator.get_by_label("New triplets").fill("50")
    operator.get_by_label("steps", exact=True).fill("60")
    operator.get_by_role("button", name="Save").click()
    row = operator.get_by_role("row").filter(has_text="retrained by a rule")
    expect(row).to_contain_text("0 of 50")
    row.get_by_role("button", name="Edit").click()
    expect(operator.get_by_label("steps", exact=True)).to_have_value("60")
    operator.get_by_role("switch", name=re.compile("^On ")).uncheck()
    operator.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("off")
    row.get_by_role("button", name="Delete").click()
    operator.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(row).to_have_count(0)
