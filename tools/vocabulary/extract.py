"""Keep what a shop needs of WordNet: words for physical things, and what these are kinds of."""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

from ml.vocabulary.lexicon import FIELDS
from ml.vocabulary.spelling import spaced
from tools.vocabulary.wordnet import WordNet, kinds


def lexicon_text(wordnet: WordNet, *, named: Iterable[tuple[str, int]]) -> str:
    """Return the text that `ml.vocabulary.lexicon` reads.

    Kept are synsets of the lexicographer files `FIELDS`, those of the senses `named` (lemma, sense number), and all
    their hypernyms. Instances, such as towns, have no hypernyms and are dropped unless named.
    """
    chosen = {offset for offset, synset in wordnet.synsets.items() if synset.lexicographer_file in FIELDS}
    chosen = {offset for offset in chosen if wordnet.synsets[offset].hypernyms}
    for lemma, number in named:
        senses = wordnet.senses.get(lemma.replace(" ", "_"), ())
        chosen |= set(senses[number - 1 : number] if number else ())
    kept = set(chosen)
    waiting = list(chosen)
    while waiting:
        new = set(wordnet.synsets[waiting.pop()].hypernyms) - kept
        kept |= new
        waiting += new
    number_of = {offset: number for number, offset in enumerate(sorted(kept))}
    n_kinds = kinds(wordnet.synsets)
    lines = [f"{len(kept)}"]
    for offset in number_of:
        synset = wordnet.synsets[offset]
        parents = " ".join(str(number_of[parent]) for parent in synset.hypernyms)
        lines.append(f"{synset.lexicographer_file}\t{n_kinds[offset]}\t{parents}")
    lines += _words(wordnet, chosen, number_of)
    return "\n".join(lines) + "\n"


def write_lexicon(text: str, path: Path) -> int:
    """Write `text` compressed, the same bytes every time. Return their number."""
    data = gzip.compress(text.encode(), mtime=0)
    path.write_bytes(data)
    return len(data)


def _words(wordnet: WordNet, chosen: set[str], number_of: dict[str, int]) -> list[str]:
    """Return the lines of words: senses as `synset:sense number:count`, then irregular plurals as `=singular`."""
    count_of = {
        (word, offset): wordnet.counts.get(key, 0)
        for offset in chosen
        for word, key in zip(wordnet.synsets[offset].words, wordnet.synsets[offset].sense_keys, strict=True)
    }
    senses_of: dict[str, list[str]] = defaultdict(list)
    for lemma, offsets in sorted(wordnet.senses.items()):
        for rank, offset in enumerate(offsets, 1):
            if offset in chosen:
                senses_of[spaced(lemma)].append(f"{number_of[offset]}:{rank}:{count_of[lemma, offset]}")
    lines = [f"{word}\t{' '.join(senses)}" for word, senses in sorted(senses_of.items())]
    for plural, singular in sorted(wordnet.plurals.items()):
        if spaced(singular) in senses_of and spaced(plural) not in senses_of:
            lines.append(f"{spaced(plural)}\t={spaced(singular)}")
    return lines
