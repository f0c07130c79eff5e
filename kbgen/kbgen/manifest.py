"""`kb-manifest.json`: the list of articles that the collector and the desk read."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import msgspec

from kbgen.articles import Published

NAME = "kb-manifest.json"
FORMAT = 1


class Site(msgspec.Struct, frozen=True):
    """What the manifest says of the site as a whole; `url` and `collector` may be empty."""

    name: str
    url: str = ""
    default_locale: str = "en"
    offline: bool = False
    collector: str = ""


def render(site: Site, articles: Iterable[Published]) -> bytes:
    """Return the manifest as JSON, one article a line, sorted by id and locale."""
    entries = [_entry(article) for article in sorted(articles, key=lambda a: a.key)]
    locales = sorted({entry["locale"] for entry in entries} | {site.default_locale})
    head = {
        "format": FORMAT,
        "generator": f"kbgen {version('kbgen')}",
        "site": {
            "name": site.name,
            "url": site.url,
            "locales": locales,
            "default_locale": site.default_locale,
            "offline": site.offline,
            "collector": site.collector or None,
        },
    }
    lines = b",\n".join(map(msgspec.json.encode, entries))
    return b'%s,"articles":[\n%s\n]}\n' % (msgspec.json.encode(head)[:-1], lines)


def _entry(published: Published) -> dict[str, Any]:
    article = published.article
    return {
        "id": article.id,
        "url": article.url,
        "title": article.title,
        "locale": article.locale,
        "revision": published.revision,
        "words": published.words,
        "owner": published.owner,
        "source": published.source,
        "sketch": published.sketch,
        "headings": msgspec.Raw(published.headings),
    }
