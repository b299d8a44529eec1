"""`WordIndex`: which products match all words of a text query, in both languages, also while the last is being typed."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from ml.vocabulary.concepts import LONGEST_WORD, Language
from ml.vocabulary.fit import ProductWords, Vocabulary, vocabulary
from ml.vocabulary.phrases import MAX_TEXT, phrases
from ml.vocabulary.spelling import english_forms, folded, german_forms, tokens
from ml.vocabulary.tables import words_table

LANGUAGES: tuple[Language, ...] = ("en", "de")
MAX_WORDS = 8
LIKELY = 0.25  # senses of at least this probability count
SHORTEST_PREFIX = 2
_IGNORED = {
    *("a", "an", "and", "at", "by", "for", "from", "in", "made", "of", "on", "or", "the", "to", "with"),
    *("am", "aus", "im", "mit", "oder", "und", "vom", "von", "zu", "zum", "zur", "für"),
    *("das", "dem", "den", "der", "des", "die", "ein", "eine", "einem", "einen", "einer", "eines"),
}


class WordIndex:
    """The words and concepts of products. `matches` takes milliseconds for 100,000 products."""

    def __init__(self, products: Iterable[ProductWords], vocabulary: Vocabulary) -> None:
        self._concepts = vocabulary.concepts
        self._vocabulary = vocabulary
        self._same = _groups(words_table().same)
        by_token: dict[str, list[int]] = defaultdict(list)
        by_concept: dict[int, list[int]] = defaultdict(list)
        self.n_products = 0
        for row, words in enumerate(products):
            self.n_products = row + 1
            for token in self._tokens(words):
                by_token[token].append(row)
            for concept in self._meant(words):
                by_concept[concept].append(row)
        self._by_token = {token: np.array(rows, dtype=np.int32) for token, rows in by_token.items()}
        self._by_concept = {concept: np.array(rows, dtype=np.int32) for concept, rows in by_concept.items()}
        self._sorted = sorted(self._by_token)

    def matches(self, query: str) -> NDArray[np.bool_]:
        """Return which products match every word of `query`, bool (n_products,); all of them if it has no words."""
        found = np.ones(self.n_products, dtype=bool)
        words = [word for word in tokens(query[:MAX_TEXT]) if word not in _IGNORED][:MAX_WORDS]
        end = len(words)
        typing = not query.endswith((" ", ","))
        while end:
            size, rows = self._unit(words, end, typing=typing and end == len(words))
            found &= rows
            end -= size
        return found

    def _unit(self, words: list[str], end: int, *, typing: bool) -> tuple[int, NDArray[np.bool_]]:
        """Return how many words up to `end` form the longest known word, and the products that match it."""
        for size in range(min(LONGEST_WORD, end), 1, -1):
            text = " ".join(words[end - size : end])
            if meant := self._senses(text):
                rows = self._rows(meant, ())
                spelt = np.ones(self.n_products, dtype=bool)
                for word in words[end - size : end]:
                    spelt &= self._rows((), _forms(word))
                return size, rows | spelt
        return 1, self._of_word(words[end - 1], typing=typing)

    def _of_word(self, word: str, *, typing: bool) -> NDArray[np.bool_]:
        """Return the products that match a word. Of a German compound that says nothing as a whole, its parts count."""
        forms = _forms(word)
        same = set[str]().union(*(self._same.get(form, ()) for form in forms))
        meant = self._senses(word).union(*map(self._senses, same))
        spellings = forms | same
        if typing and len(word) >= SHORTEST_PREFIX:
            spellings |= set(self._starting(folded(word)))
        rows = self._rows(meant, spellings)
        if rows.any() or meant or (parts := self._concepts.compound(word, "de")) is None:
            return rows
        last, _, first = parts
        kind = self._of_word(last, typing=False)
        both = kind & self._of_word(first, typing=False)
        return both if both.any() else kind

    def _senses(self, text: str) -> set[int]:
        return {
            concept
            for language in LANGUAGES
            for concept, share in self._concepts.meaning(text, language)
            if share >= LIKELY
        }

    def _rows(self, meant: Iterable[int], spellings: Iterable[str]) -> NDArray[np.bool_]:
        found = np.zeros(self.n_products, dtype=bool)
        for concept in meant:
            if (rows := self._by_concept.get(concept)) is not None:
                found[rows] = True
        for token in spellings:
            if (rows := self._by_token.get(token)) is not None:
                found[rows] = True
        return found

    def _starting(self, prefix: str) -> Iterator[str]:
        start = bisect_left(self._sorted, prefix)
        return takewhile(lambda token: token.startswith(prefix), self._sorted[start:])

    def _tokens(self, words: ProductWords) -> set[str]:
        """Return the product's words folded, with their singular forms and the last parts of compounds."""
        texts = [words.name, *(str(value) for value in words.attributes.values()), *words.labels]
        texts += self._vocabulary.telling_categories(words)
        found: set[str] = set()
        for token in tokens(" ".join(text[:MAX_TEXT] for text in texts)):
            found.add(folded(token))
            found.update(_forms(token))
            if not self._senses(token) and (last := self._concepts.compound(token, "de")):
                found.add(folded(last[0]))
        return found

    def _meant(self, words: ProductWords) -> set[int]:
        """Return what the product is or is made of, and all that this is a kind of."""
        nouns = list(self._vocabulary.heads(words))
        for language in LANGUAGES:
            for clause in phrases(words.name, language, self._concepts):
                for phrase in clause:
                    nouns += [self._concepts.materials(noun.meaning) for noun in phrase.described]
        return {
            above
            for meaning in nouns
            for concept, share in meaning
            if share >= LIKELY
            for above in self._concepts.ancestors(concept)
        }


def matches(query: str, products: Iterable[ProductWords]) -> NDArray[np.bool_]:
    """Return which products match all words of `query`, bool; for repeated queries keep a `WordIndex`."""
    return WordIndex(products, vocabulary()).matches(query)


def _forms(word: str) -> set[str]:
    return {folded(form) for form in english_forms(word)} | set(german_forms(word))


def _groups(same: tuple[tuple[str, ...], ...]) -> dict[str, set[str]]:
    """Return each word's group, all folded."""
    return {folded(word): {folded(other) for other in group} for group in same for word in group}
