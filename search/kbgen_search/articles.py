"""Articles as the search sees them: metadata and sections of plain text."""

import itertools
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any, Self

import msgspec

from kbgen_search import hashing
from kbgen_search.errors import KbError


class Section(msgspec.Struct, frozen=True, array_like=True):
    """A heading of an article with the text up to the next heading.

    The text before the first heading is a section with an empty anchor and heading.
    """

    anchor: str
    level: int
    heading: str
    path: tuple[str, ...]
    text: str
    code: str = ""


_SECTIONS = msgspec.msgpack.Decoder(tuple[Section, ...])


class Packed(msgspec.Struct, frozen=True, array_like=True):
    """Sections as an article keeps them: most builds look at those of few articles.

    `hash` stands for them where it is asked whether they have changed.
    """

    hash: bytes
    content: msgspec.Raw

    @classmethod
    def of(cls, sections: Iterable[Section]) -> Self:
        """Pack sections."""
        content = msgspec.msgpack.encode(tuple(sections))
        return cls(hashing.of(content), msgspec.Raw(content))

    def __hash__(self) -> int:
        """Tell sections apart in dictionaries."""
        return hash(self.hash)


class Article(msgspec.Struct, frozen=True, array_like=True, dict=True):
    """One article in one language: `(id, locale)` is its key, `url` starts at the site root."""

    id: str
    url: str
    title: str
    locale: str
    description: str = ""
    keywords: tuple[str, ...] = ()
    questions: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    audience: tuple[str, ...] = ()
    area: str = ""
    packed: Packed = Packed.of(())  # the last, for `about`

    @cached_property
    def sections(self) -> tuple[Section, ...]:
        """Return the sections: that before the first heading, then one for each."""
        return _SECTIONS.decode(self.packed.content)

    @property
    def about(self) -> tuple[Any, ...]:
        """Return all but the sections."""
        return msgspec.structs.astuple(self)[:-1]

    @property
    def made_of(self) -> tuple[Any, ...]:
        """Return all that tells the article from an edited one: its sections go by their hash."""
        return *self.about, self.packed.hash


def texts(article: Article) -> tuple[str, ...]:
    """Return the text of each field in the order of `ranking.FIELDS`."""
    return (
        article.title,
        "\n".join((*article.keywords, *article.questions, *article.tags)),
        "\n".join(section.heading for section in article.sections),
        "\n".join((article.description, *(section.text for section in article.sections))),
        "\n".join(section.code for section in article.sections),
    )


def by_locale(articles: Iterable[Article], default: str = "") -> dict[str, list[Article]]:
    """Return the articles by locale, in order of id, the default locale (or the largest) first.

    Raises:
        KbError: two articles of one locale have the same id.
    """
    groups: dict[str, list[Article]] = {}
    for article in articles:
        groups.setdefault(article.locale, []).append(article)
    for found in groups.values():
        found.sort(key=lambda article: article.id)
        _refuse_twins(found)
    ranked = sorted(groups, key=lambda name: (name != default, -len(groups[name]), name))
    return {locale: groups[locale] for locale in ranked}


def _refuse_twins(articles: Sequence[Article]) -> None:
    for one, two in itertools.pairwise(articles):
        if one.id == two.id:
            raise KbError(
                f"two articles have the id {one.id!r}: {one.url} and {two.url}",
                remedy="give one of them another `id` in its front matter",
            )
