"""What a misbehaving client does, and how it reaches the site."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from http.client import HTTPConnection

_TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True)
class Target:
    """The site, as seen from one address of this machine."""

    host: str
    port: int
    address: str

    def connection(self) -> HTTPConnection:
        return HTTPConnection(self.host, self.port, timeout=_TIMEOUT_S, source_address=(self.address, 0))

    def post(self, path: str, body: bytes, content_type: str = "application/json", **headers: str) -> int:
        """Return the status of the answer to a POST on its own connection."""
        connection = self.connection()
        try:
            connection.request("POST", path, body, {"Content-Type": content_type, **headers})
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def post_json(self, path: str, body: object) -> int:
        return self.post(path, json.dumps(body).encode())


@dataclass(frozen=True, slots=True)
class Row:
    """A kind of misbehaviour: `act` is called repeatedly by `at_once` threads, with the number of the call."""

    name: str
    at_once: int
    act: Callable[[Target, int], object]
