"""MkDocs' files: what an article is made from, and where its links lead."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page
from mkdocs.utils import meta

from kbgen.frontmatter import FrontMatter


def locale_of_file(file: File) -> str:
    """Return the locale that mkdocs-static-i18n gave the file, "" without that plugin."""
    return str(getattr(file, "locale", "") or "")


def is_fallback(file: File) -> bool:
    """Tell whether the file stands in for a translation that does not exist."""
    return locale_of_file(file) != str(getattr(file, "locale_alternate_of", "") or "")


def name_of(file: File) -> str:
    """Return the path that the article's id comes from; translations share it."""
    return str(getattr(file, "norm_src_uri", file.src_uri))


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


def reread(file: File, path: str) -> None:
    """Let MkDocs read the file at `path` again, whatever it was told to read instead."""
    file._content, file.abs_src_path = None, path


def shown_source(page: Page) -> str:
    """Return the page's source as messages name it: relative to the project's root."""
    return shown_file(page.file)


def shown_file(file: File) -> str:
    """Return a file of the writer's as messages name it: relative to the project's root."""
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


def documentation_pages(files: Files) -> list[Page]:
    """Return the pages that the site is made of."""
    return [file.page for file in files.documentation_pages() if file.page]


def static_files(files: Files) -> list[File]:
    """Return the files that are copied as they are; where a page has the address, it is there."""
    pages = page_paths(files)
    return [file for file in _other_files(files) if file.dest_uri not in pages]


def page_paths(files: Files) -> dict[str, File]:
    """Return the pages by their paths in the site."""
    return {file.dest_uri: file for file in files.documentation_pages()}


def hidden_files(files: Files) -> Iterator[tuple[File, File]]:
    """Return files that are not copied, since a page has their address, each with the page's."""
    pages = page_paths(files)
    return ((file, pages[file.dest_uri]) for file in _other_files(files) if file.dest_uri in pages)


def _other_files(files: Files) -> Iterator[File]:
    return (f for f in files if not f.is_documentation_page() and f.inclusion.is_included())


def note_lookups(files: Files, seen: set[str]) -> None:
    """Let `files` note in `seen` each path that a link is looked up by."""
    find = files.get_file_from_path

    def noting(path: str) -> File | None:
        seen.add(path)
        return find(path)

    files.get_file_from_path = noting  # type: ignore[method-assign]


def target_of(files: Files, path: str) -> bytes:
    """Return what tells whether a link to `path` still leads to the same place."""
    file = files.src_uris.get(path) or files.get_file_from_path(path)
    return f"{file.src_uri} {file.url} {file.inclusion.value}".encode() if file else b""
