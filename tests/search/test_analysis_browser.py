import json
import sys
import unicodedata
from pathlib import Path

import pytest
from playwright.sync_api import Page

from kbgen_search import assets
from kbgen_search.analysis import Analyzer
from kbgen_search.browser import scripts
from kbgen_search.languages import language, stop_words

pytestmark = pytest.mark.browser
VECTORS = sorted((Path(__file__).parent / "vectors").glob("*.tsv"))
ANALYSIS = [assets.HERE / "engine" / f"{name}.js" for name in ("folding", "tokens", "analysis")]
SETUP = """
([code, stemmer, locale, stops]) => {
  let stem = null;
  window.kb = { shard: (name, value) => { stem = value; } };
  (0, eval)(stemmer);
  (0, eval)(code);
  window.analyzer = makeAnalyzer(locale, stem, stops);
}
"""
READ = """texts => JSON.stringify(JSON.parse(texts).map(text => analyzer.words(text).map(
  word => [word.surface, word.terms, word.whole, word.extra, text.slice(word.start, word.end)])))"""


def read(page: Page, locale: str, texts: list[str]) -> list[list[list[object]]]:
    sources = [scripts.strip_lines(path.read_text("utf-8")) for path in ANALYSIS]
    sources.append("window.makeAnalyzer = (...all) => new Analyzer(...all);")
    stemmer = assets.stemmer(language(locale)).decode()
    stops = sorted(stop_words(language(locale).code))
    code = "(function(){" + "\n".join(sources) + "})()"
    page.evaluate(SETUP, [code, stemmer, locale, stops])
    return list(json.loads(page.evaluate(READ, json.dumps(texts))))


def expected(locale: str, texts: list[str]) -> list[list[list[object]]]:
    analyzer = Analyzer(locale)
    return [
        [
            [
                word.surface,
                list(word.terms),
                word.whole,
                list(word.extra),
                text[word.start : word.end],
            ]
            for word in analyzer.words(text)
        ]
        for text in texts
    ]


@pytest.mark.parametrize("path", VECTORS, ids=lambda path: path.stem)
def test_the_browser_has_the_terms_of_the_shared_vectors(page: Page, path: Path) -> None:
    pairs = [line.split("\t") for line in path.read_text("utf-8").splitlines()]
    found = read(page, path.stem, [text for text, _ in pairs])
    for (text, terms), words in zip(pairs, found, strict=True):
        assert " ".join(" ".join([*word[1], *word[3]]) for word in words) == terms, text


@pytest.mark.parametrize("locale", ["en", "tr"])
def test_every_character_is_read_alike(page: Page, locale: str) -> None:
    known = (
        chr(code)
        for code in range(0x20, sys.maxunicode + 1)
        if (code < 0x10000 or code % 16 == 0)
        and unicodedata.category(chr(code)) not in ("Cn", "Co", "Cs")
    )
    texts = [f"a{letter}B {letter}{letter} x{letter}1" for letter in known]
    found, wanted = read(page, locale, texts), expected(locale, texts)
    assert len(texts) > 60000
    assert [json.dumps(t) for t, f, w in zip(texts, found, wanted, strict=True) if f != w] == []


def test_lone_surrogates_and_control_characters_are_no_words(page: Page) -> None:
    texts = ["\x00a\x07b\x1fc", "\u202eabc\u202c", "a\u200bb", "\ufeffab"]
    assert read(page, "en", texts) == expected("en", texts)
    assert page.evaluate("analyzer.words('\\ud800 a\\udfff b').map(word => word.surface)") == [
        word.surface for word in Analyzer("en").words("\ud800 a\udfff b")
    ]
