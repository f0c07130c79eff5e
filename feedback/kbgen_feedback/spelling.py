"""Rare misspellings, read as the frequent words that they are slips of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby, takewhile
from operator import attrgetter

from kbgen_feedback.evidence import Typed
from kbgen_feedback.similarity import one_slip

SHORTEST = 3  # shorter words have no slips worth guessing at
SHORT = 4  # words up to this length have many neighbours, and are doubted only when much rarer
TIMES, TIMES_SHORT = 5, 25  # a word this much rarer than its neighbour is a slip of it


Slips = Mapping[str, Mapping[str, str]]
"""locale -> rare stem -> the frequent stem it is a slip of."""


def slips_of(typed: Iterable[Typed]) -> Slips:
    """Return the slips of a site's readers, told by how often each word was searched for."""
    counts: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for locale, some in groupby(typed, attrgetter("locale")):
        words = counts[locale]
        for one in some:
            for stem in one.stems if one.asked else ():
                words[stem] += one.asked
    return {locale: _slips(words) for locale, words in counts.items()}


def respelled(stems: tuple[str, ...], slips: Mapping[str, str]) -> tuple[str, ...]:
    """Return stems with the slips put right."""
    return (
        stems if slips.keys().isdisjoint(stems) else tuple([slips.get(one, one) for one in stems])
    )


def _slips(counts: Mapping[str, int]) -> dict[str, str]:
    """Return rare stem -> the most frequent stem it is a slip of.

    Only stems that share a spelling with one letter left out are compared (the symmetric deletes of
    SymSpell), with the frequent ones first.
    """
    found: dict[str, tuple[int, str]] = {}
    for some in _sharing(counts):
        often = sorted([(counts[stem], stem) for stem in some], reverse=True)
        for n, rare in often:
            least = n * (TIMES_SHORT if len(rare) <= SHORT else TIMES), ""
            known = found.get(rare, least)
            for frequent in takewhile(max(least, known).__lt__, often):
                # Of two that share a spelling, the shorter one is that spelling.
                if len(rare) != len(frequent[1]) or one_slip(rare, frequent[1]):
                    found[rare] = frequent
                    break
    return {rare: frequent for rare, (_, frequent) in found.items()}


def _sharing(stems: Iterable[str]) -> Iterable[Sequence[str]]:
    """Return the stems that share a spelling: their own, or one with a letter left out."""
    first: dict[str, str] = {}
    more: defaultdict[str, list[str]] = defaultdict(list)
    for stem in stems:
        if len(stem) >= SHORTEST:
            for spelling in (stem, *[stem[:i] + stem[i + 1 :] for i in range(len(stem))]):
                if first.setdefault(spelling, stem) is not stem:
                    more[spelling].append(stem)
    return [[first[spelling], *some] for spelling, some in more.items()]
