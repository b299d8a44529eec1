"""Messages between local processes: atomic, delivered once, oldest first."""

from __future__ import annotations

import shutil
import threading
from pathlib import Path
from queue import Empty

import pytest
from kombu.connection import Connection

from webapp.stores.broker import SCHEME, Channel, broker_try


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "messages").mkdir()
    return tmp_path


def channel(folder: Path) -> Channel:
    options = {f"data_folder_{way}": str(folder / "messages") for way in ("in", "out")}
    options["control_folder"] = str(folder / "control")
    channel: Channel = Connection(f"{SCHEME}://localhost", transport_options=options).channel()  # type: ignore[no-untyped-call]
    return channel


def test_messages_arrive_in_order_and_only_in_their_queue(folder: Path) -> None:
    sender, receiver = channel(folder), channel(folder)
    for number in range(3):
        sender._put("index", {"number": number})
        threading.Event().wait(0.002)
    sender._put("index2", {"number": 9})
    assert [receiver._get("index")["number"] for _ in range(3)] == [0, 1, 2]
    with pytest.raises(Empty):
        receiver._get("index")
    assert receiver._size("index2") == 1  # type: ignore[no-untyped-call]


def test_many_receivers_get_every_message_complete_and_once(folder: Path) -> None:
    """Kombu's own transport delivers partial messages here, which crashes a worker."""
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


def test_deleted_folders_are_created_again(folder: Path) -> None:
    sender, receiver = channel(folder), channel(folder)
    shutil.rmtree(folder)
    with pytest.raises(Empty):
        receiver._get("index")
    shutil.rmtree(folder)
    sender._put("index", {"number": 1})
    assert receiver._get("index") == {"number": 1}
    shutil.rmtree(folder)
    sender._queue_bind("index", "index", "", "index")  # type: ignore[no-untyped-call]
    assert [row.queue for row in receiver.get_table("index")] == ["index"]  # type: ignore[no-untyped-call]


def test_trying_the_broker_leaves_nothing_and_reports_an_impossible_folder(folder: Path) -> None:
    connection = channel(folder).connection.client
    broker_try(connection)
    assert list((folder / "messages").iterdir()) == []
    (folder / "messages").rmdir()
    (folder / "messages").write_text("no folder")
    with pytest.raises(FileExistsError):
        broker_try(connection)
