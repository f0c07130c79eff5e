"""The only module that knows MkDocs' and Material's insides: what an heir would replace."""

import gzip
import io
import json
import logging
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import jinja2
from mkdocs.commands import build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import Abort, BuildError
from mkdocs.structure import pages as mkdocs_pages
from mkdocs.structure.files import File, Files, get_files, set_exclusions
from mkdocs.structure.nav import Navigation, get_navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents
from mkdocs.utils import get_build_timestamp, meta

from kbgen import fingerprints, navigation
from kbgen.files import write
from kbgen.foreign import line_with
from kbgen.frontmatter import FrontMatter
from kbgen.injection import base_of
from kbgen.messages import Message
from kbgen.quickening import Converters
from kbgen.tracing import Tracer
from kbgen_search.errors import KbError

NO_TOC = TableOfContents([])
CONVERTERS = Converters()

THEME = Path(__file__).parent / "theme"
UNUSED_ASSETS = re.compile(r"assets/(javascripts/(lunr/.*|workers/.*|.*\.map)|stylesheets/.*\.map)")
INSTANT = ("navigation.instant", "navigation.instant.prefetch", "navigation.instant.progress")
_LINK = re.compile(
    r"Doc file '(?P<source>.+?)' contains an? (?P<rest>.*?link(?: to)? '(?P<url>.*?)'.*)", re.DOTALL
)
_NAV = re.compile(r"(?:A reference|An absolute path) to '(?P<url>.*?)' is included in the 'nav'")


def drop_plugins(config: MkDocsConfig, names: Iterable[str]) -> list[str]:
    """Remove the plugins `names` and their events from `config`; return those that were there."""
    gone = [name for name in names if name in config.plugins]
    for name in gone:
        plugin = config.plugins.pop(name)
        for methods in config.plugins.events.values():
            methods[:] = [
                method for method in methods if getattr(method, "__self__", None) is not plugin
            ]
    return gone


def is_material(config: MkDocsConfig) -> bool:
    """Tell whether the site uses Material or a theme that extends it."""
    return any(Path(folder).parts[-2:] == ("material", "templates") for folder in config.theme.dirs)


def add_theme(config: MkDocsConfig) -> None:
    """Put our templates between the site's own overrides and Material's."""
    if (
        is_material(config)
        and "material/typeset" not in config.plugins
        and str(THEME) not in config.theme.dirs
    ):
        own = 1 if config.theme.custom_dir else 0
        config.theme.dirs.insert(own, str(THEME))


def use_system_fonts(config: MkDocsConfig) -> bool:
    """Keep Material from asking Google for fonts; tell whether the site had named its own."""
    if not is_material(config):
        return False
    named = config.theme.get("font") not in (False, {"text": "Roboto", "code": "Roboto Mono"})
    config.theme["font"] = False
    return named


def drop_instant_loading(config: MkDocsConfig) -> bool:
    """Switch off Material's loading of pages into pages; tell whether it was on."""
    features = config.theme.get("features") or []
    kept = [name for name in features if name not in INSTANT]
    if len(kept) < len(features):
        config.theme["features"] = kept
    return len(kept) < len(features)


def drop_unused_assets(files: Files) -> None:
    """Leave out Material's search workers and source maps, which no reader needs."""
    for file in list(files):
        if (
            file.src_dir
            and file.src_dir.endswith("templates")
            and UNUSED_ASSETS.fullmatch(file.src_uri)
        ):
            files.remove(file)


def theme_language(config: MkDocsConfig) -> str:
    """Return the language that the theme is set to."""
    return str(config.theme.get("language") or config.theme.get("locale") or "en")


def locale_of_file(file: File) -> str:
    """Return the locale that mkdocs-static-i18n gave the file, "" without that plugin."""
    return str(getattr(file, "locale", "") or "")


def is_fallback(file: File) -> bool:
    """Tell whether the file stands in for a translation that does not exist."""
    return locale_of_file(file) != str(getattr(file, "locale_alternate_of", "") or "")


def name_of(file: File) -> str:
    """Return the path that the article's id comes from; translations share it."""
    return str(getattr(file, "norm_src_uri", file.src_uri))


def builds_translations(config: MkDocsConfig) -> bool:
    """Tell whether a plugin is building one of the site's further languages just now."""
    return bool(getattr(config.plugins.get("i18n"), "building", False))


def area_of(page: Page) -> str:
    """Return the title of the top section of the navigation that the page is in."""
    ancestors = list(page.ancestors)
    return str(ancestors[-1].title) if ancestors else ""


def navigation_tree(
    nav: Navigation, config: MkDocsConfig, env: jinja2.Environment, prune: bool
) -> navigation.Tree:
    """Return the site's navigation, ready to be rendered for any page."""
    features = navigation.Features.of(config.theme.get("features") or (), prune)
    return navigation.tree(nav.items, _labeller(config, env), features)


def _labeller(config: MkDocsConfig, env: jinja2.Environment) -> Callable[[Any, Any], str]:
    statuses = config.extra.get("status") or {}

    def icon(name: str) -> str:
        return env.get_template(f".icons/{name}.svg").render()

    def status(name: str) -> str:
        title = f' title="{statuses[name]}"' if name in statuses else ""
        return f'<span class="md-status md-status--{name}"{title}></span>'

    def label(item: Any, named: Any) -> str:
        facts = getattr(item, "meta", None) or {}
        parts = [
            icon(facts["icon"]) if facts.get("icon") else "",
            '<span class="md-ellipsis">',
            str(named.title),
            f"<br><small>{facts['subtitle']}</small>" if facts.get("subtitle") else "",
            "</span>",
            status(facts["status"]) if facts.get("status") else "",
        ]
        return "".join(parts)

    return label


class Locator(logging.Filter):
    """Gives MkDocs' warnings about links the file and line they are about."""

    def __init__(self, config: MkDocsConfig) -> None:
        super().__init__()
        self.root = Path(config.config_file_path).parent
        self.config_file = Path(config.config_file_path)
        self.docs = Path(config.docs_dir)

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the record's text by a message with a place, where one can be found."""
        if not isinstance(record.msg, Message):
            record.msg, record.args = self.located(record.levelno, record.getMessage()), ()
        return True

    def located(self, level: int, text: str) -> Message:
        """Return `text` as a message about the place it names."""
        if link := _LINK.match(text):
            source = self.docs / link["source"]
            rest = " ".join(link["rest"].split()).rstrip(".")
            rest += "" if "Did you mean" in rest else "; correct it, or add what it points to"
            return Message(level, rest, self.shown(source), line_with(source, link["url"]))
        if entry := _NAV.match(text):
            line = line_with(self.config_file, entry["url"])
            return Message(level, text, self.config_file.name, line)
        return Message(level, text)

    def shown(self, file: Path) -> str:
        """Return `file` as a message names it: relative to the project's root if below it."""
        return str(file.relative_to(self.root) if file.is_relative_to(self.root) else file)

    def install(self) -> None:
        """Take the place of the locator of an earlier build."""
        for name in ("mkdocs.structure.pages", "mkdocs.structure.nav"):
            logger = logging.getLogger(name)
            logger.filters[:] = [f for f in logger.filters if not isinstance(f, Locator)]
            logger.addFilter(self)


def undecodable_line(file: File) -> int:
    """Return the 1-based line of the first byte that is not UTF-8, 0 when all are."""
    content = file.content_bytes
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    return 0


def set_source(file: File, text: str) -> None:
    """Let MkDocs read `text` instead of the file."""
    file.content_string = text


def shown_source(page: Page) -> str:
    """Return the page's source as messages name it: relative to the project's root."""
    file = page.file
    folder = Path(file.src_dir).name if file.src_dir else ""
    return f"{folder}/{file.src_uri}" if folder else file.src_uri


def keep_audience(files: Files, config: MkDocsConfig, audience: frozenset[str]) -> None:
    """Remove the pages that name an audience but none of `audience`, from navigation too."""
    for file in files.documentation_pages():
        wanted = FrontMatter.of(meta.get_data(file.content_string)[1]).audience
        if wanted and not audience.intersection(wanted):
            files.remove(file)
            config.nav = without_entry(config.nav, file.src_uri)


def without_entry(nav: Any, source: str) -> Any:
    """Return the `nav` setting without entries that lead to `source`, and emptied lists."""
    if isinstance(nav, list):
        kept = (without_entry(item, source) for item in nav)
        return [item for item in kept if item not in ([], {}, None)]
    if isinstance(nav, dict):
        values = {title: without_entry(item, source) for title, item in nav.items()}
        return {title: item for title, item in values.items() if item not in ([], {}, None)}
    return None if nav == source else nav


def template_base(name: str, config: MkDocsConfig) -> str:
    """Return the way from a theme's page to the site's root; error pages are shown anywhere."""
    if name in ("404.html", "403.html", "500.html"):
        return urlsplit(config.site_url or "/").path.rstrip("/") + "/"
    return "../" * name.count("/") or "./"


def add_navigation(
    env: jinja2.Environment, nav: Navigation, config: MkDocsConfig, prune: bool
) -> None:
    """Give the theme's templates the functions that make navigation and table of contents."""
    tree = navigation_tree(nav, config, env, prune)
    title = (config.mdx_configs.get("toc") or {}).get("title") or ""

    def toc(page: Page | None, heading: str) -> str:
        return navigation.toc_html(page.toc if page else (), title or heading)

    def nav_html(page: Page | None, base_url: str, heading: str) -> str:
        base = base_url.rstrip("/") + "/"
        return tree.render(
            page, base, toc(page, heading) if page and navigation.below_title(page.toc) else ""
        )

    def bare(page: Page) -> str:
        return tree.render(page, base_of(page.url), "")

    env.globals.update(kb_nav=nav_html, kb_toc=toc, kb_bare_nav=bare)


def documentation_pages(files: Files) -> list[Page]:
    """Return the pages that the site is made of."""
    return [file.page for file in files.documentation_pages() if file.page]


def note_lookups(files: Files, seen: set[str]) -> None:
    """Let `files` note in `seen` each path that a link is looked up by."""
    find = files.get_file_from_path

    def noting(path: str) -> File | None:
        seen.add(path)
        return find(path)

    files.get_file_from_path = noting  # type: ignore[method-assign]


def note_snippets(config: MkDocsConfig, tracer: Tracer) -> None:
    """Let `tracer` note the places where snippets are looked for, not only where they are found."""
    if "pymdownx.snippets" not in config.markdown_extensions:
        return
    from pymdownx.snippets import SnippetPreprocessor  # type: ignore[import-untyped]

    find = SnippetPreprocessor.get_snippet_path

    def noting(self: Any, path: str) -> Any:
        tracer.opened.update(f"{base}{os.sep}{path}" for base, _ in self.get_bases())
        return find(self, path)

    if not getattr(find, "noting", False):
        noting.noting = True  # type: ignore[attr-defined]
        SnippetPreprocessor.get_snippet_path = noting


def target_of(files: Files, path: str) -> bytes:
    """Return what tells whether a link to `path` still leads to the same place."""
    file = files.get_file_from_path(path)
    return f"{file.src_uri} {file.url} {file.inclusion.value}".encode() if file else b""


def title_in_navigation(page: Page) -> str | None:
    """Return the title that the navigation gives the page, None when it gives none."""
    title = page.__dict__.get("title")
    return None if title is None else str(title)


def title_from_render(page: Page) -> str | None:
    """Return the page's first heading, None when it does not begin with one."""
    return page._title_from_render


def toc_facts(page: Page) -> list[Any]:
    """Return the table of contents as plain lists."""

    def facts(item: Any) -> list[Any]:
        return [item.title, item.id, item.level, [facts(child) for child in item.children]]

    return [facts(item) for item in page.toc]


def anchor_links(page: Page) -> dict[str, dict[str, str]]:
    """Return the page's links to anchors: source of the target to anchor to the link as written."""
    return {file.src_uri: dict(links) for file, links in (page.links_to_anchors or {}).items()}


def restore(page: Page, title: str | None, meta: dict[str, Any], anchors: frozenset[str]) -> None:
    """Put a page into the state it has after rendering, its content apart."""
    page.markdown, page.content, page.toc = "", "", NO_TOC
    page.meta, page.present_anchor_ids = dict(meta), set(anchors)
    page._title_from_render = title


def populate(page: Page, config: MkDocsConfig, files: Files) -> None:
    """Read and render one page with its plugins; KbError says what went wrong in it."""
    library = vars(mkdocs_pages)["markdown"]
    vars(mkdocs_pages)["markdown"] = CONVERTERS
    try:
        build._populate_page(page, config, files)
    except KbError:
        CONVERTERS.forget()
        raise
    except Exception as error:
        CONVERTERS.forget()
        raise KbError(f"the page cannot be rendered: {error}", file=shown_source(page)) from error
    finally:
        vars(mkdocs_pages)["markdown"] = library


def finished_page(
    page: Page, config: MkDocsConfig, files: list[File], nav: Navigation, env: jinja2.Environment
) -> bytes:
    """Return the page in its template, after its plugins; b"" when nothing is to be written."""
    config._current_page = page
    page.active = True
    try:
        context = build.get_context(nav, files, config, page)
        template = env.get_template(page.meta.get("template", "main.html"))
        context = config.plugins.on_page_context(context, page=page, config=config, nav=nav)
        output = config.plugins.on_post_page(template.render(context), page=page, config=config)
    except jinja2.TemplateError as error:
        raise KbError(f"template: {error}", file=shown_source(page)) from error
    finally:
        page.active, config._current_page = False, None
    return output.encode("utf-8", "xmlcharrefreplace") if output.strip() else b""


def theme_pages(
    config: MkDocsConfig, files: Files, nav: Navigation, env: jinja2.Environment
) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the pages that the theme and `extra_templates` make."""
    for name in sorted(config.theme.static_templates):
        output = _template_page(name, env.get_template(name), config, files, nav)
        yield name, output
        if name == "sitemap.xml" and output:
            yield f"{name}.gz", _zipped(output, f"{name}.gz", documentation_pages(files))
    for name in config.extra_templates:
        file = files.get_file_from_path(name)
        if file:
            template = jinja2.Template(file.content_string)
            yield file.dest_uri, _template_page(name, template, config, files, nav)


def _template_page(
    name: str, template: jinja2.Template, config: MkDocsConfig, files: Files, nav: Navigation
) -> bytes:
    output = build._build_template(name, template, files, config, nav)
    return output.encode() if output.strip() else b""


def _zipped(content: bytes, name: str, pages: list[Page]) -> bytes:
    buffer = io.BytesIO()
    with gzip.GzipFile(
        name, "wb", fileobj=buffer, mtime=get_build_timestamp(pages=pages)
    ) as stream:
        stream.write(content)
    return buffer.getvalue()


def static_files(files: Files) -> list[File]:
    """Return the files that are copied as they are."""
    return [f for f in files if not f.is_documentation_page() and f.inclusion.is_included()]


def check_anchors(
    pages: Iterable[Page],
    links: Mapping[str, Mapping[str, dict[str, str]]],
    files: Files,
    config: MkDocsConfig,
) -> None:
    """Report links to anchors that do not exist; `links` is by source of the linking page."""
    for page in pages:
        found = (
            (files.src_uris.get(target), anchors)
            for target, anchors in links[page.file.src_uri].items()
        )
        page.links_to_anchors = {file: anchors for file, anchors in found if file}
        page.validate_anchor_links(files=files, log_level=config.validation.links.anchors)


def discover(config: MkDocsConfig, cache: Path) -> tuple[Files, Navigation, jinja2.Environment]:
    """Return files, navigation and templates of the site, after the plugins' say."""
    try:
        return _discover(config, cache)
    except (KbError, AssertionError):
        raise
    except Exception as error:
        raise KbError(f"MkDocs or a plugin failed: {type(error).__name__}: {error}") from error


def _discover(config: MkDocsConfig, cache: Path) -> tuple[Files, Navigation, jinja2.Environment]:
    config.plugins.on_startup(command="build", dirty=False)
    config.plugins.on_config(config)
    config.plugins.on_pre_build(config=config)
    files = get_files(config)
    env = config.theme.get_env()
    env.bytecode_cache = _bytecode_cache(cache / "templates")
    env.auto_reload = False  # templates do not change in the middle of a build
    env.list_templates = partial(  # type: ignore[method-assign]
        _theme_files, config, cache / "theme-files.json"
    )
    files.add_files_from_theme(env, config)
    files = config.plugins.on_files(files, config=config)
    set_exclusions(files, config)
    nav = config.plugins.on_nav(get_navigation(files, config), config=config, files=files)
    for file in files.documentation_pages():
        if file.page is None:
            Page(None, file, config)
    return files, nav, env


def _bytecode_cache(folder: Path) -> jinja2.BytecodeCache:
    folder.mkdir(parents=True, exist_ok=True)
    return jinja2.FileSystemBytecodeCache(str(folder))


def _theme_files(
    config: MkDocsConfig, cache: Path, filter_func: Callable[[str], bool]
) -> list[str]:
    """Return the files of the theme's folders that `filter_func` takes, sorted.

    Material brings 15,000 icons: the names in installed themes are remembered until the
    installed software changes, or what `filter_func` goes by.
    """
    folders, pages = config.theme.dirs, sorted(config.theme.static_templates)
    key = [fingerprints.programs().hex(), *folders, *pages]
    known = _remembered(cache, key)
    installed = [folder for folder in folders if "-packages" in folder]
    if known is None:
        known = [name for name in _names_below(installed) if filter_func(name)]
        write(cache, json.dumps({"key": key, "names": known}).encode())
    own = _names_below([folder for folder in folders if folder not in installed])
    return sorted({*known, *filter(filter_func, own)})


def _remembered(cache: Path, key: list[str]) -> list[str] | None:
    try:
        found = json.loads(cache.read_bytes())
    except (OSError, ValueError):
        return None
    return found["names"] if found.get("key") == key else None


def _names_below(folders: list[str]) -> set[str]:
    return set(jinja2.FileSystemLoader(folders).list_templates()) if folders else set()


def page_facts(page: Page) -> list[Any]:
    """Return what templates show of a page and of those next to it."""
    near = [page.previous_page, page.next_page, *page.ancestors]
    return [
        (page.title, page.url, page.canonical_url, page.edit_url, page.is_homepage),
        page.meta,
        [item and (str(item.title), _first_url(item)) for item in near],
    ]


def outline(nav: Navigation) -> list[Any]:
    """Return titles and addresses of the whole navigation."""
    return [_outlined(item) for item in nav.items]


def _outlined(item: Any) -> list[Any]:
    below = [_outlined(child) for child in item.children or ()]
    return [str(item.title), "" if below else item.url, below]


def _first_url(item: Any) -> str:
    return _first_url(item.children[0]) if item.children else str(item.url)


def navigation_html(env: jinja2.Environment, page: Page) -> str:
    """Return the navigation that the page shows, without its own table of contents."""
    html: str = env.globals["kb_bare_nav"](page)  # type: ignore[operator]
    return html


def whole_build(config: MkDocsConfig) -> None:
    """Let MkDocs build the site into `config.site_dir`."""
    config.plugins.on_startup(command="build", dirty=False)
    try:
        build.build(config)
    except (Abort, BuildError):
        pass  # what is wrong has been logged
    except KbError:
        raise
    except Exception as error:
        raise KbError(f"a plugin or template failed: {type(error).__name__}: {error}") from error
    finally:
        config.plugins.on_shutdown()
