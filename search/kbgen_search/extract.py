"""HTML of an article to sections of plain text, for pages of any generator.

BeautifulSoup finds the article in a whole page of whatever making; the article itself is walked as
lxml's tree, since that happens to every article of every build and takes a third of the time.
"""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from lxml import etree  # type: ignore[import-untyped]

from kbgen_search.articles import Article, Packed, Section

if TYPE_CHECKING:
    from bs4 import BeautifulSoup

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
        "label",
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
CONTENT = (  # where an article is, and what a page that has such a place says in any case
    ("article.md-content__inner", "md-content__inner"),
    ("[data-kb-content]", "data-kb-content"),
    ("div.theme-doc-markdown", "theme-doc-markdown"),
    ("main article", "<article"),
    ("article", "<article"),
    ("[role=main]", "role="),
    ("main", "<main"),
    ("div#content", "content"),
    ("div.content", "content"),
    ("body", ""),
)
EVENTS = ("start", "end", "comment", "pi")


class _Part(msgspec.Struct):
    anchor: str = ""
    level: int = 0
    heading: str = ""
    path: tuple[str, ...] = ()
    text: list[str] = msgspec.field(default_factory=list)
    code: list[str] = msgspec.field(default_factory=list)


def sections(html: str) -> tuple[Section, ...]:
    """Return the sections of an article's own HTML, in reading order; headings keep their ids."""
    return _sections(_parsed(html))


def article_of_page(html: str, page: str, url: str, locale: str = "") -> Article | None:
    """Return the article in a whole page made by any generator, or None when it holds no text.

    The content element is looked for by the marks of the usual generators, then by meaning
    (`main`, `article`). `locale` wins over the page's `lang` attribute.
    """
    from bs4 import BeautifulSoup  # a build without foreign pages does not wait for its loading

    soup = BeautifulSoup(html, "lxml")
    known = html.lower()
    places = (soup.select_one(css) for css, sign in CONTENT if sign in known)
    content = next((place for place in places if place is not None), None)
    if content is None:
        return None
    parts = sections(content.decode_contents())
    if not any(part.text or part.code for part in parts):
        return None
    title, parts = _title(soup, parts)
    lang = str(soup.html.get("lang") or "") if soup.html else ""
    return Article(
        id=page,
        url=url,
        title=title,
        locale=locale or lang or "en",
        description=_meta(soup, "description"),
        keywords=tuple(k.strip() for k in _meta(soup, "keywords").split(",") if k.strip()),
        packed=Packed.of(parts),
    )


def without_title(parts: tuple[Section, ...], title: str) -> tuple[Section, ...]:
    """Return the sections with a first-level heading that repeats the title made the lead."""
    same = " ".join(title.split()).casefold()
    return tuple(
        msgspec.structs.replace(part, heading="", anchor="", level=0, path=())
        if part.level == 1 and part.heading.casefold() == same
        else msgspec.structs.replace(
            part, path=tuple(step for step in part.path if step.casefold() != same)
        )
        for part in parts
    )


def _title(soup: "BeautifulSoup", parts: tuple[Section, ...]) -> tuple[str, tuple[Section, ...]]:
    first = next((part.heading for part in parts if part.level == 1), "")
    named = soup.title.get_text() if soup.title else ""
    title = first or " ".join(named.split())
    return title, without_title(parts, title)


def _meta(soup: "BeautifulSoup", name: str) -> str:
    tag = soup.find("meta", {"name": name})
    return str(tag.get("content") or "") if tag else ""


def _parsed(html: str) -> Any:
    """Return the tree of an article's HTML; its root holds the article."""
    parser = etree.HTMLParser(encoding="utf-8", huge_tree=True)
    text = html.replace("\0", " ").encode("utf-8", "replace")
    return etree.fromstring(b"<body>" + text, parser)


def _sections(root: Any) -> tuple[Section, ...]:
    parts = [_Part()]
    for kind, value in _pieces(root):
        if kind == "text":
            parts[-1].text.append(value)
        elif kind == "code":
            parts[-1].code.append(value)
        else:
            parts.append(_open(value, parts))
    return tuple(
        section for section in map(_close, parts) if section.text or section.code or section.heading
    )


def _open(tag: Any, parts: list[_Part]) -> _Part:
    level = HEADINGS[tag.tag]
    heading = _squeeze("".join(value for kind, value in _pieces(tag) if kind != "heading"))
    return _Part(_anchor(tag), level, heading, _ancestors(parts, level))


def _ancestors(parts: list[_Part], level: int) -> tuple[str, ...]:
    found: list[str] = []
    for part in reversed(parts):
        if part.heading and part.level < level:
            found.append(part.heading)
            level = part.level
    return tuple(found[::-1])


def _anchor(tag: Any) -> str:
    return next((name for one in tag.iter(etree.Element) if (name := one.get("id"))), "")


def _close(part: _Part) -> Section:
    return Section(
        part.anchor,
        part.level,
        part.heading,
        part.path,
        _squeeze("".join(part.text)),
        "\n".join(block.strip("\n") for block in part.code if block.strip()),
    )


def _pieces(root: Any) -> Iterator[tuple[str, Any]]:
    """Yield what is in an element, in reading order: texts, blocks of code, headings."""
    walk = etree.iterwalk(root, EVENTS)
    for event, tag in walk:
        if tag.tag in BLOCKS:
            yield "text", " "
        if event == "start":
            piece = _whole(tag) if tag is not root else None
            if piece:
                walk.skip_subtree()
            yield piece or ("text", tag.text or "")
        elif tag is not root and tag.tail:
            yield "text", tag.tail


def _whole(tag: Any) -> tuple[str, Any] | None:
    """Return what an element is that is not looked into, None for those that are."""
    name = tag.tag
    if name in SKIPPED or (tag.attrib and _is_hidden(tag)):
        return "text", ""
    if name in HEADINGS:
        return "heading", tag
    if name == "img":
        return "text", f" {tag.get('alt') or ''} "
    if name == "pre" or (name == "table" and "highlighttable" in tag.get("class", "").split()):
        return "code", _code(tag)
    return None


def _code(tag: Any) -> str:
    cells = tag.iterfind(".//td[@class]") if tag.tag == "table" else ()
    block = next((cell for cell in cells if "code" in cell.get("class").split()), tag)
    return _text(block)


def _text(tag: Any) -> str:
    return str(_string()(tag))


@cache
def _string() -> Any:
    return etree.XPath("string()")


def _is_hidden(tag: Any) -> bool:
    return bool(
        tag.get("aria-hidden") == "true"
        or tag.get("hidden") is not None
        or tag.get("data-search-exclude") is not None
        or not SKIPPED_CLASSES.isdisjoint(tag.get("class", "").split())
    )


def _squeeze(text: str) -> str:
    return " ".join(text.replace("¶", "").split())
