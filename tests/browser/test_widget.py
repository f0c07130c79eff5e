"""What a reader says and does reaches the collector: once, late if need be, and nothing more."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kb_reader import search_for
from playwright.sync_api import BrowserContext, Page, expect

from kbgen_feedback import redaction

pytestmark = pytest.mark.browser
VECTORS = Path(__file__).parent.parent / "feedback" / "redaction_vectors.json"
SCRIPTS = Path(__file__).parent.parent.parent / "feedback/kbgen_feedback/widget/js"


@pytest.fixture
def site(make_page: Callable[..., Path], collector: Any) -> Path:
    make_page("index", '<a href="guide/start.html">Start</a>', collector=collector.url)
    make_page("guide/start", "<p id=text>Sign in.</p>", collector=collector.url)
    make_page("path", '<p data-kb-path><a href="guide/start.html">Next</a></p>')
    return make_page("guide/password", "<p>A password.</p>", collector=collector.url)


@pytest.fixture
def base(site: Path, serve_dir: Callable[..., str]) -> str:
    return serve_dir(site)


def queue_of(page: Page) -> list[str]:
    """Names of the events that wait in this reader's browser."""
    found: list[str] = page.evaluate(
        "Object.keys(localStorage).filter(name => name.startsWith('kb.q.'))"
    )
    return found


def test_a_yes_is_one_event_of_the_contract(page: Page, base: str, collector: Any) -> None:
    page.goto(base + "guide/start.html")
    group = page.get_by_role("group", name="Was this page helpful?")
    group.get_by_role("button", name="Yes").click()
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_be_visible()
    [vote] = collector.wait_for("vote")
    assert UUID(vote.pop("id"))
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", vote.pop("at"))
    assert vote.pop("dwell_ms") >= 0
    assert re.fullmatch(r"[0-9a-f]{32}", vote.pop("token"))
    assert UUID(vote.pop("visit"))
    assert vote == {
        "type": "vote", "locale": "en", "page": "guide/start", "revision": "0123456789ab",
        "value": "yes", "reasons": [], "comment": "", "q": "", "bot": True,
    }  # fmt: skip


def test_a_no_with_reasons_by_keyboard_is_one_vote(page: Page, base: str, collector: Any) -> None:
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="No", exact=True).focus()
    page.keyboard.press("Enter")
    first = page.get_by_role("group", name="What was the problem?").get_by_role("checkbox").first
    expect(first).to_be_focused()
    page.keyboard.press("Space")
    for _ in range(3):
        page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.get_by_label("What should we change?").fill("  Say which button.  ")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status").filter(has_text="Thank you")).to_be_focused()
    [vote] = collector.wait_for("vote")
    assert vote["value"] == "no"
    assert vote["reasons"] == ["hard_to_understand", "wrong_or_outdated"]
    assert vote["comment"] == "Say which button."


def test_a_no_without_reasons_is_sent_when_the_page_goes(
    page: Page, base: str, collector: Any
) -> None:
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="No", exact=True).click()
    page.goto(base + "index.html")
    [vote] = collector.wait_for("vote")
    assert (vote["value"], vote["reasons"]) == ("no", [])


def test_a_vote_can_be_changed_later(page: Page, base: str, collector: Any) -> None:
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    collector.wait_for("vote")
    page.reload()
    expect(page.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_text("You answered yes. You can change your answer.")).to_be_visible()
    page.get_by_role("button", name="No", exact=True).click()
    page.get_by_role("button", name="Send").click()
    first, second = collector.wait_for("vote", 2)
    assert first["token"] == second["token"]
    assert [first["value"], second["value"]] == ["yes", "no"]


def test_one_reader_has_one_vote_in_two_tabs(page: Page, base: str, collector: Any) -> None:
    other = page.context.new_page()
    for tab in (page, other):
        tab.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    collector.wait_for("vote")
    other.get_by_role("button", name="No", exact=True).click()
    other.get_by_role("button", name="Send").click()
    first, second = collector.wait_for("vote", 2)
    assert first["token"] == second["token"]


def test_a_translation_has_a_vote_of_its_own(
    page: Page, base: str, collector: Any, make_page: Any
) -> None:
    facts = {"page": "guide/start", "collector": collector.url}
    make_page("ar/start", "<p>نص</p>", locale="ar", revision="ba9876543210", **facts)
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    page.goto(base + "ar/start.html")
    expect(page.locator(".kb-ask button[aria-pressed=true]")).to_have_count(0)
    page.locator(".kb-ask button").first.click()
    first, second = collector.wait_for("vote", 2)
    assert {first["locale"], second["locale"]} == {"en", "ar"}
    assert first["token"] != second["token"]
    page.goto(base + "guide/start.html")
    expect(page.get_by_role("button", name="Yes")).to_have_attribute("aria-pressed", "true")


@pytest.mark.parametrize(("revision", "pressed"), [("0123456789ab", "true"), ("ff", "false")])
def test_a_vote_kept_by_its_page_alone_is_that_of_its_revision(
    page: Page, base: str, collector: Any, revision: str, pressed: str
) -> None:
    page.goto(base + "guide/start.html")
    vote = {"token": "0" * 32, "value": "yes", "revision": revision}
    page.evaluate("(vote) => localStorage.setItem('kb.vote.guide/start:/', vote)", json.dumps(vote))
    page.reload()
    yes = page.get_by_role("button", name="Yes")
    expect(yes).to_have_attribute("aria-pressed", pressed)
    yes.click()
    [event] = collector.wait_for("vote")
    assert (event["token"] == vote["token"]) == (pressed == "true")


def test_a_search_its_click_the_view_and_the_query_of_the_vote(
    page: Page, base: str, collector: Any
) -> None:
    page.goto(base + "index.html")
    search_for(page, "pasword")
    page.wait_for_url("**?q=pasword")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/password.html*")
    page.get_by_role("button", name="Yes").click()
    page.wait_for_timeout(300)
    page.goto(base + "index.html")
    [search] = collector.wait_for("search")
    assert (search["q"], search["results"], search["settled_by"]) == ("pasword", 2, "idle")
    assert search["shown"] == ["guide/password", "admin/users"]
    assert search["clicked"] == [{"page": "guide/password", "rank": 1}]
    assert (search["page"], search["corrected"]) == ("index", "password")
    assert collector.wait_for("vote")[0]["q"] == "pasword"
    views = {view["page"]: view for view in collector.wait_for("view", 2)}
    assert views["index"]["from"] == "external"
    assert views["guide/password"]["from"] == "search"
    assert 300 <= views["guide/password"]["dwell_ms"] < 60_000
    assert len({event["visit"] for event in collector.events}) == 1


def test_a_result_in_a_new_tab_counts_as_found_by_the_search(
    context: BrowserContext, page: Page, base: str, collector: Any
) -> None:
    page.goto(base + "index.html")
    search_for(page, "pasword")
    with context.expect_page() as tab:
        page.get_by_role("option").first.click(button="middle")
    tab.value.get_by_role("button", name="Yes").click()
    [vote] = collector.wait_for("vote")
    assert (vote["page"], vote["q"]) == ("guide/password", "pasword")
    tab.value.close()
    page.close()
    assert collector.wait_for("search")[0]["clicked"] == [{"page": "guide/password", "rank": 1}]
    views = {view["page"]: view["from"] for view in collector.wait_for("view", 2)}
    assert views["guide/password"] == "search"


@pytest.mark.parametrize(
    ("start", "link", "way"),
    [("index", "Start", "nav"), ("path", "Next", "path"), ("404", "Start", "notfound")],
)
def test_a_view_tells_how_the_reader_came(
    page: Page, base: str, collector: Any, make_page: Any, start: str, link: str, way: str
) -> None:
    make_page(
        "path", '<p data-kb-path><a href="guide/start.html">Next</a></p>', collector=collector.url
    )
    link_home = '<a href="/guide/start.html">Start</a>'
    make_page("404", link_home, page="", base="/", notfound="1", collector=collector.url)
    site_page = base + ("gone/away.html" if start == "404" else f"{start}.html")
    page.goto(site_page)
    page.get_by_role("link", name=link, exact=True).first.click()
    page.wait_for_url("**/guide/start.html")
    page.goto("about:blank")
    pages_seen = 1 if start == "404" else 2
    views = {view["page"]: view["from"] for view in collector.wait_for("view", pages_seen)}
    assert views["guide/start"] == way


def test_a_missing_page_is_reported_with_its_path(
    page: Page, base: str, collector: Any, make_page: Any
) -> None:
    make_page("404", page="", base="/", notfound="1", collector=collector.url)
    page.goto(base + "guide/old%20name.html?token=secret")
    [missing] = collector.wait_for("notfound")
    assert missing["path"] == "/guide/old name.html"
    assert "secret" not in json.dumps(collector.batches)
    expect(page.get_by_text("Was this page helpful?")).to_have_count(0)


def test_copying_and_printing_are_signs_of_use(page: Page, base: str, collector: Any) -> None:
    page.goto(base + "guide/start.html")
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.evaluate("document.dispatchEvent(new Event('copy'))")
    page.goto("about:blank")
    [view] = collector.wait_for("view")
    assert view["printed"] is True
    assert view["copied"] is True


def test_what_happened_while_the_collector_was_down_arrives_once(
    context: BrowserContext, base: str, collector: Any
) -> None:
    collector.stop()
    page = context.new_page()
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    expect(page.get_by_text("Saved. It will be sent as soon as possible.")).to_be_visible()
    page.close()
    collector.start()
    later = context.new_page()
    later.goto(base + "index.html")
    collector.wait_for("vote", seconds=15)
    collector.wait_for("view", seconds=15)
    later.wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('kb.q.'))")
    assert [vote["value"] for vote in collector.of("vote")] == ["yes"]


@pytest.mark.parametrize("status", [403, 503])
def test_an_event_stays_until_the_collector_has_it(
    page: Page, base: str, collector: Any, status: int
) -> None:
    collector.status = status
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    collector.wait_for_answer(status)
    assert len(queue_of(page)) == 1
    collector.status = 202
    collector.wait_for("vote")
    page.wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('kb.q.'))")


def test_one_bad_event_does_not_hold_up_the_others(page: Page, base: str, collector: Any) -> None:
    page.goto(base + "guide/start.html")
    page.evaluate(
        """to => { for (let index = 0; index < 30; index += 1) {
          const id = crypto.randomUUID();
          const event = { id, type: 'vote', at: new Date().toISOString(), page: 'p' + index,
                          comment: index === 7 ? 'poison' : 'x'.repeat(900) };
          localStorage.setItem('kb.q.' + id, JSON.stringify({ to, after: 0, event })); } }""",
        collector.url,
    )
    page.reload()
    collector.wait_for("vote", 29, seconds=20)
    page.wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('kb.q.'))")
    assert max(len(json.dumps(batch)) for batch in collector.batches) < 9000
    assert "p7" not in {vote["page"] for vote in collector.of("vote")}


def test_tabs_do_not_lose_each_others_events(
    context: BrowserContext, base: str, collector: Any
) -> None:
    pages = [context.new_page() for _ in range(3)]
    for name, page in zip(("index", "guide/start", "guide/password"), pages, strict=True):
        page.goto(base + f"{name}.html")
    for page in pages:
        page.get_by_role("button", name="Yes").click(force=True)
    votes = collector.wait_for("vote", 3)
    assert {vote["page"] for vote in votes} == {"index", "guide/start", "guide/password"}
    pages[0].wait_for_function("!Object.keys(localStorage).some(name => name.startsWith('kb.q.'))")


@pytest.mark.parametrize("wish", ["globalPrivacyControl", "doNotTrack"])
def test_who_asks_for_privacy_is_not_observed_but_may_vote(
    page: Page, base: str, collector: Any, wish: str
) -> None:
    value = "true" if wish == "globalPrivacyControl" else "'1'"
    page.add_init_script(f"Object.defineProperty(navigator, '{wish}', {{ get: () => {value} }})")
    page.goto(base + "index.html")
    search_for(page, "password")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/password.html*")
    page.get_by_role("button", name="Yes").click()
    [vote] = collector.wait_for("vote")
    page.goto("about:blank")
    page.wait_for_timeout(300)
    assert {event["type"] for event in collector.events} == {"vote"}
    assert vote["q"] == ""


def test_what_was_looked_for_is_sent_without_personal_data(
    page: Page, base: str, collector: Any
) -> None:
    page.goto(base + "index.html")
    page.keyboard.press("Control+k")
    page.get_by_role("combobox").fill("qqq bob@example.com")
    page.get_by_label("What were you looking for?").fill("invoice 1234567 of bob@example.com")
    page.get_by_role("button", name="Send").click()
    [wanted] = collector.wait_for("wanted")
    assert (wanted["q"], wanted["text"]) == ("qqq …", "invoice … of …")
    page.keyboard.press("Escape")
    assert collector.wait_for("search")[0]["q"] == "qqq …"
    assert "bob" not in json.dumps(collector.batches)


def test_without_a_collector_nothing_is_asked_or_kept(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    site = make_page("index", "<script src='assets/kb/kb-widget.js'></script>")
    home = serve_dir(site)
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(home + "index.html")
    search_for(page, "password")
    page.keyboard.press("Escape")
    expect(page.get_by_text("Was this page helpful?")).to_have_count(0)
    assert queue_of(page) == []
    assert all(url.startswith(home) for url in asked)


def test_from_a_file_a_vote_reaches_the_collector(page: Page, site: Path, collector: Any) -> None:
    page.goto((site / "guide/start.html").as_uri())
    page.get_by_role("button", name="Yes").click()
    collector.wait_for("vote")
    page.goto((site / "index.html").as_uri())
    [view] = collector.wait_for("view")
    assert view["page"] == "guide/start"
    assert str(site) not in json.dumps(collector.batches)


def test_no_cookie_and_no_request_beyond_site_and_collector(
    context: BrowserContext, base: str, collector: Any
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    page = context.new_page()
    page.goto(base + "index.html")
    page.get_by_role("button", name="Yes").click()
    collector.wait_for("vote")
    assert {url for url in asked if not url.startswith((base, collector.url))} == set()
    assert context.cookies() == []


def test_where_storage_is_blocked_a_vote_still_arrives(
    page: Page, base: str, collector: Any
) -> None:
    page.add_init_script(
        """for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, { get() { throw new DOMException('blocked'); } });"""
    )
    page.goto(base + "guide/start.html")
    page.get_by_role("button", name="Yes").click()
    assert len(collector.wait_for("vote")) == 1


def test_redaction_follows_the_shared_vectors(page: Page) -> None:
    page.add_script_tag(path=SCRIPTS / "redaction.js")
    # As JSON text, so that lone surrogates come through.
    cases = VECTORS.read_text("utf-8")
    wrong = page.evaluate(
        """text => JSON.parse(text).map(({ in: typed, out }) => [typed, redacted(typed), out])
        .filter(([, got, wanted]) => got !== wanted)""",
        cases,
    )
    assert wrong == []


PIECES = st.sampled_from(
    [
        *("ghp_", "eyJ", "AKIA", "password", "paſſword", "token", "toKen", "=", ":", "@", "."),
        *("-", "0123", "7", "٤٥", "abcdef", "ABC", "Zz9", "é", "😀", "…", "<", "(", ","),
        "123e4567-e89b-12d3-a456-426614174000",
        *" \u00a0\u2009\t\n\x1c\x85\ufeff",
    ]
)
TYPED = st.lists(PIECES | st.characters(exclude_categories=["Cs"]), max_size=40).map("".join)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(typed=st.lists(TYPED, min_size=20, max_size=20))
def test_browser_and_collector_redact_alike(page: Page, typed: list[str]) -> None:
    if not page.evaluate("typeof redacted === 'function'"):
        page.add_script_tag(path=SCRIPTS / "redaction.js")
    in_browser = page.evaluate("typed => typed.map((one) => redacted(one))", typed)
    assert in_browser == [redaction.query(one) for one in typed]
