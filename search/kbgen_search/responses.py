"""The answer to a query: what `kbgen search --json` prints and `kb.search` resolves to."""

import msgspec

Places = list[tuple[int, int]]


class Target(msgspec.Struct, frozen=True):
    """The section a result opens at; both are empty when it opens at the top."""

    title: str = ""
    anchor: str = ""


class Further(msgspec.Struct, frozen=True):
    """Another section of an article that answers the query."""

    title: str
    anchor: str
    url: str


class Result(msgspec.Struct, frozen=True):
    """One article found; places of matched words are in code points."""

    page: str
    url: str
    title: str
    section: Target
    score: float
    snippet: str
    highlights: Places
    title_highlights: Places
    sections: list[Further]
    area: str
    locale: str


class Answer(msgspec.Struct, frozen=True):
    """The passage that answers a question by itself."""

    page: str
    url: str
    title: str
    section: Target
    text: str
    highlights: Places


class Change(msgspec.Struct, frozen=True, rename={"was": "from", "now": "to"}):
    """A word that was read as another."""

    was: str
    now: str


class Response(msgspec.Struct, frozen=True):
    """The answer to a query.

    `corrected` is the query as it was read when words of it were corrected, `missing` are its
    words that no article of `lang` has, `elsewhere` those of them that articles of other languages
    have, `terms` the words to mark on a page that is opened.
    """

    query: str
    lang: str
    total: int
    took_ms: float
    results: list[Result]
    suggestions: list[str]
    corrected: str = ""
    corrections: list[Change] = []
    missing: list[str] = []
    elsewhere: list[str] = []
    terms: list[str] = []
    facets: dict[str, list[tuple[str, int]]] = {}
    answer: Answer | None = None
