"""Search continues without a WebSocket, after losing one, and after a server outage."""

from __future__ import annotations

import time

import pytest
from playwright.sync_api import Page, WebSocketRoute, expect

from tests.e2e.complaints import LOST, Complaints
from tests.e2e.draw_page import DrawPage
from tests.e2e.site_process import Site
from tests.e2e.sketches import CHAIR, LAMP, LINE

LIVE, ONE_BY_ONE = "live (WebSocket)", "per request (HTTP)"


def test_answers_come_over_the_socket(draw: DrawPage) -> None:
    draw.sketch([LINE])
    expect(draw.connection()).to_have_text(LIVE)


def test_without_websocket_the_search_uses_http(page: Page) -> None:
    page.route_web_socket("**/ws/search/**", lambda socket: socket.close())
    draw = DrawPage(page).open()
    chair = draw.sketch(CHAIR)
    expect(draw.connection()).to_have_text(ONE_BY_ONE)
    draw.button("Clear canvas").click()
    assert draw.sketch(LAMP) != chair


def test_a_lost_socket_reconnects(page: Page) -> None:
    sockets: list[WebSocketRoute] = []

    def connect(socket: WebSocketRoute) -> None:
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/ws/search/**", connect)
    draw = DrawPage(page).open()
    first = draw.sketch([LINE])
    expect(draw.connection()).to_have_text(LIVE)
    sockets[0].close()
    assert draw.sketch(LAMP) != first
    expect(draw.connection()).to_have_text(LIVE)
    assert len(sockets) == 2


@pytest.mark.parametrize("live", [True, False], ids=["socket", "http"])
def test_a_hung_server_is_shown_after_six_seconds_and_the_search_recovers(
    page: Page, site: Site, complaints: Complaints, live: bool
) -> None:
    complaints.mean(*LOST)
    if not live:
        page.route_web_socket("**/ws/search/**", lambda socket: socket.close())
    draw = DrawPage(page).open()
    first = draw.sketch([LINE])
    expect(draw.connection()).to_have_text(LIVE if live else ONE_BY_ONE)
    notice = page.get_by_text("The server does not answer.")
    with site.hung():
        draw.stroke(LAMP[0])
        asked = time.monotonic()
        expect(notice).to_be_visible()
        assert 5 < time.monotonic() - asked < 11  # six on an idle machine; a second wait would make it twelve
        for stroke in LAMP[1:]:
            draw.stroke(stroke)
        assert draw.ids() == first
    expect(notice).to_be_hidden()
    assert draw.found() != first
    draw.expect_strokes(1 + len(LAMP))


def test_drawing_continues_while_the_server_is_unavailable(
    draw: DrawPage, site: Site, complaints: Complaints
) -> None:
    first = draw.sketch([LINE])
    reader = draw.page.context.new_page()
    reader.goto("/browse/")
    reader.evaluate("navigator.serviceWorker.ready.then(() => undefined)")
    complaints.mean(*LOST)
    site.stop()
    try:
        for stroke in LAMP:
            draw.stroke(stroke)
        expect(draw.page.get_by_text("No connection.")).to_be_visible()
        assert draw.ids() == first
        reader.goto("/how/")
        expect(reader.get_by_role("heading", level=1)).to_have_text("No connection")
    finally:
        site.start()
    expect(draw.page.get_by_text("No connection.")).to_be_hidden(timeout=60_000)
    assert draw.found() != first
    draw.expect_strokes(1 + len(LAMP))
