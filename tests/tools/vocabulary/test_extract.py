"""The lexicon made from a WordNet of four synsets."""

from __future__ import annotations

import gzip
from pathlib import Path

from ml.vocabulary.lexicon import LEXICON, Lexicon, Sense
from tools.vocabulary.__main__ import main
from tools.vocabulary.extract import lexicon_text
from tools.vocabulary.wordnet import read_wordnet

DATA = """\
  1 licence
00000100 03 n 01 entity 0 000 | that which exists
00000200 06 n 01 seat 0 001 @ 00000100 n 0000 | furniture for sitting
00000300 06 n 02 chair 0 side-chair 0 001 @ 00000200 n 0000 | a seat for one person
00000400 18 n 01 chair 3 001 @ 00000100 n 0000 | who presides
"""
INDEX = """\
  1 licence
chair n 2 1 @ 2 1 00000400 00000300
entity n 1 0 1 0 00000100
seat n 1 1 @ 1 1 00000200
side-chair n 1 1 @ 1 0 00000300
"""


def write(folder: Path) -> Path:
    (folder / "data.noun").write_text(DATA)
    (folder / "index.noun").write_text(INDEX)
    (folder / "cntlist.rev").write_text("chair%1:06:00:: 2 7\n")
    (folder / "noun.exc").write_text("chairen chair\n")
    return folder


def test_keeps_things_with_their_hypernyms_sense_numbers_and_counts(tmp_path: Path) -> None:
    lexicon = Lexicon(lexicon_text(read_wordnet(write(tmp_path)), named=[]))
    assert list(lexicon.words()) == ["chair", "seat", "side chair"]
    [chair] = lexicon.senses("chair")  # the president is not a thing
    assert (chair.number, chair.occurrences) == (2, 7)
    [seat] = lexicon.hypernyms(chair.synset)
    assert lexicon.senses("seat") == [Sense(seat, 1, 0)]
    assert lexicon.senses("chairen") == [chair]
    assert lexicon.n_kinds(seat) == 1
    assert lexicon.hypernyms(lexicon.hypernyms(seat)[0]) == []


def test_a_named_sense_is_kept_even_if_it_is_no_thing(tmp_path: Path) -> None:
    lexicon = Lexicon(lexicon_text(read_wordnet(write(tmp_path)), named=[("chair", 1)]))
    assert [sense.number for sense in lexicon.senses("chair")] == [1, 2]


def test_the_command_writes_the_same_bytes_each_time(tmp_path: Path) -> None:
    outs = [tmp_path / "one.gz", tmp_path / "two.gz"]
    for out in outs:
        assert main(["--wordnet", str(write(tmp_path)), "--out", str(out)]) == 0
    assert outs[0].read_bytes() == outs[1].read_bytes()
    assert Lexicon(gzip.decompress(outs[0].read_bytes()).decode()).senses("seat")


def test_the_shipped_lexicon_is_small() -> None:
    assert LEXICON.stat().st_size < 3_000_000
