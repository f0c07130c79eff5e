"""Failed searches run again on the newest build: what search finds now."""

import logging
from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec.structs import replace

from kbgen_feedback.findings import UNSURE, Finding
from kbgen_feedback.proof import Replay
from kbgen_search.errors import KbError

log = logging.getLogger("kbgen.collector")


def searcher(index: Path, limit: int = 3) -> Replay | None:
    """Return the search of the newest build; None when there is no index here that can be read.

    The function takes a query and a locale and gives the ids of the first articles. An index of
    another version is the next build's to mend: flags are shown without it, and the log says so.
    """
    if not index.exists():
        return None
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
