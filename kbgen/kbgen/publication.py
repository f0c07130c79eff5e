"""The part of a site that is made of all its articles: search, assets, manifest."""

from collections.abc import Mapping

from kbgen import manifest, replies, workers
from kbgen.edition import Edition
from kbgen.files import write_changed
from kbgen.furniture import asset_files
from kbgen.indexes import Search
from kbgen.manifest import Site
from kbgen.messages import warn
from kbgen.project import SYNONYMS, Places
from kbgen_search import synonyms


def write(
    places: Places,
    edition: Edition,
    site: Site,
    ready: Mapping[str, bytes] | None = None,
    processes: int = 1,
) -> None:
    """Write search, assets and manifest into a built site; both indexes at once in two processes.

    The digests that are `ready` go by their marks.
    """
    from kbgen_search import browser_index

    check_synonyms(edition, places)
    search = search_of(edition, places, ready or {})
    with workers.pool(search, processes, len(search.articles)) as executor:
        indexed = workers.once(executor, _index)
        browser_index.write(search.for_browser(), places.site)
        indexed()
    for path, content in {**edition.files, **assets(edition)}.items():
        write_changed(places.site / path, content)
    path, content = manifest_file(edition, site)
    write_changed(places.site / path, content)


def _index() -> None:
    search: Search = workers.BENCH.get()
    search.update()


def search_of(edition: Edition, places: Places, ready: Mapping[str, bytes]) -> Search:
    """Return what the search indexes of the articles are made from."""
    articles = [item.article for item in edition.published.values()]
    return Search(articles, edition.default_locale, places, ready)


def check_synonyms(edition: Edition, places: Places) -> None:
    """Report synonyms of languages that no article is in."""
    locales = sorted({item.article.locale for item in edition.published.values()})
    for key, line in synonyms.unused(places.root / SYNONYMS, locales) if locales else ():
        text = f"no article is in `{key}`, so these synonyms are never used"
        warn(f"{text}; articles are in {', '.join(locales)}", SYNONYMS, line)


def assets(edition: Edition) -> dict[str, bytes]:
    """Return the scripts and styles of the site: path from its root to bytes."""
    files = asset_files(edition.page_locales, edition.kind)
    return files | replies.files() if edition.has_replies else files


def manifest_file(edition: Edition, site: Site) -> tuple[str, bytes]:
    """Return path and content of the manifest."""
    return manifest.NAME, manifest.render(site, edition.published.values())
