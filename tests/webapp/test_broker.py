"""Messages between processes of one machine: whole or not there, each once, the oldest first."""

from __future__ import annotations

import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu import Connection

from webapp.broker import SCHEME, Channel


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "messages").mkdir()
    return tmp_path


def channel(folder: Path) -> Channel:
    options = {f"data_folder_{way}": str(folder / "messages") for way in ("in", "out")}
    options["control_folder"] = str(folder / "control")
    return Connection(f"{SCHEME}://localhost", transport_options=options).channel()


def test_messages_come_in_order_and_to_their_queue_alone(folder: Path) -> None:
    sender, receiver = channel(folder), channel(folder)
    for number in range(3):
        sender._put("index", {"number": number})
        threading.Event().wait(0.002)
    sender._put("index2", {"number": 9})
    assert [receiver._get("index")["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        receiver._get("index")
    assert receiver._size("index2") == 1


def test_many_receivers_get_every_message_whole_and_once(folder: Path) -> None:
    """Kombu's own transport hands out halves here, which ends a worker."""
    n_messages, text = 300, "x" * 20_000
    got: list[int] = []
    failed: list[BaseException] = []
    sent = threading.Event()

    def receive() -> None:
        receiver = channel(folder)
        try:
            while True:
                done = sent.is_set()
                try:
                    message = receiver._get("train")
                except Empty:
                    if done:
                        return
                    continue
                assert message["text"] == text
                got.append(message["number"])
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=receive) for _ in range(3)]
    for thread in threads:
        thread.start()
    sender = channel(folder)
    for number in range(n_messages):
        sender._put("train", {"number": number, "text": text})
    sent.set()
    for thread in threads:
        thread.join(60)
    assert failed == []
    assert sorted(got) == list(range(n_messages))
    assert list((folder / "messages").iterdir()) == []
