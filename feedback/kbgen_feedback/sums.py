"""Daily sums: made again for a day whenever the day got new events, in the database where it can.

Views, addresses and activity are summed by SQL; only the acts of readers who searched travel to
Python, where `sessions` judges them. A visit belongs to the day on which it began.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import blake2b
from itertools import groupby
from multiprocessing import get_context
from operator import itemgetter
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, case, delete, func, literal, select

from kbgen_feedback.sessions import Act, Episode, episodes, visits
from kbgen_feedback.settings import Rules
from kbgen_feedback.similarity import folded
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import DAY_MS, WINDOW_MS, day_of

MANY_EVENTS = 300_000  # to sum at once: from here on other processes are worth their start
MOST_WORKERS = 4
MOST_READERS = 50  # marks of readers kept for one query of a day: more would tell nothing new

Words = dict[str, int]


def stale_days(store: Store) -> list[tuple[int, int]]:
    """Return (day, version) of the days whose sums are behind, the oldest first."""
    days = schema.days.c
    query = select(days.day, days.version).where(
        days.site == store.site, days.version != days.summed, days.purged == 0
    )
    with store.read() as connection:
        return [(row.day, row.version) for row in connection.execute(query.order_by(days.day))]


def bring_up_to_date(store: Store, rules: Rules) -> int:
    """Make the sums of every day that is behind; return how many days there were."""
    stale = stale_days(store)
    words = article_words(store) if stale else {}
    for (day, version), found in zip(stale, _all_found(store, stale, words, rules), strict=True):
        write_sums(store, day, version, found, rules)
    return len(stale)


def _all_found(
    store: Store, stale: Sequence[tuple[int, int]], words: Words, rules: Rules
) -> Iterator["Found"]:
    """Give what the sessions of each day tell; from several processes when there is much to do."""
    days = [day for day, _ in stale]
    if len(days) < 2 or _events_of(store, days) < MANY_EVENTS:
        yield from (found_on(store, day, words, rules) for day in days)
        return
    url = store.engine.url.render_as_string(hide_password=False)
    work = partial(_found_elsewhere, url, store.site, words, rules)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        yield from pool.map(work, days)


def _events_of(store: Store, days: Sequence[int]) -> int:
    """Return about how many events these days have."""
    e = schema.events.c
    mine = (e.site == store.site) & (e.at >= min(days) * DAY_MS) & (e.at < (max(days) + 1) * DAY_MS)
    with store.read() as connection:
        some = select(e.at).where(mine).limit(MANY_EVENTS).subquery()
        return connection.scalar(select(func.count()).select_from(some)) or 0


def _found_elsewhere(url: str, site: str, words: Words, rules: Rules, day: int) -> "Found":
    """Do `found_on` in another process, on a connection of its own."""
    store = _own_store(url, site)
    return found_on(store, day, words, rules)


@cache
def _own_store(url: str, site: str) -> Store:
    return open_store(url, site)


def article_words(store: Store) -> Words:
    """Return the length in words of each article."""
    query = select(schema.articles.c.page, schema.articles.c.words)
    with store.read() as connection:
        rows = connection.execute(query.where(schema.articles.c.site == store.site))
        return {row.page: row.words for row in rows}


def found_on(store: Store, day: int, words: Words, rules: Rules) -> "Found":
    """Return what the sessions of one day tell."""
    found = Found()
    with store.read() as connection:
        for reader, acts in reader_acts(connection, store.site, day, words):
            found.add_reader(reader, day, acts, rules)
    return found


def write_sums(store: Store, day: int, version: int, found: "Found", rules: Rules) -> None:
    """Make the sums of one day anew, in one transaction.

    `version` is the day's as read before its events: when more came in between, the day stays
    behind and is summed again.
    """
    with store.write() as connection:
        for table in schema.SUMS:
            connection.execute(delete(table).where(table.c.site == store.site, table.c.day == day))
        for table, query in sql_sums(store.site, day, rules):
            names = list(query.selected_columns.keys())
            connection.execute(table.insert().from_select(names, query))
        for table, rows in ((schema.searches, found.searches), (schema.finds, found.finds)):
            if rows:
                connection.execute(table.insert(), _rows(store.site, day, rows))
        days = schema.days.c
        mine = (days.site == store.site) & (days.day == day)
        connection.execute(schema.days.update().where(mine).values(summed=version))


def sql_sums(site: str, day: int, rules: Rules) -> Iterator[tuple[Any, Select[Any]]]:
    """Give each table that SQL alone can sum, and the query that does it."""
    e = schema.events.c
    mine = (e.site == site) & (e.at >= day * DAY_MS) & (e.at < (day + 1) * DAY_MS)
    key = (literal(site).label("site"), literal(day).label("day"))
    hour = ((e.at % DAY_MS) // 3_600_000).label("hour")
    n = func.count().label("n")
    yield (
        schema.activity,
        select(*key, hour, e.type, e.locale, e.held, n)
        .where(mine)
        .group_by(hour, e.type, e.locale, e.held),
    )
    dwell = (
        func.count(e.dwell_ms).label("dwell_n"),
        func.coalesce(func.sum(e.dwell_ms), 0).label("dwell_ms"),
    )
    yield (
        schema.views,
        select(*key, e.page, e.locale, e.revision, e.source, n, *dwell)
        .where(mine, e.type == "view", e.held == "")
        .group_by(e.page, e.locale, e.revision, e.source),
    )
    who = case((e.reader != "", e.reader), else_=e.visit)
    missing = mine & (e.type == "notfound") & (e.held == "")
    scanners = (
        select(who)
        .where(missing)
        .group_by(who)
        .having(func.count(e.page.distinct()) >= rules.scanner_addresses)
    )
    yield (
        schema.notfound,
        select(*key, e.page.label("path"), n, func.count(who.distinct()).label("readers"))
        .where(missing, who.not_in(scanners))
        .group_by(e.page),
    )


def reader_acts(
    connection: Connection, site: str, day: int, words: Words
) -> Iterator[tuple[str, list[Act]]]:
    """Give each reader who searched around a day, with all their acts in order of time."""
    e = schema.events.c
    near = (
        (e.site == site)
        & (e.held == "")
        & (e.at >= day * DAY_MS - WINDOW_MS)
        & (e.at < (day + 1) * DAY_MS + WINDOW_MS)
    )
    who = case((e.reader != "", e.reader), else_=e.visit)
    searched = select(who).where(near, e.type == "search")
    query = (
        select(who.label("who"), e.at, e.type, e.page, e.locale, e.source, e.dwell_ms, e.body)
        .where(near, who.in_(searched))
        .order_by(who, e.at)
    )
    rows = connection.execution_options(yield_per=5000).execute(query)
    for reader, group in groupby(rows, key=itemgetter(0)):
        yield reader, [act_of(tuple(row), words) for row in group]


class _Body(msgspec.Struct):
    """What the acts need of an event's other fields."""

    q: str = ""
    results: int | None = None
    shown: tuple[str, ...] | None = None
    clicked: list[dict[str, Any]] | None = None
    previewed: bool | list[str] = False
    printed: bool = False
    copied: bool = False
    value: str = ""
    reasons: tuple[str, ...] = ()


_body = msgspec.json.Decoder(_Body)
_EMPTY = _Body()


def act_of(row: tuple[Any, ...], words: Words) -> Act:
    """Return the act that a row of the events table records."""
    _, at, kind, page, locale, source, dwell_ms, text = row
    body = _body.decode(text) if text else _EMPTY
    clicked = body.clicked
    return Act(
        at,
        kind,
        page,
        locale,
        source,
        dwell_ms,
        body.printed or body.copied,
        body.q,
        body.results,
        body.shown,
        None if clicked is None else tuple(one["page"] for one in clicked),
        bool(body.previewed),
        body.value,
        "hard_to_find" in body.reasons,
        words.get(page, 0),
    )


Tally = dict[str, Any]


def _search_tally() -> Tally:
    names = ("n", "satisfied", "judged", "no_result", "contact", "reformulated", "quick_return")
    return dict.fromkeys((*names, "no_click", "open_n"), 0) | {
        "weight": 0.0,
        "open_weight": 0.0,
        "readers": set(),
        "open_readers": set(),
    }


def _find_tally() -> Tally:
    names = ("trials", "misses", "said", "clicks", "bounces")
    return {**dict.fromkeys(names, 0), "readers": set()}


@dataclass
class Found:
    """The sums of a day that need sessions."""

    searches: dict[tuple[str, ...], Tally] = field(
        default_factory=partial(defaultdict, _search_tally)
    )
    finds: dict[tuple[str, ...], Tally] = field(default_factory=partial(defaultdict, _find_tally))

    def add_reader(self, reader: str, day: int, acts: Sequence[Act], rules: Rules) -> None:
        """Add what one reader did in the visits that began on the day."""
        mark = blake2b(f"{day}\n{reader}".encode(), digest_size=4).hexdigest()
        for visit in visits(acts, rules):
            if day_of(visit[0].at) == day:
                for episode in episodes(visit, rules):
                    self.add_episode(episode, mark)

    def add_episode(self, episode: Episode, mark: str) -> None:
        """Add one search episode."""
        locale = episode.queries[0].act.locale
        for query in episode.queries:
            tally = self.searches[folded(query.act.q), locale]
            tally["n"] += 1
            tally["readers"].add(mark)
            tally["satisfied"] += bool(episode.ended)
            tally["judged"] += query.failed is not None
            tally["weight"] += query.weight
            if query.failed:
                tally[query.failed] += 1
            if query.weight and not episode.ended:
                tally["open_weight"] += query.weight
                tally["open_n"] += 1
                tally["open_readers"].add(mark)
            self._add_clicks(query.opened, folded(query.act.q), locale)
        self._add_trial(episode, locale, mark)

    def _add_clicks(self, opened: Iterable[Any], q: str, locale: str) -> None:
        for one in opened:
            tally = self.finds[one.page, locale, q]
            tally["clicks"] += 1
            tally["bounces"] += one.satisfied is False

    def _add_trial(self, episode: Episode, locale: str, mark: str) -> None:
        """Count an episode under its first query; its reader, under all of them."""
        if not episode.ended:
            return
        queries = [folded(query.act.q) for query in episode.queries]
        first = self.finds[episode.ended, locale, queries[0]]
        first["trials"] += 1
        first["misses"] += episode.missed
        first["said"] += episode.said
        for q in queries:
            self.finds[episode.ended, locale, q]["readers"].add(mark)


_KEYS = {2: ("q", "locale"), 3: ("page", "locale", "q")}


def _rows(site: str, day: int, tallies: dict[tuple[str, ...], Tally]) -> list[Tally]:
    rows = []
    for key, tally in tallies.items():
        row = {"site": site, "day": day, **dict(zip(_KEYS[len(key)], key, strict=True)), **tally}
        row["readers"] = len(tally["readers"])
        if "open_readers" in row:
            row["open_readers"] = ",".join(sorted(tally["open_readers"])[:MOST_READERS])
        rows.append(row)
    return rows
