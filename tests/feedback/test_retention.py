"""What is past its time goes; what it taught stays."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from feedback_events import day, fill, search, view, vote
from sqlalchemy import event, func, select

from kbgen_feedback import listing, refresh, retention
from kbgen_feedback.readers import client_address, current_key, destroy_keys, household, marks
from kbgen_feedback.retention import purge
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.transfer import import_lines

SETTINGS = Settings()
DAY = 86_400_000


def ms(n: float) -> int:
    return int(day(n).timestamp() * 1000)


def texts(store: Store) -> list[str]:
    found: list[str] = []
    with store.read() as connection:
        for column in (schema.searches.c.q, schema.finds.c.q, schema.votes.c.q):
            mine = column.table.c.site == store.site
            found += connection.scalars(select(column).where(mine, column != ""))
    return sorted(set(found))


def rows(store: Store, table: object) -> int:
    with store.read() as connection:
        query = select(func.count()).select_from(table).where(table.c.site == store.site)  # type: ignore
        return connection.scalar(query) or 0


def some_days(store: Store) -> None:
    for at in (0, 80):
        fill(
            store,
            [
                *(
                    vote("a", day(at), f"r{at}{i}", "no", q="refund", comment="hm")
                    for i in range(9)
                ),
                search("refund", day(at), "s", ["a"], ["a"]),
                view("a", day(at + 0.001), "s"),
                search("export", day(at), "t", [], results=0),
            ],
        )
    refresh.bring_up(store, SETTINGS)


def test_raw_events_go_after_30_days_and_their_sums_stay(store: Store) -> None:
    some_days(store)
    before = rows(store, schema.searches)
    done = purge(store, SETTINGS, ms(85))
    assert (done.events, done.texts) == (12, 0)
    assert rows(store, schema.events) == 12
    assert rows(store, schema.searches) == before
    assert purge(store, SETTINGS, ms(85)).events == 0


def test_events_that_are_not_summed_yet_stay(store: Store) -> None:
    fill(store, [view("a", day(0), "r")])
    assert purge(store, SETTINGS, ms(85)).events == 0


def test_texts_go_after_90_days_and_their_counts_stay(store: Store) -> None:
    some_days(store)
    assert texts(store) == ["export", "refund"]
    purge(store, SETTINGS, ms(100))
    assert texts(store) == ["export", "refund"]
    purge(store, SETTINGS, ms(175))
    assert texts(store) == []
    s = schema.searches.c
    with store.read() as connection:
        query = select(func.sum(s.n), func.sum(s.no_result)).where(s.site == store.site)
        assert tuple(connection.execute(query).one()) == (4, 2)


def test_what_was_deleted_stands_nowhere_in_the_files(tmp_path: Path) -> None:
    """Not in free pages, not in the log, while other connections are open."""
    with closing(open_store(str(tmp_path / "x.sqlite3"))) as store:
        key = current_key(store, ms(0), SETTINGS.key_hours).secret
        fill(store, [vote("a", day(0), "r", "no", q="zebra crossing", comment="a giraffe" * 90)])
        fill(store, [search("zebra crossing", day(0), "r", ["a"])])
        refresh.bring_up(store, SETTINGS)
        files = [tmp_path / f"x.sqlite3{end}" for end in ("", "-wal")]
        whole = b"".join(file.read_bytes() for file in files)
        assert all(text in whole for text in (b"giraffe", b"zebra", key))
        purge(store, SETTINGS, ms(120))
        whole = b"".join(file.read_bytes() for file in files)
        assert not any(text in whole for text in (b"giraffe", b"zebra", key))


def test_new_events_do_not_wait_until_all_that_is_old_is_deleted(
    sqlite_store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "PART", 10)
    fill(sqlite_store, [view("a", day(0), f"r{i}") for i in range(95)])
    refresh.bring_up(sqlite_store, SETTINGS)
    commits: list[object] = []
    event.listen(sqlite_store.engine, "commit", commits.append)
    assert purge(sqlite_store, SETTINGS, ms(85)).events == 95
    assert len(commits) > 10


def test_votes_go_on_to_count_without_their_readers(store: Store) -> None:
    some_days(store)
    purge(store, SETTINGS, ms(130))
    v = schema.votes.c
    with store.read() as connection:
        query = select(v.reader, v.net, v.agent).where(v.site == store.site)
        assert set(connection.execute(query).all()) == {("", "", "")}
    document = listing.as_of(store, SETTINGS, ms(130) // DAY)
    assert "unhelpful" in {row["kind"] for row in document["flags"]}


def test_sums_and_votes_go_after_25_months(store: Store) -> None:
    some_days(store)
    purge(store, SETTINGS, ms(900))
    assert (
        rows(store, schema.searches) == rows(store, schema.views) == rows(store, schema.votes) == 0
    )


def test_events_of_a_purged_day_are_not_taken_again(store: Store) -> None:
    some_days(store)
    purge(store, SETTINGS, ms(85))
    import msgspec

    done = import_lines(store, [msgspec.json.encode(view("a", day(0), "x"))], SETTINGS)
    assert (done.new, done.refused) == (0, {"purged day": 1})


def test_keys_of_readers_last_a_day_and_are_destroyed_after_two(store: Store) -> None:
    hours = SETTINGS.key_hours
    first = current_key(store, 0, hours)
    assert current_key(store, 23 * 3_600_000, hours) == first
    second = current_key(store, 24 * 3_600_000, hours)
    assert second != first
    assert rows(store, schema.keys) == 2
    assert current_key(store, 20 * 3_600_000, hours) == second, "a clock set back makes no keys"
    destroy_keys(store, 1)
    assert rows(store, schema.keys) == 1


def test_collectors_that_start_together_share_one_key(store: Store) -> None:
    """Else one reader would be another at each of them."""
    url = store.engine.url.render_as_string(hide_password=False)
    others = [open_store(url, store.site) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        keys = list(pool.map(lambda i: current_key(others[i], 1000 + i, 24), range(4)))
    for one in others:
        one.close()
    assert len(set(keys)) == 1
    assert rows(store, schema.keys) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("203.0.113.1", "203.0.113.2", False),
        ("::ffff:203.0.113.1", "203.0.113.1", True),
        ("::ffff:203.0.113.1", "::ffff:198.51.100.1", False),
    ],
)
def test_who_has_many_addresses_has_one_limit(one: str, other: str, same: bool) -> None:
    first, second = (household(client_address(name, "", ())) for name in (one, other))
    assert (first == second) == same


def test_a_reader_has_another_id_with_every_key_site_and_browser(store: Store) -> None:
    key = current_key(store, 0, 24)
    later = current_key(store, 24 * 3_600_000, 24)
    one = marks(key, "s", "203.0.113.1", "Firefox")
    assert one == marks(key, "s", "203.0.113.1", "Firefox")
    assert one.reader != marks(later, "s", "203.0.113.1", "Firefox").reader
    assert one.reader != marks(key, "t", "203.0.113.1", "Firefox").reader
    assert one.reader != marks(key, "s", "203.0.113.1", "Chrome").reader
    assert one.net == marks(key, "s", "203.0.113.77", "x").net
    assert one.net != marks(key, "s", "203.0.114.1", "x").net
