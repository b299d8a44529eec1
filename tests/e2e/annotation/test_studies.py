"""A researcher's own study in the studio: sets, triplets from a file, gold, consent, and opening with a warning."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import BrowserContext, Page, expect

from tests.e2e.annotation.test_studio import operator, operator_account  # noqa: F401  fixtures
from tests.e2e.complaints import Complaints
from tests.e2e.site_process import Site
from tests.factories import picture
from tests.support.material import SVG, zipped

RUN = """
from annotation.models import MaterialImport
from annotation.services.material.imports import material_import_run
[material_import_run(import_id=pk) for pk in MaterialImport.objects.filter(status="queued").values_list("pk", flat=True)]
"""


def upload(page: Page, site: Site, name: str, data: bytes, content: str = "Sketches") -> None:
    page.get_by_label("Content").select_option(label=content)
    page.locator("input[type=file]").set_input_files(
        {"name": name, "mimeType": "application/zip", "buffer": data}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_text(name)).to_be_visible()
    site.manage("shell", "--no-imports", "--command", RUN)


def test_an_own_study_from_its_files_to_its_first_worker(
    operator: Page,  # noqa: F811
    new_context: Callable[..., BrowserContext],
    site: Site,
    complaints: Complaints,
) -> None:
    operator.get_by_role("link", name="Study sets").click()
    operator.get_by_label("Name of a new set").fill("Pilot shoes")
    operator.get_by_role("button", name="Create set").click()
    expect(operator.get_by_role("heading", level=1)).to_have_text("Pilot shoes")
    upload(operator, site, "wrong.zip", zipped("id,file\ns1,gone.svg\n", {"a.svg": SVG}))
    expect(operator.get_by_text("Nothing was added: 1 row is wrong.")).to_be_visible()
    expect(operator.get_by_text("Row 1, s1, gone.svg: file:")).to_be_visible()
    upload(operator, site, "sketches.zip", zipped("id,file\ns1,a.svg\ns2,a.svg\n", {"a.svg": SVG}))
    expect(operator.get_by_role("heading", name="Sketches (2)")).to_be_visible()
    photos = {f"{n}.png": picture(n) for n in (1, 2, 3)}
    rows = "".join(f"p{n},{n}.png\n" for n in (1, 2, 3))
    upload(operator, site, "photos.zip", zipped(f"id,file\n{rows}", photos), "Private photos")
    expect(operator.get_by_role("heading", name="Private photos (3)")).to_be_visible()

    operator.get_by_role("link", name="Campaigns").first.click()
    operator.get_by_role("link", name="New campaign").first.click()  # the empty state has one, too
    operator.get_by_label("Title", exact=True).fill("My shoes")
    operator.get_by_label("Gold tasks (%)").fill("20")
    operator.get_by_label("Pay for finishing").fill("3")
    operator.get_by_label("Spending cap").fill("6")
    operator.get_by_role("button", name="Create draft").click()
    head = operator.get_by_role("heading", level=1)
    expect(head).to_contain_text("My shoes")
    operator.get_by_label("The ids are of").select_option(label="Study set: Pilot shoes")
    triplets = b"sketch,a,b\ns1,p1,p2\ns1,p1,p3\ns2,p2,p3\n"
    operator.locator("input[type=file]").set_input_files(
        {"name": "triplets.csv", "mimeType": "text/csv", "buffer": triplets}
    )
    operator.get_by_role("button", name="Add from file").click()
    expect(operator.get_by_text("3 tasks added")).to_be_visible()

    operator.get_by_label("Sketches", exact=True).select_option(label="Study set: Pilot shoes")
    operator.get_by_label("Photos", exact=True).select_option(label="Pilot shoes")
    operator.get_by_text("What will it cost?").click()
    operator.get_by_label("Cost of").select_option(label="These and the selection above")
    expect(operator.get_by_text("3 now, 6 more")).to_be_visible()
    expect(operator.get_by_text("Pay and bonuses exceed the spending cap")).to_be_visible()

    complaints.mean("status of 400")
    operator.get_by_role("button", name="Open to workers").click()
    warning = operator.get_by_role("dialog", name="Open in spite of this?")
    expect(warning).to_contain_text("no gold task")
    operator.keyboard.press("Escape")
    expect(head).to_contain_text("Draft")

    operator.get_by_text("Tasks, gold and practice").click()
    operator.get_by_role("button", name="Gold or practice…").first.click()
    marking = operator.get_by_role("dialog", name="Gold or practice")
    marking.get_by_label("Right answer").select_option(label="First photo")
    marking.get_by_role("button", name="Save").click()
    expect(operator.get_by_text("Gold: first photo")).to_be_visible()

    operator.get_by_text("Consent, contact and privacy").click()
    operator.get_by_label("Consent text", exact=True).fill("You will judge shoes.\n\nYou may stop.")
    operator.get_by_label("Contact", exact=True).fill("lab@example.org")
    editor = operator.locator(".consent-editor")
    editor.get_by_role("button", name="Save").click()
    expect(editor.get_by_text("0 participants")).to_be_visible()
    operator.get_by_role("button", name="Open to workers").click()
    expect(head).to_contain_text("Open")

    worker = new_context().new_page()
    worker.goto("/annotate/my-shoes/")
    expect(worker.get_by_text("You will judge shoes.")).to_be_visible()
    expect(worker.get_by_text("lab@example.org")).to_be_visible()
    worker.get_by_label("I have read the information above, and I agree to take part.").check()
    worker.get_by_role("button", name="Start").click()
    expect(worker.locator("img[src*='/photos/']").first).to_be_visible()
    worker.get_by_role("button", name="Instructions and shortcuts").click()
    worker.get_by_role("dialog").get_by_text("About this study: contact").click()
    expect(worker.get_by_role("dialog").get_by_text("lab@example.org")).to_be_visible()
    operator.reload()
    operator.get_by_text("Consent, contact and privacy").click()
    expect(editor.get_by_text("1 participant")).to_be_visible()


def test_a_copy_is_made_and_a_draft_deleted(
    operator: Page,  # noqa: F811
    campaigns: dict[str, int],
) -> None:
    operator.goto(f"/studio/campaigns/{campaigns['singles']}/")
    operator.get_by_role("button", name="Duplicate").click()
    dialog = operator.get_by_role("dialog")
    dialog.get_by_label("Title").fill("Singles again")
    dialog.get_by_role("button", name="Duplicate").click()
    head = operator.get_by_role("heading", level=1)
    expect(head).to_contain_text("Singles again")
    expect(head).to_contain_text("Draft")
    operator.get_by_role("button", name="Delete draft").click()
    operator.get_by_role("dialog").get_by_role("button", name="Delete draft").click()
    expect(operator.get_by_role("heading", level=1)).to_have_text("Campaigns")
    expect(operator.get_by_text("Singles again")).to_have_count(0)
