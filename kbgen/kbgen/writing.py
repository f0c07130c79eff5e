"""The files of the new site: what is unchanged is kept, what is not is made."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from kbgen import edition, fingerprints, mkdocs_bridge, publication, workers
from kbgen.cache import Cache, Record
from kbgen.early import Helpers
from kbgen.fingerprints import FileState
from kbgen.indexes import Order, Placed
from kbgen.outputs import Outputs
from kbgen.project import Places
from kbgen.rendering import Harvest, PageFacts
from kbgen.summary import Summary
from kbgen.workshop import Workshop

if TYPE_CHECKING:
    from concurrent.futures import Executor

Search = tuple[Callable[[], object], Callable[[], Placed]]
"""Functions that wait for the index of record, and for the browser's."""


class Job(msgspec.Struct, frozen=True):
    """A page to be finished: its source, where its body is kept, where it goes, from what."""

    source: str
    body_key: bytes
    path: str
    key: bytes


class Finished(msgspec.Struct, frozen=True):
    """A page that was written, and the files it needs beside it."""

    path: str
    record: Record
    extras: dict[str, bytes]


class Desk(msgspec.Struct):
    """What a process finishes pages and makes indexes with."""

    workshop: Workshop
    cache: Cache
    harvest: Harvest
    order: Order

    def finish(self, job: Job) -> Finished:
        """Finish and write one page."""
        body = self.harvest.bodies.get(job.body_key) or self.cache.body(job.body_key)
        content, extras = self.workshop.finish(job.source, pickle.loads(body))  # noqa: S301
        staging = self.order.outputs.staging
        record = staging.put(job.path, content, job.key, tuple(sorted(extras)))
        return Finished(job.path, record, extras)


class Writing(msgspec.Struct, dict=True):
    """A site being written, when all that is rendered is arranged."""

    workshop: Workshop
    harvest: Harvest
    outputs: Outputs
    cache: Cache
    places: Places

    def begin_search(self, helpers: Helpers | None) -> Search | None:
        """Begin to make the indexes, if somebody is ready for them and little was rendered.

        If it was much, processes begin when all is known, and have it without any sending.
        """
        small = not workers.is_much(len(self.harvest.digests))
        return helpers.begin(self._order) if helpers and small else None

    @cached_property
    def _order(self) -> Order:
        publication.check_synonyms(self.workshop.edition, self.places)
        ready = self.harvest.digests
        search = publication.search_of(self.workshop.edition, self.places, ready)
        return Order(search, self.outputs)

    @contextmanager
    def in_progress(
        self, count: int, early: Search | None
    ) -> Iterator[tuple[Iterator[Finished], Search]]:
        """Keep the pages that are as they were; begin to finish the others, and to index unless
        that has begun `early`.

        Gives the finished pages as they come, and functions that wait for the indexes.
        """
        desk = Desk(self.workshop, self.cache, self.harvest, self._order)
        work = len(self.jobs if early else self.harvest.facts)
        with workers.pool(desk, count, work) as executor:
            begun = early or _begin_search(executor)  # while it is found out which pages to finish
            many = executor if workers.is_much(len(self.jobs)) else None
            yield workers.spread(many, _finish_batch, self.jobs, count), begun

    def collect(self, pages: Iterator[Finished], progress: Callable[[int, int], None]) -> None:
        """Wait for the pages in progress; write the files that they need."""
        for done, page in enumerate(pages, 1):
            self.outputs.records[page.path] = page.record
            progress(done, len(self.jobs))
            for path, content in page.extras.items():
                if path not in self.outputs.records:
                    self.outputs.place(path, content)

    def write_static(self) -> None:
        """Copy images and other files, the theme's included."""
        for file in mkdocs_bridge.static_files(self.workshop.files):
            if file.abs_src_path is None:
                self.outputs.place(file.dest_uri, file.content_bytes)
            else:
                self.outputs.copy(file.dest_uri, Path(file.abs_src_path))

    def write_theme_pages(self) -> None:
        """Write 404.html, the sitemap and other pages of the theme that no writer has made."""
        shop = self.workshop
        shop.edition.files = {}
        pages = mkdocs_bridge.page_paths(shop.files)
        for path, content in mkdocs_bridge.theme_pages(shop.config, shop.files, shop.nav, shop.env):
            if content and path not in pages:
                self.outputs.place(path, content)
        for path, content in shop.edition.files.items():
            self.outputs.place(path, content)

    def collect_search(self, search: Search) -> None:
        """Wait for the indexes to be brought up to date."""
        index, browser = search
        index()
        placed = browser()
        self.outputs.add(placed.records, placed.kept)

    def write_assets(self) -> None:
        """Write the readers' interface."""
        for path, content in publication.assets(self.workshop.edition).items():
            self.outputs.place(path, content)

    def manifest(self) -> tuple[str, bytes]:
        """Return path and content of the list of articles."""
        site = edition.site_of(self.workshop.config, self.workshop.edition)
        return publication.manifest_file(self.workshop.edition, site)

    def close(
        self, found: Iterable[str], manifest: tuple[str, bytes], summary: Summary
    ) -> Mapping[str, FileState]:
        """Remove what was `found` there before and is of no use; let plugins do what they do when
        all else is there; write the manifest, and take stock. Returns the state of each file.
        """
        outputs, records = self.outputs, self.outputs.records
        outputs.staging.keep_only(records, found)
        plugins_acted = mkdocs_bridge.end_build(self.workshop.config, outputs.staging.folder)
        outputs.place(*manifest)
        for path in outputs.staging.files() if plugins_acted else ():
            if path not in records:
                records[path] = outputs.staging.record(path, b"", ())
        self.cache.set_records(self.places.site, records)
        summary.kept, summary.written = outputs.kept, len(records) - outputs.kept
        summary.size = sum(record.size for record in records.values())
        if plugins_acted:  # on files that have a record, perhaps
            return fingerprints.states(outputs.staging.folder)
        return {path: record.state for path, record in records.items()}

    @cached_property
    def jobs(self) -> list[Job]:
        """Return the pages that are not as they were; those that are, are kept."""
        keep = self.outputs.keep_whole
        return [job for job in self._plan() if not keep(job.path, job.key)]

    def _plan(self) -> list[Job]:
        shared = self.workshop.shared_hash(self.harvest.facts)
        return [self._job(source, facts, shared) for source, facts in self.harvest.facts.items()]

    def _job(self, source: str, facts: PageFacts, shared: bytes) -> Job:
        page = self.workshop.page(source)
        key = fingerprints.of(shared, facts.body_hash, self.workshop.surroundings(page))
        return Job(source, self.workshop.key(page), page.file.dest_uri, key)


def _begin_search(executor: "Executor | None") -> Search:
    return workers.once(executor, _index), workers.once(executor, _index_for_browser)


def _index() -> None:
    desk: Desk = workers.BENCH.get()
    desk.order.search.update()


def _index_for_browser() -> Placed:
    desk: Desk = workers.BENCH.get()
    return desk.order.carry_out()


def _finish_batch(jobs: Sequence[Job]) -> list[Finished]:
    desk: Desk = workers.BENCH.get()
    return [desk.finish(job) for job in jobs]
