"""Search, reader's widget and manifest for a built site, whatever it was built with."""

import codecs
import gc
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from html import unescape
from operator import attrgetter
from pathlib import Path
from typing import NamedTuple, NoReturn
from urllib.parse import quote

from msgspec.structs import replace

from kbgen import articles, edition, publication, workers
from kbgen.articles import Published
from kbgen.edition import Edition
from kbgen.files import content as read
from kbgen.files import refuse_name, unreadable, unwritable, write_changed
from kbgen.frontmatter import FrontMatter
from kbgen.injection import stripped
from kbgen.locales import Locales, canonical
from kbgen.manifest import Site
from kbgen.messages import Message
from kbgen.pipeline import disk_troubles
from kbgen.project import NAMES, Places
from kbgen.settings import Settings
from kbgen_search import digests, extract
from kbgen_search.errors import KbError

WARNING = 30
_FURNITURE = re.compile(
    r"(404|403|500|search|tags)(/index)?\.html|(.*/)?(genindex|print_page)(/index)?\.html"
)
_ASSETS = "assets/"
_CONTENT = re.compile(r"<(article|main)\b|\brole=[\"']?main\b|\bdata-kb-content\b", re.IGNORECASE)
_LANG = re.compile(r"<html\b[^>]*\blang=[\"']?([A-Za-z-]+)")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_REDIRECT = re.compile(r"<meta\s+http-equiv=[\"']?refresh", re.IGNORECASE)
_HEAD_END = re.compile(r"</head\s*>", re.IGNORECASE)
_HEAD = re.compile(  # what a page begins with that may leave out all tags of its head
    r"(\ufeff|\s+|<!doctype[^>]*>|<!--.*?-->|<(html|head|meta|link|base)\b[^>]*>"
    r"|<(title|script|style|noscript|template)\b.*?</\3\s*>)*",
    re.IGNORECASE | re.DOTALL,
)
_CHARSET = re.compile(rb"<meta[^>]+charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_WIDER = {"ascii": "cp1252", "iso8859-1": "cp1252"}  # what browsers take them for


@dataclass(frozen=True)
class Indexed:
    """What was found in a site: articles, other pages, pages that were rewritten, what is odd."""

    articles: int
    others: int
    rewritten: int
    messages: tuple[Message, ...] = ()


class Page(NamedTuple):
    """A page without what was put into it before, what its bytes are, and if that is guessed."""

    html: str
    codec: str
    guessed: bool = False


def index(folder: Path, settings: Settings, name: str = "", url: str = "") -> Indexed:
    """Give the site in `folder` search, widget and manifest; KbError when it has no pages.

    It may be done again at any time: what was put into a page before is replaced.

    Raises:
        KbError: there are no pages, or the disk refuses one of them, or what is to be written.
    """
    files = list(_files(folder))
    pages = _pages(folder, files)
    if not pages:
        raise KbError("there is no HTML in this folder", file=folder, remedy="build the site first")
    book = Edition(settings, _locales(pages))
    ready = {}
    for path, article, digest in _articles(book, pages):
        book.published[_url(path)] = article
        ready[digests.mark(article.article)] = digest
    _refuse_twins(book)
    places = Places(_root(folder), folder)
    with _writing(places):
        rewritten = [_furnish(folder, book, path, page, url) for path, page in pages.items()]
        publication.write(
            places, book, _site(book, pages, name, url), ready, min(workers.cores(), 2)
        )
    others = len(pages) - len(book.published)
    return Indexed(len(book.published), others, sum(rewritten), tuple(_odd(folder, files, pages)))


@contextmanager
def _writing(places: Places) -> Iterator[None]:
    """Raise a KbError for what the disk refuses to write inside the block."""
    with disk_troubles(places.root / NAMES[0]):
        try:
            yield
        except OSError as error:
            raise unwritable(Path(error.filename or places.site), error) from error


def _odd(folder: Path, files: Sequence[Path], pages: dict[str, Page]) -> Iterator[Message]:
    """Yield what is worth mending in the files of a site."""
    for file in files:
        page = pages.get(file.relative_to(folder).as_posix())
        if page and page.guessed:
            text = f"not UTF-8, nor what it declares; read as {page.codec}; save it as UTF-8"
            yield Message(WARNING, text, str(file))
        elif file.is_symlink() and not file.exists():
            yield Message(WARNING, "the link leads nowhere; remove it", str(file))


def _site(book: Edition, pages: dict[str, Page], name: str, url: str) -> Site:
    settings = book.settings
    title = name or _site_name(pages)
    return Site(title, url, book.locales.default, settings.offline, settings.collector)


Found = tuple[str, Published, bytes]  # the path of a page, its article, the article's digest


def _articles(book: Edition, pages: dict[str, Page]) -> Iterator[Found]:
    """Yield the articles of a site, read on all cores."""
    count = workers.cores()
    with workers.pool((book, pages), count, len(pages)) as executor:
        yield from filter(None, workers.spread(executor, _read_batch, list(pages), count))


def _read_batch(paths: Sequence[str]) -> list[Found | None]:
    book, pages = workers.BENCH.get()
    found = []
    for path in paths:
        article = _article(book, path, pages[path].html)
        found.append((path, article, digests.of(article.article)) if article else None)
    gc.collect(0)  # the trees that pages were read into refer to themselves
    return found


def _files(folder: Path) -> Iterator[Path]:
    """Yield the files of a site that are called pages, but for those in hidden folders."""
    found = (
        Path(parent, name)
        for parent, _, names in os.walk(folder, onerror=_refuse)
        for name in names
        if name.endswith(".html")
    )
    for file in sorted(found):
        refuse_name(file)
        if not file.relative_to(folder).as_posix().startswith("."):
            yield file


def _pages(folder: Path, files: Sequence[Path]) -> dict[str, Page]:
    """Return the pages of a site by path.

    Among assets are parts of pages, too: of these only what tells where its content is counts.
    """
    there = ((file.relative_to(folder).as_posix(), _read(file)) for file in files if file.exists())
    return {
        path: page
        for path, page in there
        if not path.startswith(_ASSETS) or _CONTENT.search(page.html)
    }


def _read(file: Path) -> Page:
    content = read(file)
    codec = next((one for one in _codecs(content) if _fits(content, one)), "")
    if codec:
        return Page(stripped(content.decode(codec)), codec)
    guess = "utf-8" if _CHARSET.search(content) else "cp1252"  # as browsers do
    return Page(stripped(content.decode(guess, "replace")), guess, guessed=True)


def _refuse(error: OSError) -> NoReturn:
    raise unreadable(Path(error.filename), error) from error


def _codecs(content: bytes) -> Iterator[str]:
    """Yield what a page's bytes may be, the likeliest first."""
    yield from (codec for mark, codec in _MARKS.items() if content.startswith(mark))
    if not content.isascii():  # else the additions decide
        yield "utf-8"
    declared = _CHARSET.search(content)
    name = declared[1].decode("ascii", "replace") if declared else "utf-8"
    with suppress(LookupError):
        found = codecs.lookup(name).name
        yield "utf-8" if found.startswith("utf") else _WIDER.get(found, found)


def _fits(content: bytes, codec: str) -> bool:
    try:
        content.decode(codec)
    except (LookupError, ValueError):
        return False
    return True


def _url(path: str) -> str:
    """Return the address that the site's own links use: folders where pages are `index.html`."""
    short = path.removesuffix("index.html")
    return quote(short if short.endswith("/") or not short else path)


def _locales(pages: dict[str, Page]) -> Locales:
    root = pages.get("index.html") or next(iter(pages.values()))
    lang = _LANG.search(root.html)
    return Locales.found_in(pages, lang[1] if lang else "en", infer=True)


def _article(book: Edition, path: str, html: str) -> Published | None:
    locale = book.locales.of(path, _declared(book, path, html))
    if _is_furniture(path, locale) or _REDIRECT.search(html):
        return None
    name = articles.id_of(path)
    found = extract.article_of_page(html, name, _url(path), locale)
    if found is None:
        return None
    matter = FrontMatter(description=found.description, keywords=found.keywords)
    made = articles.publish(
        source=path,
        name=path,
        url=found.url,
        title=found.title or _spoken(name.rpartition("/")[2].replace("_", "-")),
        locale=locale,
        matter=matter,
        sections=found.sections,
        owner=book.settings.owner,
    )
    folder, _, rest = book.locales.common(path).partition("/")
    area = _spoken(folder) if rest else ""
    return replace(made, article=replace(made.article, area=area))


def _spoken(name: str) -> str:
    return name.replace("-", " ").capitalize()


def _is_furniture(path: str, locale: str) -> bool:
    """Tell whether a page lies where generators put what is no article: on top, or a language's."""
    top, _, rest = path.partition("/")
    return bool(_FURNITURE.fullmatch(rest if rest and canonical(top) == locale else path))


def _declared(book: Edition, path: str, html: str) -> str:
    """Return the page's own language, where it says more than that of the whole site."""
    lang = _LANG.search(html)
    return lang[1] if lang and lang[1] != book.locales.default else ""


def _refuse_twins(book: Edition) -> None:
    for first, second in articles.duplicates(book.published.values(), attrgetter("key")):
        raise KbError(
            f"{first.source} and {second.source} are the same article",
            file=second.source,
            remedy="remove one of them",
        )


def _furnish(folder: Path, book: Edition, path: str, page: Page, site_url: str) -> bool:
    html = _with_head_end(page.html)
    if html != page.html and _REDIRECT.search(html):
        return False
    declared = _declared(book, path, html)
    made = edition.furnish_page(book, _url(path), path, html, declared, site_url)
    return write_changed(folder / path, made.encode(page.codec, "xmlcharrefreplace"))


def _with_head_end(html: str) -> str:
    """Return the page with the end of its head as we look for it; HTML may leave it out."""
    if written := _HEAD_END.search(html):
        return f"{html[: written.start()]}</head>{html[written.end() :]}"
    head = _HEAD.match(html)
    at = head.end() if head else 0
    return f"{html[:at]}</head>{html[at:]}"


def _site_name(pages: dict[str, Page]) -> str:
    home = pages.get("index.html")
    title = _TITLE.search(home.html) if home else None
    return unescape(" ".join(title[1].split())) if title else "Site"


def _root(folder: Path) -> Path:
    """Return the project's folder: that of the nearest mkdocs.yml above, else the parent."""
    above = folder.resolve().parents
    return next((p for p in above if any((p / name).is_file() for name in NAMES)), above[0])
