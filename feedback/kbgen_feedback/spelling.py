"""Rare misspellings, read as the frequent words that they are slips of."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

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
    for one in typed:
        if one.asked:
            words, n = counts[one.locale], one.asked
            for stem in one.stems:
                words[stem] += n
    return {locale: _slips(words) for locale, words in counts.items()}


def respelled(stems: tuple[str, ...], slips: Mapping[str, str]) -> tuple[str, ...]:
    """Return stems with the slips put right."""
    return (
        stems if slips.keys().isdisjoint(stems) else tuple([slips.get(one, one) for one in stems])
    )


def _slips(counts: Mapping[str, int]) -> dict[str, str]:
    """Return rare stem -> the most frequent stem it is a slip of."""
    found: dict[str, str] = {}
    for rare, frequent in _likely(counts):
        known = found.get(rare)
        better = known is None or (counts[frequent], frequent) > (counts[known], known)
        if better and one_slip(rare, frequent):
            found[rare] = frequent
    return found


def _likely(counts: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Give stems with others that are much more frequent and perhaps one slip away.

    Both share a spelling with one letter left out (the symmetric deletes of SymSpell), so that no
    pair is compared in vain.
    """
    for some in _sharing(counts):
        often = [counts[stem] for stem in some]
        most = max(often)
        for rare, n in zip(some, often, strict=True):
            least = n * (TIMES_SHORT if len(rare) <= SHORT else TIMES)
            if most >= least:
                for frequent, m in zip(some, often, strict=True):
                    if m >= least:
                        yield rare, frequent


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
