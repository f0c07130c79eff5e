"""The build: from a folder of Markdown to a site, stage by stage."""

import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path

import msgspec

from kbgen import (
    careful,
    compiling,
    edition,
    lock,
    programs,
    project,
    recipes,
    stamp,
    workers,
    writing,
)
from kbgen.cache import Cache, Record
from kbgen.coloring import Blocks
from kbgen.early import Helpers
from kbgen.files import refused
from kbgen.loading import Loaded, discover, open_project
from kbgen.messages import collected, inform, replay
from kbgen.outputs import Outputs
from kbgen.project import Wish
from kbgen.rendering import Checker, Harvest, PageFacts, Rendered, facts_of
from kbgen.staging import Staging
from kbgen.stamp import Ended
from kbgen.summary import Summary
from kbgen.tracing import Seen, process_tracer
from kbgen.workshop import Workshop
from kbgen_search.errors import KbError
from kbgen_search.garbage import no_collector

Progress = Callable[[str, int, int], None]


class Built(msgspec.Struct, frozen=True):
    """What a build has in memory at its end.

    `records` are the files of the site by path; `seen` is what was read besides pages.
    """

    loaded: Loaded
    workshop: Workshop
    harvest: Harvest
    records: dict[str, Record]
    seen: Seen


class Options(msgspec.Struct, frozen=True):
    """How to build: `workers` 0 is one a core; `progress` hears stage, done and total.

    Pages are rendered by the workers of the Dask scheduler at the address `scheduler`, if any.
    `threads` tells that others run in this process, which had better not be forked then.
    `helpers` may be ready to make the search indexes, when few pages have changed; they and who
    has begun them hold the project's lock.
    `keep` is given what a build has in memory when its site is made, but not yet in place.
    """

    workers: int = 0
    scheduler: str = ""
    threads: bool = False
    cache: bool = True
    helpers: Helpers | None = None
    progress: Progress = msgspec.field(default=lambda stage, done, total: None)
    keep: Callable[[Built], None] = msgspec.field(default=lambda built: None)


def build(file: Path, wish: Wish, options: Options) -> Summary:
    """Build the site of the project of `file`; a mistake in it leaves the old site in place.

    Raises KbError when there is nothing to build from; mistakes in pages are in the summary.
    """
    with disk_troubles(file):
        return _build(file, wish, options)


@contextmanager
def disk_troubles(file: Path) -> Iterator[None]:
    """Raise a KbError for what the disk refuses to the project of `file` inside the block."""
    try:
        yield
    except OSError as error:
        raise refused(error, file.parent / ".kbgen") from error
    except sqlite3.OperationalError as error:
        remedy = "free some space, or delete the folder"
        place = file.parent / ".kbgen"
        raise KbError(f"cannot write: {error}", file=place, remedy=remedy) from error


def _build(file: Path, wish: Wish, options: Options) -> Summary:
    at_ns = time.time_ns()
    with collected() as messages, no_collector():
        loaded = open_project(file, wish)
        summary = Summary(str(loaded.places.site), messages=messages, careful=loaded.careful)
        summary.strict = loaded.config.strict
        sources = stamp.sources_of(file, project.source_folders(loaded.config))
        sources.files += loaded.code
        with _lock(loaded.places.root / ".kbgen", options):
            begun = stamp.Begun.of(sources, at_ns)
            staging = Staging.of(loaded.places.site, loaded.places.root / ".kbgen")
            try:
                ended = _make(loaded, staging, summary, options)
                if not (summary.errors or summary.refused):
                    staging.publish()
                    if options.cache and programs.are_current(loaded.code):
                        stamp.store(loaded.places, wish, begun, ended, summary)
            finally:
                staging.close(keep=options.cache)
    return summary


def _make(loaded: Loaded, staging: Staging, summary: Summary, options: Options) -> Ended:
    """Make the site in `staging`, with MkDocs' own build if plugins ask for that."""
    if loaded.careful:
        inform(f"pages are built one at a time: {loaded.careful}")
        careful.build(loaded, staging, summary)
        return Ended({})
    with _cache(loaded, options) as cache:
        return stages(loaded, staging, cache, summary, options)


def stages(
    loaded: Loaded, staging: Staging, cache: Cache, summary: Summary, options: Options
) -> Ended:
    """Make the site in `staging`: discover, render, arrange, write, index, manifest."""
    outputs = Outputs(staging, cache.records(loaded.places.site))
    filled = options.helpers.fill(outputs) if options.helpers else None
    with summary.stage("discover"), process_tracer().watch() as seen:
        workshop = discover(loaded)
    with summary.stage("render"):
        harvest = render(loaded, workshop, cache, summary, options)
    with summary.stage("arrange"):
        arrange(workshop, harvest.facts)
    found = filled() if filled else list(staging.files())
    site = writing.Writing(workshop, harvest, outputs, cache, loaded.places)
    early = None if workshop.edition.broken else site.begin_search(options.helpers)
    with summary.stage("arrange"):
        surround(workshop, harvest.facts)
    if workshop.edition.broken:
        return Ended({})
    with summary.stage("write"), site.in_progress(_workers(options), early) as (pages, search):
        site.write_static()
        site.write_theme_pages()
        site.write_assets()
        site.collect(pages, lambda done, total: options.progress("write", done, total))
        manifest = site.manifest()
        with summary.stage("index"):
            _index(site, search, options)
    with summary.stage("manifest"):
        files = site.close(found, manifest, summary)
    options.keep(Built(loaded, workshop, harvest, outputs.records, seen))
    seen |= included(harvest.facts)
    return Ended(files, None if seen.outside else seen)


def _index(site: writing.Writing, search: writing.Search, options: Options) -> None:
    count = len(site.workshop.edition.published)
    options.progress("index", 0, count)
    site.collect_search(search)
    options.progress("index", count, count)


def included(facts: dict[str, PageFacts]) -> Seen:
    """Return what pages were made from besides their sources, missing files too."""
    names: dict[str, set[str]] = {}
    for page in facts.values():
        for one in page.dependencies:
            names.setdefault(one.kind, set()).add(one.name)
    files, folders, asked = (names.get(kind, set()) for kind in ("file", "folder", "answer"))
    return Seen(files, folders, asked, "outside" in names)


def render(
    loaded: Loaded, workshop: Workshop, cache: Cache, summary: Summary, options: Options
) -> Harvest:
    """Return what is known of every page; only what changed is rendered."""
    keys = {page.file.src_uri: workshop.key(page) for page in workshop.pages}
    harvest = Harvest(_reusable(workshop, cache, keys))
    jobs = [(source, key) for source, key in keys.items() if source not in harvest.facts]
    # Translations have code in common, which the process that has met it need not colour again.
    jobs.sort(key=lambda job: workshop.edition.locales.common(job[0]))
    # Other processes have what is in memory; the cache is locked to them while pages are put in.
    kept = cache.blocks().get if workers.is_much(len(jobs)) else cache.block
    workshop.blocks = Blocks(workshop.settings_hash, kept)
    with _rendering(loaded, workshop, options, jobs) as pages:
        for done, page in enumerate(pages, 1):
            if not harvest.add(page).broken:
                cache.put(page.key, page.facts, page.body, page.blocks)
            options.progress("render", done, len(jobs))
    workshop.blocks = Blocks(workshop.settings_hash)  # the cache is closed while a preview goes on
    cache.keep_only(set(keys.values()))
    summary.pages, summary.rendered = len(keys), len(jobs)
    summary.reused = len(keys) - len(jobs)
    timed = ((source, harvest.facts[source].seconds) for source, _ in jobs)
    summary.slowest = sorted(timed, key=lambda item: -item[1])[:10]
    harvest.facts = {source: harvest.facts[source] for source in keys}
    return harvest


def arrange(workshop: Workshop, facts: dict[str, PageFacts]) -> None:
    """Put what was rendered together: titles, areas, related articles."""
    workshop.edition.published = {}
    for source, page in facts.items():
        replay(page.messages)
        workshop.adopt(source, page)
    workshop.edition.broken = any(page.broken for page in facts.values())
    edition.arrange(workshop.edition, workshop.pages)


def surround(workshop: Workshop, facts: dict[str, PageFacts]) -> None:
    """Make ready what surrounds the articles: templates, navigation, links between pages."""
    workshop.prepare_templates()
    workshop.check_anchors({source: page.links for source, page in facts.items()})


def _reusable(workshop: Workshop, cache: Cache, keys: dict[str, bytes]) -> dict[str, PageFacts]:
    kept = cache.facts(keys.values())
    checker = Checker(workshop.find)
    found = ((source, facts_of(kept[key])) for source, key in keys.items() if key in kept)
    return {source: facts for source, facts in found if checker.holds(facts.dependencies)}


@contextmanager
def _rendering(
    loaded: Loaded, workshop: Workshop, options: Options, jobs: list[tuple[str, bytes]]
) -> Iterator[Iterator[Rendered]]:
    """Give the rendered pages as they come, from this machine's processes or from a cluster's."""
    if options.scheduler and jobs:
        from kbgen import cluster

        with cluster.executor(options.scheduler) as (executor, count):
            yield workers.spread(executor, recipes.follow(loaded), jobs, count)
    elif options.threads:
        count = workers.cores()
        alike = programs.are_current(loaded.code)
        with workers.begun_anew(count, len(jobs) if alike else 0) as executor:
            work = _render_batch if executor is None else recipes.follow(loaded)
            with workers.at_bench(workshop):
                yield workers.spread(executor, work, jobs, count)
    else:
        count = _workers(options)
        with workers.pool(workshop, count, len(jobs)) as processes:
            pages = workers.spread(processes, _render_batch, jobs, count)
            if processes is not None:
                # While they are at work; those forked from now on need not.
                compiling.load(workshop.env, workshop.config.theme.static_templates)
            yield pages


def _render_batch(jobs: Sequence[tuple[str, bytes]]) -> list[Rendered]:
    workshop: Workshop = workers.BENCH.get()
    return [workshop.render(source, key) for source, key in jobs]


def _workers(options: Options) -> int:
    return 1 if options.threads else options.workers or workers.cores()


@contextmanager
def _cache(loaded: Loaded, options: Options) -> Iterator[Cache]:
    with tempfile.TemporaryDirectory(prefix="kbgen-") as scratch:
        cache = Cache(loaded.places.cache if options.cache else Path(scratch))
        try:
            yield cache
        finally:
            cache.close()


def _lock(folder: Path, options: Options) -> AbstractContextManager[None]:
    """Return what holds the project's lock; whoever has begun helpers does so already."""
    return nullcontext() if options.helpers else lock.held(folder, say_waiting)


def say_waiting() -> None:
    """Say why nothing happens."""
    inform(lock.WAITING)
