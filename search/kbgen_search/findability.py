"""Can each article be found by what it calls itself? And which articles compete?

Pure functions over a search; `kbgen check` turns what they return into lints.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from kbgen_search.articles import Article

TOP = 3
HEADINGS = 2  # the deepest level of headings that readers are expected to search for
WORDS = 2  # headings of fewer words (`Notes`, `Example`) say too little to be searched for
RIVAL = 2  # queries on which another article must come first to be called confusable


@dataclass(frozen=True, slots=True)
class Hidden:
    """An article that its own title, heading or question does not find."""

    article: Article
    kind: str
    query: str
    rank: int
    ahead: tuple[str, ...]

    def __str__(self) -> str:
        """Return the finding in one line, with the competitors named."""
        place = f"number {self.rank}" if self.rank else "not among the first ten"
        rivals = ", ".join(self.ahead)
        return (
            f"{self.article.id} is {place} for its own {self.kind} “{self.query}”"
            f"{f'; ahead are {rivals}' if rivals else ''}"
        )


@dataclass(frozen=True, slots=True)
class Confusable:
    """Two articles that compete: queries of the first that the second answers before it."""

    article: Article
    rival: str
    queries: tuple[str, ...]

    def __str__(self) -> str:
        """Return the finding in one line."""
        listed = ", ".join(f"“{query}”" for query in self.queries)
        return f"{self.rival} comes before {self.article.id} for {listed}"


def own_queries(article: Article) -> Iterator[tuple[str, str]]:
    """Yield what an article should be found by: kind and text."""
    yield "title", article.title
    yield from (("question", question) for question in article.questions)
    for section in article.sections:
        if 0 < section.level <= HEADINGS and len(section.heading.split()) >= WORDS:
            yield "heading", section.heading


Pages = Callable[[str, str], Sequence[str]]
"""From a query and its locale to the ids of the best articles."""


def hidden(articles: Iterable[Article], pages_for: Pages) -> Iterator[Hidden]:
    """Yield for each article what it calls itself without being among the first TOP for it."""
    for article in articles:
        for kind, query in own_queries(article):
            pages = pages_for(query, article.locale)
            rank = pages.index(article.id) + 1 if article.id in pages else 0
            if not 0 < rank <= TOP:
                ahead = tuple(pages[: rank - 1 if rank else TOP][:TOP])
                yield Hidden(article, kind, query, rank, ahead)


def confusable(articles: Iterable[Article], pages_for: Pages) -> Iterator[Confusable]:
    """Yield pairs of articles of which one wins at least RIVAL of the other's own queries."""
    for article in articles:
        wins: dict[str, list[str]] = {}
        for _, query in own_queries(article):
            first = pages_for(query, article.locale)[:1]
            if first and first[0] != article.id:
                wins.setdefault(first[0], []).append(query)
        for rival, count in Counter({r: len(qs) for r, qs in wins.items()}).most_common():
            if count >= RIVAL:
                yield Confusable(article, rival, tuple(wins[rival]))
