"""The only package that knows MkDocs' and Material's insides: what an heir would replace."""

from kbgen.mkdocs_bridge.discovery import discover
from kbgen.mkdocs_bridge.menus import add_navigation, area_of, navigation_state, outline, page_facts
from kbgen.mkdocs_bridge.pages import (
    NO_TOC,
    anchor_links,
    finished_page,
    populate,
    restore,
    theme_pages,
    title_from_render,
    title_in_navigation,
    toc_facts,
)
from kbgen.mkdocs_bridge.plugins import (
    builds_translations,
    drop_plugins,
    theme_language,
    whole_build,
)
from kbgen.mkdocs_bridge.sources import (
    documentation_pages,
    is_fallback,
    keep_audience,
    locale_of_file,
    name_of,
    note_lookups,
    reread,
    set_source,
    shown_source,
    static_files,
    target_of,
    undecodable_line,
)
from kbgen.mkdocs_bridge.theme import (
    add_theme,
    drop_instant_loading,
    drop_unused_assets,
    is_material,
    use_system_fonts,
)
from kbgen.mkdocs_bridge.warnings import Locator, check_anchors

__all__ = [
    "NO_TOC",
    "Locator",
    "add_navigation",
    "add_theme",
    "anchor_links",
    "area_of",
    "builds_translations",
    "check_anchors",
    "discover",
    "documentation_pages",
    "drop_instant_loading",
    "drop_plugins",
    "drop_unused_assets",
    "finished_page",
    "is_fallback",
    "is_material",
    "keep_audience",
    "locale_of_file",
    "name_of",
    "navigation_state",
    "note_lookups",
    "outline",
    "page_facts",
    "populate",
    "reread",
    "restore",
    "set_source",
    "shown_source",
    "static_files",
    "target_of",
    "theme_language",
    "theme_pages",
    "title_from_render",
    "title_in_navigation",
    "toc_facts",
    "undecodable_line",
    "use_system_fonts",
    "whole_build",
]
