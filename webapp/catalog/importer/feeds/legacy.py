"""Which of the encodings before Unicode a text has. Windows-1252, of Western Europe, unless the text speaks for another.

Words tell: `dřevěný` of windows-1250 would be `døevìný` in windows-1252, whose letters no Western language has together.
Words that both explain, and what is the same in both, tell nothing.
"""

from __future__ import annotations

import re
from collections import Counter

from charset_normalizer import from_bytes

WESTERN = "windows-1252"
_LETTERS = {  # of the languages written in each
    WESTERN: (
        "àâæçéèêëîïôœùûüöä",  # French
        "áéíïñóúüçàèò",  # Spanish, Catalan
        "äöüßéèàêâôç",  # German
        "áâãàçéêíóôõúü",  # Portuguese
        "àèéìíîòóùú",  # Italian
        "æøåéäöüèóôòà",  # Danish, Norwegian, Swedish, Finnish
        "áéèëïíóöúü",  # Dutch
        "áéíóúýþæðöø",  # Icelandic, Faroese
        "äõöüšž",  # Estonian
    ),
    "windows-1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "ăâîşţ",  # Romanian
        "čćđšž",  # Croatian, Slovenian
    ),
    "windows-1254": ("âçğıi̇îöşüû",),  # Turkish
    "macintosh": ("àâæçéèêëîïôœùûüäö", "áéíñóúü", "äöüß", "áâãàçéêíóôõúü", "àèéìíòóùú", "æøåéäö"),
}
_OTHER_SCRIPTS = {
    "cp1251": "windows-1251",
    "cp1253": "windows-1253",
    "shift_jis": "shift_jis",
    "gb18030": "gb18030",
    "big5": "big5",
}
ENCODINGS = ("utf-8", "utf-16", *_LETTERS, *_OTHER_SCRIPTS.values())
_SETS = {encoding: [frozenset(letters) for letters in each] for encoding, each in _LETTERS.items()}
_WITHIN_WORDS = frozenset("’‘´`·\xad–—…/™®©°²³µªº")  # also of units: m², µm
_WORD = re.compile(rb"[A-Za-z\x80-\xff]+")
_RUN = re.compile(rb"[\x80-\xff]{3,}")
_MIN_WORDS = 3  # different ones that only another encoding explains
_SURE_WORDS = 30


def legacy_encoding(sample: bytes) -> tuple[str, bool]:
    """Return the encoding of bytes that are not UTF-8, and whether they are enough to be sure."""
    words = {word for word in _WORD.findall(sample) if not word.isascii()}
    is_sure = len(words) >= _SURE_WORDS
    high = sum(byte >= 0x80 for byte in sample)
    if sum(map(len, _RUN.findall(sample))) > high / 2:  # words without a letter of ASCII
        best = from_bytes(sample, cp_isolation=list(_OTHER_SCRIPTS), threshold=0.3).best()
        if best is not None and best.encoding in _OTHER_SCRIPTS:
            return _OTHER_SCRIPTS[best.encoding], is_sure
    votes = Counter[str]()
    for word in words:
        western = _explained(word, WESTERN)
        for other in list(_LETTERS)[1:]:
            if not _is_same(word, other) and (explained := _explained(word, other)) != western:
                votes[other] += 1 if explained else -1
    best_other, n_votes = max(votes.items(), key=lambda vote: vote[1], default=("", 0))
    return (best_other, is_sure) if n_votes >= _MIN_WORDS else (WESTERN, is_sure)


def _is_same(word: bytes, encoding: str) -> bool:
    return word.decode(encoding, "replace") == word.decode(WESTERN, "replace")


def _explained(word: bytes, encoding: str) -> bool:
    """Return whether some language of the encoding has all letters of a word."""
    text = word.decode(encoding, "replace").lower()
    start, end = 0, len(text)
    while start < end and not text[start].isalpha():  # quotes and signs beside a word
        start += 1
    while start < end and not text[end - 1].isalpha():
        end -= 1
    special = {character for character in text if character == "\ufffd"}
    special |= {character for character in text[start:end] if not character.isascii()} - _WITHIN_WORDS
    return any(special <= letters for letters in _SETS[encoding])
