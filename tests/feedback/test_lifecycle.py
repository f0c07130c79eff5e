"""The life of a flag, from a sign of trouble to a proven fix, as the store keeps it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from feedback_events import day, fill, manifest, search, view, vote

from kbgen_feedback import catalog, flagbook, lifecycle, listing, refresh
from kbgen_feedback.digest import due
from kbgen_feedback.lifecycle import DAY_MS, Flag
from kbgen_feedback.manifest import read
from kbgen_feedback.proof import Proof, replayed, verdict
from kbgen_feedback.settings import Rules, Settings
from kbgen_feedback.store.database import Store
from kbgen_search.errors import KbError

SETTINGS = Settings()
RULES = Rules()


def ms(at: datetime) -> int:
    return int(at.timestamp() * 1000)


def look(store: Store, at: float, search: Any = None) -> dict[str, Flag]:
    """Refresh as of noon of a day; the flags by kind."""
    refresh.refresh(store, SETTINGS, ms(day(at)), search)
    return {flag.kind: flag for flag in flagbook.flags(store)}


def no_votes(n: int, at: float = 0, page: str = "a", **fields: Any) -> list[dict[str, Any]]:
    who = fields.pop("who", "r")
    return [vote(page, day(at), f"{who}{at}{i}", "no", **fields) for i in range(n)]


def yes_votes(n: int, at: float, **fields: Any) -> list[dict[str, Any]]:
    return [vote("a", day(at), f"y{at}{i}", "yes", **fields) for i in range(n)]


def missed(n: int, at: float) -> list[dict[str, Any]]:
    """Readers who found article a only with their second search."""
    events = []
    for i in range(n):
        reader, when = f"m{at}{i}", day(at + i / 100)
        second = day(at + i / 100 + 40 / 86400)
        events += [
            search("locked out", when, reader, ["x", "y", "z"]),
            search("locked out account", second, reader, ["a"], ["a"]),
            view("a", day(at + i / 100 + 45 / 86400), reader, 90),
        ]
    return events


def test_watch_then_open_with_a_history(store: Store) -> None:
    fill(store, no_votes(4))
    assert look(store, 1)["unhelpful"].state == "watch"
    fill(store, no_votes(9, at=2))
    flag = look(store, 3)["unhelpful"]
    assert flag.state == "open"
    assert flag.finding["evidence"]["no"] == 13
    assert [one.action for one in flagbook.history(store, flag.id)] == ["watch", "open"]
    assert look(store, 4)["unhelpful"].id == flag.id


def test_an_editors_fix_is_proven_by_the_next_votes(store: Store) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    for action, note in (("assign", "ana"), ("claim", "rewrote it")):
        step = lifecycle.act(flagbook.find(store, flag.id), action, note, ms(day(2)))
        flagbook.save(store, [step], "bob", ms(day(2)))
    assert look(store, 3)["unhelpful"].state == "verifying"
    fill(store, yes_votes(4, at=5))
    assert look(store, 6)["unhelpful"].state == "verifying"
    fill(store, yes_votes(4, at=7))
    proven = look(store, 8)["unhelpful"]
    assert (proven.state, proven.owner) == ("verified", "ana")
    history = [(one.who, one.action) for one in flagbook.history(store, flag.id)]
    assert history == [
        ("kbgen", "open"),
        ("bob", "assigned"),
        ("bob", "claimed"),
        ("kbgen", "verifying"),
        ("kbgen", "verified"),
    ]


def test_a_build_with_another_revision_claims_the_fix(store: Store, tmp_path: Any) -> None:
    def build(revision: str, at: float) -> None:
        site = manifest(tmp_path, {"id": "a", "revision": revision})
        catalog.register(store, read(site), ms(day(at)))

    build("r1", -10)
    fill(store, no_votes(12))
    assert look(store, 1)["unhelpful"].state == "open"
    build("r2", 2)
    flag = look(store, 2.1)["unhelpful"]
    assert (flag.state, flag.revision) == ("claimed", "r2")
    fill(store, yes_votes(8, at=5, revision="r2"))
    look(store, 6)
    assert look(store, 7)["unhelpful"].state == "verified"


def test_a_fix_that_made_it_worse_is_open_again(store: Store) -> None:
    fill(store, [*no_votes(12), *yes_votes(10, at=0)])
    flag = look(store, 1)["unhelpful"]
    flagbook.save(store, [lifecycle.claim(flag, "", ms(day(2)))], "bob", ms(day(2)))
    fill(store, no_votes(14, at=4))
    look(store, 5)
    assert look(store, 6)["unhelpful"].state == "reopened"


def test_a_proven_fix_that_does_not_last_is_open_again(store: Store) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    flagbook.save(store, [lifecycle.claim(flag, "", ms(day(2)))], "bob", ms(day(2)))
    fill(store, yes_votes(8, at=5))
    look(store, 6)
    assert look(store, 7)["unhelpful"].state == "verified"
    assert look(store, 8)["unhelpful"].state == "verified", "what was before the fix opens nothing"
    fill(store, no_votes(30, at=20))
    assert look(store, 21)["unhelpful"].state == "reopened"


def test_without_proof_a_fix_is_unproven_after_60_days(store: Store) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    flagbook.save(store, [lifecycle.claim(flag, "", ms(day(2)))], "bob", ms(day(2)))
    assert look(store, 61)["unhelpful"].state == "verifying"
    assert look(store, 63)["unhelpful"].state == "unproven"


def test_a_dismissed_flag_is_quiet_for_90_days(store: Store) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    flagbook.save(store, [lifecycle.dismiss(flag, "spam", ms(day(2)))], "bob", ms(day(2)))
    fill(store, no_votes(12, at=50))
    assert look(store, 60)["unhelpful"].state == "dismissed"
    assert listing.now(store, SETTINGS, ms(day(60)))["flags"] == []
    fill(store, no_votes(12, at=90))
    assert look(store, 93)["unhelpful"].state == "open"


def test_trouble_that_ends_expires(store: Store) -> None:
    fill(store, missed(12, 0))
    assert look(store, 1)["hard_to_find"].state == "open"
    assert look(store, 400)["hard_to_find"].state == "expired"


class TestBySearch:
    """Fixes of searches are proven by running them again."""

    def claimed(self, store: Store) -> Flag:
        fill(store, missed(12, 0))
        flag = look(store, 1)["hard_to_find"]
        assert flag.queries == ("locked out",)
        flagbook.save(store, [lifecycle.claim(flag, "", ms(day(1)))], "bob", ms(day(1)))
        return flag

    def found_at_once(self, n: int, at: float) -> list[dict[str, Any]]:
        events = []
        for i in range(n):
            reader = f"f{at}{i}"
            events.append(search("locked out", day(at), reader, ["a"], ["a"]))
            events.append(view("a", day(at + 5 / 86400), reader, 90))
        return events

    def test_when_all_find_the_article_and_nobody_fails_for_four_weeks(self, store: Store) -> None:
        self.claimed(store)
        fill(store, self.found_at_once(5, 4))
        assert look(store, 10, lambda *_: ["b", "a"])["hard_to_find"].state in {
            "verifying",
            "verified",
        }
        assert look(store, 32, lambda *_: ["b", "a"])["hard_to_find"].state == "verified"

    def test_a_later_build_that_loses_the_article_again_opens_the_flag(self, store: Store) -> None:
        flag = self.claimed(store)
        fill(store, self.found_at_once(5, 4))
        look(store, 10, lambda *_: ["a"])
        assert look(store, 32, lambda *_: ["a"])["hard_to_find"].state == "verified"
        assert look(store, 33, None)["hard_to_find"].state == "verified", "no index, no verdict"
        assert look(store, 34, lambda *_: ["a"])["hard_to_find"].state == "verified"
        lost = look(store, 35, lambda *_: ["b", "c", "d", "a"])["hard_to_find"]
        assert lost.state == "reopened"
        assert lost.since == ms(day(35))
        note = "of 1 queries that found it, the newest build answers 0"
        assert flagbook.history(store, flag.id)[-1].note == note

    def test_replay_counts_the_first_three_only(self) -> None:
        ranked = {"x": ["a"], "y": ["b", "c", "d", "a"]}
        assert replayed(["x", "y"], "en", "a", lambda q, _: ranked[q], 3) == (2, 1)

    @pytest.mark.parametrize(
        ("proof", "days", "state"),
        [
            (Proof(1, 9, 0, 5, replayed=2, found=2), 28, "verified"),
            (Proof(1, 9, 0, 5, replayed=2, found=2), 27, "wait"),
            (Proof(1, 9, 0, 4, replayed=2, found=2), 28, "wait"),
            (Proof(1, 9, 0, 5, replayed=2, found=1), 28, "wait"),
            (Proof(1, 9, 0, 5, replayed=0, found=0), 28, "wait"),
            (Proof(1, 9, 1, 5, replayed=2, found=2, failures=1), 28, "wait"),
            (Proof(9, 1, 0, 8), 3, "verified"),
            (Proof(9, 1, 8, 0), 61, "unproven"),
            (Proof(1, 9, 8, 0), 3, "reopened"),
        ],
    )
    def test_verdicts(self, proof: Proof, days: float, state: str) -> None:
        assert verdict("hard_to_find", proof, days, RULES)[0] == state


def gap(n: int, at: float, q: str = "dark mode") -> list[dict[str, Any]]:
    return [search(q, day(at), f"g{at}{i}{q}", [], results=0) for i in range(n)]


def test_a_missing_article_that_was_written(store: Store) -> None:
    fill(store, gap(4, 0))
    flag = look(store, 1, lambda *_: ["settings/looks"])["content_gap"]
    assert flag.finding["evidence"]["candidates"] == ["settings/looks"]
    step = lifecycle.claim(flag, "dark-mode", ms(day(2)))
    flagbook.save(store, [step], "bob", ms(day(2)))
    after = []
    for i in range(6):
        after.append(search("dark mode", day(4), f"h{i}", ["dark-mode"], ["dark-mode"]))
        after.append(view("dark-mode", day(4 + 5 / 86400), f"h{i}", 90))
    fill(store, after)
    look(store, 5)
    assert look(store, 6)["content_gap"].state == "verified"


def found_it(n: int, at: float, q: str = "dark mode") -> list[dict[str, Any]]:
    """Readers who searched and stayed on the article about it."""
    events = []
    for i in range(n):
        events.append(search(q, day(at), f"h{at}{i}", ["dark-mode"], ["dark-mode"]))
        events.append(view("dark-mode", day(at + 5 / 86400), f"h{at}{i}", 90))
    return events


def written(store: Store, folder: Any, at: float, revision: str = "r1") -> None:
    """A build with the article that was missing."""
    titles = {"id": "dark-mode", "url": "d/", "title": "Dark mode", "revision": revision}
    catalog.register(store, read(manifest(folder, {}, titles)), ms(day(at)))


def test_a_build_with_the_missing_article_claims_the_gap_and_readers_prove_it(
    store: Store, tmp_path: Any
) -> None:
    fill(store, gap(6, 0))
    catalog.register(store, read(manifest(tmp_path, {})), ms(day(0)))
    assert look(store, 1)["content_gap"].state == "open"
    written(store, tmp_path, 2)
    flag = look(store, 2)["content_gap"]
    assert (flag.state, flag.answer) == ("claimed", "dark-mode")
    fill(store, found_it(9, 4))
    look(store, 5)
    assert look(store, 6)["content_gap"].state == "verified"
    did = [(entry.who, entry.action) for entry in flagbook.history(store, flag.id)]
    assert did == [("kbgen", "open"), ("kbgen", "claimed")] + [("kbgen", "verifying")] * (
        len(did) - 3
    ) + [("kbgen", "verified")]


def test_an_article_that_does_not_answer_opens_the_gap_again_until_it_changes(
    store: Store, tmp_path: Any
) -> None:
    fill(store, [*gap(9, 0), *found_it(1, 0.2)])
    catalog.register(store, read(manifest(tmp_path, {})), ms(day(0)))
    look(store, 1)
    written(store, tmp_path, 2)
    assert look(store, 2)["content_gap"].state == "claimed"
    fill(store, gap(30, 3))
    look(store, 4)
    assert look(store, 5)["content_gap"].state == "reopened"
    assert look(store, 6)["content_gap"].state == "reopened"
    written(store, tmp_path, 7, "r2")
    assert look(store, 7)["content_gap"].state == "claimed"


def test_flags_raised_before_any_build_move_to_their_articles_locale(
    store: Store, tmp_path: Any
) -> None:
    votes = [vote("a", day(0), f"r{i}", "no", locale="ar") for i in range(12)]
    fill(store, votes)
    before = look(store, 1)["unhelpful"]
    assert before.locale == ""
    article = {"id": "a", "locale": "ar", "title": "Alif"}
    catalog.register(store, read(manifest(tmp_path, article)), ms(day(1)))
    look(store, 2)
    (flag,) = [one for one in flagbook.flags(store) if one.kind == "unhelpful"]
    assert (flag.id, flag.locale, flag.since) == (before.id, "ar", before.since)


def test_twins_of_one_article_become_one_flag(store: Store, tmp_path: Any) -> None:
    fill(store, [vote("a", day(0), f"r{i}", "no", locale="ar") for i in range(12)])
    catalog.register(store, read(manifest(tmp_path, {"id": "a", "locale": "ar"})), ms(day(0)))
    flag = look(store, 1)["unhelpful"]
    twin = replace(flag, id="u-old", locale="")
    flagbook.save(store, [lifecycle.Step(twin)], "kbgen", ms(day(1)))
    look(store, 2)
    states = {one.id: (one.state, one.merged_into) for one in flagbook.flags(store)}
    assert states == {flag.id: ("open", ""), "u-old": ("merged", flag.id)}
    assert [entry.action for entry in flagbook.history(store, "u-old")] == ["merged"]


def test_what_an_editor_decides_while_flags_are_brought_up_to_date_stands(store: Store) -> None:
    """A refresh of a large site takes a while; its older view of the flag must not win."""
    fill(store, gap(4, 0))
    flag = look(store, 1)["content_gap"]
    fill(store, gap(4, 2))

    def meanwhile(*_: str) -> list[str]:
        if flagbook.find(store, flag.id).state != "dismissed":
            flagbook.decide(store, flag.id, "dismiss", "no product of ours", "ana", ms(day(3)))
        return []

    refresh.refresh(store, SETTINGS, ms(day(3)), lambda *_: [])
    old = flagbook.find(store, flag.id)
    meanwhile()
    assert flagbook.save(store, [lifecycle.Step(old, "open")], "kbgen", ms(day(3))) == []
    assert look(store, 4, meanwhile)["content_gap"].state == "dismissed"
    history = [(one.who, one.action) for one in flagbook.history(store, flag.id)]
    assert history == [("kbgen", "open"), ("ana", "dismissed")]


def test_two_editors_at_once_both_stand_in_the_history(store: Store) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    with ThreadPoolExecutor(4) as pool:
        owners = [f"editor {i}" for i in range(4)]
        list(pool.map(lambda who: flagbook.decide(store, flag.id, "assign", who, who, 5), owners))
    entries = [one for one in flagbook.history(store, flag.id) if one.action == "assigned"]
    assert sorted(one.note for one in entries) == owners
    assert flagbook.find(store, flag.id).owner == entries[-1].note


def test_a_merged_flags_queries_go_on_with_the_other(store: Store) -> None:
    fill(store, [*gap(4, 0), *gap(4, 0, "export calendar")])
    look(store, 1)
    one, other = flagbook.flags(store)
    merged = flagbook.decide(store, one.id, "merge", other.id, "ana", ms(day(1)))
    assert (merged.state, merged.merged_into) == ("merged", other.id)
    assert set(flagbook.find(store, other.id).queries) == {"dark mode", "export calendar"}
    took = flagbook.history(store, other.id)[-1]
    assert (took.who, took.action, took.note) == ("ana", "took over", one.id)
    look(store, 2)
    assert flagbook.find(store, one.id).state == "merged"


@pytest.mark.parametrize("turned", [False, True])
def test_merged_missing_articles_are_one_with_all_their_searches(
    store: Store, turned: bool
) -> None:
    fill(store, [*gap(12, 0), *gap(6, 0, "export calendar")])
    look(store, 1)
    one, other = sorted(flagbook.flags(store), key=lambda flag: flag.queries, reverse=turned)
    flagbook.decide(store, one.id, "merge", other.id, "ana", ms(day(1)))
    (row,) = listing.now(store, SETTINGS, ms(day(1.1)))["flags"]
    assert row["id"] == other.id
    assert row["evidence"]["searches"] == 18
    assert row["queries"] == [*other.queries, *one.queries]


def test_a_missing_article_is_claimed_for_one_that_a_build_has(store: Store, tmp_path: Any) -> None:
    fill(store, gap(6, 0))
    flag = look(store, 1)["content_gap"]
    catalog.register(store, read(manifest(tmp_path, {"id": "b"})), 5)
    with pytest.raises(KbError, match="there is no article 'no/such'"):
        flagbook.decide(store, flag.id, "claim", "no/such", "ana", 5)
    assert flagbook.decide(store, flag.id, "claim", "b", "ana", 5).answer == "b"


@pytest.mark.parametrize(("action", "most"), [("assign", 200), ("claim", 300)])
def test_what_an_editor_says_has_room(store: Store, action: str, most: int) -> None:
    fill(store, no_votes(12))
    flag = look(store, 1)["unhelpful"]
    flagbook.decide(store, flag.id, action, "x" * most, "ana", 5)
    with pytest.raises(KbError, match="too long"):
        flagbook.decide(store, flag.id, action, "x" * (most + 1), "ana", 5)


@pytest.mark.parametrize("into", ["itself", "one that is merged", "nowhere"])
def test_a_flag_is_merged_only_into_another_that_lives(store: Store, into: str) -> None:
    fill(store, [*gap(4, 0), *gap(4, 0, "export calendar"), *gap(4, 0, "two factor login")])
    look(store, 1)
    one, two, three = flagbook.flags(store)
    flagbook.decide(store, two.id, "merge", three.id, "ana", ms(day(1)))
    names = {"itself": one.id, "one that is merged": two.id, "nowhere": "cg-0"}
    with pytest.raises(KbError, match=names[into]):
        flagbook.decide(store, one.id, "merge", names[into], "ana", ms(day(1)))
    assert flagbook.find(store, one.id).state == "open"


def test_a_flag_is_not_merged_into_one_that_nobody_looks_after(store: Store) -> None:
    fill(store, [*gap(4, 0), *gap(4, 0, "export calendar")])
    look(store, 1)
    one, aside = flagbook.flags(store)
    flagbook.decide(store, aside.id, "dismiss", "not ours", "ana", ms(day(1)))
    with pytest.raises(KbError, match=f"'{aside.id}' is dismissed"):
        flagbook.decide(store, one.id, "merge", aside.id, "ana", ms(day(1)))
    assert flagbook.find(store, one.id).state == "open"


def test_a_gap_keeps_its_flag_when_its_leading_query_changes(store: Store) -> None:
    fill(store, gap(4, 0))
    first = look(store, 1)["content_gap"]
    fill(store, gap(9, 2, "dark mode theme"))
    flags = [flag for flag in flagbook.flags(store) if flag.kind == "content_gap"]
    look(store, 3)
    assert [flag.id for flag in flags] == [first.id]


def test_a_gaps_words_are_kept_no_longer_than_queries_are(store: Store) -> None:
    """What one reader alone typed leads a gap: it goes, and is known again when it comes again."""
    fill(store, gap(4, 0))
    flag = look(store, 1)["content_gap"]
    flagbook.decide(store, flag.id, "dismiss", "not ours", "ana", ms(day(2)))
    assert look(store, 80)["content_gap"].subject == "dark mode"
    old = look(store, 100)["content_gap"]
    assert old.subject.startswith("# ")
    assert "dark" not in old.subject
    assert look(store, 101)["content_gap"] == old
    fill(store, gap(4, 110))
    (again,) = (look(store, 111), flagbook.flags(store))[1]
    assert (again.id, again.subject, again.state) == (flag.id, "dark mode", "open")


@pytest.mark.parametrize(("action", "subject"), [("claim", "dark mode"), ("resolve", "# ")])
def test_a_gap_that_is_worked_on_keeps_its_words(store: Store, action: str, subject: str) -> None:
    fill(store, gap(4, 0))
    flag = look(store, 1)["content_gap"]
    flagbook.decide(store, flag.id, action, "", "ana", ms(day(2)))
    refresh.refresh(store, replace(SETTINGS, query_days=10), ms(day(30)))
    assert flagbook.find(store, flag.id).subject.startswith(subject)


def test_as_of_changes_nothing_and_looks_at_that_day_only(store: Store) -> None:
    fill(store, [*no_votes(12), *no_votes(12, at=10, page="b")])
    then = listing.as_of(store, SETTINGS, ms(day(5)) // DAY_MS)
    pages = {row["page"] for row in then["flags"] if row["kind"] == "unhelpful"}
    assert (then["as_of"], pages) == ("2026-09-06", {"a"})
    assert flagbook.flags(store) == []
    row = then["flags"][0]
    assert set(row) >= {
        "id",
        "kind",
        "page",
        "state",
        "tier",
        "confidence",
        "n",
        "evidence",
        "queries",
        "wasted_visits_per_week",
        "needs_more",
        "owner",
        "since",
    }


@pytest.mark.parametrize(
    ("action", "note"), [("assign", ""), ("dismiss", " "), ("merge", ""), ("explode", "x")]
)
def test_an_action_that_makes_no_sense_is_refused(action: str, note: str) -> None:
    flag = Flag("u-1", "unhelpful", "a", "", "", "open", 0, 0)
    with pytest.raises(KbError):
        lifecycle.act(flag, action, note, 1)


def test_five_new_flags_a_week_reach_an_owner_the_costliest_first() -> None:
    def flag(i: int, **fields: Any) -> Flag:
        finding = {"wasted": float(i)}
        base = {"owner": "ana", "finding": finding, **fields}
        base = {"state": "open", "since": 0, **base}
        return Flag(f"u-{i}", "unhelpful", f"p{i}", "", "", changed=0, **base)

    now = 30 * DAY_MS
    flags = [flag(i) for i in range(8)]
    assert [one.id for one in due(flags, 5, now)] == ["u-7", "u-6", "u-5", "u-4", "u-3"]
    told = [flag(i, announced=now - DAY_MS) for i in range(4)]
    assert [one.id for one in due([*told, flag(9), flag(8)], 5, now)] == ["u-9"]
    assert len(due([*flags, *(flag(i + 20, owner="bob") for i in range(3))], 5, now)) == 8
    back = flag(1, announced=now - 20 * DAY_MS, since=now - DAY_MS, state="reopened")
    assert due([back], 5, now) == [back], "what was told, mended and is back is told again"
    long_ago = [flag(i, announced=now - 8 * DAY_MS) for i in range(5)]
    assert len(due([*long_ago, flag(9)], 5, now)) == 1
