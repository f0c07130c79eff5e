"""Which plugins let pages be rendered apart from each other and kept between builds."""

from collections.abc import Iterable, Mapping
from typing import Any

PAGE_EVENTS = (
    "pre_page",
    "page_read_source",
    "page_markdown",
    "page_content",
    "page_context",
    "post_page",
    "env",
    "pre_template",
    "template_context",
    "post_template",
)
# Plugins whose work kbgen does itself.
REPLACED = frozenset({"search", "material/search", "offline", "material/offline"})
# Plugins whose work on a page depends on nothing but that page, its settings, and what they read
# for it, which is traced.
SAFE = frozenset(
    {
        "glightbox",
        "include-markdown",
        "kbgen",
        "material/group",
        "material/info",
        "material/meta",
        "minify",
        "section-index",
        "table-reader",
    }
)
# Plugins whose work after a build does not depend on what is in the pages.
UNCONCERNED = SAFE | {"redirects"}
# What plugins have read before the first page, by the name of their attribute.
STATES = {"material/meta": "meta"}
# Why others cannot be let loose on pages side by side, or their work not be kept.
REASONS = {
    "autorefs": "links between pages are known only when all are rendered",
    "gen-files": "it keeps books of the pages that it has seen",
    "git-authors": "it asks git about pages, and git's answers change with every commit",
    "git-revision-date-localized": "it asks git, whose answers change with every commit",
    "i18n": "it builds the site once a language",
    "macros": "macros may remember from page to page, and read what nobody can trace",
    "material/blog": "it makes pages from all posts",
    "material/privacy": "it downloads, from page to page, what it has not yet",
    "material/projects": "it builds several sites",
    "material/social": "it draws cards while pages are rendered",
    "material/tags": "it collects the tags of all pages",
    "material/typeset": "it replaces the titles of pages one after the other",
    "mkdocstrings": "links between pages are known only when all are rendered",
    "monorepo": "it gathers the articles of several projects in a folder of its own",
    "print-site": "it collects all pages into one",
    "rss": "it collects all pages into feeds",
}


def reason_for_care(
    plugins: Mapping[str, Any], events: Mapping[str, Iterable[Any]], hooks: Iterable[str]
) -> str:
    """Return why MkDocs itself must build the site, page after page; "" when it need not.

    A plugin is harmless when it is known, or when it has nothing to do with single pages.
    """
    if names := sorted(hooks):
        return f"hooks ({', '.join(names)}) may do anything to a page"
    busy = {
        id(getattr(method, "__self__", None))
        for name in PAGE_EVENTS
        for method in events.get(name, ())
    }
    risky = [n for n, plugin in plugins.items() if n not in SAFE | REPLACED and id(plugin) in busy]
    return "; ".join(map(_reason, risky))


def are_unconcerned(plugins: Mapping[str, Any], events: Mapping[str, Iterable[Any]]) -> bool:
    """Tell whether what plugins do after a build stays as it is when only texts of pages change."""
    busy = {id(getattr(method, "__self__", None)) for method in events.get("post_build", ())}
    return all(name in UNCONCERNED for name, plugin in plugins.items() if id(plugin) in busy)


def states(plugins: Mapping[str, Any]) -> list[Any]:
    """Return what the safe plugins have read before the first page, on which every page depends."""
    return [
        [name, getattr(plugins[name], STATES[name], None)] for name in STATES if name in plugins
    ]


def _reason(name: str) -> str:
    why = REASONS.get(name.partition(" #")[0])
    return f"plugin {name}: {why}" if why else f"plugin {name} is not known to allow more"
