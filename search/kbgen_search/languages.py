"""What each language needs: its stemmer, its function words, its elisions."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

STOP_WORDS = Path(__file__).parent / "stopwords"


class Language(NamedTuple):
    """How words of one language are read.

    `stemmer` is Snowball's name of its algorithm, `own` that of our module with the stems that
    words have besides or instead; each is "" for none. `compounds` tells that words are put
    together without a space.
    `beheads` tells that the stemmer may change how a word begins.
    """

    code: str
    stemmer: str = ""
    own: str = ""
    elides: bool = False
    compounds: bool = False
    beheads: bool = False


LANGUAGES = {
    "ar": Language("ar", own="arabic"),
    "de": Language("de", "german", compounds=True),
    "en": Language("en", "english"),
    "es": Language("es", "spanish"),
    "fr": Language("fr", "french", elides=True),
    "id": Language("id", "indonesian", own="indonesian", beheads=True),
    "it": Language("it", "italian", elides=True),
    "nl": Language("nl", "dutch", compounds=True, beheads=True),
    "pt": Language("pt", "portuguese"),
    "ru": Language("ru", "russian"),
    "tr": Language("tr", "turkish", own="turkish", beheads=True),
}


def language(locale: str) -> Language:
    """Return the language of a locale such as `pt-BR`; unknown ones are read without stemming."""
    code = locale.replace("_", "-").split("-")[0].lower()
    return LANGUAGES.get(code, Language(code))


@cache
def stop_words(code: str) -> frozenset[str]:
    """Return the function words of a language, which count for little in a query."""
    file = STOP_WORDS / f"{code}.txt"
    return frozenset(file.read_text("utf-8").split()) if file.is_file() else frozenset()
