"""An operator downloads a campaign's data, and lets described products choose the candidates of triplets."""

from __future__ import annotations

import csv
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.test_studio import NAME, PASSWORD
from tests.e2e.site_process import Site


@pytest.fixture
def operator(new_context: Callable[..., BrowserContext], site: Site) -> Page:
    site.manage("create_operator", f"{NAME}-exports", "--password", PASSWORD)
    page = new_context().new_page()
    page.goto("/studio/campaigns/")
    page.get_by_label("Username").fill(f"{NAME}-exports")
    page.get_by_label("Password").fill(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Campaigns")
    return page


def test_described_products_are_frozen_exported_and_choose_candidates(
    operator: Page, campaigns: dict[str, int], site: Site, tmp_path: Path
) -> None:
    code = "from tests.e2e.annotation.seeds import describe; describe('described', 2)"
    site.manage("shell", "--no-imports", "--command", code)
    operator.goto(f"/studio/campaigns/{campaigns['described']}/")
    attributes = operator.get_by_role("region", name="Attributes").first
    armrests = attributes.get_by_role("row").filter(has_text="Armrests")
    expect(armrests.get_by_role("cell")).to_have_text(["3", "0", "0", "–", "100%"])
    attributes.get_by_label("Aggregation").select_option("dawid-skene")
    attributes.get_by_role("button", name="Freeze").click()
    table = operator.get_by_role("region", name="Frozen tables").get_by_role("row").nth(1)
    expect(table).to_contain_text("described, dawid-skene")
    with operator.expect_download() as download:
        table.get_by_role("link", name="CSV").click()
    rows = list(csv.DictReader(Path(download.value.path()).read_text().splitlines()))
    assert {row["outcome"] for row in rows if row["attribute"] == "armrests"} == {"yes"}

    exports = operator.get_by_role("region", name="Exports")
    with operator.expect_download() as download:
        exports.get_by_role("link", name="CSV").first.click()
    assert download.value.suggested_filename == "described.zip"
    with zipfile.ZipFile(download.value.path()) as study:
        assert study.namelist() == ["datasheet.md", "codebook.md", "codebook.csv", "votes.csv"]
        assert len(study.read("votes.csv").splitlines()) == 1 + 6

    operator.goto(f"/studio/campaigns/{campaigns['singles']}/")
    operator.get_by_text("Add tasks").click()
    tasks = operator.get_by_role("group").filter(has_text="Add tasks")
    tasks.get_by_label("Attributes from").select_option(label="Chairs: described: described, dawid-skene (1)")
    expect(tasks.get_by_label("Weight of attributes")).to_have_value("1")
    expect(operator.get_by_label("Unsettled triplets")).to_have_value("left_out")
