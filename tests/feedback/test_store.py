"""What is stored once, in order, on SQLite and PostgreSQL alike."""

import threading
from pathlib import Path

import msgspec
import pytest
from feedback_events import day, event, fill, search, view, vote
from sqlalchemy import create_engine, func, inspect, select, text

from kbgen_feedback.events import decode
from kbgen_feedback.refresh import bring_up
from kbgen_feedback.retention import purge
from kbgen_feedback.settings import Settings
from kbgen_feedback.store import migrations, schema
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.record import Batch, record
from kbgen_feedback.totals import stats
from kbgen_feedback.transfer import copy
from kbgen_search.errors import KbError


def votes(store: Store) -> list[tuple[str, str, str]]:
    v = schema.votes.c
    with store.read() as connection:
        query = select(v.page, v.value, v.comment).where(v.site == store.site).order_by(v.page)
        return [tuple(row) for row in connection.execute(query)]


def count(store: Store) -> int:
    with store.read() as connection:
        query = select(func.count()).where(schema.events.c.site == store.site)
        return connection.scalar(query) or 0


def test_an_event_sent_twice_is_stored_once(store: Store) -> None:
    one = vote("a", day(0), "r", "no")
    fill(store, [one, one])
    fill(store, [one])
    assert count(store) == 1
    assert votes(store) == [("a", "no", "")]


def test_rows_lie_in_order_of_time_where_there_is_one_writer(sqlite_store: Store) -> None:
    fill(sqlite_store, [view("a", day(n), "r") for n in (3, 1, 6, 5, 0, 2, 4)])
    with sqlite_store.read() as connection:
        times = connection.exec_driver_sql("SELECT at FROM events ORDER BY rowid").scalars().all()
    assert len(times) == 7
    assert times == sorted(times)


def test_a_replayed_id_cannot_vote_again(store: Store) -> None:
    one = vote("a", day(0), "r", "no", token="t1")
    fill(store, [one])
    fill(store, [{**one, "token": "t2", "page": "b"}])
    assert votes(store) == [("a", "no", "")]


def test_the_newest_vote_of_a_token_wins_whatever_the_order_of_arrival(store: Store) -> None:
    late = vote("a", day(2), "r", "yes", token="t", comment="new")
    early = vote("a", day(1), "r", "no", token="t", comment="old")
    fill(store, [late])
    fill(store, [early])
    assert votes(store) == [("a", "yes", "new")]


def test_votes_of_other_tokens_revisions_and_articles_stay(store: Store) -> None:
    fill(
        store,
        [
            vote("a", day(0), "r", "no", token="t"),
            vote("a", day(0), "r", "no", token="u"),
            vote("a", day(0), "r", "no", token="t", revision="r2"),
            vote("b", day(0), "r", "no", token="t"),
        ],
    )
    assert len(votes(store)) == 4


def test_a_held_vote_does_not_replace_one_that_counts(store: Store) -> None:
    fill(store, [vote("a", day(0), "r", "yes", token="t")])
    fill(store, [vote("a", day(1), "r", "no", token="t", held="limit.votes")])
    assert votes(store) == [("a", "yes", "")]


def test_writers_at_once_lose_and_double_nothing(store: Store) -> None:
    events = [decode(msgspec.json.encode(view("a", day(0), f"r{i}"))) for i in range(400)]
    other = open_store(store.engine.url.render_as_string(hide_password=False), store.site)

    def write(target: Store, which: list[object]) -> None:
        for start in range(0, len(which), 20):
            with target.write() as connection:
                record(target, connection, [Batch(which[start : start + 20])])  # type: ignore[arg-type]

    threads = [
        threading.Thread(target=write, args=(target, part))
        for target, part in ((store, events[:300]), (other, events[100:]))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    other.close()
    assert count(store) == 400


def test_sites_in_one_database_do_not_see_each_other(store: Store) -> None:
    other = Store(store.engine, store.site + "x")
    one = vote("a", day(0), "r", "no")
    fill(store, [one])
    fill(other, [one, vote("b", day(0), "r", "yes")])
    assert (count(store), count(other)) == (1, 2)
    assert stats(store)["votes"] == {"no": 1}


def test_stats_tell_bots_quarantine_and_refusals_apart(store: Store) -> None:
    fill(
        store,
        [
            view("a", day(0), "r"),
            view("a", day(0), "r", held="bot.declared"),
            vote("a", day(0), "r", "no", held="limit.votes"),
            search("x", day(0), "r", ["a"]),
        ],
    )
    with store.write() as connection:
        record(store, connection, [Batch((), {(1, "malformed.id"): 3, (2, "malformed.id"): 1})])
    found = stats(store)
    assert found["events"] == 4
    assert found["by_type"] == {"search": 1, "view": 1}
    assert found["bots"] == {"bot.declared": 1}
    assert found["quarantined"] == {"limit.votes": 1}
    assert found["refused"] == {"malformed.id": 4}
    assert found["votes_held"] == {"limit.votes": 1}


def test_stats_are_the_same_whether_days_are_summed_or_not(store: Store) -> None:
    """Of summed days the sums are read; raw events that are gone are no longer counted."""

    def told() -> tuple[int, dict[str, int], dict[str, int]]:
        found = stats(store)
        assert found["events"] == count(store)
        return found["events"], found["by_type"], found["bots"]

    for at in (0, 1, 60):
        fill(store, [view("a", day(at), f"r{at}"), search("x", day(at), f"r{at}", ["a"])])
    fill(store, [view("a", day(1), "b", held="bot.declared"), vote("a", day(60), "r", "no")])
    before = told()
    assert before == (8, {"search": 3, "view": 3, "vote": 1}, {"bot.declared": 1})
    bring_up(store, Settings())
    assert told() == before
    fill(store, [view("a", day(60), "late")])
    assert told() == (9, {"search": 3, "view": 4, "vote": 1}, {"bot.declared": 1})
    purge(store, Settings(), int(day(70).timestamp() * 1000))
    assert told() == (4, {"search": 1, "view": 2, "vote": 1}, {})


def test_everything_moves_from_sqlite_to_postgresql_and_back(
    tmp_path: Path, new_postgres: str
) -> None:
    first = open_store(str(tmp_path / "one.sqlite3"))
    fill(first, [vote("a", day(0), "r", "no", comment="ümlaut"), event("wanted", text="x")])
    with first.write() as connection:  # as early versions stored what they were sent
        connection.exec_driver_sql("update votes set comment = 'üml' || char(0) || 'aut'")
    middle = open_store(new_postgres)
    copy(first, middle)
    last = open_store(str(tmp_path / "two.sqlite3"))
    copy(middle, last)
    copy(middle, last)
    assert stats(last) == stats(middle) == stats(first)
    assert votes(last) == [("a", "no", "ümlaut")]
    for one in (first, middle, last):
        one.close()


def test_a_new_database_gets_every_table(store: Store) -> None:
    assert set(schema.metadata.tables) <= set(inspect(store.engine).get_table_names())


def test_every_key_begins_with_the_site() -> None:
    for table in schema.metadata.sorted_tables:
        assert next(iter(table.primary_key)).name == "site", table.name


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_a_database_of_an_older_version_gets_all_that_a_new_one_has(
    kind: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    where = str(tmp_path / "old.sqlite3")
    where = request.getfixturevalue("new_postgres") if kind == "postgresql" else where
    store = open_store(where)
    new = _columns(store)
    with store.write() as connection:
        for column in ("near", "made_with", "held"):
            connection.exec_driver_sql(f"ALTER TABLE days DROP COLUMN {column}")
        connection.exec_driver_sql("DROP INDEX events_at")
        connection.exec_driver_sql("ALTER TABLE events DROP COLUMN arrived")
        connection.exec_driver_sql("CREATE INDEX events_at ON events (site, at)")
        connection.exec_driver_sql("DROP TABLE arrivals")
        connection.exec_driver_sql("DROP TABLE memory")
        connection.exec_driver_sql("DROP INDEX events_long")
        connection.exec_driver_sql("DELETE FROM schema_version")
        connection.exec_driver_sql("INSERT INTO schema_version VALUES (3)")
    store.close()
    store = open_store(where)
    assert _columns(store) == new
    store.close()


def _columns(store: Store) -> dict[str, set[tuple[str, str]]]:
    """Each table's columns and their types, and its indexes and theirs."""
    looked = inspect(store.engine)
    return {
        table: {(one["name"], str(one["type"])) for one in looked.get_columns(table)}
        | {(str(one["name"]), str(one["column_names"])) for one in looked.get_indexes(table)}
        for table in looked.get_table_names()
    }


def test_migrations_run_once_in_order(tmp_path: Path) -> None:
    ran: list[int] = []
    steps = [lambda _, n=n: ran.append(n) for n in (2, 3)]
    engine = create_engine(f"sqlite:///{tmp_path}/m.sqlite3")
    assert migrations.migrate(engine, []) == 1
    assert migrations.migrate(engine, steps[:1]) == 2
    assert migrations.migrate(engine, steps) == 3
    assert migrations.migrate(engine, steps) == 3
    assert ran == [2, 3]
    engine.dispose()


def test_a_new_database_begins_with_the_newest_version(tmp_path: Path) -> None:
    ran: list[int] = []
    engine = create_engine(f"sqlite:///{tmp_path}/m.sqlite3")
    assert migrations.migrate(engine, [lambda _: ran.append(2)]) == 2
    assert ran == []
    engine.dispose()


def test_a_database_of_a_newer_version_is_left_alone(sqlite_store: Store) -> None:
    with sqlite_store.write() as connection:
        connection.execute(text("insert into schema_version values (99)"))
    with pytest.raises(KbError, match="version 99"):
        migrations.migrate(sqlite_store.engine)


@pytest.mark.parametrize(
    "address", ["mysql://x/y", "nonsense://", "/no/such/folder/x.sqlite3", "postgresql://h:no/x"]
)
def test_a_database_that_cannot_be_used_is_one_clear_line(address: str) -> None:
    with pytest.raises(KbError) as error:
        open_store(address)
    assert "\n" not in str(error.value)


def test_commits_are_durable_on_sqlite(sqlite_store: Store) -> None:
    with sqlite_store.read() as connection:
        assert connection.exec_driver_sql("pragma synchronous").scalar() == 2
        assert connection.exec_driver_sql("pragma journal_mode").scalar() == "wal"


def test_scanners_do_not_make_broken_addresses(store: Store) -> None:
    probes = [event("notfound", day(0), reader="scan", path=f"/{i}.php") for i in range(5)]
    fill(store, [*probes, event("notfound", day(0), reader="r", path="/old")])
    bring_up(store, Settings())
    n = schema.notfound.c
    with store.read() as connection:
        assert list(connection.scalars(select(n.path).where(n.site == store.site))) == ["/old"]
