"""The articles of the newest build, as site/kb-manifest.json names them."""

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from kbgen_search.errors import KbError

FILE = "kb-manifest.json"


class Heading(msgspec.Struct, frozen=True):
    """A heading of an article and its anchor."""

    level: int = 2
    id: str = ""
    text: str = ""


class Article(msgspec.Struct, frozen=True):
    """One article in one language."""

    id: str
    url: str
    title: str = ""
    locale: str = ""
    revision: str = ""
    words: int = 0
    owner: str | None = ""
    sketch: str | None = ""


class Site(msgspec.Struct, frozen=True):
    """What the manifest says of the site as a whole."""

    name: str = ""
    url: str | None = ""
    default_locale: str = ""
    offline: bool = False


class Document(msgspec.Struct, frozen=True):
    """The manifest file."""

    format: int
    site: Site = Site()
    articles: tuple[Article, ...] = ()


@dataclass(frozen=True)
class Manifest:
    """The articles by id and locale; empty when there is no site to check against."""

    site: Site = field(default_factory=Site)
    articles: Mapping[tuple[str, str], Article] = field(default_factory=dict)
    pages: frozenset[str] = frozenset()

    def find(self, page: str, locale: str) -> Article | None:
        """Return the article in that language, else in the site's own, else in any."""
        for key in ((page, locale), (page, self.site.default_locale), (page, "")):
            if key in self.articles:
                return self.articles[key]
        if page not in self.pages:
            return None
        return next(article for (name, _), article in self.articles.items() if name == page)

    def origin(self) -> str:
        """Return `scheme://host[:port]` of the site; empty when its address is not known."""
        parts = urlsplit(self.site.url or "")
        return f"{parts.scheme}://{parts.netloc}".lower() if parts.netloc else ""


def read(folder: Path) -> Manifest:
    """Return the manifest of a built site.

    Raises:
        KbError: there is none, or it is not one that this version reads.
    """
    path = folder / FILE if folder.is_dir() else folder
    try:
        document = msgspec.json.decode(path.read_bytes(), type=Document)
    except OSError as error:
        remedy = "run kbgen build (or kbgen index SITE_DIR), or give the site's folder with --site"
        raise KbError("there is no built site", file=path, remedy=remedy) from error
    except msgspec.MsgspecError as error:
        raise KbError(f"no manifest: {error}", file=path, remedy="build the site again") from error
    if document.format != 1:
        raise KbError(f"manifest of format {document.format}, this kbgen reads 1", file=path)
    return make(document)


def make(document: Document) -> Manifest:
    """Return the manifest with its articles in reach by id and locale."""
    articles = {(article.id, article.locale): article for article in document.articles}
    return Manifest(document.site, articles, frozenset(page for page, _ in articles))


def changed_share(before: str, after: str) -> float | None:
    """Return the share of the text that changed between two minhash sketches; None if unknown.

    The share of equal values estimates the Jaccard similarity J of the texts' word shingles
    (Broder 1997). Two texts of one length that share all but a part c have J = (1 - c) / (1 + c),
    so that c = (1 - J) / (1 + J).
    """
    one, two = _values(before), _values(after)
    if not one or len(one) != len(two):
        return None
    jaccard = sum(a == b for a, b in zip(one, two, strict=True)) / len(one)
    return (1 - jaccard) / (1 + jaccard)


def _values(sketch: str) -> list[bytes]:
    """Return the values of a sketch: 32 bits each, in base64."""
    try:
        raw = base64.b64decode(sketch or "", validate=True)
    except ValueError:
        return []
    return [raw[i : i + 4] for i in range(0, len(raw) - 3, 4)]
