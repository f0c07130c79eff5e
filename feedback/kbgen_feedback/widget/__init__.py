"""The reader's widget: "was this helpful?", and the way of events to the collector.

A page gets it as one script and one style sheet. Sites that kbgen does not build load `embed.js`
from the collector. Without JavaScript the plain form of `form_html` takes its place.
"""

import json
from collections.abc import Mapping
from functools import cache
from html import escape
from pathlib import Path

from kbgen_feedback.reasons import REASONS
from kbgen_search.browser import scripts, translations

HERE = Path(__file__).parent
SCRIPT_NAMES = (
    "page",
    "redaction",
    "events",
    "queue",
    "sender",
    "post",
    "arrival",
    "view",
    "searches",
    "votes",
    "question",
    "start",
)
SCRIPTS = (
    scripts.COMMON / "dom.js",
    scripts.COMMON / "storage.js",
    *(HERE / "js" / f"{name}.js" for name in SCRIPT_NAMES),
)
EMBED_SCRIPTS = (scripts.COMMON / "dom.js", HERE / "js" / "embed.js")
STYLE = HERE / "css" / "vote.css"
BASE_STYLE = scripts.COMMON / "base.css"
STRINGS = HERE / "strings"


@cache
def files() -> Mapping[str, bytes]:
    """Return the browser files of the widget by name: one script, one style sheet.

    The style sheet builds on the search dialog's, which has the colours and the resets.
    """
    return {
        "kb-widget.js": scripts.join_scripts(SCRIPTS),
        "kb-widget.css": scripts.join_styles([STYLE]),
    }


def embed_files() -> dict[str, bytes]:
    """Return what the collector serves to pages that load the widget with one script tag."""
    texts = {
        f"kb-strings-{locale}.js": scripts.strings_script(locale, {"widget": strings(locale)})
        for locale in locales()
    }
    style = {"kb-widget.css": scripts.join_styles([BASE_STYLE, STYLE])}
    return {"embed.js": _embed_script(), **files(), **style, **texts}


def locales() -> tuple[str, ...]:
    """Return the locales that the widget has texts in."""
    return translations.locales(STRINGS)


def strings(locale: str) -> dict[str, str]:
    """Return the widget's texts in `locale`, else in its language, else in English."""
    return translations.strings(STRINGS, locale)


def form_html(page: str, revision: str, locale: str, collector: str) -> str:
    """Return the vote as a plain form for readers without JavaScript; the script replaces it.

    Args:
        page: the article's id.
        revision: the hash of its text.
        locale: BCP 47 tag of the page.
        collector: the collector's address; the form is posted to its `/v1/vote-form`.
    """
    texts = {key: escape(value) for key, value in strings(locale).items()}
    hidden = "".join(
        f'<input type="hidden" name="{name}" value="{escape(value)}">'
        for name, value in (("page", page), ("revision", revision), ("locale", locale))
    )
    action = escape(f"{collector.rstrip('/')}/v1/vote-form")
    return (
        f'<form class="kb kb-form" method="post" action="{action}"'
        f' aria-label="{texts["feedback"]}">{hidden}'
        f'<fieldset class="kb-ask"><legend>{texts["question"]}</legend>'
        f"{_submit('yes', texts['yes'])}{_submit('no', texts['no'])}</fieldset>"
        f'<details class="kb-more"><summary>{texts["why"]}</summary>'
        f'<div class="kb-why">{_reasons(texts)}{_submit("no", texts["send"])}</div></details>'
        f'<p class="kb-leave" aria-hidden="true"><label>{texts["leave_empty"]} '
        '<input name="website" tabindex="-1" autocomplete="off"></label></p></form>'
    )


def _submit(value: str, label: str) -> str:
    return f'<button class="kb-button" name="value" value="{value}">{label}</button>'


def _reasons(texts: dict[str, str]) -> str:
    boxes = "".join(
        f'<label class="kb-reason"><input type="checkbox" name="reasons" value="{reason}">'
        f"<span>{texts[reason]}</span></label>"
        for reason in REASONS
    )
    return (
        f"<fieldset><legend>{texts['why']}</legend>{boxes}</fieldset>"
        f"<label>{texts['comment']}"
        '<textarea name="comment" rows="3" maxlength="1000" dir="auto"></textarea></label>'
        f'<p class="kb-hint">{texts["hint"]}</p>'
    )


def _embed_script() -> bytes:
    known = f"(window.kb=window.kb||{{}}).locales={json.dumps(locales())};\n".encode()
    return known + scripts.join_scripts(EMBED_SCRIPTS)
