"""What happened before and since fixes: what a flag's kind counts, good and bad, by day."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from kbgen_feedback.evidence import Key
from kbgen_feedback.gapbook import KIND, Gaps
from kbgen_feedback.lifecycle import WATCHED_OVER, Flag
from kbgen_feedback.proof import BY_SEARCH, Proof, Replay, replayed
from kbgen_feedback.reading import Reading
from kbgen_feedback.settings import Rules
from kbgen_feedback.store.record import day_of

Trial = tuple[int, int, int]
"""A day, how many trials were bad on it, how many good."""
Trials = Mapping[Key, Sequence[Trial]]


class Counted:
    """The trials of one day's reading; each kind is sorted by article when it is first asked for.

    A site keeps all the flags that it ever had: what one of them needs must not be looked for in
    what all articles have.
    """

    def __init__(self, reading: Reading, gaps: Gaps) -> None:
        self.reading = reading
        self.gaps = gaps

    def of(self, flag: Flag) -> Iterable[Trial]:
        """Return the trials that a flag's kind counts."""
        if flag.kind == KIND:
            return self.gaps.trials(flag)
        known = self._finds if flag.kind == "hard_to_find" else self._votes
        return known.get((flag.page, flag.locale), ())

    @cached_property
    def _finds(self) -> Trials:
        finds = self.reading.evidence.finds
        return self._by_article(
            (one.page, one.locale, (one.day, one.misses, one.trials - one.misses)) for one in finds
        )

    @cached_property
    def _votes(self) -> Trials:
        votes = self.reading.evidence.votes
        return self._by_article((one.page, one.locale, (one.day, one.no, one.yes)) for one in votes)

    def _by_article(self, some: Iterable[tuple[str, str, Trial]]) -> Trials:
        found: defaultdict[Key, list[Trial]] = defaultdict(list)
        for page, locale, trial in some:
            key = self.gaps.resolver.key(page, locale)
            if key is not None:
                found[key].append(trial)
        return found


def proof_of(flag: Flag, counted: Counted, search: Replay | None, rules: Rules, now: int) -> Proof:
    """Return what happened before and since a flag's fix was claimed."""
    if flag.claimed is None or flag.state not in WATCHED_OVER:
        return Proof()
    since, today = day_of(flag.claimed), day_of(now)
    if flag.kind == "broken_inbound":
        broken = counted.reading.evidence.broken
        hits = sum(b.n for b in broken if b.path == flag.subject and b.day > since)
        return Proof(failures=hits)
    trials = list(counted.of(flag))
    recent = today - rules.verify_quiet_days
    proof = Proof(
        before_bad=sum(bad for day, bad, _ in trials if day <= since),
        before_good=sum(good for day, _, good in trials if day <= since),
        after_bad=sum(bad for day, bad, _ in trials if day > since),
        after_good=sum(good for day, _, good in trials if day > since),
        failures=sum(bad for day, bad, _ in trials if day > max(since, recent)),
    )
    page = flag.page or flag.answer
    if search is None or flag.kind not in BY_SEARCH or not page:
        return proof
    ran, found = replayed(flag.queries, flag.locale, page, search, rules.top_results)
    return replace(proof, replayed=ran, found=found)
