"""The part of a site that is made of all its articles: search, assets, manifest."""

from collections.abc import Mapping
from pathlib import Path

from kbgen import manifest, workers
from kbgen.edition import Edition
from kbgen.files import write_changed
from kbgen.furniture import asset_files
from kbgen.manifest import Site
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
    bench = (edition, places, ready or {})
    with workers.pool(bench, processes, len(edition.published)) as executor:
        indexed = workers.once(executor, _index)
        index_for_browser(edition, places, places.site, ready or {})
        indexed()
    for path, content in {**edition.files, **assets(edition)}.items():
        write_changed(places.site / path, content)
    path, content = manifest_file(edition, site)
    write_changed(places.site / path, content)


def _index() -> None:
    index(*workers.BENCH.get())


def index(edition: Edition, places: Places, ready: Mapping[str, bytes]) -> None:
    """Bring the index of record up to date; the digests that are `ready` go by their marks."""
    from kbgen_search import indexing  # loads Whoosh where other work goes on beside it

    found = [item.article for item in edition.published.values()]
    meant = synonyms.load(places.root / SYNONYMS)
    default = edition.locales.default
    indexing.update(found, places.index, default_locale=default, synonyms=meant, ready=ready)


def index_for_browser(
    edition: Edition, places: Places, folder: Path, ready: Mapping[str, bytes]
) -> None:
    """Bring the browser's index in `folder` up to date."""
    from kbgen_search import browser_index

    browser_index.write(
        [item.article for item in edition.published.values()],
        folder,
        index_dir=places.index,
        default_locale=edition.locales.default,
        synonyms=synonyms.load(places.root / SYNONYMS),
        ready=ready,
    )


def assets(edition: Edition) -> dict[str, bytes]:
    """Return the scripts and styles of the site: path from its root to bytes."""
    return asset_files(edition.page_locales, edition.widget)


def manifest_file(edition: Edition, site: Site) -> tuple[str, bytes]:
    """Return path and content of the manifest."""
    return manifest.NAME, manifest.render(site, edition.published.values())
