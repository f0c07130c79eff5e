"""HTML of an article to sections of plain text, for pages of any generator."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString

from kbgen_search.articles import Article, Section

HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
BLOCKS = frozenset(
    {
        "address",
        "article",
        "aside",
        "blockquote",
        "br",
        "dd",
        "details",
        "div",
        "dl",
        "dt",
        "figcaption",
        "figure",
        "footer",
        "header",
        "hr",
        "li",
        "main",
        "ol",
        "p",
        "pre",
        "section",
        "summary",
        "table",
        "tbody",
        "td",
        "tfoot",
        "th",
        "thead",
        "tr",
        "ul",
    }
)
SKIPPED = frozenset(
    {
        "button",
        "form",
        "math",
        "nav",
        "noscript",
        "script",
        "select",
        "style",
        "svg",
        "template",
    }
)
SKIPPED_CLASSES = frozenset(
    {
        "anchor",
        "hash-link",
        "headerlink",
        "kb-vote",
        "kb-widget",
        "linenos",
        "md-content__button",
        "twemoji",
    }
)
CONTENT = (
    "article.md-content__inner",
    "[data-kb-content]",
    "div.theme-doc-markdown",
    "main article",
    "article",
    "[role=main]",
    "main",
    "div#content",
    "div.content",
    "body",
)
_SPACE = re.compile(r"\s+")


@dataclass(slots=True)
class _Part:
    anchor: str = ""
    level: int = 0
    heading: str = ""
    path: tuple[str, ...] = ()
    text: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)


def sections(html: str) -> tuple[Section, ...]:
    """Return the sections of an article's own HTML, in reading order; headings keep their ids."""
    return _sections(BeautifulSoup(html, "lxml"))


def article_of_page(html: str, page: str, url: str, locale: str = "") -> Article | None:
    """Return the article in a whole page made by any generator, or None when it holds no text.

    The content element is looked for by the marks of the usual generators, then by meaning
    (`main`, `article`). `locale` wins over the page's `lang` attribute.
    """
    soup = BeautifulSoup(html, "lxml")
    content = next((found for css in CONTENT if (found := soup.select_one(css))), None)
    if content is None:
        return None
    parts = _sections(content)
    if not any(part.text or part.code for part in parts):
        return None
    title, parts = _title(soup, parts)
    root = soup.find("html")
    lang = str(root.get("lang") or "") if isinstance(root, Tag) else ""
    return Article(
        id=page,
        url=url,
        title=title,
        locale=locale or lang or "en",
        description=_meta(soup, "description"),
        keywords=tuple(k.strip() for k in _meta(soup, "keywords").split(",") if k.strip()),
        sections=parts,
    )


def without_title(parts: tuple[Section, ...], title: str) -> tuple[Section, ...]:
    """Return the sections with a first-level heading that repeats the title made the lead."""
    same = _SPACE.sub(" ", title).strip().casefold()
    return tuple(
        replace(part, heading="", anchor="", level=0, path=())
        if part.level == 1 and part.heading.casefold() == same
        else replace(part, path=tuple(step for step in part.path if step.casefold() != same))
        for part in parts
    )


def _title(soup: BeautifulSoup, parts: tuple[Section, ...]) -> tuple[str, tuple[Section, ...]]:
    first = next((part.heading for part in parts if part.level == 1), "")
    named = soup.title.get_text() if soup.title else ""
    title = first or _SPACE.sub(" ", named).strip()
    return title, without_title(parts, title)


def _meta(soup: BeautifulSoup, name: str) -> str:
    tag = soup.find("meta", attrs={"name": name})
    return str(tag.get("content") or "") if isinstance(tag, Tag) else ""


def _sections(root: Tag) -> tuple[Section, ...]:
    parts = [_Part()]
    for kind, value in _pieces(root):
        if isinstance(value, Tag):
            parts.append(_open(value, parts))
        elif kind == "code":
            parts[-1].code.append(value)
        else:
            parts[-1].text.append(value)
    return tuple(
        section for section in map(_close, parts) if section.text or section.code or section.heading
    )


def _open(tag: Tag, parts: list[_Part]) -> _Part:
    level = HEADINGS[tag.name]
    heading = _squeeze("".join(value for _, value in _pieces(tag) if isinstance(value, str)))
    return _Part(_anchor(tag), level, heading, _ancestors(parts, level))


def _ancestors(parts: list[_Part], level: int) -> tuple[str, ...]:
    found: list[str] = []
    for part in reversed(parts):
        if part.heading and part.level < level:
            found.append(part.heading)
            level = part.level
    return tuple(found[::-1])


def _anchor(tag: Tag) -> str:
    own = tag.get("id")
    if own:
        return str(own)
    inner = tag.find(id=True)
    return str(inner.get("id")) if isinstance(inner, Tag) else ""


def _close(part: _Part) -> Section:
    return Section(
        part.anchor,
        part.level,
        part.heading,
        part.path,
        _squeeze("".join(part.text)),
        "\n".join(block.strip("\n") for block in part.code if block.strip()),
    )


def _pieces(tag: Tag) -> Iterator[tuple[str, str | Tag]]:
    for child in tag.children:
        if isinstance(child, Tag):
            yield from _pieces_of(child)
        elif _is_text(child):
            yield "text", str(child)


def _pieces_of(tag: Tag) -> Iterator[tuple[str, str | Tag]]:
    if tag.name in SKIPPED or _is_hidden(tag):
        return
    if tag.name in HEADINGS:
        yield "heading", tag
    elif tag.name == "pre" or "highlighttable" in _classes(tag):
        yield "code", _code(tag)
        yield "text", " "
    elif tag.name == "img":
        yield "text", f" {tag.get('alt') or ''} "
    else:
        yield from _spaced(tag)


def _spaced(tag: Tag) -> Iterator[tuple[str, str | Tag]]:
    if tag.name in BLOCKS:
        yield "text", " "
    yield from _pieces(tag)
    if tag.name in BLOCKS:
        yield "text", " "


def _code(tag: Tag) -> str:
    block = tag.find("td", class_="code") or tag
    return block.get_text()


def _is_text(child: PageElement) -> bool:
    return isinstance(child, NavigableString) and not isinstance(child, PreformattedString)


def _is_hidden(tag: Tag) -> bool:
    return bool(
        tag.get("aria-hidden") == "true"
        or tag.has_attr("hidden")
        or tag.has_attr("data-search-exclude")
        or SKIPPED_CLASSES & _classes(tag)
    )


def _classes(tag: Tag) -> frozenset[str]:
    return frozenset(tag.get_attribute_list("class")) - {None}


def _squeeze(text: str) -> str:
    return _SPACE.sub(" ", text.replace("¶", "")).strip()
