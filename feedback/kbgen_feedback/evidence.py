"""What is known up to a day, as plain counts: the input of every signal."""

from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

import msgspec


class Votes(msgspec.Struct, frozen=True, gc=False):
    """Equal votes of one day on one revision of an article."""

    page: str
    locale: str
    revision: str
    day: int
    value: str
    n: int
    reasons: frozenset[str] = frozenset()
    q: str = ""


class Finds(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Searches of one day that began with one query and ended on one article."""

    page: str
    locale: str
    q: str
    day: int
    trials: int = 0
    misses: int = 0
    clicks: int = 0
    bounces: int = 0
    readers: int = 0
    said: int = 0


class Searches(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What came of one query on one day; `who` are marks of readers who never ended satisfied."""

    q: str
    locale: str
    day: int
    n: int = 0
    weight: float = 0.0
    open_weight: float = 0.0
    open_n: int = 0
    no_result: int = 0
    contact: int = 0
    reformulated: int = 0
    quick_return: int = 0
    no_click: int = 0
    who: frozenset[str] = frozenset()


class Broken(msgspec.Struct, frozen=True):
    """An address that does not exist and how often it was followed in a day."""

    path: str
    day: int
    n: int
    readers: int


class Edit(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A revision of an article and when it appeared; `changed` is None when nobody can tell."""

    page: str
    locale: str
    revision: str
    day: int
    changed: float | None = None


class Known(msgspec.Struct, frozen=True):
    """An article of the newest build."""

    page: str
    locale: str
    title: str = ""
    url: str = ""
    revision: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Evidence:
    """Everything the signals look at, up to and with the day `as_of`.

    `asked` is how often each (query, locale) that failed of late was searched for in that time;
    `openers` are marks of the readers who opened a page (page, locale, day) after a search that
    never ended satisfied.

    `finds` are by day without their queries, `queries` by query over the days whose text is kept.
    """

    as_of: int
    votes: tuple[Votes, ...] = ()
    finds: tuple[Finds, ...] = ()
    queries: tuple[Finds, ...] = ()
    searches: tuple[Searches, ...] = ()
    broken: tuple[Broken, ...] = ()
    edits: tuple[Edit, ...] = ()
    views: dict[tuple[str, str], int] = field(default_factory=dict)
    asked: dict[tuple[str, str], int] = field(default_factory=dict)
    openers: dict[tuple[str, str, int], frozenset[str]] = field(default_factory=dict)
    articles: tuple[Known, ...] = ()

    @cached_property
    def by_query(self) -> dict[tuple[str, str], list[Searches]]:
        """The failed searches by (query, locale)."""
        found: defaultdict[tuple[str, str], list[Searches]] = defaultdict(list)
        for row in self.searches:
            found[row.q, row.locale].append(row)
        return dict(found)


Key = tuple[str, str]


class Resolver:
    """Say which article a page and locale mean: a fallback in another language is that one."""

    def __init__(self, articles: tuple[Known, ...]) -> None:
        self.known = {(one.page, one.locale): one for one in articles}
        self.first: dict[str, str] = {}
        for one in articles:
            self.first.setdefault(one.page, one.locale)

    def key(self, page: str, locale: str) -> Key | None:
        """Return the article's key; None for a page that no longer exists."""
        if not self.known:
            return page, ""
        if (page, locale) in self.known:
            return page, locale
        return (page, self.first[page]) if page in self.first else None

    def title(self, key: Key) -> str:
        """Return the article's title, or its id when there is no build to ask."""
        known = self.known.get(key)
        return known.title if known and known.title else key[0]
