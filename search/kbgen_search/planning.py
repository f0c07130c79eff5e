"""From a query's words to all that may stand for them, as far as the index knows them."""

from collections.abc import Callable, Iterable, Sequence

from kbgen_search import spelling
from kbgen_search.analysis import Analyzer
from kbgen_search.folding import fold
from kbgen_search.queries import Group, Option, Rule, parse
from kbgen_search.ranking import Weights
from kbgen_search.store import Store
from kbgen_search.tokens import is_seamless

COMPLETED = 16  # completions of a word that is not known as it stands
KNOWN_COMPLETED = 6
PARTICLE = 3  # letters of words that are often written together with the one before
BRIEF = 4  # letters of words with which a function word is (`log in`, `set up`)
WHOLE = 4  # letters of words that compounds begin with
BEST = 3  # corrections of a word that are searched for; the first one is told
LIKELY = 3  # how common (binary order) a word's commonest completion is when it is just begun
DOUBTED = 3  # how much commoner (binary orders) a correction of a rare word must be

StandsElsewhere = Callable[[str], bool]
"""Tells whether a word, by its unaccented form, is in articles of another language."""


class Planner:
    """Plans queries for one index."""

    def __init__(self, store: Store, analyzer: Analyzer, weights: Weights) -> None:
        self.store = store
        self.analyzer = analyzer
        self.weights = weights

    def plan(
        self, text: str, exact: bool = False, elsewhere: StandsElsewhere = lambda word: False
    ) -> list[Group]:
        """Return the groups of a query with all their options; no corrections when `exact`."""
        groups = parse(text, self.analyzer)
        groups = with_synonyms(groups, self.store.synonyms(), self.weights.synonym)
        groups = self._joined(groups)
        groups = [self._completed(group) for group in groups]
        return groups if exact else [self._corrected(group, elsewhere) for group in groups]

    def frequency(self, group: Group) -> int:
        """Return in how many articles a word is found as it stands."""
        exact = (option for option in group.options if option.kind == "exact")
        return max(self.store.term(option.terms[0]).frequency for option in exact)

    def _joined(self, groups: Sequence[Group]) -> list[Group]:
        """Let neighbours that may be one word (`re install`, `log in`) be found as one."""
        found = list(groups)
        for at in range(len(groups) - 1):
            one, two = groups[at : at + 2]
            if self._may_join(one, two):
                terms = self.analyzer.terms(one.word.surface + two.word.surface)
                if self.store.term(terms[0]).frequency:
                    found[at] = self._with_joined(found[at], terms[:1])
                    found[at + 1] = self._with_joined(found[at + 1], terms[:1])
        return found

    def _with_joined(self, group: Group, terms: tuple[str, ...]) -> Group:
        """Return a half of a joined word that may be the whole, the more if it is no word."""
        joined = self.weights.joined
        share = joined / 2 if self.frequency(group) else min(1.0, joined * 2)
        return group.with_options([Option(terms, share, "joined")])

    def _may_join(self, one: Group, two: Group) -> bool:
        first, second = one.word.surface, two.word.surface
        if one.stop or not (first.isalpha() and second.isalpha()) or is_seamless(first):
            return False
        if two.stop:
            return len(first) <= BRIEF and len(second) <= PARTICLE
        brief = min(len(first), len(second)) <= PARTICLE
        return brief or not self.frequency(one) or not self.frequency(two)

    def _completed(self, group: Group) -> Group:
        bare = fold(group.word.surface)
        if group.stop or not (len(bare) > 1 or is_seamless(bare)):
            return group
        if not group.last:
            return self._compounded(group, bare)
        known = self.frequency(group) > 0
        most, discount = (
            (KNOWN_COMPLETED, self.weights.known_prefix)
            if known
            else (COMPLETED, self.weights.prefix)
        )
        words = self.store.vocabulary()
        found = spelling.completions(bare, words)
        terms = ((self.analyzer.terms(words.words[one])[0],) for one in found[:most])
        options = fresh(group, (Option(term, discount, "prefix") for term in terms))
        begun = bool(found) and words.counts[found[0]] >= LIKELY
        return group.with_options(options)._replace(begun=begun)

    def _compounded(self, group: Group, bare: str) -> Group:
        """Let a word be found in those that begin with it, in languages that put words together.

        So `Passwort` finds `Passwortänderung`, as the words of other languages do by themselves.
        """
        if not self.analyzer.language.compounds or len(bare) < WHOLE:
            return group
        words = self.store.vocabulary()
        found = spelling.completions(bare, words)[:KNOWN_COMPLETED]
        terms = ((self.analyzer.terms(words.words[one])[0],) for one in found)
        weight = self.weights.compound
        return group.with_options(fresh(group, (Option(term, weight, "prefix") for term in terms)))

    def _corrected(self, group: Group, elsewhere: StandsElsewhere) -> Group:
        frequency = self.frequency(group)
        if group.stop or group.begun or frequency > 1 + self.store.size // 5000:
            return group
        bare, words = fold(group.word.surface), self.store.vocabulary()
        own = words.find(bare) if frequency else None
        if own is not None:
            return self._doubted(group, own)
        begins = any(option.kind == "prefix" for option in group.options)
        found = spelling.corrections(bare, words, self.store.size, near=begins)
        meant = found[0].words if found and not frequency and not begins else ()
        if meant and elsewhere(bare):
            return group
        options = fresh(group, map(self._correction, found))[:BEST]
        return group.with_options(options)._replace(meant=meant)

    def _correction(self, found: spelling.Correction, kind: str = "typo") -> Option:
        terms = tuple(self.analyzer.terms(word)[0] for word in found.words)
        one = found.edits == 1
        return Option(terms, self.weights.typo if one else self.weights.second_typo, kind)

    def _doubted(self, group: Group, own: int) -> Group:
        """Let a rare word also be found as a much commoner one that is one edit away."""
        words = self.store.vocabulary()
        bare, least = words.bare[own], words.counts[own] + DOUBTED
        if len(bare) < spelling.BRIEF or not bare.isalpha():
            return group
        near = spelling.neighbours(bare, words, self.store.size)
        common = (
            self._correction(spelling.Correction((words.words[n],), 1), "doubt")
            for n in near
            if words.bare[n][:2] == bare[:2] and words.counts[n] >= least
        )
        return group.with_options(fresh(group, common)[:BEST])


def fresh(group: Group, options: Iterable[Option]) -> list[Option]:
    """Return options of different terms that the group does not have yet."""
    had = {option.terms for option in group.options}
    found: dict[tuple[str, ...], Option] = {}
    for option in options:
        if option.terms not in had:
            found.setdefault(option.terms, option)
    return list(found.values())


def with_synonyms(groups: Sequence[Group], rules: Sequence[Rule], discount: float) -> list[Group]:
    """Return the groups with what their words also mean; a rule may span several words."""
    found = list(groups)
    terms = [group.word.terms[0] for group in groups]
    for said, meant in rules:
        option = Option(meant, discount / len(said), "synonym")
        for at in range(len(terms) - len(said) + 1):
            if tuple(terms[at : at + len(said)]) == said:
                for place in range(at, at + len(said)):
                    found[place] = found[place].with_options([option])
    return found
