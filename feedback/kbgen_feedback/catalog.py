"""The articles and their revisions as the store remembers them, from build to build."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select

from kbgen_feedback import memory
from kbgen_feedback.manifest import Article, Manifest, changed_share
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store

Latest = Mapping[tuple[str, str], Row[Any]]


def register(store: Store, manifest: Manifest, now: int) -> int:
    """Remember a build's articles; return how many revisions are new.

    A new revision is kept with the share of the text that it changes, so that the evidence of
    the older ones can be discounted.
    """
    with store.write() as connection:
        memory.changed(store, connection)
        known = select(schema.revisions).where(schema.revisions.c.site == store.site)
        rows = connection.execute(known.order_by(schema.revisions.c.at)).all()
        latest = {(row.page, row.locale): row for row in rows}
        seen = {(row.page, row.locale, row.revision) for row in rows}
        new = [
            _revision(store, article, latest, now)
            for article in manifest.articles.values()
            if (article.id, article.locale, article.revision) not in seen
        ]
        if new:
            connection.execute(store.insert(schema.revisions).on_conflict_do_nothing(), new)
        connection.execute(delete(schema.articles).where(schema.articles.c.site == store.site))
        rows_now = [_article(store, article) for article in manifest.articles.values()]
        if rows_now:
            connection.execute(store.replace(schema.articles), rows_now)
    return len(new)


def learn(store: Store, manifest: Manifest, now: int) -> None:
    """Register a build unless it is the one that the store knows."""
    known = [dict(row._mapping) for row in articles(store)]
    told = [_article(store, article) for article in manifest.articles.values()]
    if sorted(known, key=_key) != sorted(told, key=_key):
        register(store, manifest, now)


def _key(row: Mapping[str, Any]) -> tuple[str, str]:
    return row["page"], row["locale"]


def revisions(store: Store) -> dict[str, frozenset[str]]:
    """Return every revision that any build had, by page."""
    query = select(schema.revisions.c.page, schema.revisions.c.revision)
    found: defaultdict[str, set[str]] = defaultdict(set)
    with store.read() as connection:
        for page, revision in connection.execute(
            query.where(schema.revisions.c.site == store.site)
        ):
            found[page].add(revision)
    return {page: frozenset(names) for page, names in found.items()}


def articles(store: Store) -> Sequence[Row[Any]]:
    """Return the articles of the newest build the store was told of."""
    mine = schema.articles.c.site == store.site
    with store.read() as connection:
        return connection.execute(select(schema.articles).where(mine)).all()


def _revision(store: Store, article: Article, latest: Latest, now: int) -> dict[str, Any]:
    before = latest.get((article.id, article.locale))
    changed = changed_share(before.sketch, article.sketch or "") if before else None
    return {
        "site": store.site,
        "page": article.id,
        "locale": article.locale,
        "revision": article.revision,
        "at": now,
        "changed": changed,
        "sketch": article.sketch or "",
    }


def _article(store: Store, article: Article) -> dict[str, Any]:
    return {
        "site": store.site,
        "page": article.id,
        "locale": article.locale,
        "url": article.url,
        "title": article.title[:500],
        "revision": article.revision,
        "words": article.words,
        "owner": article.owner or "",
    }
