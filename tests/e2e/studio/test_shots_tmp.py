from tests.e2e.looks import PHONE
from playwright.sync_api import expect


def test_shots(new_context, sign_in, ids, site):
    for name, view in (("wide", {"width": 1280, "height": 900}), ("phone", {"width": 390, "height": 844})):
        page = sign_in(new_context(viewport=view).new_page())
        for what, path in (
            ("run", f"runs/{ids['running']}/"),
            ("new", "runs/new/"),
            ("runs", "runs/"),
            ("model", f"models/{ids['model']}/"),
        ):
            page.goto(f"/studio/{path}")
            page.wait_for_timeout(1500)
            page.screenshot(path=f"/tmp/workns/{what}-{name}.png")
        page.goto("/studio/runs/rules/")
        page.wait_for_timeout(500)
        page.locator(".form-row .action-main").click()
        page.wait_for_timeout(300)
        page.screenshot(path=f"/tmp/workns/ruleform-{name}.png")
        page.locator(".form-end .action-main").click()
        page.wait_for_timeout(1500)
        page.screenshot(path=f"/tmp/workns/rules-{name}.png")
