"""MkDocs' pages: rendered, restored from a cache, finished in their templates."""

import gzip
import io
from collections.abc import Iterator
from html import unescape
from typing import Any

import jinja2
from mkdocs.commands import build
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure import pages as mkdocs_pages
from mkdocs.structure.files import File, Files
from mkdocs.structure.nav import Navigation
from mkdocs.structure.pages import Page
from mkdocs.structure.toc import TableOfContents
from mkdocs.utils import get_build_timestamp

from kbgen.mkdocs_bridge.sources import documentation_pages, shown_source
from kbgen.mkdocs_bridge.troubles import file_of, told
from kbgen.quickening import Converters
from kbgen_search.errors import KbError

NO_TOC = TableOfContents([])
CONVERTERS = Converters()


def populate(page: Page, config: MkDocsConfig, files: Files) -> None:
    """Read and render one page with its plugins; KbError says what went wrong in it."""
    library = vars(mkdocs_pages)["markdown"]
    vars(mkdocs_pages)["markdown"] = CONVERTERS
    build.log.disabled = True  # it says of a page what is said here
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
        build.log.disabled = False


def restore(page: Page, title: str | None, meta: dict[str, Any], anchors: frozenset[str]) -> None:
    """Put a page into the state it has after rendering, its content apart."""
    page.markdown, page.content, page.toc = "", "", NO_TOC
    page.meta, page.present_anchor_ids = dict(meta), set(anchors)
    page._title_from_render = title


def title_in_navigation(page: Page) -> str | None:
    """Return the title that the navigation gives the page, None when it gives none."""
    title = page.__dict__.get("title")
    return None if title is None else str(title)


def title_from_render(page: Page) -> str | None:
    """Return the page's first heading, None when it does not begin with one."""
    return page._title_from_render


def plain_title(page: Page) -> str:
    """Return the page's title as readers read it: of a heading MkDocs has the HTML, not the text.

    A title of front matter or navigation stays as it is written there.
    """
    title = str(page.title or "")
    return unescape(title) if title == page._title_from_render else title


def toc_facts(page: Page) -> list[Any]:
    """Return the table of contents as plain lists."""

    def facts(item: Any) -> list[Any]:
        return [item.title, item.id, item.level, [facts(child) for child in item.children]]

    return [facts(item) for item in page.toc]


def anchor_links(page: Page) -> dict[str, dict[str, str]]:
    """Return the page's links to anchors: source of the target to anchor to the link as written."""
    return {file.src_uri: dict(links) for file, links in (page.links_to_anchors or {}).items()}


def finished_page(
    page: Page, config: MkDocsConfig, files: list[File], nav: Navigation, env: jinja2.Environment
) -> bytes:
    """Return the page in its template, after its plugins; b"" when nothing is to be written."""
    config._current_page = page
    page.active = True
    try:
        with told("the page cannot be shown", shown_source(page)):
            context = build.get_context(nav, files, config, page)
            template = env.get_template(page.meta.get("template", "main.html"))
            context = config.plugins.on_page_context(context, page=page, config=config, nav=nav)
            output = config.plugins.on_post_page(template.render(context), page=page, config=config)
    finally:
        page.active, config._current_page = False, None
    return output.encode("utf-8", "xmlcharrefreplace") if output.strip() else b""


def theme_pages(
    config: MkDocsConfig, files: Files, nav: Navigation, env: jinja2.Environment
) -> Iterator[tuple[str, bytes]]:
    """Yield path and content of the pages that the theme and `extra_templates` make."""
    for name in sorted(config.theme.static_templates):
        with told(f"{name} cannot be made"):
            output = _template_page(name, env.get_template(name), config, files, nav)
        yield name, output
        if name == "sitemap.xml" and output:
            yield f"{name}.gz", _zipped(output, f"{name}.gz", documentation_pages(files))
    for name in config.extra_templates:
        file = files.get_file_from_path(name)
        if file:
            with told(f"{name} cannot be made", file_of(file)):
                template = jinja2.Template(file.content_string)
                output = _template_page(name, template, config, files, nav)
            yield file.dest_uri, output


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
