"""The templates of a site: Material's, and the site's own, which lie over them."""

import re
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig

from kbgen import fingerprints, mkdocs_bridge

# What a template can look at to show something of other pages, or of the time of the build.
_AROUND = re.compile(
    r"\b(pages|nav|previous_page|next_page|parent|children|ancestors|build_date_utc|files)\b"
)


def own_files(config: MkDocsConfig) -> list[tuple[str, bytes]]:
    """Return paths and hashes of the files in the site's own theme folder."""
    return fingerprints.contents(_own_folders(config))


def look_around(config: MkDocsConfig) -> bool:
    """Tell whether a page may show something of other pages than its neighbours and parents.

    True for themes other than Material, whose templates are not known.
    """
    if not mkdocs_bridge.is_material(config):
        return True
    templates = (p for folder in _own_folders(config) for p in folder.rglob("*.html"))
    return any(_AROUND.search(path.read_text("utf-8", "replace")) for path in templates)


def _own_folders(config: MkDocsConfig) -> list[Path]:
    return [Path(config.theme.custom_dir)] if config.theme.custom_dir else []
