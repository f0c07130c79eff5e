"""What is kept of an article for showing it: title, address, facets, and text to quote from."""

from collections.abc import Iterable, Sequence

import msgspec

from kbgen_search.articles import Article

CAPS = (
    1 << 30, 4000, 2800, 2000, 1400, 1000, 700, 500, 420, 350, 300, 250, 210, 180, 150, 120, 110,
    100, 90, 80,
)  # fmt: skip
TEXT_BUDGET = 7_000_000  # characters of text kept for quoting, per locale


class Passage(msgspec.Struct, frozen=True, array_like=True):
    """A section's anchor, heading and text; code comes after a form feed."""

    anchor: str
    heading: str
    text: str


class Record(msgspec.Struct, frozen=True, array_like=True):
    """An article as results show it."""

    id: str
    url: str
    title: str
    area: str
    tags: list[str]
    audience: list[str]
    questions: list[str]
    passages: list[Passage]


def record(article: Article) -> Record:
    """Return the record of an article with its whole text."""
    return Record(
        article.id,
        article.url,
        article.title,
        article.area,
        list(article.tags),
        list(article.audience),
        list(article.questions),
        [
            Passage(
                section.anchor,
                section.heading,
                f"{section.text}\f{section.code}" if section.code else section.text,
            )
            for section in article.sections
        ],
    )


def capped(whole: Record, cap: int) -> Record:
    """Return a record whose passages keep at most `cap` characters each."""
    if all(len(passage.text) <= cap for passage in whole.passages):
        return whole
    cut = [
        msgspec.structs.replace(passage, text=_cut(passage.text, cap)) for passage in whole.passages
    ]
    return msgspec.structs.replace(whole, passages=cut)


def cap_for(lengths: list[int], budget: int) -> int:
    """Return the largest of CAPS under which passages of these lengths fit a budget."""
    for cap in CAPS:
        if sum(min(length, cap) for length in lengths) <= budget:
            return cap
    return CAPS[-1]


def text_cap(articles: Sequence[Article]) -> int:
    """Return how many characters of each section are kept for quoting, all if they fit."""
    if _packed_size(articles) <= TEXT_BUDGET:
        return CAPS[0]  # packed they take no fewer bytes than characters
    return cap_for(_lengths(articles), TEXT_BUDGET)


def size(articles: Sequence[Article], cap: int) -> int:
    """Return about how many bytes the records of articles take under a cap."""
    whole = _packed_size(articles)
    if cap == CAPS[0]:
        return whole
    lengths = _lengths(articles)
    return whole * sum(min(length, cap) for length in lengths) // max(sum(lengths), 1)


def _packed_size(articles: Iterable[Article]) -> int:
    return sum(len(one.packed.content) for one in articles)


def _lengths(articles: Iterable[Article]) -> list[int]:
    return [len(part.text) + len(part.code) for one in articles for part in one.sections]


def _cut(text: str, cap: int) -> str:
    if len(text) <= cap:
        return text
    space = text.rfind(" ", cap // 2, cap)
    return text[: space if space > 0 else cap]
