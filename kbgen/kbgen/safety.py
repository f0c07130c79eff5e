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
# Plugins whose work on a page depends on nothing but that page, its settings and files it opens.
REPLACED = frozenset({"search", "material/search", "offline", "material/offline"})
SAFE = frozenset(
    {
        "kbgen",
        "material/group",
        "material/info",
    }
)


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
    if risky:
        return f"{_named(risky)} not known to be safe when pages are rendered side by side"
    return ""


def _named(names: list[str]) -> str:
    verb = "plugin {} is" if len(names) == 1 else "plugins {} are"
    return verb.format(", ".join(names))
