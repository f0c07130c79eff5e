"""The search dialog: its script, its style sheet and its texts.

The dialog calls `kb.search` and says what the reader does as events on the document
(`kb:search`, `kb:click`, `kb:preview`, `kb:wanted`, `kb:contact`); it sends nothing itself.
"""

from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from kbgen_search.browser import scripts, translations

HERE = Path(__file__).parent
SCRIPT_NAMES = (
    "page",
    "address",
    "spans",
    "recent",
    "contact",
    "settle",
    "opened",
    "marks",
    "reveal",
    "results",
    "filters",
    "notes",
    "nothing",
    "answer",
    "options",
    "dialog",
    "button",
    "notfound",
    "scrolling",
    "start",
)
SCRIPTS = (
    scripts.COMMON / "dom.js",
    scripts.COMMON / "storage.js",
    *(HERE / "js" / f"{name}.js" for name in SCRIPT_NAMES),
)
STYLES = (
    scripts.COMMON / "base.css",
    *(HERE / "css" / f"{name}.css" for name in ("button", "dialog", "results")),
)
STRINGS = HERE / "strings"


@cache
def files() -> Mapping[str, bytes]:
    """Return the browser files of the dialog by name: one script, one style sheet."""
    return {
        "kb-dialog.js": scripts.join_scripts(SCRIPTS),
        "kb-dialog.css": scripts.join_styles(STYLES),
    }


def locales() -> tuple[str, ...]:
    """Return the locales that the dialog has texts in."""
    return translations.locales(STRINGS)


def strings(locale: str) -> dict[str, str]:
    """Return the dialog's texts in `locale`, else in its language, else in English."""
    return translations.strings(STRINGS, locale)


def button_html(locale: str) -> str:
    """Return the button that opens the dialog, to stand in a page's header from the start."""
    label = escape(strings(locale)["search"])
    return (
        '<button type="button" class="kb-open" aria-haspopup="dialog" '
        'aria-keyshortcuts="Control+K Meta+K /"><span class="kb-icon" aria-hidden="true"></span>'
        f'<span class="kb-open-text">{label}</span><kbd class="kb-key" aria-hidden="true"></kbd>'
        "</button>"
    )
