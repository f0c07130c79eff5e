"""The files of the new site: what is unchanged is kept, what is not is made."""

import pickle
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kbgen import edition, fingerprints, mkdocs_bridge, publication, workers
from kbgen.cache import Cache, Record
from kbgen.project import Places
from kbgen.rendering import Harvest, PageFacts
from kbgen.staging import Staging
from kbgen.summary import Summary
from kbgen.workshop import Workshop

Wait = Callable[[], None]


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
    staging: Staging
    cache: Cache
    places: Places
    harvest: Harvest

    def finish(self, job: Job) -> Finished:
        """Finish and write one page."""
        body = self.harvest.bodies.get(job.body_key) or self.cache.body(job.body_key)
        content, extras = self.workshop.finish(job.source, pickle.loads(body))  # noqa: S301
        record = self.staging.put(job.path, content, job.key, tuple(sorted(extras)))
        return Finished(job.path, record, extras)


@dataclass
class Writing:
    """A site being written: `records` are its files so far, by path."""

    workshop: Workshop
    harvest: Harvest
    staging: Staging
    cache: Cache
    places: Places
    records: dict[str, Record] = field(default_factory=dict)
    old: dict[str, Record] = field(default_factory=dict)
    kept: int = 0
    jobs: int = 0

    def __post_init__(self) -> None:
        """Remember what the present site is made of."""
        self.old = self.cache.records(self.places.site)

    @contextmanager
    def in_progress(self, count: int) -> Iterator[tuple[Iterator[Finished], list[Wait]]]:
        """Keep the pages that are as they were; begin to finish the others, and to index.

        Gives the finished pages as they come, and functions that wait for the indexes.
        """
        desk = Desk(self.workshop, self.staging, self.cache, self.places, self.harvest)
        with workers.pool(desk, count, len(self.harvest.facts)) as executor:
            early = _begin_search(executor) if self._is_small else []
            jobs = [job for job in self._plan() if not self._keep_page(job)]
            self.jobs = len(jobs)
            search = early or _begin_search(executor)
            helpers = executor if workers.is_much(self.jobs) else None
            yield workers.spread(helpers, _finish_batch, jobs), search

    @property
    def _is_small(self) -> bool:
        """Tell whether little was rendered, so that the indexes are what takes longest.

        Otherwise processes begin when it is known what surrounds the pages: all need that.
        """
        return not workers.is_much(len(self.harvest.digests))

    def collect(self, pages: Iterator[Finished], progress: Callable[[int, int], None]) -> None:
        """Wait for the pages in progress; write the files that they need."""
        for done, page in enumerate(pages, 1):
            self.records[page.path] = page.record
            progress(done, self.jobs)
            for path, content in page.extras.items():
                if path not in self.records:
                    self.place(path, content)

    def write_static(self) -> None:
        """Copy images and other files, the theme's included."""
        for file in mkdocs_bridge.static_files(self.workshop.files):
            if file.abs_src_path is None:
                self.place(file.dest_uri, file.content_bytes)
            else:
                self.copy(file.dest_uri, Path(file.abs_src_path))

    def write_theme_pages(self) -> None:
        """Write 404.html, the sitemap and other pages that the theme makes."""
        shop = self.workshop
        shop.edition.files = {}
        for path, content in mkdocs_bridge.theme_pages(shop.config, shop.files, shop.nav, shop.env):
            if content:
                self.place(path, content)
        for path, content in shop.edition.files.items():
            self.place(path, content)

    def collect_search(self, search: list[Wait]) -> None:
        """Wait for the indexes to be brought up to date; put the browser's into the site."""
        for wait in search:
            wait()
        folder = self.places.browser
        for file in sorted(path for path in folder.rglob("*") if path.is_file()):
            self.copy(file.relative_to(folder).as_posix(), file)

    def write_assets(self) -> None:
        """Write the readers' interface; let plugins do what they do when all else is there."""
        for path, content in publication.assets(self.workshop.edition).items():
            self.place(path, content)
        self.staging.keep_only(self.records)
        self.workshop.config.site_dir = str(self.staging.folder)
        self.workshop.config.plugins.on_post_build(config=self.workshop.config)

    def write_manifest(self) -> None:
        """Write the list of articles."""
        site = edition.site_of(self.workshop.config, self.workshop.edition)
        path, content = publication.manifest_file(self.workshop.edition, site)
        self.place(path, content)

    def close(self, summary: Summary) -> None:
        """Take stock: also of files that plugins made."""
        for path in self.staging.files():
            if path not in self.records:
                self.records[path] = self.staging.record(path, b"", ())
        self.cache.set_records(self.places.site, self.records)
        summary.kept, summary.written = self.kept, len(self.records) - self.kept
        summary.size = sum(record.size for record in self.records.values())

    def place(self, path: str, content: bytes) -> None:
        """Write `content` to `path`, unless the present site has it."""
        key = fingerprints.of_bytes(content)
        if not self.keep(path, key):
            self.records[path] = self.staging.put(path, content, key)

    def copy(self, path: str, source: Path) -> None:
        """Copy `source` to `path`, unless the present site has it."""
        key = fingerprints.of(str(source), fingerprints.stat_of(source))
        if not self.keep(path, key):
            self.records[path] = self.staging.copy(path, source, key)

    def keep(self, path: str, key: bytes) -> bool:
        """Keep the file of the present site if it was made from what `key` is the hash of."""
        if path in self.records and self.records[path].key == key:
            return True
        record = self.old.get(path)
        if record is None or not self.staging.holds(path, record, key):
            return False
        self.staging.keep(path)
        self.records[path] = record
        self.kept += 1
        return True

    def _keep_page(self, job: Job) -> bool:
        record = self.old.get(job.path)
        extras = record.extras if record else ()
        whole = all(
            self.old.get(path) and self.staging.holds(path, self.old[path], self.old[path].key)
            for path in extras
        )
        if not whole or not self.keep(job.path, job.key):
            return False
        for path in extras:
            if path not in self.records:
                self.keep(path, self.old[path].key)
        return True

    def _plan(self) -> list[Job]:
        shared = self.workshop.shared_hash(self.harvest.facts)
        return [self._job(source, facts, shared) for source, facts in self.harvest.facts.items()]

    def _job(self, source: str, facts: PageFacts, shared: bytes) -> Job:
        page = self.workshop.page(source)
        key = fingerprints.of(shared, facts.body_hash, self.workshop.surroundings(page))
        return Job(source, self.workshop.key(page), page.file.dest_uri, key)


def _begin_search(executor: Executor | None) -> list[Wait]:
    return [workers.once(executor, work) for work in (_index, _index_for_browser)]


def _index() -> None:
    desk: Desk = workers.BENCH.get()
    publication.index(desk.workshop.edition, desk.places, desk.harvest.digests)


def _index_for_browser() -> None:
    desk: Desk = workers.BENCH.get()
    places, digests = desk.places, desk.harvest.digests
    publication.index_for_browser(desk.workshop.edition, places, places.browser, digests)


def _finish_batch(jobs: Sequence[Job]) -> list[Finished]:
    desk: Desk = workers.BENCH.get()
    return [desk.finish(job) for job in jobs]
