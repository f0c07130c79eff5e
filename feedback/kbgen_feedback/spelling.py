"""Rare misspellings, read as the frequent words that they are slips of."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from functools import cache

from kbgen_feedback.gaps import Fold
from kbgen_feedback.similarity import one_slip

SHORTEST = 3  # shorter words have no slips worth guessing at
SHORT = 4  # words up to this length have many neighbours, and are doubted only when much rarer
TIMES, TIMES_SHORT = 5, 25  # a word this much rarer than its neighbour is a slip of it


Slips = Mapping[str, Mapping[str, str]]
"""locale -> rare stem -> the frequent stem it is a slip of."""


def respelling(asked: Mapping[tuple[str, str], int], fold: Fold) -> Fold:
    """Return `fold` with each rare stem replaced by the frequent one a single slip away."""
    return respelled(slips_of(asked, fold), fold)


def slips_of(asked: Mapping[tuple[str, str], int], fold: Fold) -> Slips:
    """Return the slips of a site's readers.

    `asked` is how often each (query, locale) was searched for. Candidates share a spelling with one
    letter left out (the symmetric deletes of SymSpell), so that no pair is compared in vain.
    """
    stems: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for (q, locale), n in asked.items():
        for stem in fold(q, locale):
            stems[locale][stem] += n
    return {locale: _slips(counts) for locale, counts in stems.items()}


def respelled(slips: Slips, fold: Fold) -> Fold:
    """Return `fold` with the slips put right."""

    @cache
    def read(query: str, locale: str) -> tuple[str, ...]:
        known = slips.get(locale, {})
        return tuple(known.get(stem, stem) for stem in fold(query, locale))

    return read


def _slips(counts: Mapping[str, int]) -> dict[str, str]:
    """Return rare stem -> the most frequent stem it is a slip of."""
    near: defaultdict[str, set[str]] = defaultdict(set)
    for stem, n in counts.items():
        for shorter in _shortened(stem) if n >= TIMES else ():
            near[shorter].add(stem)
    found = {}
    for stem, n in counts.items():
        others = {one for shorter in _shortened(stem) for one in near.get(shorter, ())} - {stem}
        least = n * (TIMES_SHORT if len(stem) <= SHORT else TIMES)
        better = [o for o in others if counts[o] >= least and one_slip(stem, o)]
        if better:
            found[stem] = max(better, key=lambda other: (counts[other], other))
    return found


def _shortened(stem: str) -> Iterator[str]:
    """Give the stem and each spelling of it with one letter left out; nothing for a short one."""
    if len(stem) >= SHORTEST:
        yield stem
        yield from (stem[:i] + stem[i + 1 :] for i in range(len(stem)))
