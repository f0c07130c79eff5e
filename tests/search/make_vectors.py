"""Makes the word lists under `vectors/`, which hold Python's and the browser's analysis together.

    python -m pip download --no-deps django && unzip -d django-src django-*.whl
    python tests/search/make_vectors.py django-src

The words are those of Django's translations (BSD-3-Clause, (c) Django Software Foundation and
individual contributors) and of the CLDR names in Babel (Unicode License v3): real words in real
inflections. Each line of a list is a word and, after a tab, its index terms.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from babel import Locale

from kbgen_search.analysis import Analyzer

MOST = 2600
FOLDERS = {"zh": "zh_Hans", "en": "en"}
LOCALES = ("ar", "de", "en", "es", "fr", "id", "it", "ja", "ko", "nl", "pt", "ru", "th", "tr", "zh")
IDENTIFIERS = """getUserName HTTPServer snake_case numpy.array --dry-run -r C++ C# v2.7.4 3.11
E1234 python3 ERR_CONN_RESET x86_64 don't user's e-mail re-install std::vector 10GB half-width ﬁle ①
½ FastAPIを使う l'article aujourd’hui dell'arte İSTANBUL IŞIK ſtraße naïve Ærø السَّلام"""
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


def translations(root: Path, locale: str) -> Iterator[str]:
    """Yield the translated (for English the original) strings of Django's catalogues."""
    folder = FOLDERS.get(locale, locale)
    field = "msgid" if locale == "en" else "msgstr"
    for path in sorted(root.glob(f"django/**/locale/{folder}/LC_MESSAGES/*.po")):
        for block in path.read_text("utf-8").split("\n\n"):
            at = block.find(field)
            yield " ".join(_STRING.findall(block[at:])) if at >= 0 else ""


def names(locale: str) -> Iterator[str]:
    """Yield the names of languages, territories, currencies and units."""
    data = Locale.parse(locale)
    for table in (data.languages, data.territories, data.currencies, data.scripts):
        yield from table.values()
    for patterns in data._data["unit_patterns"].values():
        yield from re.findall(r"'([^']*)'", str(patterns))
    for zone in data.time_zones.values():
        yield zone.get("city", "")


def words(root: Path, locale: str) -> list[str]:
    """Return the words of a locale: those of the translations first, then names."""
    found: dict[str, None] = {}
    for text in (*translations(root, locale), *names(locale)):
        plain = re.sub(r"%\([^)]*\)[a-z]|%[a-z]|\\n|<[^>]*>", " ", text)
        found.update(dict.fromkeys(_WORD.findall(plain)))
    return [*IDENTIFIERS.split(), *list(found)[:MOST]]


def line(word: str, analyzer: Analyzer) -> str:
    """Return a word with all it is indexed under."""
    terms = " ".join(" ".join(one.terms + one.extra) for one in analyzer.words(word))
    return f"{word}\t{terms}\n"


def main() -> None:
    """Write all lists."""
    root = Path(sys.argv[1])
    for locale in LOCALES:
        analyzer = Analyzer(locale)
        lines = [line(word, analyzer) for word in words(root, locale)]
        path = Path(__file__).parent / "vectors" / f"{locale}.tsv"
        path.write_text("".join(lines), "utf-8")
        print(locale, len(lines))


if __name__ == "__main__":
    main()
