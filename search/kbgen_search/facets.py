"""Facets: the area of the site, the tags and the audience by which results can be narrowed."""

from collections.abc import Iterable, Mapping, Sequence

from kbgen_search.articles import Article

Facets = Mapping[str, Mapping[str, Sequence[int]]]
NAMES = ("area", "tag", "audience")


def collect(articles: Sequence[Article]) -> dict[str, dict[str, list[int]]]:
    """Return for each facet and value the numbers of the articles that have it."""
    found: dict[str, dict[str, list[int]]] = {name: {} for name in NAMES}
    for number, article in enumerate(articles):
        values = (("area", (article.area,)), ("tag", article.tags), ("audience", article.audience))
        for facet, names in values:
            for name in filter(None, names):
                found[facet].setdefault(name, []).append(number)
    return {facet: dict(sorted(values.items())) for facet, values in found.items() if values}


def counted(facets: Facets, articles: Iterable[int]) -> dict[str, list[tuple[str, int]]]:
    """Return how many of the articles have each value, the most frequent first."""
    among = set(articles)
    found = {}
    for facet, values in facets.items():
        counts = [(name, len(among.intersection(numbers))) for name, numbers in values.items()]
        some = [(name, count) for name, count in counts if count]
        if some:
            found[facet] = sorted(some, key=lambda pair: (-pair[1], pair[0]))
    return found


def allowed(facets: Facets, filters: Mapping[str, str]) -> set[int] | None:
    """Return the articles that have all the chosen values, None when none are chosen."""
    chosen = [set(facets.get(facet, {}).get(value, ())) for facet, value in filters.items()]
    return set.intersection(*chosen) if chosen else None
