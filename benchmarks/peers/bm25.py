"""Plain BM25 over Snowball stems of title and text together: the baseline of the field."""

from __future__ import annotations

import heapq
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

import Stemmer

from benchmarks.judged import Doc
from benchmarks.peers.base import Rank

K1, B = 1.2, 0.75
NAMES = {
    "ar": "arabic",
    "de": "german",
    "en": "english",
    "es": "spanish",
    "fr": "french",
    "id": "indonesian",
    "it": "italian",
    "nl": "dutch",
    "pt": "portuguese",
    "ru": "russian",
    "tr": "turkish",
}
WORD = re.compile(r"\w+")
UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\u0e00-\u0e7f]+")
Analyse = Callable[[str], list[str]]


def analyser(lang: str) -> Analyse:
    """Return text -> terms: lower-cased stems, and bigrams where words are not spaced."""
    stem = Stemmer.Stemmer(NAMES[lang]).stemWord if lang in NAMES else str

    def analyse(text: str) -> list[str]:
        terms: list[str] = []
        for word in WORD.findall(text.lower()):
            terms += _bigrams(word) if UNSPACED.search(word) else [stem(word)]
        return terms

    return analyse


def _bigrams(word: str) -> list[str]:
    return [word[at : at + 2] for at in range(max(1, len(word) - 1))]


def index(docs: Sequence[Doc], lang: str, folder: Path) -> Rank:
    """Return a ranker after Robertson and Zaragoza (2009), with the idf that is never negative."""
    analyse = analyser(lang)
    counts = [Counter(analyse(f"{doc.title} {doc.text}")) for doc in docs]
    lengths = [sum(count.values()) for count in counts]
    average = sum(lengths) / len(lengths)
    weights: dict[str, dict[int, float]] = defaultdict(dict)
    for at, count in enumerate(counts):
        norm = K1 * (1 - B + B * lengths[at] / average)
        for term, times in count.items():
            weights[term][at] = times * (K1 + 1) / (times + norm)

    def rank(query: str) -> list[str]:
        scores: dict[int, float] = defaultdict(float)
        for term in analyse(query):
            found = weights.get(term, {})
            idf = math.log(1 + (len(docs) - len(found) + 0.5) / (len(found) + 0.5))
            for at, weight in found.items():
                scores[at] += idf * weight
        best = heapq.nsmallest(10, scores, key=lambda at: (-scores[at], at))
        return [docs[at].id for at in best]

    return lambda queries: [rank(query) for query in queries]
