"""What is known up to a day, as plain counts: the input of every signal."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

import msgspec

Mark = int
"""What stands for a reader on one day; the day is its higher part."""
MARK_BITS = 32
Marks = bytes
"""Such marks, of eight bytes each: as numbers they are made only where they are compared."""


def packed(marks: Iterable[Mark]) -> Marks:
    """Return marks as they are kept."""
    return array("Q", marks).tobytes()


def unpacked(marks: Marks) -> Iterable[Mark]:
    """Return marks as numbers."""
    return memoryview(marks).cast("Q")


class Votes(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The votes of one day on one revision of an article.

    `queries` are those by which voters came, with how many said yes and no; `why` are the reasons
    that noes gave together, the query of these, and how many they were.
    """

    page: str
    locale: str
    revision: str
    day: int
    yes: int = 0
    no: int = 0
    queries: tuple[tuple[str, int, int], ...] = ()
    why: tuple[tuple[tuple[str, ...], str, int], ...] = ()


class Finds(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """Searches of one day that ended on one article."""

    page: str
    locale: str
    day: int
    trials: int = 0
    misses: int = 0
    said: int = 0


class Ended(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """What came of one query on one article, over days of which `day` is the last."""

    page: str
    day: int
    misses: int = 0
    clicks: int = 0
    bounces: int = 0
    readers: int = 0


class Failed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """The failed searches of one query of late, on days of which `day` is the first.

    `who`, each once, never ended satisfied.
    """

    day: int
    n: int = 0
    weight: float = 0.0
    no_result: int = 0
    contact: int = 0
    reformulated: int = 0
    quick_return: int = 0
    no_click: int = 0
    who: Marks = b""


class Typed(msgspec.Struct, frozen=True, gc=False, array_like=True):
    """A query of one language, and what came of it.

    `stems` are its words without those that say nothing in any text, `asked` is how often it was
    searched for of late, `lost` how many searches failed, `failed` those that did so of late.
    `ended` are the ends of which a miss tells, or more than one reader; `faint` are the others.
    """

    locale: str
    q: str
    stems: tuple[str, ...]
    asked: int = 0
    lost: int = 0
    ended: tuple[Ended, ...] = ()
    failed: Failed | None = None
    faint: tuple[Ended, ...] = ()


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

    `finds` are by day. `typed` are all queries whose text is kept, in order
    of language and text, each with the articles that its readers ended on, in order of these.
    `openers` are the readers who opened a page (page, locale) after a search that never ended
    satisfied.
    """

    as_of: int
    votes: tuple[Votes, ...] = ()
    finds: tuple[Finds, ...] = ()
    typed: tuple[Typed, ...] = ()
    broken: tuple[Broken, ...] = ()
    edits: tuple[Edit, ...] = ()
    views: dict[tuple[str, str], int] = field(default_factory=dict)
    openers: dict[tuple[str, str], Marks] = field(default_factory=dict)
    articles: tuple[Known, ...] = ()


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
        where = page, locale
        if where in self.known:
            return where
        if not self.known:
            return page, ""
        return (page, self.first[page]) if page in self.first else None

    def title(self, key: Key) -> str:
        """Return the article's title, or its id when there is no build to ask."""
        known = self.known.get(key)
        return known.title if known and known.title else key[0]
