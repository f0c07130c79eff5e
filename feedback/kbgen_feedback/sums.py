"""Bring the daily sums up to date: by what is new, or where that is much, a day as a whole."""

import gc
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from functools import cache, partial
from multiprocessing import get_context

from sqlalchemy import func, select

from kbgen_feedback import daysums
from kbgen_feedback.acts import Words
from kbgen_feedback.additions import bring_on
from kbgen_feedback.daysums import Basis, Stale
from kbgen_feedback.settings import Rules
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import DAY_MS
from kbgen_search.orphans import end_with_parent

MANY_EVENTS = 300_000  # to sum at once: from here on other processes are worth their start
MOST_WORKERS = 4


def stale_days(store: Store) -> list[Stale]:
    """Return the days whose sums are behind, or may be, the oldest first."""
    days = schema.days.c
    behind = (days.version > days.summed) | (days.near > days.summed)
    query = select(*(days[name] for name in Stale._fields)).where(behind, days.purged == 0)
    with store.read() as connection:
        rows = connection.execute(query.where(days.site == store.site).order_by(days.day))
        return [Stale(*row) for row in rows]


def bring_up_to_date(store: Store, rules: Rules) -> list[int]:
    """Bring the sums of every day that is behind up to date; return which got events."""
    basis, stale = Basis(article_words(store), rules), stale_days(store)
    left = [one for one in stale if not bring_on(store, one, basis)]
    if len(left) > 1 and _is_much(store, left):
        with suppress(BrokenProcessPool):  # what is left then is done below
            _sum_elsewhere(store, left, basis)
        still = {one.day for one in stale_days(store)}
        left = [one for one in left if one.day in still]
    for one in left:
        sum_day(store, basis, one.day)
    return [one.day for one in stale if one.version > one.summed]


def sum_day(store: Store, basis: Basis, day: int) -> None:
    """Make the sums of one day anew, as a whole."""
    daysums.write(store, day, daysums.sums_of(store, day, basis), basis)


def _is_much(store: Store, stale: Sequence[Stale]) -> bool:
    """Return whether these days have so many events that several processes should share them."""
    days = [one.day for one in stale]
    e = schema.events.c
    mine = (e.site == store.site) & (e.at >= min(days) * DAY_MS) & (e.at < (max(days) + 1) * DAY_MS)
    with store.read() as connection:
        some = select(e.at).where(mine).limit(MANY_EVENTS).subquery()
        return connection.scalar(select(func.count()).select_from(some)) == MANY_EVENTS


def _sum_elsewhere(store: Store, stale: Sequence[Stale], basis: Basis) -> None:
    """Do `sum_day` in other processes, on connections of their own."""
    url = store.engine.url.render_as_string(hide_password=False)
    work = partial(_sum_here, url, store.site, basis)
    workers = min(MOST_WORKERS, os.cpu_count() or 1)
    context = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=context, initializer=_begin) as pool:
        for _ in pool.map(work, [one.day for one in stale]):
            pass


def _begin() -> None:
    gc.disable()  # they make no circles of references, and are gone soon
    end_with_parent()


def _sum_here(url: str, site: str, basis: Basis, day: int) -> None:
    sum_day(_own_store(url, site), basis, day)


@cache
def _own_store(url: str, site: str) -> Store:
    return open_store(url, site)


def article_words(store: Store) -> Words:
    """Return the length in words of each article."""
    query = select(schema.articles.c.page, schema.articles.c.words)
    with store.read() as connection:
        rows = connection.execute(query.where(schema.articles.c.site == store.site))
        return {row.page: row.words for row in rows}
