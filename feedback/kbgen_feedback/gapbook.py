"""What became of missing articles: the searches for them, and the article that answers by now."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from hashlib import blake2b

from sqlalchemy import select

from kbgen_feedback import lifecycle
from kbgen_feedback.attribution import Sought, Stems
from kbgen_feedback.evidence import Known, Resolver
from kbgen_feedback.findings import Finding
from kbgen_feedback.lifecycle import Flag, Step
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store

KIND = "content_gap"
FORGOTTEN = "# "  # begins what stands for words that are past their time; words never do

Typed = Mapping[tuple[str, str], str]
"""(locale, what stands for words that are past their time) -> the words, as they are typed now."""


def typed(findings: Iterable[Finding]) -> Typed:
    """Return the words of today's missing articles by what would stand for them."""
    gaps = (one for one in findings if one.kind == KIND)
    return {(one.locale, forgotten(one.subject)): one.subject for one in gaps}


def forgotten(subject: str) -> str:
    """Return what stands for a gap's words when they are forgotten: they can be told by it again,
    but not from it.
    """
    if subject.startswith(FORGOTTEN):
        return subject
    return FORGOTTEN + blake2b(subject.encode(), digest_size=16).hexdigest()


def timely(flag: Flag, now_typed: Typed, since: int) -> Flag:
    """Return a flag under words that readers type now, or have typed since a time (ms).

    A gap on which nobody works is kept without its words once nobody types them any more; when
    somebody does again, it has them again.
    """
    if flag.kind != KIND:
        return flag
    now = now_typed.get((flag.locale, forgotten(flag.subject)))
    old = flag.changed < since and flag.state not in lifecycle.ACTIVE
    return replace(flag, subject=now or (forgotten(flag.subject) if old else flag.subject))


class Gaps:
    """The missing articles of one site, as one day's evidence sees them."""

    def __init__(self, store: Store, resolver: Resolver, sought: Sought) -> None:
        self.store = store
        self.resolver = resolver
        self.sought = sought
        self._asked = cache(self._searched)

    def trials(self, flag: Flag) -> Iterator[tuple[int, int, int]]:
        """Give (day, failed, satisfied) searches for a gap, in whatever words they were typed."""
        s, d = schema.searches.c, schema.days.c
        asked = {*flag.queries, *self._asked(flag.locale).get(frozenset(flag.subject.split()), ())}
        # By days and queries, which the key begins with: by queries alone all rows would be read.
        days = select(d.day).where(d.site == self.store.site)
        mine = (s.site == self.store.site) & s.day.in_(days) & (s.locale == flag.locale)
        query = select(s.day, s.n, s.open_n).where(mine, s.q.in_(sorted(asked)))
        with self.store.read() as connection:
            for day, n, failed in connection.execute(query.order_by(s.day, s.q)):
                yield day, failed, n - failed

    def _searched(self, locale: str) -> Mapping[Stems, Sequence[str]]:
        """Return the queries of a locale by the words that they say."""
        s = schema.searches.c
        query = select(s.q).where(s.site == self.store.site, s.locale == locale, s.q != "")
        found: defaultdict[Stems, list[str]] = defaultdict(list)
        with self.store.read() as connection:
            for q in connection.scalars(query.distinct()):
                found[frozenset(self.sought.words(q, locale))].append(q)
        return found

    def answer(self, flag: Flag) -> Known | None:
        """Return the article of the newest build whose title says what a gap's readers sought."""
        key = self.sought.article(tuple(flag.subject.split()), flag.locale)
        return self.resolver.known.get(key) if key else None

    def answered(self, flag: Flag, now: int) -> Step | None:
        """Return an open gap's next step when a build brought an article for it, or changed it."""
        if flag.kind != KIND or flag.state not in lifecycle.FIXABLE:
            return None
        article = self.answer(flag)
        if article is None or (article.page, article.revision) == (flag.answer, flag.revision):
            return None
        step = lifecycle.claim(flag, article.page, now)
        note = f"a build has the article {article.page}"
        return Step(replace(step.flag, revision=article.revision), step.action, note)
