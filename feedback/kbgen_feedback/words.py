"""Queries as sets of stems, with the analysis that search itself uses."""

from collections.abc import Callable
from functools import lru_cache

import Stemmer

from kbgen_search.analysis import Analyzer
from kbgen_search.digests import VERSION

Fold = Callable[[str, str], tuple[str, ...]]
"""From a query and its locale to its stems."""


@lru_cache(maxsize=32)
def _analyzer(locale: str) -> Analyzer:
    return Analyzer(locale or "en")


@lru_cache(maxsize=1 << 17)
def fold(query: str, locale: str) -> tuple[str, ...]:
    """Return the stems of a query without function words; all of them when it has no others."""
    analyzer = _analyzer(locale)
    words = analyzer.surfaces(query)
    telling = [word for word in words if not analyzer.is_stop(word.surface)]
    return tuple(word.terms[0] for word in telling or words if word.terms)


def version() -> tuple[int, str]:
    """Return what differs when `fold` may give other stems than before."""
    return VERSION, Stemmer.version()
