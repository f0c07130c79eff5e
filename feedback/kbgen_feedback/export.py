"""Flags for other tools: spreadsheets, issue trackers, search tests. What readers typed is data."""

import csv
import io
import re
from collections.abc import Iterable, Mapping
from typing import Any

from kbgen_feedback import wording

Row = Mapping[str, Any]

_FORMULA = re.compile(r"(^|[;,|])(\s*)([=+\-@＝＋－＠])")
_MARKUP = re.compile(r"([\\`*_{}\[\]<>()#+!|~&])")
COLUMNS = (
    "id",
    "kind",
    "page",
    "locale",
    "state",
    "tier",
    "confidence",
    "n",
    "wasted_visits_per_week",
    "needs_more",
    "owner",
    "since",
    "queries",
    "subject",
)


def as_csv(flags: Iterable[Row]) -> str:
    """Return the flags as CSV in which no cell is a formula (OWASP, CSV injection).

    Nor is what becomes a cell for a program that parts them at semicolons, as many locales do.
    """
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(COLUMNS)
    for flag in flags:
        writer.writerow([_cell(flag[name]) for name in COLUMNS])
    return file.getvalue()


def _cell(value: Any) -> str:
    text = "; ".join(value) if isinstance(value, list) else "" if value is None else str(value)
    line = re.sub(r"[\t\r\n]+", " ", text)
    return _FORMULA.sub(r"\1\2'\3", line) if isinstance(value, str | list) else text


def as_markdown(flags: Iterable[Row]) -> str:
    """Return the flags as a Markdown list in which nothing a reader typed is markup."""
    return "".join(f"{_item(flag)}\n" for flag in flags)


def _item(flag: Row) -> str:
    name = plain(flag["page"] or flag["subject"] or "(rare queries)")
    typed = ", ".join(f"“{plain(q)}”" for q in flag["queries"][:5])
    said = wording.sentence(flag["kind"], flag["evidence"])
    return (
        f"- **{wording.KINDS[flag['kind']]}: {name}** ({wording.confidence(flag['confidence'])}). "
        f"{said}" + (f" They typed {typed}." if typed else "") + f" `{flag['id']}`"
    )


def plain(text: str) -> str:
    """Return a text that Markdown and Slack show as it is, mentions and links included."""
    line = " ".join(text.split())
    return _MARKUP.sub(r"\\\1", line).replace("@", "@\u200b").replace("://", ":\u200b//")


def as_search_tests(flags: Iterable[Row], answers: Mapping[str, str], top: int) -> str:
    """Return the failed queries of flags as search tests that later builds must pass.

    `answers` names the article that fills a gap, by the flag's id.
    """
    import yaml  # of all that lists flags, only this needs it

    tests = []
    for flag in flags:
        page = flag["page"] or answers.get(flag["id"], "")
        if page and flag["kind"] in {"hard_to_find", "content_gap"}:
            tests += [_test(q, page, flag["locale"], top) for q in flag["queries"]]
    return yaml.safe_dump(tests, allow_unicode=True, sort_keys=False) if tests else ""


def _test(query: str, page: str, locale: str, top: int) -> dict[str, Any]:
    test: dict[str, Any] = {"query": query, "page": page, "top": top}
    return test | ({"locale": locale} if locale else {})
