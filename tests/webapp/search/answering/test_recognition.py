"""Searches by what a sketch is recognised as, by a chosen name, by words, and by shape alone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import Settings
from rest_framework.test import APIClient

from ml.serving.recogniser import Recogniser
from ml.sketch.strokes import parse_sketch
from tests.factories import CategoryFactory, PhotoFactory, ProductFactory, picture
from tests.support.example_recogniser import example_recogniser
from tests.support.live_release import live_now
from webapp.accounts.models import User
from webapp.catalog.models import Category, Product
from webapp.catalog.words.services import correction_set
from webapp.probes.site_metrics import site_metrics
from webapp.registry.indexes import recogniser as loading
from webapp.registry.models import Release
from webapp.registry.releases import live
from webapp.search import words


def payload(*strokes: Any) -> dict[str, Any]:
    return {"width": 100, "height": 100, "strokes": [list(stroke) for stroke in strokes]}


CHAIR = payload([[20, 10], [20, 90]], [[20, 55], [70, 55], [70, 90]])
MUG = payload([[10, 20], [10, 90], [70, 90], [70, 20], [10, 20]], [[70, 40], [95, 50], [70, 75]])
ZEBRA = payload([[10, 10], [90, 90]], [[90, 10], [10, 90]])
EXAMPLES = {"chair": CHAIR, "mug": MUG, "zebra": ZEBRA}
SHOP = {
    "red-chair": ("Red oak chair", "seats"),
    "blue-chair": ("Blue chair", "seats"),
    "mug": ("Blue mug", "kitchen"),
    "teapot": ("Teapot", "kitchen"),
    "kivik": ("Kivik", "new"),
}


@pytest.fixture
def shop(db: None) -> dict[str, Product]:
    """Five products by SKU: two chairs, a mug, a teapot, and one whose words say nothing."""
    names = {"seats": ("Seats", "Sitzmöbel"), "kitchen": ("Kitchen", "Küche"), "new": ("New", "Neu")}
    categories = {
        slug: CategoryFactory(slug=slug, name_en=english, name_de=german)
        for slug, (english, german) in names.items()
    }
    return {
        sku: ProductFactory(sku=sku, name=name, category=categories[slug], photo__seed=seed)
        for seed, (sku, (name, slug)) in enumerate(SHOP.items())
    }


@pytest.fixture
def recogniser_folder(tmp_path: Path, settings: Settings) -> Path:
    examples = {name: parse_sketch(sketch) for name, sketch in EXAMPLES.items()}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "recogniser", examples)
    loading.forget()
    return Path(settings.RECOGNISER_DIR)


@pytest.fixture
def live_shop(
    shop: dict[str, Product], recogniser_folder: Path, make_release: Callable[..., Release]
) -> dict[str, Product]:
    """The shop, searched with a recogniser."""
    make_release(name_weight=0.3)
    return shop


@pytest.fixture
def follows_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known of the catalogue's words is read again with every query."""
    monkeypatch.setattr(live, "_FITS_S", 0.0)
    monkeypatch.setattr(words, "_KEPT_S", 0.0)


def answer(api: APIClient, sketch: Any, language: str = "en", **query: Any) -> Any:
    headers = {"accept-language": language}
    response = api.post(
        "/api/v1/search", {"sketch": sketch, "k": 20, **query}, format="json", headers=headers
    )
    assert response.status_code == 200, response.content
    return response.json()


def skus(body: Any) -> list[str]:
    return [result["product"]["sku"] for result in body["results"]]


def test_products_of_the_recognised_name_come_first(api: APIClient, live_shop: dict[str, Product]) -> None:
    for sketch, meant in ((CHAIR, {"red-chair", "blue-chair"}), (MUG, {"mug"})):
        body = answer(api, sketch)
        assert set(skus(body)[: len(meant)]) == meant
        assert len(body["results"]) == 5, "others follow"
        scores = [result["score"] for result in body["results"]]
        assert scores == sorted(scores, reverse=True)


def test_names_are_offered_in_the_visitors_language(api: APIClient, live_shop: dict[str, Product]) -> None:
    offered = answer(api, MUG)["recognised"]
    assert offered["sure"] is True
    assert offered["names"][0] == {
        "name": "mug",
        "label": "mug",
        "probability": pytest.approx(1, abs=0.05),
        "n_products": 1,
    }
    german = answer(api, MUG, language="de")["recognised"]["names"][0]
    assert (german["name"], german["label"]) == ("mug", "Becher")


def test_products_of_a_name_are_counted_not_photos(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    PhotoFactory(product=live_shop["red-chair"], position=1, seed=70)
    make_release(name_weight=0.3)
    assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 2
    assert answer(api, ZEBRA)["recognised"]["names"][0]["n_products"] == 0


def test_a_drawing_that_shows_nothing_known_offers_no_name(
    api: APIClient,
    shop: dict[str, Product],
    settings: Settings,
    tmp_path: Path,
    make_release: Callable[..., Release],
) -> None:
    examples = {name: parse_sketch(sketch) for name, sketch in EXAMPLES.items()}
    changes = {"temperature": 100.0, "nothing_below": 0.5}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "unsure", examples, **changes)
    loading.forget()
    make_release()
    assert answer(api, MUG)["recognised"] == {"sure": False, "names": []}


DOT, SPECK = payload([[50, 50]]), payload([[50, 50], [52, 51], [50, 52]])
SHORT_LINE, LONG_LINE = payload([[40, 50], [52, 53]]), payload([[5, 50], [50, 51], [95, 50]])
MARKS = {"dot": DOT, "speck": SPECK, "short line": SHORT_LINE, "line": LONG_LINE}


@pytest.fixture
def eager_shop(
    shop: dict[str, Product], settings: Settings, tmp_path: Path, make_release: Callable[..., Release]
) -> dict[str, Product]:
    """A shop with a recogniser for which a dot is a mug and a line is a chair."""
    examples = {"mug": parse_sketch(DOT), "chair": parse_sketch(LONG_LINE), "zebra": parse_sketch(ZEBRA)}
    settings.RECOGNISER_DIR = example_recogniser(tmp_path / "eager", examples)
    loading.forget()
    make_release(name_weight=0.3)
    known = loading.recogniser()
    assert known is not None
    for mark in MARKS.values():
        assert known.offered(known.recognise(parse_sketch(mark))), "it would be named"
    return shop


@pytest.mark.parametrize("mark", MARKS.values(), ids=MARKS)
def test_a_mark_is_named_nothing_and_ranked_by_shape(
    api: APIClient, eager_shop: dict[str, Product], mark: Any
) -> None:
    body = answer(api, mark)
    assert body["recognised"] == {"sure": False, "names": []}
    assert body["results"] == answer(api, mark, by_shape=True)["results"]
    assert len(body["results"]) == 5
    assert set(skus(answer(api, mark, name="chair"))) == {"red-chair", "blue-chair"}
    assert answer(api, ZEBRA)["recognised"]["names"][0]["name"] == "zebra"


def test_without_a_recogniser_a_mark_has_no_names_either(
    api: APIClient, shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release()
    assert answer(api, DOT)["recognised"] is None


def test_a_blank_page_is_refused(api: APIClient, eager_shop: dict[str, Product]) -> None:
    blanks: tuple[list[list[float]], ...] = ([], [[]])
    for strokes in blanks:
        blank = {"width": 100, "height": 100, "strokes": strokes}
        response = api.post("/api/v1/search", {"sketch": blank}, format="json")
        assert response.status_code == 400
        assert response.json()["field"].startswith("sketch.strokes")


def test_an_uploaded_line_is_named_nothing(api: APIClient, eager_shop: dict[str, Product]) -> None:
    svg = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path stroke="black" d="M1 5L8 5"/></svg>'
    )
    file = SimpleUploadedFile("line.svg", svg)
    body = api.post("/api/v1/search/image", {"image": file}, format="multipart").json()
    assert body["mode"] == "sketch"
    assert body["recognised"] == {"sure": False, "names": []}


def test_a_chosen_name_narrows(api: APIClient, live_shop: dict[str, Product]) -> None:
    for sketch in (MUG, CHAIR):
        body = answer(api, sketch, name="chair")
        assert set(skus(body)) == {"red-chair", "blue-chair"}
        assert body["debug"]["n_gallery"] == 2
    assert skus(answer(api, MUG, name="chair", category="kitchen")) == []
    assert skus(answer(api, MUG, name="zebra")) == []
    for nothing in (None, ""):
        assert len(skus(answer(api, MUG, name=nothing))) == 5


def test_a_chosen_name_ranks_by_shape(api: APIClient, live_shop: dict[str, Product]) -> None:
    """What is recognised may be what the visitor has just corrected."""
    chosen = {
        result["product"]["sku"]: result["score"] for result in answer(api, MUG, name="chair")["results"]
    }
    by_shape = {
        result["product"]["sku"]: result["score"] for result in answer(api, MUG, by_shape=True)["results"]
    }
    assert chosen.items() <= by_shape.items()


def test_by_shape_is_the_order_without_a_recogniser(
    api: APIClient, live_shop: dict[str, Product], settings: Settings
) -> None:
    by_shape = answer(api, CHAIR, by_shape=True)
    assert by_shape["recognised"]["names"][0]["name"] == "chair", "it is still offered"
    by_names = answer(api, CHAIR)
    settings.RECOGNISER_DIR = None
    without = answer(api, CHAIR)
    assert without["results"] == by_shape["results"]
    assert without["results"] != by_names["results"]
    assert without["recognised"] is None


@pytest.mark.parametrize("name", ["unicorn", "CHAIR", "chair\x00", "x" * 81, ["chair"]])
def test_an_unknown_name_is_refused_naming_the_field(
    api: APIClient, live_shop: dict[str, Product], name: Any
) -> None:
    response = api.post("/api/v1/search", {"sketch": CHAIR, "name": name}, format="json")
    assert response.status_code == 400
    assert response.json()["field"] == "name"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("chair", {"red-chair", "blue-chair"}),
        ("Stuhl", {"red-chair", "blue-chair"}),
        ("blue", {"blue-chair", "mug"}),
        ("blue chair", {"blue-chair"}),
        ("blue ch", {"blue-chair"}),  # while it is being typed
        ("kivik", {"kivik"}),
    ],
)
def test_words_narrow(api: APIClient, live_shop: dict[str, Product], text: str, found: set[str]) -> None:
    body = answer(api, CHAIR, text=text)
    assert set(skus(body)) == found
    assert body["text_matches"] == len(found)


def test_words_of_brand_and_tags_narrow(api: APIClient, live_shop: dict[str, Product]) -> None:
    Product.objects.filter(pk=live_shop["mug"].pk).update(brand="Runna", tags=["Gift for cooks"])
    words.forget()
    assert skus(answer(api, CHAIR, text="runna")) == ["mug"]
    assert skus(answer(api, CHAIR, text="cooks gif")) == ["mug"]


def test_words_without_a_match_leave_the_results_alone(api: APIClient, live_shop: dict[str, Product]) -> None:
    body, without = answer(api, CHAIR, text="zeppelin"), answer(api, CHAIR)
    assert body["text_matches"] == 0
    assert body["results"] == without["results"]
    assert without["text_matches"] is None
    assert answer(api, CHAIR, text="  ")["text_matches"] is None


def test_words_and_names_narrow_together(api: APIClient, live_shop: dict[str, Product]) -> None:
    assert skus(answer(api, CHAIR, text="blue", name="chair")) == ["blue-chair"]
    assert skus(answer(api, CHAIR, text="blue", category="kitchen")) == ["mug"]


def test_a_product_with_several_photos_matches_once(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    PhotoFactory(product=live_shop["mug"], position=1, seed=71)
    make_release(name_weight=0.3)
    words.forget()
    assert answer(api, CHAIR, text="mug")["text_matches"] == 1


@pytest.mark.parametrize(
    ("field", "value"), [("text", "x" * 101), ("text", ["a"]), ("text", "\x00"), ("by_shape", "perhaps")]
)
def test_what_is_wrong_is_named(
    api: APIClient, live_shop: dict[str, Product], field: str, value: Any
) -> None:
    response = api.post("/api/v1/search", {"sketch": CHAIR, field: value}, format="json")
    assert (response.status_code, response.json()["field"]) == (400, field)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("follows_at_once")
class TestChanges:
    """Changes of the catalogue take effect without another index."""

    def test_an_operators_correction(
        self, api: APIClient, live_shop: dict[str, Product], operator: User
    ) -> None:
        assert skus(answer(api, CHAIR, name="teapot")) == ["teapot"]
        kitchen = Category.objects.get(slug="kitchen")
        correction_set(of=kitchen, name="chair", weight=1.0, by=operator)
        correction_set(of=live_shop["mug"], name="chair", weight=0.0, by=operator)
        assert set(skus(answer(api, CHAIR, name="chair"))) == {"red-chair", "blue-chair", "teapot"}
        assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 3

    def test_a_product_no_longer_on_sale(self, api: APIClient, live_shop: dict[str, Product]) -> None:
        assert answer(api, CHAIR, text="chair")["text_matches"] == 2
        Product.objects.filter(sku="red-chair").update(active=False)
        body = answer(api, CHAIR, text="chair")
        assert (skus(body), body["text_matches"]) == (["blue-chair"], 1)
        assert body["recognised"]["names"][0]["n_products"] == 1
        assert skus(answer(api, CHAIR, name="chair")) == ["blue-chair"]
        assert "red-chair" not in skus(answer(api, CHAIR))

    def test_a_product_that_is_not_in_the_index_yet(
        self, api: APIClient, live_shop: dict[str, Product]
    ) -> None:
        """It would be counted, but could not be shown."""
        ProductFactory(sku="stool", name="Garden gnome", photo__seed=80)
        body = answer(api, CHAIR, text="gnome")
        assert body["text_matches"] == 0
        assert len(skus(body)) == 5

    def test_another_name(self, api: APIClient, live_shop: dict[str, Product]) -> None:
        assert answer(api, CHAIR, text="sofa")["text_matches"] == 0
        live_shop["kivik"].name = "Kivik sofa"
        live_shop["kivik"].save()
        assert skus(answer(api, CHAIR, text="sofa")) == ["kivik"]
        assert skus(answer(api, CHAIR, name="couch")) == ["kivik"]


@pytest.mark.django_db(transaction=True)
def test_constant_changes_do_not_cost_every_query(
    api: APIClient, live_shop: dict[str, Product], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import changes the catalogue all the time; words and fits are read once per minute."""
    answer(api, CHAIR, text="chair")
    monkeypatch.setattr(live, "name_fits", lambda *_: pytest.fail("not yet"))
    Product.objects.filter(sku="red-chair").update(name="Red tent")
    assert answer(api, CHAIR, text="chair")["text_matches"] == 2
    assert answer(api, CHAIR)["recognised"]["names"][0]["n_products"] == 2


def test_a_drawing_that_was_uploaded_is_recognised(api: APIClient, live_shop: dict[str, Product]) -> None:
    photo = SimpleUploadedFile("photo.png", picture(2), content_type="image/png")
    body = api.post("/api/v1/search/image", {"image": photo, "mode": "photo"}, format="multipart").json()
    assert body["recognised"] is None
    drawing = SimpleUploadedFile("drawing.png", picture(2), content_type="image/png")
    body = api.post("/api/v1/search/image", {"image": drawing, "mode": "sketch"}, format="multipart").json()
    assert {name["name"] for name in body["recognised"]["names"]} <= set(EXAMPLES)


def test_similar_products_need_no_recogniser(api: APIClient, live_shop: dict[str, Product]) -> None:
    body = api.get(f"/api/v1/products/{live_shop['mug'].pk}/similar").json()
    assert body["recognised"] is None
    assert len(body["results"]) == 4


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


def test_the_weight_of_names_is_the_models(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release(name_weight=0.0)
    assert live_now().encoder.manifest.name_weight == 0

    def ranked(body: dict[str, Any]) -> list[str]:
        return [found["product"]["sku"] for found in body["results"]]

    assert ranked(answer(api, MUG)) == ranked(answer(api, MUG, by_shape=True))


def test_without_a_calibration_match_words_follow_the_cosine_whatever_is_recognised(
    api: APIClient, live_shop: dict[str, Product], make_release: Callable[..., Release]
) -> None:
    make_release(name_weight=1.0, score_words={"strong": 0.2, "fair": 0.1})
    assert live_now().index.calibration is None

    def words(body: dict[str, Any]) -> dict[str, str]:
        return {found["product"]["sku"]: found["match"] for found in body["results"]}

    by_shape = words(answer(api, MUG, by_shape=True))
    assert "strong" in by_shape.values()
    assert words(answer(api, MUG)) == by_shape
