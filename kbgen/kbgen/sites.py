"""Search, reader's widget and manifest for a built site, whatever it was built with."""

import gc
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from pathlib import Path

from msgspec.structs import replace

from kbgen import articles, edition, publication, workers
from kbgen.articles import Published
from kbgen.edition import Edition
from kbgen.files import write_changed
from kbgen.frontmatter import FrontMatter
from kbgen.injection import stripped
from kbgen.locales import Locales
from kbgen.manifest import Site
from kbgen.project import NAMES, Places
from kbgen.settings import Settings
from kbgen_search import digests, extract
from kbgen_search.errors import KbError

NO_ARTICLES = re.compile(r"(^|/)(404|403|500|search|tags|genindex|print_page)(/index)?\.html$")
_LANG = re.compile(r"<html\b[^>]*\blang=[\"']?([A-Za-z-]+)")
_TITLE = re.compile(r"<title>(.*?)</title>", re.DOTALL)
_REDIRECT = re.compile(r"<meta\s+http-equiv=[\"']?refresh", re.IGNORECASE)


@dataclass(frozen=True)
class Indexed:
    """What was found in a site: articles, other pages, and pages that were rewritten."""

    articles: int
    others: int
    rewritten: int


def index(folder: Path, settings: Settings, name: str = "", url: str = "") -> Indexed:
    """Give the site in `folder` search, widget and manifest; KbError when it has no pages.

    It may be done again at any time: what was put into a page before is replaced.
    """
    pages = {path: stripped(_read(folder / path)) for path in _pages(folder)}
    if not pages:
        raise KbError("there is no HTML in this folder", file=folder, remedy="build the site first")
    book = Edition(settings, _locales(pages))
    ready = {}
    for path, article, digest in _articles(book, pages):
        book.published[_url(path)] = article
        ready[digests.mark(article.article)] = digest
    _refuse_twins(book)
    rewritten = [_furnish(folder, book, path, html, url) for path, html in pages.items()]
    site = Site(
        name or _site_name(pages), url, book.locales.default, settings.offline, settings.collector
    )
    places = Places(_root(folder), folder)
    publication.write(places, book, site, ready, min(workers.cores(), 2))
    return Indexed(len(book.published), len(pages) - len(book.published), sum(rewritten))


Found = tuple[str, Published, bytes]  # the path of a page, its article, the article's digest


def _articles(book: Edition, pages: dict[str, str]) -> Iterator[Found]:
    """Yield the articles of a site, read on all cores."""
    count = workers.cores()
    with workers.pool((book, pages), count, len(pages)) as executor:
        yield from filter(None, workers.spread(executor, _read_batch, list(pages), count))


def _read_batch(paths: Sequence[str]) -> list[Found | None]:
    book, pages = workers.BENCH.get()
    found = []
    for path in paths:
        article = _article(book, path, pages[path])
        found.append((path, article, digests.of(article.article)) if article else None)
    gc.collect(0)  # the trees that pages were read into refer to themselves
    return found


def _pages(folder: Path) -> Iterator[str]:
    for file in sorted(folder.rglob("*.html")):
        path = file.relative_to(folder).as_posix()
        if not path.startswith(("assets/", "search/", ".")):
            yield path


def _read(file: Path) -> str:
    return file.read_text("utf-8", "surrogateescape")


def _url(path: str) -> str:
    """Return the address that the site's own links use: folders where pages are `index.html`."""
    return (
        path.removesuffix("index.html")
        if path.endswith("/index.html") or path == "index.html"
        else path
    )


def _locales(pages: dict[str, str]) -> Locales:
    root = pages.get("index.html") or next(iter(pages.values()))
    lang = _LANG.search(root)
    return Locales.found_in(pages, lang[1] if lang else "en", infer=True)


def _article(book: Edition, path: str, html: str) -> Published | None:
    if NO_ARTICLES.search(path) or _REDIRECT.search(html):
        return None
    name = articles.id_of(path)
    locale = book.locales.of(path, _declared(book, path, html))
    found = extract.article_of_page(html, name, _url(path), locale)
    if found is None:
        return None
    matter = FrontMatter(description=found.description, keywords=found.keywords)
    made = articles.publish(
        source=path,
        name=path,
        url=found.url,
        title=found.title,
        locale=locale,
        matter=matter,
        sections=found.sections,
        owner=book.settings.owner,
    )
    area = path.split("/", 1)[0].replace("-", " ").capitalize() if "/" in path else ""
    return replace(made, article=replace(made.article, area=area))


def _declared(book: Edition, path: str, html: str) -> str:
    """Return the page's own language, where it says more than that of the whole site."""
    lang = _LANG.search(html)
    return lang[1] if lang and lang[1] != book.locales.default else ""


def _refuse_twins(book: Edition) -> None:
    for first, second in articles.duplicates(book.published.values()):
        raise KbError(
            f"{first.source} and {second.source} are the same article",
            file=second.source,
            remedy="remove one of them",
        )


def _furnish(folder: Path, book: Edition, path: str, html: str, site_url: str) -> bool:
    if "</head>" not in html:
        return False
    made = edition.furnish_page(book, _url(path), path, html, site_url)
    return write_changed(folder / path, made.encode("utf-8", "surrogateescape"))


def _site_name(pages: dict[str, str]) -> str:
    title = _TITLE.search(pages.get("index.html", ""))
    return unescape(" ".join(title[1].split())) if title else "Site"


def _root(folder: Path) -> Path:
    """Return the project's folder: that of the nearest mkdocs.yml above, else the parent."""
    above = folder.resolve().parents
    return next((p for p in above if any((p / name).is_file() for name in NAMES)), above[0])
