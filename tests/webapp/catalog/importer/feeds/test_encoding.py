"""The encoding of a feed that does not say it, by its text."""

from __future__ import annotations

import io
import random

import pytest

from webapp.catalog.importer.feeds.encoding import detect_encoding
from webapp.catalog.importer.feeds.opening import feed_open

WORDS = {
    "fr": "hêtre chêne crème brûlée théière à café d’été « garçon » forêt bûche naïf œuf où noël élégante côté août thé",
    "es": "piñón niño baño sofá sillón cigüeña jardín algodón decoración pequeña ratón cajón más único lámpara español",
    "de": "Größe Käse Stühle „Möbel“ Tür weiß Füße Gemälde schön Küche Süßer Höcker Bär Gefäß Übertopf Ärmel 20 €",
    "pt": "cadeira coração maçã pão avó avô três limões café órgão bênção lã irmã ação não são às mãos música João",
    "it": "caffè tè città perché così più però lunedì qualità può virtù università comò già giù metà bontà à la crème",
    "da": "blåbær smørrebrød køkken stol træ grøn hånd rød gråt læder små bøger æske århus Ø40 brød",
    "sv": "fjällräven hög stol grå mässing kök trä björk små lågt blått färg tvättmedel idé räv",
    "mixed": "Müller crème brûlée Señor jalapeño Škoda Ångström café Größe São Žižek smørrebrød naïve Béla più",
}
EASTERN = {
    "pl": "krzesło stół łóżko wąski długi żółty święty źródło ciężki gęś dąb półka część nóż ćwierć kołdra zielona",
    "cs": "dřevěný stůl křeslo růžový příborník skříň židle větší čtyři žlutý polštář kuchyň úložný břízy tlustší",
}
N_ROWS = [1, 2, 3, 50, 200]


def feed(text: str, n_rows: int, seed: int) -> str:
    chosen, words = random.Random(seed), text.split()
    rows = [f"A{n};{' '.join(chosen.choices(words, k=4))};{n},50 €" for n in range(n_rows)]
    return "\n".join(["sku;name;price", *rows])


@pytest.mark.parametrize("n_rows", N_ROWS)
@pytest.mark.parametrize("language", WORDS)
def test_languages_of_western_europe_are_always_read_as_such(language: str, n_rows: int) -> None:
    for seed in range(20):
        text = feed(WORDS[language], n_rows, seed)
        opened = feed_open(io.BytesIO(text.encode("cp1252")), "feed.csv")
        names = [(record.fields or {})["name"] for record in opened.records]
        assert names == [line.split(";")[1] for line in text.splitlines()[1:]]


@pytest.mark.parametrize("n_rows", N_ROWS)
@pytest.mark.parametrize("language", EASTERN)
def test_languages_of_central_europe_are_recognised_in_fifty_rows(language: str, n_rows: int) -> None:
    for seed in range(20):
        found = detect_encoding(io.BytesIO(feed(EASTERN[language], n_rows, seed).encode("cp1250", "replace")))
        if n_rows >= 50:
            assert found.codec == "windows-1250"
        assert found.codec == "windows-1250" or not found.is_sure


@pytest.mark.parametrize(
    ("text", "codec", "found"),
    [
        ("koltuğu gümüş çalışma ışık yeşil ağaç sandalye küçük büyük kırmızı", "cp1254", "windows-1254"),
        ("széktámlás bőrönd fűszertartó ülőgarnitúra gyűrűtartó tűzálló fűtőtest", "cp1250", "windows-1250"),
        ("Stühle für Gäste Größe weiß Käse Tür schön", "mac_roman", "macintosh"),
        ("καρέκλα ξύλινη τραπέζι μεγάλο κόκκινο", "cp1253", "windows-1253"),
        ("стул деревянный стол большой красный", "cp1251", "windows-1251"),
        ("木の椅子 大きなテーブル 赤いランプ 小さな本棚", "shift_jis", "shift_jis"),
    ],
)
def test_other_encodings_are_recognised(text: str, codec: str, found: str) -> None:
    data = "\n".join(f"A;{text}" for _ in range(5)).encode(codec)
    assert detect_encoding(io.BytesIO(data)).codec == found


def test_a_sign_of_the_euro_alone_is_read() -> None:
    (row,) = feed_open(io.BytesIO("sku;name;price\nA;Stool;12,50 €".encode("cp1252")), "feed.csv").records
    assert (row.fields or {})["price"] == "12,50 €"


def test_few_words_leave_it_open_and_many_do_not() -> None:
    few, many = (io.BytesIO(feed(WORDS["fr"] + WORDS["es"], n, 0).encode("cp1252")) for n in (2, 200))
    assert not detect_encoding(few).is_sure
    assert detect_encoding(many).is_sure
    assert detect_encoding(io.BytesIO("sku;name\nA;hêtre".encode())).is_sure
