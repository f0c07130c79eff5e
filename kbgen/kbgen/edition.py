"""One build of the knowledge base: what `mkdocs build` and `kbgen build` do alike.

The plugin's events and the pipeline's stages call these functions, so both give the same bytes.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from functools import cache, partial
from operator import attrgetter
from pathlib import Path

import jinja2
import msgspec
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page

from kbgen import articles, foreign, frontmatter, mkdocs_bridge, replies, safety
from kbgen.articles import Published
from kbgen.frontmatter import ERROR
from kbgen.furniture import Kind, form_of, furniture_of
from kbgen.injection import (
    PageFacts,
    base_of,
    base_of_template,
    inject,
    without_foreign_requests,
    without_inline_scripts,
)
from kbgen.locales import Locales, canonical, name_of
from kbgen.manifest import Site
from kbgen.messages import fail, inform, replay, warn
from kbgen.settings import Settings
from kbgen.slimming import slim
from kbgen.translations import Link, Translations
from kbgen_search import delivery, extract
from kbgen_search.assets import WORKER

MERMAID = "mermaid"


class Edition(msgspec.Struct):
    """The state of a build, filled from event to event.

    `published` holds the articles by the address of their page, `by_key` by id and locale once
    they are arranged; `files` what pages need beside them, by path from the site's root. `earlier`
    are the languages of earlier builds of the same site, where each language has one;
    `translations` are the pages in folders of languages, `name` is the site's in the language that
    is built first.
    """

    settings: Settings
    locales: Locales
    name: str = ""
    keep_diagrams: bool = False
    published: dict[str, Published] = msgspec.field(default_factory=dict)
    by_key: dict[tuple[str, str], Published] = msgspec.field(default_factory=dict)
    files: dict[str, bytes] = msgspec.field(default_factory=dict)
    earlier: tuple[str, ...] = ()
    translations: Translations = Translations(Locales("en"))
    broken: bool = False

    def go_on(self, begun: "Edition") -> None:
        """Take over what the build of another language of the same site has found."""
        self.published, self.files, self.broken = begun.published, begun.files, begun.broken
        self.name = begun.name
        self.earlier = (*begun.earlier, begun.locales.default)

    @property
    def widget(self) -> bool:
        """Tell whether readers get the feedback form: wanted, and with somewhere to send it."""
        return self.settings.widget and bool(self.settings.collector)

    @property
    def worker(self) -> bool:
        """Tell whether what readers read is kept for when there is no network."""
        return self.settings.service_worker and not self.settings.offline

    @property
    def has_replies(self) -> bool:
        """Tell whether there are saved replies among the articles."""
        return any(map(replies.is_reply, self.published.values()))

    @property
    def kind(self) -> Kind:
        """Return what the pages have besides the search."""
        return Kind(self.widget, self.worker)

    @property
    def default_locale(self) -> str:
        """Return the site's own language: the one that was built first."""
        return (*self.earlier, self.locales.default)[0]

    @property
    def page_locales(self) -> frozenset[str]:
        """Return the locales that the site has pages in."""
        of_articles = frozenset(p.article.locale for p in self.published.values())
        return of_articles | {*self.earlier, self.locales.default}


def configure(config: MkDocsConfig, settings: Settings) -> Edition:
    """Prepare MkDocs' `config` for a knowledge base; return the edition that will be built."""
    mkdocs_bridge.drop_plugins(config, safety.REPLACED)
    mkdocs_bridge.check_language(config)
    mkdocs_bridge.add_theme(config)
    mkdocs_bridge.Locator(config).install()
    if settings.fonts == "system" and mkdocs_bridge.use_system_fonts(config):
        inform("theme.font is not fetched from Google; the option `fonts: theme` brings it back")
    if mkdocs_bridge.drop_instant_loading(config):
        inform("navigation.instant is switched off: votes and views belong to one page each")
    if settings.offline:
        config.use_directory_urls = False
    replay(foreign.in_config(config, Path(config.config_file_path)))
    scripts = " ".join(str(script) for script in config.extra_javascript)
    return Edition(
        settings, Locales(mkdocs_bridge.theme_language(config)), keep_diagrams=MERMAID in scripts
    )


def discover(edition: Edition, files: Files, config: MkDocsConfig) -> None:
    """Find the site's languages; leave out files that nobody needs or this audience may not see."""
    edition.name = edition.name or config.site_name
    sources = [file.src_uri for file in files.documentation_pages()]
    infer = edition.settings.language_folders == "auto" and "i18n" not in config.plugins
    edition.locales = Locales.found_in(sources, mkdocs_bridge.theme_language(config), infer)
    mkdocs_bridge.drop_unused_assets(files)
    if edition.settings.audience:
        mkdocs_bridge.keep_audience(files, config, frozenset(edition.settings.audience))
    pages = ((file.src_uri, file.url) for file in files.documentation_pages())
    edition.translations = Translations.of(edition.locales, pages)
    if edition.locales.folders:
        mkdocs_bridge.show_menu_of_languages(config)
    _refuse_names_of_search(edition, files)
    for hidden, page in mkdocs_bridge.hidden_files(files):
        text = f"{mkdocs_bridge.shown_file(page)} has the same address and is there instead"
        warn(f"{text}; rename one of them", mkdocs_bridge.shown_file(hidden))


def name_languages(edition: Edition, nav: Navigation, config: MkDocsConfig) -> None:
    """Let sections that are folders of languages have the names of these languages."""
    if config.nav is None:
        folders = {folder: name_of(canonical(folder)) for folder in edition.locales.folders}
        names = {folder: name for folder, name in folders.items() if name}
        mkdocs_bridge.name_languages(nav, names)


def translations_of(edition: Edition, page: Page | None) -> list[Link]:
    """Return the ways to a page in the site's languages, or to where they begin."""
    return edition.translations.links(page.file.src_uri if page else "")


def theme_language(edition: Edition, config: MkDocsConfig, page: Page | None) -> str:
    """Return the language in which the theme speaks on a page: the page's, if the theme can."""
    own = mkdocs_bridge.theme_language(config)
    if page is None:
        return own
    declared = frontmatter.FrontMatter.of(page.meta).lang
    locale = edition.locales.of(page.file.src_uri, declared)
    is_default = locale == edition.locales.default
    return own if is_default else mkdocs_bridge.translation_of(config, locale) or own


def theme_words(
    edition: Edition, config: MkDocsConfig, env: jinja2.Environment
) -> Callable[[Page | None], Callable[[str], str]]:
    """Return what gives for a page the function from a key to the theme's word for it."""
    known = cache(partial(mkdocs_bridge.theme_words, env))
    return lambda page: known(theme_language(edition, config, page))


def _refuse_names_of_search(edition: Edition, files: Files) -> None:
    """Refuse files of the writer's that would lie where the search has its own.

    Raises:
        KbError: there is one.
    """
    for file in files:
        folder, _, name = file.dest_uri.partition("/")
        of_worker = edition.worker and file.dest_uri == WORKER
        if of_worker or (folder == "search" and delivery.is_our_name(name)):
            raise delivery.foreign(mkdocs_bridge.file_of(file))


def check_encoding(edition: Edition, page: Page) -> None:
    """Report a page that is not UTF-8, and let the build read on to find further mistakes."""
    if line := mkdocs_bridge.undecodable_line(page.file):
        edition.broken = True
        fail("the file is not UTF-8; save it as UTF-8", _place(page), line)
        mkdocs_bridge.set_source(page.file, page.file.content_bytes.decode("utf-8", "replace"))


def check_front_matter(edition: Edition, page: Page) -> None:
    """Report what is wrong with the page's front matter."""
    source = page.file.content_string
    found = list(frontmatter.problems(source, page.meta, _place(page)))
    edition.broken |= any(message.level >= ERROR for message in found)
    replay(found)


def publish(edition: Edition, page: Page, html: str) -> None:
    """Note the article that the page is, from its rendered `html`."""
    if mkdocs_bridge.is_fallback(page.file):
        return
    matter = frontmatter.FrontMatter.of(page.meta)
    declared = matter.lang or mkdocs_bridge.locale_of_file(page.file)
    title = matter.title or mkdocs_bridge.plain_title(page)
    edition.published[page.url] = articles.publish(
        source=page.file.src_uri,
        name=mkdocs_bridge.name_of(page.file),
        url=page.url,
        title=title,
        locale=edition.locales.of(page.file.src_uri, declared),
        matter=matter,
        sections=extract.without_title(extract.sections(html), title),
        owner=edition.settings.owner,
    )


def arrange(edition: Edition, pages: Iterable[Page]) -> None:
    """Complete the articles by what only the whole site tells; report what does not fit."""
    sources = {page.file.src_uri: page for page in pages}
    areas = _areas(edition.locales, sources)
    for source, page in sources.items():
        article, area = edition.published.get(page.url), areas[source]
        if article and article.article.area != area:  # else it keeps the sections it has unpacked
            placed = msgspec.structs.replace(article.article, area=area)
            edition.published[page.url] = msgspec.structs.replace(article, article=placed)
    by_key = edition.by_key = {article.key: article for article in edition.published.values()}
    for article in edition.published.values():
        _check_related(article, by_key, sources.get(article.source))
    for pair in articles.duplicates(edition.published.values(), attrgetter("key")):
        edition.broken = True
        _tell_doubles(pair, sources)
    _check_addresses(edition, sources.values())


def _tell_doubles(pair: tuple[Published, Published], sources: Mapping[str, Page]) -> None:
    """Report that two articles have one id, where it is written down: most have theirs by path."""
    lines = {one.source: _line_of(sources.get(one.source), "id") for one in pair}
    other, one = sorted(pair, key=lambda article: bool(lines[article.source]))
    shown = _shown(other, sources.get(other.source))
    text = f"id `{one.article.id}` is also the id of {shown}; change one of them"
    fail(text, _shown(one, sources.get(one.source)), lines[one.source])


def _areas(locales: Locales, pages: Mapping[str, Page]) -> dict[str, str]:
    """Return the title of the top section of the navigation that each page is in, by source.

    A section that has all of a language's folder tells readers of that language nothing: for them
    it is the one below.
    """
    ways = {source: mkdocs_bridge.way_to(page) for source, page in pages.items()}
    tops: defaultdict[str, set[str]] = defaultdict(set)
    for source, way in ways.items():
        tops[locales.folder(source)].update(way[:1])
    whole = {folder for folder, titles in tops.items() if folder and len(titles) == 1}
    return {
        source: "".join(way[1:2] if locales.folder(source) in whole else way[:1])
        for source, way in ways.items()
    }


def _check_addresses(edition: Edition, pages: Iterable[Page]) -> None:
    """Report pages that would be written over one another, such as b.md and b/index.md."""
    for first, second in articles.duplicates(pages, attrgetter("file.dest_uri")):
        edition.broken = True
        fail(f"{_place(first)} has the same address; rename one of them", _place(second))


def _check_related(
    article: Published, by_key: dict[tuple[str, str], Published], page: Page | None
) -> None:
    for name in articles.unknown_related(article, by_key):
        text = f"related article `{name}` does not exist; give its id or remove it"
        warn(text, _shown(article, page), _line_of(page, "related"))


def _line_of(page: Page | None, field: str) -> int:
    return frontmatter.line_of(page.file.content_string, field) if page else 0


def _shown(article: Published, page: Page | None) -> str:
    return _place(page) if page else article.source


def furnish(edition: Edition, page: Page, html: str, content: str) -> str:
    """Return the finished page: Material's `html` around `content`, furnished for readers."""
    own = edition.published.get(page.url)
    locale = own.article.locale if own else edition.locales.of(page.file.src_uri)
    facts = _facts(edition, page.url, own or _original(edition, page), locale)
    return _finish(edition, html, facts, content)


def furnish_page(
    edition: Edition, url: str, path: str, html: str, declared: str = "", site_url: str = ""
) -> str:
    """Return a page of another generator, furnished and otherwise as it is.

    What it needs beside it is added to the edition's files. The language that it has `declared`
    counts where there are articles in it.
    """
    article = edition.published.get(url)
    locale = article.article.locale if article else _locale_of_other(edition, path, declared)
    facts = _facts(edition, url, article, locale)
    if article is None:
        facts = msgspec.structs.replace(facts, base=base_of_template(path, site_url))
    html = without_foreign_requests(html, edition.settings.fonts == "theme", keep_diagrams=False)
    html, files = without_inline_scripts(html, facts.base)
    edition.files.update(files)
    return inject(html, facts, furniture_of(facts.locale, edition.kind))


def _locale_of_other(edition: Edition, path: str, declared: str) -> str:
    """Return the language of a page that is no article: one that articles are in."""
    found = edition.locales.of(path, declared)
    return found if found in edition.page_locales else edition.default_locale


def _facts(edition: Edition, url: str, article: Published | None, locale: str) -> PageFacts:
    related = articles.related_of(article, edition.by_key) if article and article.related else []
    collector = edition.settings.collector
    is_reply = article is not None and replies.is_reply(article)
    return PageFacts(
        base=base_of(url),
        locale=locale,
        article=article,
        collector=collector,
        contact=edition.settings.contact,
        form=form_of(article, collector) if article and edition.widget else "",
        related=tuple((other.article.title, other.article.url) for other in related),
        reply=replies.box_html(locale) if is_reply else "",
        scripts=tuple(replies.files() if is_reply else ()),
    )


def furnish_template(edition: Edition, html: str, base: str) -> str:
    """Return a page that is no article, such as 404.html; `base` is its way to the root."""
    facts = PageFacts(
        base,
        edition.locales.default,
        collector=edition.settings.collector,
        contact=edition.settings.contact,
    )
    return _finish(edition, html, facts, "")


def site_of(config: MkDocsConfig, edition: Edition) -> Site:
    """Return what the manifest says of the site."""
    return Site(
        name=edition.name,
        url=config.site_url or "",
        default_locale=edition.default_locale,
        offline=edition.settings.offline,
        collector=edition.settings.collector,
    )


def _finish(edition: Edition, html: str, facts: PageFacts, content: str) -> str:
    html = slim(html, content)
    html = without_foreign_requests(html, edition.settings.fonts == "theme", edition.keep_diagrams)
    html, files = without_inline_scripts(html, facts.base)
    edition.files.update(files)
    furniture = furniture_of(facts.locale, edition.kind)
    return inject(html, facts, furniture)


def _original(edition: Edition, page: Page) -> Published | None:
    """Return the article that a page without a translation shows in its place."""
    key = (
        articles.id_of(mkdocs_bridge.name_of(page.file), frontmatter.FrontMatter.of(page.meta).id),
        mkdocs_bridge.locale_of_file(page.file),
    )
    return edition.by_key.get(key) if mkdocs_bridge.is_fallback(page.file) else None


def _place(page: Page) -> str:
    return mkdocs_bridge.shown_source(page)
