"""Folding: the same word written differently becomes the same string.

The browser does the same in `browser/folding.js`; shared vectors hold both to it.
"""

import re
import unicodedata

# Combining marks that are dropped (accents, Arabic vowel signs, Hebrew points), but not the
# breve of Cyrillic й and ў, which are letters of their own, nor marks that make up the vowels
# of Thai and the Indic scripts.
_MARKS = re.compile(
    "(?<![иу])\u0306|[\u0300-\u0305\u0307-\u036f\u0483-\u0487\u0591-\u05bd\u05bf\u05c1\u05c2"
    "\u05c4\u05c5\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e8\u06ea-\u06ed]"
)
_INVISIBLE = re.compile("[ \u00ad\u0640\u200c\u200d\u2060\ufe00-\ufe0f]")
_LETTERS = {
    "æ": "ae",
    "œ": "oe",
    "ø": "o",
    "đ": "d",
    "ð": "d",
    "þ": "th",
    "ł": "l",
    "ħ": "h",
    "ı": "i",
    "ة": "ه",
    "ى": "ي",
    "ی": "ي",
    "ک": "ك",
}
_LETTER = re.compile("[" + "".join(_LETTERS) + "]")


def lower(text: str, turkish: bool = False) -> str:
    """Return the text in compatibility form and lower case, without invisible characters.

    Spaces go too: the compatibility form of some ligatures has them, a word has none.
    """
    if text.isascii() and not turkish:
        return text.replace(" ", "").lower()
    text = _INVISIBLE.sub("", unicodedata.normalize("NFKC", text))
    if turkish:
        text = text.replace("I", "ı").replace("İ", "i")
    text = text.lower().replace("i̇", "i").replace("ß", "ss").replace("ς", "σ")
    return unicodedata.normalize("NFC", text)


def fold(word: str) -> str:
    """Return a lower-cased word without accents and with variant letters unified."""
    if word.isascii():
        return word
    bare = unicodedata.normalize("NFC", _MARKS.sub("", unicodedata.normalize("NFD", word)))
    return _LETTER.sub(lambda letter: _LETTERS[letter[0]], bare)
