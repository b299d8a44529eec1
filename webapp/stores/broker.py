"""The broker of a site on one machine: messages are files in a folder that its processes share.

Kombu's own transport writes a message under its final name, so a busy worker may read half of it and crash. Here a
message appears atomically, and is claimed by renaming it. Deleted folders are recreated, since a worker would exit
without them; the database's rows show what lost messages requested.
"""

from __future__ import annotations

import os
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.connection import Connection
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

SCHEME = "files"
TRANSPORT_ALIASES[SCHEME] = "webapp.stores.broker:Transport"


def broker_try(connection: Connection) -> None:
    """Send a message to a temporary queue and receive it. Raises what the broker's transport raises."""
    queue = f"try-{uuid.uuid4()}"
    channel = connection.default_channel
    channel._put(queue, {"properties": {}})  # type: ignore[no-untyped-call]
    channel._get(queue)  # type: ignore[no-untyped-call]


class Channel(filesystem.Channel):
    @property
    def data_folder_in(self) -> str:
        return self._folder("data_folder_in")

    @property
    def data_folder_out(self) -> str:
        return self._folder("data_folder_out")

    @property
    def control_folder(self) -> Path:
        return Path(self._folder("control_folder"))

    def _folder(self, option: str) -> str:
        folder = str(self.transport_options[option])
        os.makedirs(folder, exist_ok=True)
        return folder

    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        """Add a message to a queue, after older ones."""
        name = f"{time.time_ns() // 1_000_000}_{uuid.uuid4()}"
        folder = Path(self.data_folder_out)
        aside = folder / f"{name}.writing"
        aside.write_text(dumps(payload))  # type: ignore[no-untyped-call]
        aside.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Return the oldest message of a queue. Raises Empty if there is none."""
        folder = Path(self.data_folder_in)
        for name in sorted(os.listdir(folder)):
            if name.partition(".")[2] != f"{queue}.msg":
                continue
            taken = folder / f"{name.partition('.')[0]}.taken"
            try:
                (folder / name).rename(taken)
            except FileNotFoundError:  # another worker was faster
                continue
            message = taken.read_text()
            taken.unlink()
            return loads(message)  # type: ignore[no-untyped-call]
        raise Empty


class Transport(filesystem.Transport):
    Channel = Channel
