"""Pages rendered and finished inside MkDocs' objects; each process of a build has one workshop."""

import pickle
from collections.abc import Iterable
from functools import cached_property
from typing import Any

import jinja2
import msgspec
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from kbgen import articles, fingerprints, mkdocs_bridge, templates
from kbgen.clock import Clock
from kbgen.coloring import Blocks, coloring
from kbgen.edition import Edition
from kbgen.furniture import furniture_of
from kbgen.messages import collected, fail
from kbgen.quickening import quicken
from kbgen.rendering import STATES, Dependency, PageBody, PageFacts, Rendered
from kbgen.tracing import Seen, Tracer, process_tracer
from kbgen_search.errors import KbError


class Workshop(msgspec.Struct, dict=True):
    """A site with its files found: pages can be rendered, and finished once all are arranged."""

    config: MkDocsConfig
    files: Files
    nav: Navigation
    env: jinja2.Environment
    edition: Edition
    settings_hash: bytes
    tracer: Tracer = msgspec.field(default_factory=process_tracer)
    looked_up: set[str] = msgspec.field(default_factory=set)
    keys: dict[str, bytes] = msgspec.field(default_factory=dict)

    def __post_init__(self) -> None:
        """Begin to note which files and links the pages depend on."""
        quicken()
        mkdocs_bridge.note_lookups(self.files, self.looked_up)

    @cached_property
    def blocks(self) -> Blocks:
        """Return the blocks of code that are coloured; others may take their place."""
        return Blocks(self.settings_hash)

    @cached_property
    def sources(self) -> list[File]:
        """Return the files that pages are made from."""
        return list(self.files.documentation_pages())

    @cached_property
    def pages(self) -> list[Page]:
        """Return the pages that the site is made of, in the order that MkDocs builds them."""
        return mkdocs_bridge.documentation_pages(self.files)

    def page(self, source: str) -> Page:
        """Return the page made from `source`."""
        file = self.files.src_uris[source]
        assert file.page is not None
        return file.page

    def key(self, page: Page) -> bytes:
        """Return the hash of what the rendered page is made from, as far as known beforehand."""
        if page.file.src_uri not in self.keys:
            self.keys[page.file.src_uri] = self._key(page)
        return self.keys[page.file.src_uri]

    def _key(self, page: Page) -> bytes:
        file = page.file
        return fingerprints.of(
            self.settings_hash,
            file.src_uri,
            file.dest_uri,
            file.url,
            mkdocs_bridge.title_in_navigation(page),
            page.is_homepage,
            page.edit_url,
            self.edition.locales,
            fingerprints.of_bytes(file.content_bytes),
        )

    def render(self, source: str, key: bytes) -> Rendered:
        """Render the page of `source`; mistakes in it become messages."""
        page, clock = self.page(source), Clock()
        self.looked_up.clear()
        self.edition.broken = False
        with collected() as messages, self.tracer.watch() as seen, coloring(self.blocks):
            self._populate(page)
        body = PageBody(page.markdown or "", page.content or "", page.toc)
        facts = PageFacts(
            title=mkdocs_bridge.title_from_render(page),
            pickled_meta=pickle.dumps(dict(page.meta), 5),
            anchors=frozenset(filter(None, page.present_anchor_ids or ())),  # some have no name
            links=mkdocs_bridge.anchor_links(page),
            published=self.edition.published.get(page.url),
            broken=self.edition.broken,
            messages=tuple(messages),
            dependencies=tuple(self._dependencies(page.file, seen)),
            body_hash=fingerprints.of(body.content, body.markdown, mkdocs_bridge.toc_facts(page)),
            seconds=clock.seconds,
        )
        return Rendered.of(key, source, facts, body, self.blocks.taken())

    def _populate(self, page: Page) -> None:
        """Render the page; one that cannot be rendered is reported, and the others go on."""
        try:
            mkdocs_bridge.populate(page, self.config, self.files)
        except KbError as error:
            self.edition.broken = True
            fail(error.message, error.file or "", error.line or 0)

    def find(self, path: str) -> bytes:
        """Return where a link to `path` leads now."""
        return mkdocs_bridge.target_of(self.files, path)

    def adopt(self, source: str, facts: PageFacts) -> None:
        """Take over what is known of a page that was rendered before or elsewhere."""
        page = self.page(source)
        mkdocs_bridge.restore(page, facts.title, facts.meta, facts.anchors)
        if facts.published:
            self.edition.published[page.url] = facts.published

    def finish(self, source: str, body: PageBody) -> tuple[bytes, dict[str, bytes]]:
        """Return the finished page of `source`, and the files it needs beside it."""
        page = self.page(source)
        page.markdown, page.content, page.toc = body.markdown, body.content, body.toc
        self.edition.files = {}
        html = mkdocs_bridge.finished_page(page, self.config, self.sources, self.nav, self.env)
        page.content, page.toc = "", mkdocs_bridge.NO_TOC
        return html, self.edition.files

    def prepare_templates(self) -> None:
        """Give the templates navigation and tables of contents; all pages must be adopted."""
        self.env = mkdocs_bridge.make_ready(self.config, self.env, self.files)

    def check_anchors(self, links: dict[str, dict[str, dict[str, str]]]) -> None:
        """Report links to anchors that do not exist; `links` is by source of the linking page."""
        mkdocs_bridge.check_anchors(self.pages, links, self.files, self.config)

    def shared_hash(self, facts: dict[str, PageFacts]) -> bytes:
        """Return the hash of what every finished page is made from.

        Templates of the site's own that look at other pages make every page depend on all.
        """
        own = templates.own_files(self.config)
        everything: list[Any] = []
        if templates.look_around(self.config):
            everything = [(s, f.body_hash, f.title, f.meta) for s, f in facts.items()]
            everything.append(mkdocs_bridge.outline(self.nav))
        furniture = [
            furniture_of(locale, self.edition.kind) for locale in sorted(self.edition.page_locales)
        ]
        return fingerprints.of(
            self.settings_hash,
            own,
            everything,
            furniture,
            self.edition.locales,
            self.edition.keep_diagrams,
        )

    def surroundings(self, page: Page) -> list[Any]:
        """Return what a finished page shows besides its content: titles, navigation, neighbours."""
        published = self.edition.published.get(page.url)
        related = (
            articles.related_of(published, self.edition.by_key)
            if published and published.related
            else []
        )
        return [
            mkdocs_bridge.page_facts(page),
            mkdocs_bridge.navigation_state(self.env, page),
            published and [published.revision, published.words, published.article.about],
            [(other.article.title, other.article.url) for other in related],
            self.edition.translations.links(page.file.src_uri),
        ]

    def _dependencies(self, file: File, seen: Seen) -> Iterable[Dependency]:
        for path in sorted(self.looked_up):
            yield Dependency("link", path, self.find(path))
        source = {str(file.abs_src_path)}
        places = [("file", seen.files), ("folder", seen.folders), ("answer", seen.unread)]
        for kind, paths in places:
            for path in sorted(paths - source):
                yield Dependency(kind, path, STATES[kind](path))
        if seen.outside:
            yield Dependency("outside", "", b"never the same")
