"""A whole paid study, as the tutorial tells it: own material in, a crowd of twelve, settled, exported and recomputed."""

from __future__ import annotations

import hashlib
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator
from decimal import Decimal
from itertools import combinations
from pathlib import Path
from typing import Any

import httpx
import krippendorff
import numpy as np
import pandas as pd
import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.test_studies import RUN
from tests.e2e.annotation.test_studio import operator, operator_account
from tests.e2e.annotation.work_page import WorkPage
from tests.e2e.complaints import Complaints
from tests.e2e.site_process import Site
from tests.factories import picture
from tests.support.material import SVG, zipped
from tests.support.panel_worker import Card, Judge, PanelWorker

__all__ = ["operator", "operator_account"]

SLUG, REQUIRED, REWARD = "paid-study", 8, Decimal(2)
PHOTOS = range(1, 7)
EARLY, BONUS, ABOVE, LEAST = Decimal("0.25"), Decimal("0.50"), 0.7, 4
SETTINGS = {
    "currency": "EUR",
    "reward": float(REWARD),
    "partial_pay": {"kind": "work", "value": float(EARLY)},
    "bonus": {"kind": "agreement", "amount": float(BONUS), "above": ABOVE, "least": LEAST},
    "spending_cap": 30,
    "completion_url": "https://app.prolific.com/submissions/complete?cc={code}",
    "endings": {"screened_out": {"code": "OUT"}, "ended_early": {"code": "EARLY"}},
    "licence": "CC BY 4.0",
}
CAMPAIGN = {
    "kind": "triplets",
    "title": "A paid study",
    "slug": SLUG,
    "access": "panel",
    "votes_per_task": 3,
    "stop_when_decided": False,
    "gold_share": 0.25,
    "qualification_share": 1.0,
    "required_answers": REQUIRED,
    "break_every": 0,
    "completion_code": "DONE",
    "settings": SETTINGS,
}
PRACTICE = "s1,p1,p6,p1,The first is far closer.\ns2,p5,p2,p2,The second is far closer.\n"
GOLD = "s1,p1,p5,p1,\ns2,p2,p6,p2,\ns1,p6,p2,p2,\ns2,p1,p4,p1,\n"


def ordinary(sketch: str) -> str:
    """Return the triplets of a sketch that are neither gold nor practice, as rows of a file."""
    special = {frozenset(row.split(",")[:3]) for row in (PRACTICE + GOLD).splitlines()}
    pairs = [
        pair[::-1] if sum(map(ord, "".join(pair))) % 2 else pair
        for pair in combinations([f"p{n}" for n in PHOTOS], 2)
    ]
    return "".join(f"{sketch},{a},{b},,\n" for a, b in pairs if frozenset((sketch, a, b)) not in special)


def number(side: dict[str, Any]) -> int:
    return int(re.sub(r"\D", "", side["name"]))


def honest(name: str) -> Judge:
    """Return the judgement of somebody who finds the lower number closer, and is mistaken about some pairs."""

    def judge(card: Card) -> str:
        left, right = number(card["left"]), number(card["right"])
        seed = f"{name}{min(left, right)}{max(left, right)}{card['sketch_url']}"
        mistaken = card["training"] is None and hashlib.sha256(seed.encode()).digest()[0] < 32
        return "left" if (left < right) != mistaken else "right"

    return judge


def cheat(card: Card) -> str:
    """Pass the practice, and then click on the left photo alone."""
    return honest("")(card) if card["training"] is not None else "left"


def wrong(card: Card) -> str:
    return "right" if honest("")(card) == "left" else "left"


@pytest.fixture
def api(site: Site, operator_account: tuple[str, str]) -> Iterator[httpx.Client]:
    token = site.manage("create_operator", "paid-study", "--password", "a long pencil 43", "--token", "study")
    headers = {"Authorization": f"Bearer {token.strip().splitlines()[-1]}"}
    with httpx.Client(base_url=f"{site.url}/api/v1/", headers=headers, timeout=60) as client:
        yield client


def got(answer: httpx.Response) -> Any:
    assert answer.is_success, (answer.request.url, answer.status_code, answer.text)
    return answer.json() if answer.content else None


def brought_in(api: httpx.Client, site: Site) -> int:
    """Bring in the photos and sketches. Return the study set."""
    made: int = got(api.post("study-sets/", json={"name": "Paid study"}))["id"]
    photos = {f"{n}.png": picture(n) for n in PHOTOS}
    photo_rows = "".join(f"p{n},shape {n},{n}.png\n" for n in PHOTOS)
    for what, data in (
        ("photos", zipped(f"id,name,file\n{photo_rows}", photos)),
        ("sketches", zipped("id,true_match,file\ns1,p1,a.svg\ns2,p2,a.svg\n", {"a.svg": SVG})),
    ):
        got(
            api.post(
                f"study-sets/{made}/imports/", data={"what": what}, files={"file": (f"{what}.zip", data)}
            )
        )
        site.manage("shell", "--no-imports", "--command", RUN)
    imports = got(api.get(f"study-sets/{made}/"))["imports"]
    assert {(row["what"], row["status"], row["n_refused"]) for row in imports} == {
        ("photos", "done", 0),
        ("sketches", "done", 0),
    }
    return made


def add_triplets(api: httpx.Client, campaign: int, study_set: int, rows: str) -> int:
    file = ("triplets.csv", f"sketch,a,b,gold,explanation\n{rows}")
    made: int = got(
        api.post(f"campaigns/{campaign}/triplets/", data={"study_set": study_set}, files={"file": file})
    )["made"]
    return made


def step(api: httpx.Client, campaign: int, name: str) -> str:
    status: str = got(api.post(f"campaigns/{campaign}/{name}", json={}))["status"]
    return status


def test_a_whole_paid_study(
    operator: Page,
    new_context: Callable[..., BrowserContext],
    site: Site,
    api: httpx.Client,
    complaints: Complaints,
) -> None:
    # In: own material, what it will cost, consent
    study_set = brought_in(api, site)
    campaign: int = got(api.post("campaigns/", json=CAMPAIGN))["id"]
    first, more = ordinary("s1"), ordinary("s2")
    assert add_triplets(api, campaign, study_set, PRACTICE + GOLD + first) == 2 + 4 + 12
    estimate = got(api.post(f"campaigns/{campaign}/estimate/", json={"n_tasks": 12}))
    assert (estimate["n_gold"], estimate["n_practice"], estimate["exceeds_cap"]) == (4, 2, False)
    consent = {"text": "You judge shapes for science.", "contact": "lab@example.org"}
    (version,) = got(api.put(f"campaigns/{campaign}/consent/", json=consent))
    assert step(api, campaign, "open") == "open"

    def worker(name: str, judge: Judge | None = None) -> PanelWorker:
        return PanelWorker(site.url, campaign, name, judge or honest(name), version["number"])

    # One fails the practice, one leaves early, two cheat, one comes back after a pause
    failing = worker("fail", wrong)
    failing.work()
    assert (failing.end()["ending"], failing.end()["completion_code"]) == ("screened_out", "OUT")
    early = worker("early")
    assert early.work(2 + 3) == 5
    left = early.end(leave=True)
    assert (left["ending"], left["completion_code"], left["pay"]) == ("ended_early", "EARLY", "0.75")
    back = worker("back")
    assert back.work(2 + 2) == 4
    assert step(api, campaign, "pause") == "paused"
    assert back.next() is None
    assert back.standing["obstacle"] == "paused"
    assert step(api, campaign, "resume") == "open"
    crowd = [
        back,
        *(worker(f"honest-{n}") for n in range(1, 7)),
        worker("cheat-1", cheat),
        worker("cheat-2", cheat),
    ]
    done = [one.work(REQUIRED - 2 if one is back else REQUIRED + 2) for one in crowd]
    assert done[-1] < REQUIRED + 2
    assert crowd[-1].standing["obstacle"] == "none_left"

    # Tasks are added, and everyone goes on
    assert add_triplets(api, campaign, study_set, more) == 12
    for one in crowd:
        credited = got(api.get(f"campaigns/{campaign}/settle/"))["rows"]
        n = next(row["n_credited"] for row in credited if row["panel_id"] == one.name)
        one.work(max(0, REQUIRED - n))
    for one in crowd:
        ended = [one.end(), one.end()]  # the first answer was lost on the way
        assert {(e["ending"], e["completion_code"], e["pay"]) for e in ended} == {
            ("finished", "DONE", "2.00")
        }

    # The last one works in a browser, and loses the connection before the end
    tasks = got(api.get(f"campaigns/{campaign}/tasks/?page_size=200"))["results"]
    names = {side["photo_url"]: number(side) for task in tasks for side in (task["a"], task["b"])}
    query = "?PROLIFIC_PID=browser&STUDY_ID=study&SESSION_ID=session-browser"
    page = WorkPage(new_context().new_page(), {SLUG: campaign}).join(SLUG, query)
    for place in range(2 + REQUIRED):
        if place == REQUIRED + 1:
            complaints.mean("ERR_INTERNET_DISCONNECTED")
            page.page.context.set_offline(True)
        shown = [
            names[re.sub(r"^https?://[^/]+", "", page.photo(side).locator("img").evaluate("i => i.src"))]
            for side in ("left", "right")
        ]
        key = "1" if shown[0] < shown[1] else "2"
        if place >= 2:
            page.press(key)
            continue
        page.look()  # at a practice task, which says whether the answer is right
        page.page.keyboard.press(key)
        page.button("Continue").click()
    page.page.context.set_offline(False)
    code, finish = page.page.locator(".code-value"), page.button("Finish")
    expect(code.or_(finish).first).to_be_visible()
    if finish.is_visible():  # there are more tasks than the code takes
        page.saved()
        finish.click()
    expect(code).to_have_text("DONE")
    assert step(api, campaign, "close") == "closed"

    # Settled: who finished is approved, cheats are rejected, who left early is paid by bonus
    rows = {row["panel_id"]: row for row in got(api.get(f"campaigns/{campaign}/settle/"))["rows"]}
    assert len(rows) == 12
    assert (rows["fail"]["state"], rows["early"]["state"]) == ("screened_out", "ended_early")
    for body in (
        {"verdict": "reject", "names": ["cheat-1", "cheat-2"], "reason": "Clicked on the left photo alone."},
        {"verdict": "bonus", "names": ["early"]},
    ):
        ids = [rows[name]["enrolment_id"] for name in body.pop("names")]
        got(api.post(f"campaigns/{campaign}/settle/", json={**body, "enrolments": ids}))
    operator.goto(f"/studio/campaigns/{campaign}/settle/")
    operator.get_by_role("button", name="Select who finished").click()
    operator.get_by_role("button", name="Approve", exact=True).click()
    operator.get_by_role("dialog").get_by_role("button", name="Approve").click()
    expect(operator.locator(".settle-table tr").filter(has_text="approved")).to_have_count(8)
    with operator.expect_download() as download:
        operator.get_by_role("link", name="Prolific: approve").click()
    approved = Path(download.value.path()).read_text().split()
    assert sorted(approved) == ["back", "browser", *(f"honest-{n}" for n in range(1, 7))]

    # Out: everything can be recomputed from the files
    export = got_bytes(api, f"campaigns/{campaign}/export/votes?type=csv")
    votes = pd.read_csv(io.BytesIO(export), parse_dates=["answered_at"])
    decisions = pd.read_csv(io.BytesIO(got_bytes(api, f"campaigns/{campaign}/settle/export")))
    frozen = got(api.post(f"campaigns/{campaign}/snapshots/", json={"name": "paid"}))
    archive = zipfile.ZipFile(io.BytesIO(got_bytes(api, f"snapshots/{frozen['id']}/export?type=zip")))
    counted = votes[votes["counted"]]
    assert votes["origin"].eq("person").all()
    assert set(votes["sketch_own_id"]) == {"s1", "s2"}
    assert consensus(counted) == settled(archive)
    manifest = json.loads(archive.read("manifest.json"))
    assert alpha(counted) == pytest.approx(manifest["consensus"]["alpha"], abs=5e-7)  # rounded there
    began = ["fail", "early", *(one.name for one in crowd), "browser"]
    pay = earned(votes, counted, began, cheats={"cheat-1", "cheat-2"})
    decided = decisions.set_index("participant_id")
    assert {
        name: (money(row["pay"]), money(row["bonus"]), money(row["total"]))
        for name, row in decided.iterrows()
    } == {name: (*parts, sum(parts)) for name, parts in pay.items()}


def got_bytes(api: httpx.Client, path: str) -> bytes:
    answer = api.get(path)
    assert answer.is_success, answer.text
    return answer.content


def money(amount: float) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"))


def consensus(counted: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Return sketch, closer and other product of each triplet with a majority."""
    found = set()
    for (sketch, a, b), group in counted.groupby(["sketch", "a", "b"]):
        lead = group["choice"].eq("a").sum() - group["choice"].eq("b").sum()
        if len(group) == 3 and lead:
            found.add((sketch, a, b) if lead > 0 else (sketch, b, a))
    return found


def settled(archive: zipfile.ZipFile) -> set[tuple[str, str, str]]:
    rows = map(json.loads, archive.read("triplets.jsonl").splitlines())
    return {(row["sketch"], row["positive"], row["negative"]) for row in rows}


def alpha(counted: pd.DataFrame) -> float:
    decisive = counted[counted["choice"].isin(["a", "b"])]
    codes = decisive.pivot(index="worker", columns="task", values="choice")
    table = codes.apply(lambda task: task.map({"a": 0.0, "b": 1.0})).to_numpy(dtype=float)
    return float(krippendorff.alpha(table, level_of_measurement="nominal"))


def earned(
    votes: pd.DataFrame, counted: pd.DataFrame, names: list[str], cheats: set[str]
) -> dict[str, tuple[Decimal, Decimal]]:
    """Return the pay and the bonus of everyone with an answer that is not practice, by the campaign's rules alone.

    names: everyone's, in the order of their first answers.
    """
    known = dict(zip(votes.sort_values("answered_at")["worker"].drop_duplicates(), names, strict=True))
    answers = votes[votes["credited"]]
    found = {}
    for worker, mine in answers.groupby("worker"):
        cheated = known[worker] in cheats
        done = min(len(mine), REQUIRED)
        whole = REWARD if done == REQUIRED else max(EARLY, money(float(REWARD * done / REQUIRED)))
        others = counted[counted["worker"] != worker]
        lead = others["choice"].map({"a": 1, "b": -1}).groupby(others["task"]).sum()
        own = counted[counted["worker"] == worker]
        majority = own["task"].map(lead).fillna(0)
        agrees = np.sign(majority) == own["choice"].map({"a": 1, "b": -1})
        n = int((majority != 0).sum())
        share = float(agrees[majority != 0].mean()) if n else 0.0
        pays = n >= LEAST and share >= ABOVE and not cheated
        found[known[worker]] = (money(0) if cheated else whole, BONUS if pays else money(0))
    return found
