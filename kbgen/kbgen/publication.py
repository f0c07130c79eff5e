"""The part of a site that is made of all its articles: search, assets, manifest."""

from pathlib import Path

from kbgen import fingerprints, manifest
from kbgen.edition import Edition
from kbgen.files import write_changed
from kbgen.furniture import asset_files
from kbgen.manifest import Site
from kbgen.project import SYNONYMS, Places
from kbgen_search import browser_index, indexing, synonyms


def write(places: Places, edition: Edition, site: Site) -> None:
    """Write search, assets and manifest into a built site."""
    index(edition, places, places.site)
    for path, content in {**edition.files, **assets(edition)}.items():
        write_changed(places.site / path, content)
    path, content = manifest_file(edition, site)
    write_changed(places.site / path, content)


def index(edition: Edition, places: Places, folder: Path) -> None:
    """Bring the index of record up to date, and the browser's index in `folder`.

    The browser's is left alone when it was made of just these articles.
    """
    found = [item.article for item in edition.published.values()]
    default = edition.locales.default
    meant = synonyms.load(places.root / SYNONYMS)
    done = indexing.update(found, places.index, default_locale=default, synonyms=meant)
    marks = [[one.locale, one.marks] for one in done]
    state = fingerprints.of(fingerprints.programs(), default, marks, [str(one) for one in meant])
    noted = folder.with_name(f"{folder.name}.state")
    if folder.is_dir() and noted.is_file() and noted.read_bytes() == state:
        return
    noted.unlink(missing_ok=True)
    browser_index.write(found, folder, index_dir=places.index, default_locale=default)
    if folder != places.site:
        noted.write_bytes(state)


def assets(edition: Edition) -> dict[str, bytes]:
    """Return the scripts and styles of the site: path from its root to bytes."""
    return asset_files(edition.page_locales, edition.widget)


def manifest_file(edition: Edition, site: Site) -> tuple[str, bytes]:
    """Return path and content of the manifest."""
    return manifest.NAME, manifest.render(site, edition.published.values())
