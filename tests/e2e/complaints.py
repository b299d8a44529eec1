"""Errors that browsers report during a test."""

LOST = ("net::ERR_", "WebSocket connection to")
"""Chromium's messages for an unavailable server or network."""


class Complaints:
    """Errors on the consoles and in the scripts of a test's pages.

    A browser reports them at any time, even after the page has shown the failure: a test names the errors
    that it provokes beforehand, and any others by its end make it fail.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._meant: list[str] = []

    def mean(self, *texts: str) -> None:
        """Expect complaints that contain one of ``texts``."""
        self._meant += texts

    def unmeant(self) -> list[str]:
        return [said for said in self.heard if not any(text in said for text in self._meant)]
