"""An article as the rest of the product knows it: identity, text, fingerprints."""

import posixpath
from collections.abc import Callable, Hashable, Iterable, Iterator
from typing import TypeVar

import msgspec

from kbgen import revisions
from kbgen.frontmatter import FrontMatter
from kbgen_search.articles import Article, Packed, Section

T = TypeVar("T")


class Published(msgspec.Struct, frozen=True, array_like=True):
    """An article together with what the manifest says of it.

    `headings` are JSON; `source` is relative to the docs folder; `related` are ids as the writer
    gave them.
    """

    article: Article
    revision: str
    words: int
    sketch: str
    headings: bytes
    owner: str = ""
    source: str = ""
    related: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Return what tells this article from every other: its id and locale."""
        return self.article.id, self.article.locale


def id_of(source: str, declared: str = "") -> str:
    """Return the stable id: the declared one, else the path without `.md` and without `index`."""
    if declared:
        return declared
    stem = posixpath.splitext(source)[0]
    folder, name = posixpath.split(stem)
    return (folder or "index") if name in ("index", "README") else stem


def text_of(sections: Iterable[Section]) -> str:
    """Return the article's text as a reader meets it: headings, prose and code."""
    return "\n".join(f"{section.heading}\n{section.text}\n{section.code}" for section in sections)


def publish(
    *,
    source: str,
    name: str,
    url: str,
    title: str,
    locale: str,
    matter: FrontMatter,
    sections: tuple[Section, ...],
    owner: str = "",
) -> Published:
    """Return the published article made of its front matter and sections.

    `name` is the path that the id comes from: `source`, unless translations share an id.
    """
    article = Article(
        id=id_of(name, matter.id),
        url=url,
        title=title,
        locale=locale,
        description=matter.description,
        keywords=matter.keywords,
        questions=matter.questions,
        tags=matter.tags,
        audience=matter.audience,
        packed=Packed.of(sections),
    )
    known = revisions.fingerprints(text_of(sections))
    return Published(
        article=article,
        revision=known.revision,
        words=known.words,
        sketch=known.sketch,
        headings=_headings(sections),
        owner=matter.owner or owner,
        source=source,
        related=matter.related,
    )


def _headings(sections: Iterable[Section]) -> bytes:
    """Return the headings that can be linked to, as the manifest has them."""
    return msgspec.json.encode(
        [
            {"level": section.level, "id": section.anchor, "text": section.heading}
            for section in sections
            if section.anchor
        ]
    )


def duplicates(items: Iterable[T], key: Callable[[T], Hashable]) -> Iterator[tuple[T, T]]:
    """Yield each item whose key an earlier one has, after that earlier one."""
    seen: dict[Hashable, T] = {}
    for item in items:
        first = seen.setdefault(key(item), item)
        if first is not item:
            yield first, item


def related_of(article: Published, by_key: dict[tuple[str, str], Published]) -> list[Published]:
    """Return the articles that `article` names as related and that exist, in its order.

    A name is an id, or one beside the article (`metrics` in `en/leadership` is `en/metrics`).
    """
    found = (_named(name, article, by_key) for name in article.related)
    return [other for other in found if other and other is not article]


def unknown_related(article: Published, by_key: dict[tuple[str, str], Published]) -> list[str]:
    """Return what `article` names as related and is no article."""
    return [name for name in article.related if not _named(name, article, by_key)]


def _named(
    name: str, article: Published, by_key: dict[tuple[str, str], Published]
) -> Published | None:
    locale = article.article.locale
    beside = posixpath.join(posixpath.dirname(article.article.id), name)
    return by_key.get((name, locale)) or by_key.get((beside, locale))
