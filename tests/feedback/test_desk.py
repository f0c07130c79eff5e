"""The desk as an editor, a stranger and an attacker meet it."""

import re
import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from feedback_events import Running, away, event, fill, manifest, search, vote, wait_for
from playwright.sync_api import Browser

from kbgen_feedback import catalog, collector, comments, flagbook
from kbgen_feedback.app import create_app
from kbgen_feedback.desk import auth
from kbgen_feedback.lifecycle import Flag
from kbgen_feedback.manifest import read
from kbgen_feedback.settings import Settings
from kbgen_feedback.store.database import Store, open_store
from kbgen_feedback.store.facts import fact
from kbgen_feedback.tending import Tender
from kbgen_search.articles import Article
from kbgen_search.errors import KbError
from kbgen_search.indexing import update

EVIL = "<script>alert('x')</script>"


def recent(days: float) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)


def trouble() -> list[dict[str, Any]]:
    """An article that twelve readers dislike, and a query that four do not find."""
    at = recent(2)
    events = [vote("a", at, f"r{i}", "no", reasons=["missing_information"]) for i in range(12)]
    events[0]["comment"] = f"Where is the VAT number? {EVIL}"
    events[1]["comment"] = "Write to jo@example.com"
    events += [search(f"dark mode {EVIL}", at, f"s{i}", [], results=0) for i in range(4)]
    events.append(event("wanted", at, q=f"dark mode {EVIL}", text=f"My eyes hurt {EVIL}"))
    events.append(event("wanted", at, q="another thing", text="Something else"))
    return events


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[httpx.Client]:
    """A running desk with trouble to show, and a client that is not logged in."""
    manifest(tmp_path / "site", {"id": "a", "url": "guide/a/", "title": "Export & invoices"})
    running = Running(tmp_path)
    store = open_store(running.settings.database)
    fill(store, trouble())
    auth.set_up(store, running.settings)
    store.close()
    with running as client:
        yield client


def log_in(client: httpx.Client, password: str = "open sesame", who: str = "Ana") -> httpx.Response:
    return client.post("/desk/login", data={"who": who, "password": password})


def link(client: httpx.Client, text: str) -> str:
    found = re.search(rf'href="([^"]+)">(?:<bdi>)?{text}', client.get("/desk/").text)
    assert found, text
    return found[1]


def token(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" value="([^"]+)"', client.get("/desk/").text)
    assert found
    return found[1]


@pytest.mark.parametrize("path", ["/desk/", "/desk/numbers", "/desk/flags/u-1"])
def test_strangers_get_the_login(desk: httpx.Client, path: str) -> None:
    answer = desk.get(path)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/login")


def test_flags_are_listed_with_evidence_and_a_link(desk: httpx.Client) -> None:
    assert log_in(desk).status_code == 303
    page = desk.get("/desk/").text
    assert "Export &amp; invoices" in page
    assert "12 of 12 votes say that it did not help" in page
    assert "4 searches on 4 reader-days found no answer" in page
    one = desk.get(link(desk, "Export")).text
    assert 'href="https://docs.example.com/guide/a/"' in one
    assert "12 said: missing information" in one


def test_an_index_that_cannot_be_read_does_not_close_the_desk(
    desk: httpx.Client, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    update([Article("a", "guide/a/", "Export & invoices", "en")], tmp_path / "index")
    (tmp_path / "index/en/catalogue.msgpack").write_bytes(b"\x00")
    log_in(desk)
    assert "Export &amp; invoices" in desk.get("/desk/").text
    assert "catalogue.msgpack" in caplog.text


def test_nothing_a_reader_typed_is_markup(desk: httpx.Client) -> None:
    log_in(desk)
    pages = [desk.get("/desk/"), desk.get(link(desk, "Export")), desk.get(link(desk, "“dark mode"))]
    for page in pages:
        assert "<script" not in page.text
        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
    assert "&lt;script&gt;" in pages[0].text


def test_a_missing_article_shows_what_readers_wanted(desk: httpx.Client) -> None:
    log_in(desk)
    page = desk.get(link(desk, "“dark mode")).text
    assert "My eyes hurt" in page
    assert "Something else" not in page


def test_comments_that_look_personal_are_shown_to_who_asks_and_that_is_kept(
    desk: httpx.Client, tmp_path: Path
) -> None:
    log_in(desk, who="Ana")
    path = link(desk, "Export")
    page = desk.get(path).text
    assert "May hold personal data" in page
    assert "Where is the VAT number?" in page
    assert "jo@example.com" not in page
    assert desk.post(f"{path}/reveal", data={"csrf": "forged"}).status_code == 403
    shown = desk.post(f"{path}/reveal", data={"csrf": token(desk)}).text
    assert shown.count("jo@example.com") == 1
    assert "Ana: opened comments" in shown
    nowhere = desk.post("/desk/flags/nowhere/reveal", data={"csrf": token(desk)})
    assert nowhere.status_code == 404
    with closing(open_store(str(tmp_path / "collector.sqlite3"))) as store:
        assert not flagbook.history(store, "nowhere")
    assert "jo@example.com" not in desk.get(path).text


def test_a_flag_is_merged_and_found_again_among_the_closed(desk: httpx.Client) -> None:
    log_in(desk, who="Ana")
    path, other = link(desk, "Export"), link(desk, "“dark mode").rsplit("/", 1)[-1]
    form = {"csrf": token(desk), "note": "u-nowhere"}
    assert desk.post(f"{path}/merge", data=form).status_code == 400
    assert desk.post(f"{path}/merge", data={**form, "note": other}).status_code == 303
    page = desk.get("/desk/").text
    assert "Closed lately (1)" in page
    assert link(desk, "Export") == path
    assert "Ana: took over" in desk.get(f"/desk/flags/{other}").text
    merged = desk.get(path).text
    assert f'It is a part of <a href="/desk/flags/{other}">the flag {other}</a>' in merged
    assert desk.post(f"{path}/claim", data={**form, "note": ""}).status_code == 303
    assert "It is a part of" not in desk.get(path).text


def test_what_an_editor_decides_is_kept_with_name(desk: httpx.Client, tmp_path: Path) -> None:
    log_in(desk, who="Ana")
    path = link(desk, "Export")
    form = {"csrf": token(desk), "note": "bob"}
    assert desk.post(f"{path}/assign", data=form).status_code == 303
    page = desk.get(path).text
    assert "assigned" in page
    store = open_store(str(tmp_path / "collector.sqlite3"))
    entry = flagbook.history(store, path.rsplit("/", 1)[-1])[-1]
    store.close()
    assert (entry.who, entry.action, entry.note) == ("Ana", "assigned", "bob")


def test_nobody_waits_for_a_refresh_that_takes_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(collector, "REFRESH_S", 0.0)
    monkeypatch.setattr(collector, "PATIENCE_S", 0.2)
    go, real = threading.Event(), Tender.work

    def slow(tender: Tender, now: int, whole: bool) -> Any:
        go.wait()
        return real(tender, now, whole)

    with Running(tmp_path) as client:
        log_in(client)
        assert "No flags" in client.get("/desk/").text
        monkeypatch.setattr(Tender, "work", slow)
        store = open_store(str(tmp_path / "collector.sqlite3"))
        fill(store, [vote("a", recent(2), f"r{i}", "no", net=f"n{i}") for i in range(12)])
        store.close()
        for _ in range(2):  # the second finds the first one's refresh on its way
            page = client.get("/desk/").text
            assert "No flags" in page
            assert "look again in a moment" in page
        go.set()
        assert wait_for(lambda: "No flags" not in client.get("/desk/").text)
        assert wait_for(lambda: "look again in a moment" not in client.get("/desk/").text)


def test_readers_who_vote_on_very_much_are_decided_on_by_the_day(tmp_path: Path) -> None:
    with Running(tmp_path) as client:
        store = open_store(str(tmp_path / "collector.sqlite3"))
        at = recent(2)
        fill(store, [vote(f"p{i}", at, "hog", "no") for i in range(20)])
        log_in(client)
        client.get("/desk/")
        page = client.get("/desk/numbers").text
        assert page.count("Keep them out") == 1
        assert "20 votes</strong> on 20 articles" in page
        assert page.count('aria-describedby="held-1"') == 2
        form = {"csrf": token(client), "why": "hog", "day": str(day_of(at))}
        assert client.post("/desk/held/discard", data=form).status_code == 303
        page = client.get("/desk/numbers").text
        assert "Keep them out" not in page
        assert "20 votes of" in page
        assert "on many articles" in page
        store.close()


def test_numbers_begin_with_what_readers_suddenly_ask(tmp_path: Path) -> None:
    with Running(tmp_path) as client:
        store = open_store(str(tmp_path / "collector.sqlite3"))
        usual = [
            search(f"topic {n}", recent(at), f"r{at}-{n}", ["a"])
            for at in range(3, 20)
            for n in range(4)
        ]
        late = [search("<b>login</b> error", recent(0.01), f"n{n}", ["a"]) for n in range(12)]
        fill(store, [*usual, *late])
        store.close()
        log_in(client)
        client.get("/desk/")
        page = client.get("/desk/numbers").text
        assert "Suddenly asked far more than usual" in page
        assert "<bdi>&lt;b&gt;login&lt;/b&gt; error</bdi>" in page
        assert "12 readers, usually fewer than 1" in page


def test_held_votes_are_decided_on_and_the_decision_is_kept(tmp_path: Path) -> None:
    manifest(tmp_path / "site", {"id": "a", "title": "A"})
    with Running(tmp_path) as client:
        store = open_store(str(tmp_path / "collector.sqlite3"))
        auth.set_up(store, Settings(desk_password="open sesame"))
        at = recent(2)
        fill(store, [vote("a", at, f"r{i}", "no", net="n") for i in range(40)])
        log_in(client)
        assert "No flags" in client.get("/desk/").text
        page = client.get("/desk/numbers").text
        assert "a burst from one network or browser" in page
        where = {"why": "burst", "page": "a", "locale": "en", "day": str(day_of(at))}
        form = {"csrf": token(client), **where}
        assert client.post("/desk/held/discard", data={**form, "why": ""}).status_code == 400
        assert client.post("/desk/held/explode", data=form).status_code == 400
        assert client.post("/desk/held/discard", data=form).status_code == 303
        again = client.post("/desk/held/release", data=form)
        assert again.status_code == 409
        assert "decided already" in again.text
        page = client.get("/desk/numbers").text
        assert "a burst from one network or browser" not in page
        assert "Ana: discard, 40 votes" in page
        store.close()


def day_of(at: datetime) -> int:
    return int(at.timestamp()) // 86400


@pytest.mark.parametrize("form", [{}, {"csrf": "forged"}])
def test_forged_forms_are_refused(desk: httpx.Client, form: dict[str, str]) -> None:
    log_in(desk)
    path = link(desk, "Export")
    assert desk.post(f"{path}/dismiss", data={**form, "note": "x"}).status_code == 403
    good = {"csrf": token(desk), "note": "x"}
    evil = {"Origin": "https://evil.example"}
    assert desk.post(f"{path}/dismiss", data=good, headers=evil).status_code == 403
    assert desk.post(f"{path}/dismiss", data=good).status_code == 303


def test_a_wrong_password_is_refused_and_guessing_is_slow(desk: httpx.Client) -> None:
    answers = [log_in(desk, "guess").status_code for _ in range(6)]
    assert answers == [403, 403, 403, 403, 403, 429]
    assert desk.get("/desk/").status_code == 303


def test_right_passwords_do_not_count_as_guesses(desk: httpx.Client) -> None:
    assert [log_in(desk).status_code for _ in range(8)] == [303] * 8


def test_guessing_from_all_addresses_of_a_household_is_as_slow(tmp_path: Path) -> None:
    with Running(tmp_path, trusted_proxies=("127.0.0.1",)) as client:
        answers = [
            client.post(
                "/desk/login",
                data={"who": "x", "password": "guess"},
                headers={"X-Forwarded-For": f"2001:db8::{n}"},
            ).status_code
            for n in range(1, 8)
        ]
    assert answers == [403, 403, 403, 403, 403, 429, 429]


@pytest.mark.parametrize("cookie", ["", "x", "x.y", "eyJ3aG8iOiJtZSJ9.00", "."])
def test_forged_sessions_are_none(desk: httpx.Client, cookie: str) -> None:
    desk.cookies.set(auth.COOKIE, cookie)
    assert desk.get("/desk/").status_code == 303


def test_the_session_is_one_strict_cookie_and_ends_with_the_log_out(desk: httpx.Client) -> None:
    cookie = log_in(desk).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert "; Path=/desk/;" in cookie
    assert desk.get("/desk/").status_code == 200
    kept = desk.cookies[auth.COOKIE]
    desk.post("/desk/logout", data={"csrf": token(desk)})
    assert desk.get("/desk/").status_code == 303
    desk.cookies.set(auth.COOKIE, kept)
    assert desk.get("/desk/").status_code == 303


def test_sessions_that_end_together_all_stay_ended_until_they_would_be_over(store: Store) -> None:
    auth.set_up(store, Settings(desk_password="a long password"))
    ana, ben = auth.begin("Ana", 0, hours=1), auth.begin("Ben", 0, hours=2)
    cookies = [auth.signed(store, one) for one in (ana, ben)]
    with ThreadPoolExecutor(2) as together:
        list(together.map(lambda one: auth.end(store, one, 10), (ana, ben)))
    assert [auth.read(store, cookie, 20) for cookie in cookies] == [None, None]
    auth.end(store, auth.begin("Cid", 0, hours=3), 2 * 3600)
    assert not fact(store, f"desk.ended.{ben.csrf}")
    assert auth.read(store, cookies[1], 2 * 3600) is None


@pytest.mark.parametrize(
    ("path", "form", "status", "says"),
    [
        ("{flag}/merge", {"note": "u-nowhere"}, 400, "there is no flag"),
        ("{flag}/assign", {"note": "x" * 300}, 400, "too long"),
        ("{flag}/claim", {"csrf": "forged"}, 403, "log in again"),
        ("/desk/flags/cg%00x/dismiss", {"note": "x"}, 400, "there is no flag"),
        ("/desk/held/release", {"day": "²"}, 400, "unknown action"),
        ("/desk/held/release", {"day": "99999999999999999999"}, 400, "unknown action"),
        ("/desk/login", {f"f{n}": "x" for n in range(30)}, 400, "too many fields"),
    ],
)
def test_what_cannot_be_done_is_said_on_a_page_with_a_way_back(
    desk: httpx.Client, path: str, form: dict[str, str], status: int, says: str
) -> None:
    log_in(desk)
    answer = desk.post(path.format(flag=link(desk, "Export")), data={"csrf": token(desk), **form})
    assert answer.status_code == status
    assert says in answer.text
    assert 'href="/desk/"' in answer.text


def test_comments_are_those_in_the_flags_language(sqlite_store: Store, tmp_path: Path) -> None:
    site = manifest(tmp_path, {"id": "a", "locale": "en"}, {"id": "a", "locale": "de"})
    catalog.register(sqlite_store, read(site), 1)
    at = recent(2)
    wrote = [("r1", "en", "Too short"), ("r2", "de", "Zu kurz"), ("r3", "", "Unsaid")]
    fill(sqlite_store, [vote("a", at, who, "no", locale=x, comment=y) for who, x, y in wrote])
    flag = Flag("u-1", "unhelpful", "a", "en", "", "open", 1, 1)
    assert {one.text for one in comments.on(sqlite_store, flag)} == {"Too short", "Unsaid"}


def test_without_a_password_nobody_gets_in_not_even_with_a_signature(sqlite_store: Store) -> None:
    """An app that mounts the collector need not have set one; the secret is then empty."""
    forged = auth.signed(sqlite_store, auth.begin("eve", time.time(), 12))
    assert auth.read(sqlite_store, forged, time.time()) is None
    create_app(Settings(site="nowhere"), sqlite_store)
    assert auth.read(sqlite_store, forged, time.time()) is None
    create_app(Settings(site="nowhere", desk_password="open sesame"), sqlite_store)
    assert auth.matches("open sesame", fact(sqlite_store, "desk.password"))
    assert auth.read(sqlite_store, forged, time.time()) is None


class TestPassword:
    """Where the desk's password comes from."""

    def test_is_made_and_told_once(self, sqlite_store: Store) -> None:
        made = auth.set_up(sqlite_store, Settings()).made
        assert len(made) >= 16
        assert auth.set_up(sqlite_store, Settings()).made == ""
        kept = fact(sqlite_store, "desk.password")
        assert made not in kept
        assert auth.matches(made, kept)
        assert not auth.matches(made + "x", kept)

    def test_comes_from_a_file(self, sqlite_store: Store, tmp_path: Path) -> None:
        file = tmp_path / "password"
        file.write_text("from file\n")
        auth.set_up(sqlite_store, Settings(desk_password_file=str(file)))
        assert auth.matches("from file", fact(sqlite_store, "desk.password"))
        file.write_text("\n")
        with pytest.raises(KbError, match="no password"):
            auth.set_up(sqlite_store, Settings(desk_password_file=str(file)))

    def test_a_new_one_ends_all_sessions(self, sqlite_store: Store) -> None:
        auth.set_up(sqlite_store, Settings(desk_password="one"))
        cookie = auth.signed(sqlite_store, auth.begin("ana", 0, 1))
        assert auth.read(sqlite_store, cookie, 5) is not None
        assert auth.read(sqlite_store, cookie, 3601) is None
        auth.set_up(sqlite_store, Settings(desk_password="two"))
        assert auth.read(sqlite_store, cookie, 5) is None


@pytest.mark.browser
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (320, "dark")])
def test_the_desk_is_accessible_and_fits_a_phone(
    desk: httpx.Client, browser: Browser, width: int, scheme: Any
) -> None:
    viewport: Any = {"width": width, "height": 800}
    context = browser.new_context(viewport=viewport, color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    page.goto(f"{desk.base_url}")
    found = [Axe().run(page).response["violations"]]
    page.fill("#who", "Ana")
    page.fill("#password", "open sesame")
    page.click("button")
    for path in ("/desk/", "/desk/numbers", link_in(page)):
        page.goto(f"{desk.base_url}{path}".replace("//desk", "/desk"))
        found.append(Axe().run(page).response["violations"])
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    context.close()
    assert [violation for one in found for violation in one] == []


def link_in(page: Any) -> str:
    href: str = page.get_attribute("a:has-text('Export & invoices')", "href")
    return href


def test_the_desk_says_that_the_database_is_away(desk: httpx.Client, tmp_path: Path) -> None:
    log_in(desk)
    with away(tmp_path / "collector.sqlite3", "flags"):
        answer = desk.get("/desk/")
        assert answer.status_code == 503
        assert answer.headers["Retry-After"] == "5"
        assert "The database does not answer." in answer.text
        assert "default-src" in answer.headers["Content-Security-Policy"]
    assert desk.get("/desk/").status_code == 200


def test_the_address_of_a_form_leads_back_to_its_page(desk: httpx.Client) -> None:
    log_in(desk)
    path = link(desk, "Export")
    for action in ("reveal", "assign"):
        answer = desk.get(f"{path}/{action}")
        assert (answer.status_code, answer.headers["location"]) == (303, path)
    assert desk.get("/desk/held/release").headers["location"] == "/desk/numbers"
    assert desk.get("/desk/logout").headers["location"] == "/desk/"
    assert desk.get("/desk/", follow_redirects=True).status_code == 200  # still logged in


def test_a_refusal_says_what_to_do(desk: httpx.Client) -> None:
    log_in(desk)
    form = {"csrf": token(desk), "note": "x" * 300}
    answer = desk.post(f"{link(desk, 'Export')}/assign", data=form)
    assert re.search("the text is too long: 300 characters. at most [0-9]+", answer.text)


def test_the_desk_says_that_a_record_is_damaged(desk: httpx.Client, tmp_path: Path) -> None:
    log_in(desk)
    assert desk.get("/desk/").status_code == 200
    with closing(sqlite3.connect(tmp_path / "collector.sqlite3")) as connection:
        connection.execute("update flags set kind = 'strange'")
        connection.commit()
    answer = desk.get("/desk/flags/x")
    assert answer.status_code == 404
    path = next(iter(flag_ids(tmp_path)))
    answer = desk.get(f"/desk/flags/{path}")
    assert answer.status_code == 500
    assert "A record in the database cannot be read: no flag is `strange`" in answer.text


def flag_ids(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "collector.sqlite3")) as connection:
        return [row[0] for row in connection.execute("select id from flags")]
