"""Whether the site has a recogniser that works is reported; without one, searches rank by shape."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client
from rest_framework.test import APIClient

from ml.serving.recogniser import Recogniser
from tests.webapp.search.answering.shop import CHAIR, answer, skus
from webapp.catalog.models import Product
from webapp.probes.site_metrics import site_metrics
from webapp.registry.models import Release

BREAK: dict[str, Callable[[Path], object]] = {
    "missing": lambda folder: folder.rename(folder.with_name("elsewhere")),
    "no manifest": lambda folder: (folder / "model.json").unlink(),
    "altered": lambda folder: (folder / "recogniser.fp32.onnx").write_bytes(b"other"),
    "not JSON": lambda folder: (folder / "model.json").write_text("{"),
}


class TestBroken:
    """A recogniser that cannot be loaded: searches rank by shape, and the site says so."""

    @pytest.mark.parametrize("how", BREAK)
    def test_searches_rank_by_shape(
        self,
        api: APIClient,
        shop: dict[str, Product],
        recogniser_folder: Path,
        make_release: Callable[..., Release],
        how: str,
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        BREAK[how](recogniser_folder)
        make_release()
        body = answer(api, CHAIR)
        assert len(body["results"]) == 5
        assert body["recognised"] is None
        assert skus(answer(api, CHAIR, text="mug")) == ["mug"], "words and names need no recogniser"
        assert skus(answer(api, CHAIR, name="mug")) == ["mug"]
        monkeypatch.setattr(Recogniser, "load", lambda *_: pytest.fail("loaded with each query"))
        assert answer(api, CHAIR)["results"] == body["results"]

    def test_it_is_reported(
        self,
        shop: dict[str, Product],
        recogniser_folder: Path,
        make_release: Callable[..., Release],
        client: Client,
    ) -> None:
        BREAK["altered"](recogniser_folder)
        make_release()
        ready = client.get("/readyz").json()
        assert (ready["ready"], ready["recogniser"]) == (True, "failed")
        assert str(recogniser_folder) not in str(ready)
        assert b"sketchfind_recogniser_failed 1.0" in site_metrics()
        assert "ranked by shape alone" in client.get("/how/").content.decode()


def test_a_working_recogniser_is_reported(live_shop: dict[str, Product], client: Client) -> None:
    assert client.get("/readyz").json()["recogniser"] == "fp32"
    assert b"sketchfind_recogniser_failed 0.0" in site_metrics()
    assert "ranked by shape alone" not in client.get("/how/").content.decode()


def test_a_site_without_a_recogniser_reports_none(shop: dict[str, Product], client: Client) -> None:
    assert "recogniser" not in client.get("/readyz").json()
