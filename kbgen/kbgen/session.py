"""A site kept in memory between edits, so that an edited article costs little more than itself.

When only the text of articles was edited, and nothing that other pages show, these pages are made
anew from what the last whole build left in memory, and put into the site one by one. After any
other change the pipeline builds the site again. Both give the same files.
"""

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from kbgen import (
    edition,
    fingerprints,
    lock,
    mkdocs_bridge,
    pipeline,
    project,
    publication,
    safety,
    templates,
)
from kbgen.files import write_changed
from kbgen.loading import Loaded
from kbgen.messages import collected, replay
from kbgen.pipeline import Built, Options
from kbgen.project import Wish
from kbgen.rendering import PageBody, PageFacts
from kbgen.summary import Summary
from kbgen_search.garbage import no_collector

if TYPE_CHECKING:
    from kbgen_search.browser_index import Part


@dataclass
class Session:
    """A project that is built again and again; `behind` are digests that its index of record lacks.

    `broken` are the sources of pages whose newest text cannot be shown, `read` all else that the
    site was made from when it was last built as a whole, one of `wholes` times, `code` the files
    of the project's own code, which stays as it was when it was loaded.
    """

    file: Path
    wish: Wish
    options: Options = field(default_factory=Options)
    broken: set[Path] = field(default_factory=set)
    behind: dict[str, bytes] = field(default_factory=dict)
    read: set[str] = field(default_factory=set)
    code: frozenset[str] = frozenset()
    wholes: int = 0
    _kept: "Kept | None" = None

    def build(
        self, changed: Iterable[Path] = (), shown: Callable[[], None] = lambda: None
    ) -> Summary:
        """Bring the site up to date after these files changed; after none, build it all.

        When only pages are made anew, `shown` is called once they are in place, and the browser's
        index is about to follow them.
        """
        edited = set(changed)
        kept, self._kept = self._kept, None  # to be taken up again if all goes well
        if kept and edited:
            with pipeline.disk_troubles(self.file):
                summary = self._revise(kept, edited | self.broken, shown)
            if summary is not None:
                self._kept = kept
                return summary
        return self._whole()

    def settle(self) -> None:
        """Bring up to date what only commands and the desk read: the index of record."""
        if self._kept and self.behind:
            built = self._kept.built
            folder = built.loaded.places.root / ".kbgen"
            with pipeline.disk_troubles(self.file), lock.held(folder, pipeline.say_waiting):
                publication.search_of(
                    built.workshop.edition, built.loaded.places, self.behind
                ).update()
            self.behind = {}

    def _whole(self) -> Summary:
        """Build the site by the pipeline, and keep what it leaves in memory."""
        self.broken, self.behind = set(), {}
        self.wholes += 1
        mkdocs_bridge.forget_hooks()
        found: list[Built] = []
        options = replace(self.options, keep=found.append)
        summary = pipeline.build(self.file, self.wish, options)
        self.options = replace(self.options, threads=True)  # which serve readers from now on
        if found and not (summary.errors or summary.refused):
            self._kept = Kept.of(found[0])
        if self._kept:
            self.read = self._kept.read
        if found:
            self.code = frozenset(map(os.path.realpath, found[0].loaded.code))
        return summary

    def _revise(
        self, kept: "Kept", changed: set[Path], shown: Callable[[], None]
    ) -> Summary | None:
        """Make the edited pages anew; return None when that is not enough."""
        sources = kept.edited(changed)
        if sources is None:
            return None
        places = kept.built.loaded.places
        with collected() as messages, no_collector():
            summary = Summary(str(places.site), len(kept.built.harvest.facts), messages=messages)
            if not sources:
                summary.unchanged = True
                return summary
            with lock.held(places.root / ".kbgen", pipeline.say_waiting):
                if not Revision(kept, sources, summary, shown).make(self.behind):
                    return None
        self.broken = {kept.path_of(source) for source in sources} if summary.errors else set()
        return summary


@dataclass(frozen=True)
class Kept:
    """What a whole build has left, and what to know of it when files change.

    `sources` are the pages' sources by path; `read` is all else that the site was made from;
    `named` are the files in the docs folder as they are named there, which may be links;
    `made_from` has the keys of the site's files by path.
    """

    built: Built
    sources: dict[Path, str]
    named: set[str]
    read: set[str]
    made_from: dict[str, bytes]

    @classmethod
    def of(cls, built: Built) -> "Kept | None":
        """Return what to keep; None when pages cannot be made anew apart from the others."""
        shop = built.workshop
        seen = built.seen | pipeline.included(built.harvest.facts)
        if seen.outside or templates.look_around(shop.config):
            return None
        if not safety.are_unconcerned(shop.config.plugins, shop.config.plugins.events):
            return None
        built.harvest.forget_bodies()
        static = {str(file.abs_src_path) for file in mkdocs_bridge.static_files(shop.files)}
        read = seen.files | seen.folders | seen.asked | static | _beside_docs(built.loaded)
        sources = {
            Path(file.abs_src_path).resolve(): source
            for source in built.harvest.facts
            if (file := shop.page(source).file).abs_src_path
        }
        docs = os.path.realpath(shop.config.docs_dir)
        named = {f"{docs}/{path}" for path in shop.files.src_uris}
        made_from = {path: record.key for path, record in built.records.items()}
        return cls(built, sources, named, set(map(os.path.realpath, read)), made_from)

    def path_of(self, source: str) -> Path:
        """Return the file that a page is made from."""
        return next(path for path, name in self.sources.items() if name == source)

    def edited(self, changed: Iterable[Path]) -> list[str] | None:
        """Return the pages whose text has changed; None when something else has."""
        found = []
        for given in changed:
            path = given.resolve()
            if given.is_symlink() or self._is_gone(given):
                return None
            if str(path) in self.read or (path in self.sources) != path.is_file():
                return None
            if path in self.sources:
                found.append(self.sources[path])
        return [source for source in dict.fromkeys(found) if self._has_changed(source)]

    def _is_gone(self, path: Path) -> bool:
        """Tell whether a path was a file that the site is made from, or a folder with some."""
        inside = f"{path}{os.sep}"
        known = (*map(str, self.sources), *self.named, *self.read)
        return not path.exists() and any(
            one == str(path) or one.startswith(inside) for one in known
        )

    def _has_changed(self, source: str) -> bool:
        shop = self.built.workshop
        page, before = shop.page(source), shop.keys[source]
        mkdocs_bridge.reread(page.file, str(self.path_of(source)))
        del shop.keys[source]
        return shop.key(page) != before


@dataclass
class Revision:
    """Pages being made anew in a site that stays as it is otherwise.

    `shown` is called when they are in place, before the index is.
    """

    kept: Kept
    sources: list[str]
    summary: Summary
    shown: Callable[[], None]

    def make(self, behind: dict[str, bytes]) -> bool:
        """Render, finish and publish the pages; return False when other pages change with them.

        Adds the digests of their articles to `behind`. A page that cannot be rendered stays as it
        was, and all others with it.
        """
        shop = self.kept.built.workshop
        with self.summary.stage("render"):
            pages = [shop.render(source, shop.key(shop.page(source))) for source in self.sources]
        opened = {page.source: page.opened() for page in pages}
        fresh = {source: facts for source, (facts, _) in opened.items()}
        self.summary.rendered = len(pages)
        self.summary.reused = self.summary.pages - len(pages)
        if any(facts.broken for facts in fresh.values()):
            self._keep_old(fresh)
            return True
        if not self._arrange(fresh):
            return False
        behind |= {page.mark: page.digest for page in pages if page.mark}
        self._publish({source: body for source, (_, body) in opened.items()}, behind)
        return True

    def _keep_old(self, fresh: dict[str, PageFacts]) -> None:
        """Say what is wrong; forget what was tried, so that the next edit tries it again."""
        shop = self.kept.built.workshop
        for source, page in fresh.items():
            replay(page.messages)
            shop.adopt(source, self.kept.built.harvest.facts[source])
            shop.keys[source] = b""
        shop.edition.broken = False

    def _arrange(self, fresh: dict[str, PageFacts]) -> bool:
        """Take the pages over; return False when they change what others show, or may not pass."""
        shop, facts = self.kept.built.workshop, self.kept.built.harvest.facts
        read = pipeline.included(fresh)
        if read.outside or not all(_alike(facts[one], page) for one, page in fresh.items()):
            return False
        self.kept.read.update(map(os.path.realpath, read.files | read.folders | read.asked))
        facts |= fresh
        self.summary.messages.clear()
        for source, page in facts.items():
            replay(page.messages)
            if source in fresh:
                shop.adopt(source, page)
        edition.arrange(shop.edition, shop.pages)
        shop.check_anchors({source: page.links for source, page in facts.items()})
        return not (shop.edition.broken or (shop.config.strict and self.summary.warnings))

    def _publish(self, pages: dict[str, PageBody], ready: dict[str, bytes]) -> None:
        """Put pages, index and manifest into the site.

        Files of the old index stay until the next whole build, for pages that are open.
        """
        shop, places = self.kept.built.workshop, self.kept.built.loaded.places
        with self.summary.stage("write"):
            self._put(self._finished(pages))
        self.shown()
        with self.summary.stage("index"):
            publication.check_synonyms(shop.edition, places)
            for part in publication.search_of(shop.edition, places, ready).for_browser():
                if self.kept.made_from[part.path()] != part.mark:
                    self._put_index(part)
        with self.summary.stage("manifest"):
            site = edition.site_of(shop.config, shop.edition)
            self._put(dict([publication.manifest_file(shop.edition, site)]))

    def _finished(self, pages: dict[str, PageBody]) -> dict[str, bytes]:
        shop = self.kept.built.workshop
        files: dict[str, bytes] = {}
        for source, body in pages.items():
            html, extras = shop.finish(source, body)
            files |= {**extras, shop.page(source).file.dest_uri: html}
        return files

    def _put_index(self, part: "Part") -> None:
        """Put the files of an index that are made from something new, and note what that is."""
        made_from = self.kept.made_from
        for path, file in part.by_path().items():
            if made_from.get(path) != file.mark:
                self._put({path: file.content()})
                made_from[path] = file.mark
        made_from[part.path()] = part.mark

    def _put(self, files: dict[str, bytes]) -> None:
        site = self.kept.built.loaded.places.site
        for path, content in files.items():
            self.summary.written += write_changed(site / path, content)


def _beside_docs(loaded: Loaded) -> set[str]:
    """Return the project's files that are no articles: settings, synonyms, templates, icons."""
    docs = Path(loaded.config.docs_dir)
    folders = [folder for folder in project.source_folders(loaded.config) if folder != docs]
    files = {str(file) for file in project.source_files(loaded.file)}
    return files | {path for path, _ in fingerprints.tree(folders)}


def _alike(before: PageFacts, now: PageFacts) -> bool:
    """Tell whether a page is to others what it was before: only its own text differs."""
    return _shown_elsewhere(before) == _shown_elsewhere(now)


def _shown_elsewhere(page: PageFacts) -> bytes:
    published = page.published
    others = published and (published.article.about, published.related, published.owner)
    return fingerprints.of(page.title, page.meta, page.anchors, others)
