"""The part of a site that is made of all its articles: search, assets, manifest."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from kbgen import manifest, workers
from kbgen.edition import Edition
from kbgen.files import write_changed
from kbgen.furniture import asset_files
from kbgen.manifest import Site
from kbgen.outputs import Outputs
from kbgen.project import SYNONYMS, Places
from kbgen_search import synonyms

if TYPE_CHECKING:
    from kbgen_search import browser_index


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

    bench = (edition, places, ready or {})
    with workers.pool(bench, processes, len(edition.published)) as executor:
        indexed = workers.once(executor, _index)
        parts = browser_index_of(edition, places, ready or {})
        browser_index.write(parts, places.site)
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


def browser_index_of(
    edition: Edition, places: Places, ready: Mapping[str, bytes]
) -> "list[browser_index.Part]":
    """Return the browser's index of each locale, the files to be made where they are asked for."""
    from kbgen_search import browser_index

    return browser_index.parts(
        [item.article for item in edition.published.values()],
        index_dir=places.index,
        default_locale=edition.locales.default,
        synonyms=synonyms.load(places.root / SYNONYMS),
        ready=ready,
    )


def place_browser_index(outputs: Outputs, parts: "Sequence[browser_index.Part]") -> None:
    """Put the browser's index into the site, but for what is there already."""
    from kbgen_search import browser_index

    for part in parts:
        _place_part(outputs, part)
    outputs.place(browser_index.HEAD, browser_index.head(parts))


def _place_part(outputs: Outputs, part: "browser_index.Part") -> None:
    """Put the index of one locale into the site, unless what is there was made from just this."""
    directory = part.path()
    if outputs.keep_whole(directory, part.mark):
        return
    files = part.by_path()
    content = files.pop(directory)
    for path in files:
        outputs.place(path, files[path])
    outputs.put(directory, content, part.mark, sorted(files))


def assets(edition: Edition) -> dict[str, bytes]:
    """Return the scripts and styles of the site: path from its root to bytes."""
    return asset_files(edition.page_locales, edition.widget)


def manifest_file(edition: Edition, site: Site) -> tuple[str, bytes]:
    """Return path and content of the manifest."""
    return manifest.NAME, manifest.render(site, edition.published.values())
