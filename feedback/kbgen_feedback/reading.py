"""What the evidence of a day says: read anew when it changed, else as it was found last time."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import msgspec

from kbgen_feedback import memory
from kbgen_feedback.attribution import Learned, Sought
from kbgen_feedback.evaluate import Judged, judge
from kbgen_feedback.evidence import Evidence, Known, Resolver
from kbgen_feedback.findings import Finding
from kbgen_feedback.gather import articles, gather
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store

NAME = "reading"


@dataclass
class Reading:
    """The findings of a day, and what readers' words mean on this site."""

    judged: Judged
    articles: tuple[Known, ...]
    gather: Callable[[], Evidence]

    @cached_property
    def evidence(self) -> Evidence:
        """All counts of the day; read when they are first asked for."""
        return self.gather()

    @cached_property
    def resolver(self) -> Resolver:
        """The articles of the newest build."""
        return Resolver(self.articles)


class _Kept(msgspec.Struct, array_like=True):
    """A reading as it is kept; findings by the names of their fields."""

    findings: list[Finding]
    slips: dict[str, dict[str, str]]
    meanings: list[tuple[str, str, list[str]]]
    idle: list[tuple[str, str]]
    confusable: list[dict[str, Any]]


_decoder = msgspec.msgpack.Decoder(_Kept)


def read(store: Store, as_of: int, settings: Settings) -> Reading:
    """Return the reading of a day; the sums are up to date already."""
    with store.read() as connection:
        of = memory.fingerprint(connection, store.site, as_of, settings)
        kept = memory.recall(connection, store.site, NAME, of)
        known = articles(connection, store.site)
    if kept is not None:
        judged = _restored(_decoder.decode(kept), known)
        return Reading(judged, known, lambda: gather(store, as_of, settings))
    evidence = gather(store, as_of, settings)
    judged = judge(evidence, settings.rules)
    memory.keep(store, NAME, of, _kept(judged))
    return Reading(judged, evidence.articles, lambda: evidence)


def _kept(judged: Judged) -> _Kept:
    learned = judged.sought.learned
    meanings = learned.meanings.items()
    return _Kept(
        findings=judged.findings,
        slips={locale: dict(slips) for locale, slips in judged.sought.slips.items()},
        meanings=[(locale, stem, sorted(meant)) for (locale, stem), meant in meanings],
        idle=sorted(learned.idle),
        confusable=judged.confusable,
    )


def _restored(kept: _Kept, known: tuple[Known, ...]) -> Judged:
    meanings = {(one, stem): frozenset(meant) for one, stem, meant in kept.meanings}
    learned = Learned(meanings, frozenset(kept.idle))
    return Judged(kept.findings, Sought(Resolver(known), kept.slips, learned), kept.confusable)
