"""The browser's requests carry an id, by which their lines can be found in the logs of web and worker."""

import re

from playwright.sync_api import Page


def test_an_answer_carries_the_id_that_the_page_generated(page: Page) -> None:
    with page.expect_response("**/api/v1/examples/") as waited:
        page.goto("/")
    sent = waited.value.request.headers["x-request-id"]
    assert re.fullmatch("[0-9a-f]{32}", sent)
    assert waited.value.headers["x-request-id"] == sent
