"""What browsers complain of while a test uses them."""

LOST = ("net::ERR_", "WebSocket connection to")
"""How Chromium tells that a server or the network is away."""


class Complaints:
    """Errors on the consoles and in the scripts of a test's pages.

    A browser tells of them when it likes, even after the page has shown the failure: what a test provokes
    it names beforehand, and everything else that was heard by its end fails it.
    """

    def __init__(self) -> None:
        self.heard: list[str] = []
        self._meant: list[str] = []

    def mean(self, *texts: str) -> None:
        """The test provokes complaints with one of ``texts`` in them."""
        self._meant += texts

    def unmeant(self) -> list[str]:
        return [said for said in self.heard if not any(text in said for text in self._meant)]
