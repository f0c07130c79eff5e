"""Articles as the search sees them: metadata and sections of plain text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of an article with the text up to the next heading.

    The text before the first heading is a section with an empty anchor and heading.
    """

    anchor: str
    level: int
    heading: str
    path: tuple[str, ...]
    text: str
    code: str = ""


@dataclass(frozen=True, slots=True)
class Article:
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
    sections: tuple[Section, ...] = ()


def texts(article: Article) -> tuple[str, ...]:
    """Return the text of each field in the order of `ranking.FIELDS`."""
    return (
        article.title,
        "\n".join((*article.keywords, *article.questions, *article.tags)),
        "\n".join(section.heading for section in article.sections),
        "\n".join((article.description, *(section.text for section in article.sections))),
        "\n".join(section.code for section in article.sections),
    )
