"""The files of the new site: what is unchanged is kept, what is not is made."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kbgen import edition, fingerprints, mkdocs_bridge, publication, workers
from kbgen.cache import Cache, Record
from kbgen.outputs import Outputs
from kbgen.project import Places
from kbgen.rendering import Harvest, PageFacts
from kbgen.summary import Summary
from kbgen.workshop import Workshop

Search = tuple[Callable[[], None], Callable[[], tuple[dict[str, Record], int]]]
"""Functions that wait for the index of record, and for the browser's."""


@dataclass(frozen=True)
class Job:
    """A page to be finished: its source, where its body is kept, where it goes, from what."""

    source: str
    body_key: bytes
    path: str
    key: bytes


@dataclass(frozen=True)
class Finished:
    """A page that was written, and the files it needs beside it."""

    path: str
    record: Record
    extras: dict[str, bytes]


@dataclass
class Desk:
    """What a process finishes pages and makes indexes with."""

    workshop: Workshop
    outputs: Outputs
    cache: Cache
    places: Places
    harvest: Harvest

    def finish(self, job: Job) -> Finished:
        """Finish and write one page."""
        body = self.harvest.bodies.get(job.body_key) or self.cache.body(job.body_key)
        content, extras = self.workshop.finish(job.source, pickle.loads(body))  # noqa: S301
        staging = self.outputs.staging
        record = staging.put(job.path, content, job.key, tuple(sorted(extras)))
        return Finished(job.path, record, extras)

    def index(self) -> None:
        """Bring the index of record up to date."""
        publication.index(self.workshop.edition, self.places, self.harvest.digests)

    def index_for_browser(self) -> tuple[dict[str, Record], int]:
        """Put the browser's index into the site; return its files, and how many were kept."""
        outputs = self.outputs.sibling()
        edition, ready = self.workshop.edition, self.harvest.digests
        parts = publication.browser_index_of(edition, self.places, ready)
        publication.place_browser_index(outputs, parts)
        return outputs.records, outputs.kept


@dataclass
class Writing:
    """A site being written."""

    workshop: Workshop
    harvest: Harvest
    outputs: Outputs
    cache: Cache
    places: Places
    jobs: int = 0

    @contextmanager
    def in_progress(self, count: int) -> Iterator[tuple[Iterator[Finished], Search]]:
        """Keep the pages that are as they were; begin to finish the others, and to index.

        Gives the finished pages as they come, and functions that wait for the indexes.
        """
        desk = Desk(self.workshop, self.outputs, self.cache, self.places, self.harvest)
        with workers.pool(desk, count, len(self.harvest.facts)) as executor:
            early = _begin_search(executor) if self._is_small else None
            keep = self.outputs.keep_whole
            jobs = [job for job in self._plan() if not keep(job.path, job.key)]
            self.jobs = len(jobs)
            search = early or _begin_search(executor)
            helpers = executor if workers.is_much(self.jobs) else None
            yield workers.spread(helpers, _finish_batch, jobs, count), search

    @property
    def _is_small(self) -> bool:
        """Tell whether little was rendered, so that the indexes are what takes longest.

        Otherwise processes begin when it is known what surrounds the pages: all need that.
        """
        return not workers.is_much(len(self.harvest.digests))

    def collect(self, pages: Iterator[Finished], progress: Callable[[int, int], None]) -> None:
        """Wait for the pages in progress; write the files that they need."""
        for done, page in enumerate(pages, 1):
            self.outputs.records[page.path] = page.record
            progress(done, self.jobs)
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
        """Write 404.html, the sitemap and other pages that the theme makes."""
        shop = self.workshop
        shop.edition.files = {}
        for path, content in mkdocs_bridge.theme_pages(shop.config, shop.files, shop.nav, shop.env):
            if content:
                self.outputs.place(path, content)
        for path, content in shop.edition.files.items():
            self.outputs.place(path, content)

    def collect_search(self, search: Search) -> None:
        """Wait for the indexes to be brought up to date."""
        index, browser = search
        index()
        self.outputs.add(*browser())

    def write_assets(self) -> None:
        """Write the readers' interface; let plugins do what they do when all else is there."""
        for path, content in publication.assets(self.workshop.edition).items():
            self.outputs.place(path, content)
        staging = self.outputs.staging
        staging.keep_only(self.outputs.records)
        self.workshop.config.site_dir = str(staging.folder)
        self.workshop.config.plugins.on_post_build(config=self.workshop.config)

    def write_manifest(self) -> None:
        """Write the list of articles."""
        site = edition.site_of(self.workshop.config, self.workshop.edition)
        path, content = publication.manifest_file(self.workshop.edition, site)
        self.outputs.place(path, content)

    def close(self, summary: Summary) -> None:
        """Take stock: also of files that plugins made."""
        outputs, records = self.outputs, self.outputs.records
        for path in outputs.staging.files():
            if path not in records:
                records[path] = outputs.staging.record(path, b"", ())
        self.cache.set_records(self.places.site, records)
        summary.kept, summary.written = outputs.kept, len(records) - outputs.kept
        summary.size = sum(record.size for record in records.values())

    def _plan(self) -> list[Job]:
        shared = self.workshop.shared_hash(self.harvest.facts)
        return [self._job(source, facts, shared) for source, facts in self.harvest.facts.items()]

    def _job(self, source: str, facts: PageFacts, shared: bytes) -> Job:
        page = self.workshop.page(source)
        key = fingerprints.of(shared, facts.body_hash, self.workshop.surroundings(page))
        return Job(source, self.workshop.key(page), page.file.dest_uri, key)


def _begin_search(executor: Executor | None) -> Search:
    return workers.once(executor, _index), workers.once(executor, _index_for_browser)


def _index() -> None:
    desk: Desk = workers.BENCH.get()
    desk.index()


def _index_for_browser() -> tuple[dict[str, Record], int]:
    desk: Desk = workers.BENCH.get()
    return desk.index_for_browser()


def _finish_batch(jobs: Sequence[Job]) -> list[Finished]:
    desk: Desk = workers.BENCH.get()
    return [desk.finish(job) for job in jobs]
