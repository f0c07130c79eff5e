"""Failed searches run again on the newest build: what search finds now.

As long as the index stays as it is, its answers are kept: of fixes that are proven, every reading
asks for the same queries again.
"""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec.structs import replace

from kbgen_feedback import memory
from kbgen_feedback.findings import UNSURE, Finding
from kbgen_feedback.proof import Replay
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store
from kbgen_search import catalogue, hashing
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")

ANSWERS = "answers"
Answers = dict[tuple[str, str], list[str]]
"""By query and locale the ids of the first articles."""
_answers = msgspec.msgpack.Decoder(Answers)


@contextmanager
def searching(store: Store, settings: Settings) -> Iterator[Replay | None]:
    """Give the search of the newest build; None when there is no index here that can be read.

    The function takes a query and a locale and gives the ids of the first articles. An index of
    another version is the next build's to mend: flags are shown without it, and the log says so.
    """
    index, limit = Path(settings.index), settings.rules.top_results
    search = _searcher(index, limit) if index.exists() else None
    if search is None:
        yield None
        return
    of = hashing.of_values(catalogue.stamp(index), limit).hex()
    with store.read() as connection:
        kept = memory.recall(connection, store.site, ANSWERS, of)
    known: Answers = _answers.decode(kept) if kept else {}
    asked: Answers = {}

    def answer(query: str, locale: str) -> list[str]:
        key = query, locale
        if key not in asked:
            asked[key] = known[key] if key in known else list(search(query, locale))
        return asked[key]

    yield answer
    if not asked.keys() <= known.keys():
        memory.keep(store, ANSWERS, of, asked)


def _searcher(index: Path, limit: int) -> Replay | None:
    from kbgen_search.engine import Engine  # where no index is, nobody waits for it to load

    try:
        engine = Engine.open(index)
        for locale in engine.locales:
            engine.shelf(locale)
    except KbError as error:
        log.warning("failed searches are not repeated: %s", error)
        return None
    return lambda query, locale: engine.pages(query, locale or None, limit)


def with_candidates(findings: Iterable[Finding], search: Replay | None) -> Iterator[Finding]:
    """Give the findings; missing articles with what search now finds for their first query."""
    for finding in findings:
        asks = finding.kind == "content_gap" and finding.tier != UNSURE and finding.queries
        if search is None or not asks:
            yield finding
            continue
        pages = list(search(finding.queries[0], finding.locale))
        yield replace(finding, evidence=finding.evidence | {"candidates": pages})
