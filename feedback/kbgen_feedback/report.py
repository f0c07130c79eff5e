"""A few numbers on how the knowledge base serves its readers, week by week."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, case, func, select

from kbgen_feedback import surges
from kbgen_feedback.listing import day_name
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, stream
from kbgen_feedback.store.record import DAY_MS
from kbgen_feedback.surges import Surge
from kbgen_feedback.wording import usually

WEEK = 7
MOST = 10  # queries in each list
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_THURSDAY = 3  # the first of January 1970


@dataclass
class Week:
    """One week's counts; `found` of `judged` searches ended on an article that satisfied."""

    starts: str
    views: int = 0
    searches: int = 0
    judged: int = 0
    found: int = 0
    nothing: int = 0
    yes: int = 0
    no: int = 0

    @property
    def success(self) -> float | None:
        """The share of searches that ended well; None without searches that can be judged."""
        return self.found / self.judged if self.judged else None

    @property
    def helpful(self) -> float | None:
        """The share of yes among the votes; None without votes."""
        return self.yes / (self.yes + self.no) if self.yes + self.no else None

    def shown(self) -> dict[str, Any]:
        """Return the week as JSON."""
        shares = {"search_success": _share(self.success), "helpful": _share(self.helpful)}
        return {**self.__dict__, **shares}


@dataclass
class Report:
    """The weeks, the oldest first; the same by locale; busiest hours; the largest gaps; what is
    suddenly asked far more than usual.
    """

    as_of: str
    weeks: list[Week]
    locales: dict[str, Week] = field(default_factory=dict)
    busiest: list[tuple[str, int]] = field(default_factory=list)
    gaps: list[tuple[str, int]] = field(default_factory=list)
    surges: list[Surge] = field(default_factory=list)

    def shown(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return {
            "as_of": self.as_of,
            "weeks": [week.shown() for week in self.weeks],
            "locales": {locale: week.shown() for locale, week in self.locales.items()},
            "busiest_hours": [{"hour": hour, "events": n} for hour, n in self.busiest],
            "gaps": [{"query": q, "failed_searches": n} for q, n in self.gaps],
            "surges": [
                {"query": q, "locale": locale, "readers": n, "usual": round(usual, 1)}
                for q, locale, n, usual in self.surges
            ],
        }


def _share(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def make(store: Store, today: int, weeks: int, rules: Rules) -> Report:
    """Return the report of the last weeks, up to and with the day `today`.

    Args:
        store: whose sums are up to date.
        today: days since 1970.
        weeks: how many.
        rules: how many reader-days a query needs to be shown, and what is far more than usual.
    """
    first = today - weeks * WEEK + 1
    report = Report(day_name(today), [Week(day_name(first + i * WEEK)) for i in range(weeks)])
    with store.read() as connection:
        _add_views(connection, store.site, first, today, report)
        _add_searches(connection, store.site, first, today, report)
        _add_votes(connection, store.site, first, today, report)
        report.busiest = _busiest(connection, store.site, first, today)
        report.gaps = _gaps(connection, store.site, first, today, rules.query_reader_days)
    report.surges = sudden(store, today, rules)
    return report


def sudden(store: Store, today: int, rules: Rules) -> list[Surge]:
    """Return what readers ask far more than usual on the day `today` and the one before it."""
    s, since = schema.searches.c, today - surges.LATE + 1
    late = func.sum(case((s.day >= since, s.readers), else_=0))
    which = _between(schema.searches, store.site, since - surges.BEFORE, today) & (s.q != "")
    query = select(s.q, s.locale, late, func.sum(s.readers) - late).where(which)
    with store.read() as connection:
        rows = stream(connection, query.group_by(s.q, s.locale))
        return surges.surges((surges.Row(q, at, int(n), int(m)) for q, at, n, m in rows), rules)[
            :MOST
        ]


def _of(report: Report, first: int, day: int, locale: str) -> tuple[Week, Week]:
    """Return the week of a day, and the whole time of its locale."""
    whole = report.locales.setdefault(locale or "unknown", Week(report.weeks[0].starts))
    return report.weeks[(day - first) // WEEK], whole


def _between(table: Table, site: str, first: int, last: int) -> ColumnElement[bool]:
    return (table.c.site == site) & (table.c.day >= first) & (table.c.day <= last)


def _add_views(connection: Connection, site: str, first: int, last: int, report: Report) -> None:
    v = schema.views.c
    which = _between(schema.views, site, first, last)
    query = select(v.day, v.locale, func.sum(v.n)).where(which).group_by(v.day, v.locale)
    for day, locale, n in connection.execute(query):
        for week in _of(report, first, day, locale):
            week.views += int(n)


def _add_searches(connection: Connection, site: str, first: int, last: int, report: Report) -> None:
    s = schema.searches.c
    sums = [func.sum(one) for one in (s.n, s.judged, s.satisfied, s.no_result)]
    which = _between(schema.searches, site, first, last)
    query = select(s.day, s.locale, *sums).where(which).group_by(s.day, s.locale)
    for day, locale, n, judged, found, nothing in connection.execute(query):
        for week in _of(report, first, day, locale):
            week.searches += int(n)
            week.judged += int(judged)
            week.found += int(found)
            week.nothing += int(nothing)


def _add_votes(connection: Connection, site: str, first: int, last: int, report: Report) -> None:
    v = schema.votes.c
    day = (v.at // DAY_MS).label("day")
    query = (
        select(day, v.locale, v.value, func.count())
        .where(v.site == site, v.held == "", v.at >= first * DAY_MS, v.at < (last + 1) * DAY_MS)
        .group_by(day, v.locale, v.value)
    )
    for on, locale, value, n in connection.execute(query):
        for week in _of(report, first, on, locale):
            week.yes += n if value == "yes" else 0
            week.no += n if value == "no" else 0


def _busiest(connection: Connection, site: str, first: int, last: int) -> list[tuple[str, int]]:
    """Return the three hours of the week (UTC) with most views and searches."""
    a = schema.activity.c
    which = _between(schema.activity, site, first, last)
    query = (
        select(a.day, a.hour, func.sum(a.n))
        .where(which, a.held == "", a.type.in_(("view", "search")))
        .group_by(a.day, a.hour)
        .order_by(a.day, a.hour)
    )
    hours: Counter[str] = Counter()
    for day, hour, n in connection.execute(query):
        hours[f"{_DAYS[(day + _THURSDAY) % WEEK]} {hour:02}:00"] += int(n)
    return hours.most_common(3)


def _gaps(
    connection: Connection, site: str, first: int, last: int, shared: int
) -> list[tuple[str, int]]:
    """Return the queries that failed most, of those that enough reader-days share."""
    s = schema.searches.c
    which = _between(schema.searches, site, first, last)
    query = (
        select(s.q, func.sum(s.open_n).label("n"))
        .where(which, s.q != "", s.open_n > 0)
        .group_by(s.q)
        .having(func.sum(s.readers) >= shared)
        .order_by(func.sum(s.open_n).desc(), s.q)
        .limit(MOST)
    )
    return [(q, int(n)) for q, n in connection.execute(query)]


def percent(value: float | None) -> str:
    """Return a share as it is read, a dash when there is no data."""
    return "–" if value is None else f"{value * 100:.0f} %"


_HEAD = ("week from", "views", "searches", "found it", "no result", "votes", "helpful")


def _cells(name: str, week: Week) -> tuple[str, ...]:
    return (
        name,
        f"{week.views:,}",
        f"{week.searches:,}",
        percent(week.success),
        f"{week.nothing:,}",
        f"{week.yes + week.no:,}",
        percent(week.helpful),
    )


def text(report: Report) -> str:
    """Return the report for a terminal."""
    rows = [_HEAD, *(_cells(week.starts, week) for week in report.weeks)]
    rows += [_cells(locale, week) for locale, week in sorted(report.locales.items())]
    widths = [max(len(row[i]) for row in rows) for i in range(len(_HEAD))]
    lines = [
        "  ".join(
            cell.ljust(width) if i == 0 else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    ]
    lines.insert(len(report.weeks) + 1, "")
    busiest = ", ".join(hour for hour, _ in report.busiest)
    lines += ["", f"Busiest hours (UTC): {busiest}"] if busiest else []
    lines += ["", "Suddenly asked far more than usual:"] if report.surges else []
    lines += [f"  {one.readers:>5}  {one.q}  ({usually(one.usual)})" for one in report.surges]
    lines += ["", "Not found most often:"] if report.gaps else []
    return "\n".join([*lines, *(f"  {n:>5}  {q}" for q, n in report.gaps)])


_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:52rem;margin:2rem auto;padding:0 1rem;"
    "color:#1d2430;background:#fff}table{border-collapse:collapse;width:100%}th,td{text-align:end;"
    "padding:.35rem .6rem;border-bottom:1px solid #dde1e8;font-variant-numeric:tabular-nums}"
    "th:first-child,td:first-child{text-align:start}th:first-child{min-width:2.8rem}"
    "td:first-child{overflow-wrap:anywhere}small{color:#596273}"
    "@media(max-width:40rem){body{padding:0 .5rem}table{font-size:.75rem}"
    "th,td{padding:.35rem .2rem}}"
    "@media(prefers-color-scheme:dark){body{color:#e6e9ef;background:#14181f}"
    "th,td{border-color:#333b48}small{color:#a3acbb}}"
)
_EXPLAINED = (
    "“Found it” is the share of searches after which the reader stayed on an article, voted yes, "
    "printed it or copied from it; searches whose outcome nothing tells are left out. “Helpful” is "
    "the share of yes among the votes. Bots and votes held back are not counted."
)


def html(report: Report, title: str) -> str:
    """Return the report as a page of its own, without scripts."""
    weeks = _table(_HEAD, [_cells(week.starts, week) for week in report.weeks])
    head = ("language", *_HEAD[1:])
    locales = _table(head, [_cells(key, week) for key, week in sorted(report.locales.items())])
    gaps = _table(("failed query", "searches"), [(q, str(n)) for q, n in report.gaps])
    rows = [(one.q, str(one.readers), usually(one.usual)) for one in report.surges]
    surging = _table(("query", "readers in two days", ""), rows)
    hours = ", ".join(escape(hour) for hour, _ in report.busiest) or "no events"
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head><body>'
        f"<h1>{escape(title)}</h1><p><small>Up to {report.as_of}. {_EXPLAINED}</small></p>{weeks}"
        f"<h2>By language</h2>{locales}<h2>Suddenly asked far more than usual</h2>{surging}"
        f"<h2>Not found most often</h2>{gaps}"
        f"<h2>Busiest hours (UTC)</h2><p>{hours}</p></body></html>\n"
    )


def _table(head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> str:
    if not rows:
        return "<p>Nothing.</p>"
    top = "".join(f'<th scope="col">{escape(cell)}</th>' for cell in head)
    body = "".join(
        "<tr>" + "".join(f'<td dir="auto">{escape(cell)}</td>' for cell in row) + "</tr>"
        for row in rows
    )
    return f"<table><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
