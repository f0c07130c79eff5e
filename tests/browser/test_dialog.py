"""What a reader can do in the search dialog, with the keyboard alone, over http and from a file."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from kbgen_search import queries

pytestmark = pytest.mark.browser

PASSWORD = (
    "<h2 id='reset'>Reset by mail</h2><p>Open the sign in page and reset your "
    "<b>pass</b>word. Passwords differ.</p><pre>password = 1</pre>"
)


@pytest.fixture
def site(make_page: Callable[..., Path]) -> Path:
    make_page("index", "<p>Welcome.</p>", contact="mailto:help@example.com")
    make_page("guide/start", "<p>Sign in.</p>")
    make_page("guide/password", PASSWORD)
    make_page("ar/password", "<p>كلمة المرور</p>", locale="ar")
    return make_page("admin/users")


@pytest.fixture
def home(page: Page, site: Path, serve_dir: Callable[..., str]) -> Page:
    page.goto(serve_dir(site) + "index.html")
    return page


def told(page: Page, name: str) -> list[dict[str, Any]]:
    """The details of the events called `kb:name` since `listen` was called."""
    found: list[dict[str, Any]] = page.evaluate("name => (window.told || {})[name] || []", name)
    return found


def listen(page: Page) -> None:
    page.evaluate(
        """() => { window.told = {};
        for (const name of ['search', 'click', 'preview', 'wanted', 'contact'])
          document.addEventListener('kb:' + name,
            (event) => (window.told[name] = [...(window.told[name] || []), event.detail])); }"""
    )


def open_and_type(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    page.get_by_role("combobox", name="Search").fill(text)


def test_a_button_and_the_keys_open_it_and_esc_gives_the_focus_back(home: Page) -> None:
    button = home.get_by_role("button", name="Search")
    for opening in (lambda: button.click(), lambda: home.keyboard.press("/")):
        opening()
        expect(home.get_by_role("combobox", name="Search")).to_be_focused()
        home.keyboard.press("Escape")
        expect(home.get_by_role("dialog")).to_have_count(0)
    button.focus()
    home.keyboard.press("Control+K")
    home.keyboard.press("Escape")
    expect(button).to_be_focused()


def test_a_click_beside_it_closes_but_selecting_text_does_not(home: Page) -> None:
    open_and_type(home, "password")
    box = home.get_by_role("combobox").bounding_box()
    assert box
    home.mouse.move(box["x"] + 20, box["y"] + 20)
    home.mouse.down()
    home.mouse.move(5, 400)
    home.mouse.up()
    expect(home.get_by_role("dialog")).to_be_visible()
    home.mouse.click(5, 400)
    expect(home.get_by_role("dialog")).to_have_count(0)


def test_a_slash_typed_into_a_field_stays_there(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(make_page("index", "<input aria-label=name>")) + "index.html")
    page.get_by_label("name").press("/")
    expect(page.get_by_label("name")).to_have_value("/")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_results_come_while_typing_with_marked_words(home: Page) -> None:
    open_and_type(home, "password")
    options = home.get_by_role("option")
    expect(options.first).to_contain_text("Reset your password")
    assert options.first.locator("mark").all_inner_texts() == ["password", "password"]
    expect(home.get_by_role("status")).to_have_text("Results: 2")
    expect(home.get_by_role("combobox")).to_have_attribute("aria-expanded", "true")


def test_more_results_come_ten_at_a_time(home: Page) -> None:
    open_and_type(home, "many")
    options = home.get_by_role("option")
    expect(options).to_have_count(10)
    home.get_by_role("button", name="More results").click()
    expect(options).to_have_count(20)
    expect(home.get_by_role("option", selected=True)).to_contain_text("One of many 11")
    home.get_by_role("button", name="More results").click()
    expect(options).to_have_count(23)
    expect(home.get_by_role("button", name="More results")).to_have_count(0)


def test_text_from_the_index_is_never_markup(home: Page) -> None:
    open_and_type(home, "users")
    option = home.get_by_role("option", name="Manage <b>users</b>")
    expect(option).to_contain_text("<img src=x onerror=alert(1)>")
    assert home.locator("dialog img, dialog b").count() == 0


def test_the_keyboard_alone_finds_and_opens_a_section(home: Page) -> None:
    open_and_type(home, "sign")
    expect(home.get_by_role("option")).to_have_count(4)
    box = home.get_by_role("combobox")
    home.keyboard.press("ArrowUp")
    assert box.get_attribute("aria-activedescendant") == "kb-option-3"
    home.keyboard.press("ArrowDown")
    home.keyboard.press("ArrowDown")
    chosen = home.get_by_role("option", selected=True)
    expect(chosen).to_have_text("First steps")
    home.keyboard.press("End")
    expect(chosen).to_contain_text("Manage")
    home.keyboard.press("Home")
    expect(chosen).to_contain_text("Start here")
    home.keyboard.press("ArrowDown")
    home.keyboard.press("Enter")
    home.wait_for_url("**/guide/start.html#first-steps")


def test_enter_opens_the_first_result_and_the_words_are_marked_there(home: Page) -> None:
    open_and_type(home, "pasword")
    expect(home.get_by_role("option").first).to_be_visible()
    home.keyboard.press("Enter")
    home.wait_for_url("**/guide/password.html#reset")
    marks = home.locator("article mark")
    # The h1 holds the id of the page; "Passwords" and the split word are other words.
    assert marks.all_inner_texts() == ["password", "password"]
    before = home.locator("article").inner_text()
    home.keyboard.press("Escape")
    expect(marks).to_have_count(0)
    assert home.locator("article").inner_text() == before


def test_a_result_on_the_page_itself_closes_the_dialog(
    page: Page, site: Path, serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(site) + "guide/password.html")
    open_and_type(page, "password")
    page.get_by_role("option").first.click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert page.url.endswith("guide/password.html#reset")
    expect(page.locator("article mark")).to_have_count(2)


def test_back_from_a_result_on_the_page_itself_leaves_no_query_behind(
    page: Page, site: Path, serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(site) + "guide/password.html")
    open_and_type(page, "password")
    page.wait_for_url("**/password.html?q=password")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/password.html#reset")
    page.go_back()
    page.wait_for_url("**/password.html")
    expect(page.get_by_role("dialog")).to_have_count(0)


@pytest.mark.parametrize(
    ("contact", "href"),
    [
        ("https://help.example.com/new", "https://help.example.com/new?q=zzz&pages=index"),
        (
            "https://help.example.com/new?x=1#form",
            "https://help.example.com/new?x=1&q=zzz&pages=index#form",
        ),
        (
            "https://help.example.com/#/new?x",
            "https://help.example.com/?q=zzz&pages=index#/new?x",
        ),
    ],
)
def test_support_gets_the_query_where_servers_read_it(
    page: Page, make_page: Callable[..., Path], contact: str, href: str
) -> None:
    page.goto((make_page("index", contact=contact) / "index.html").as_uri())
    open_and_type(page, "zzz")
    expect(page.get_by_role("link", name="Contact support")).to_have_attribute("href", href)


def test_as_much_of_a_query_is_read_as_on_the_command_line(home: Page) -> None:
    open_and_type(home, "x" * 395 + " password")
    home.wait_for_function("kb.calls.length")
    assert home.evaluate("kb.calls.at(-1).query.length") == queries.LONGEST_TEXT


TABS = """<div class="tabbed-set tabbed-alternate">
<input checked id=t1 name=t type=radio><input id=t2 name=t type=radio>
<div class="tabbed-labels"><label for=t1>One</label><label for=t2>Two</label></div>
<div class="tabbed-content"><div class="tabbed-block"><p>Nothing.</p></div>
<div class="tabbed-block">{}</div></div></div><style>
.tabbed-block {{ display: none }}
#t1:checked ~ .tabbed-content > :nth-child(1),
#t2:checked ~ .tabbed-content > :nth-child(2) {{ display: block }}</style>"""
FILLER = "<p>Text.</p>" * 90
HIDDEN = "<p id=hit>Here is the password.</p>"
HEADED = f"<h2 id=reset>Reset</h2>{HIDDEN}"
AFTER = f"<p>Password</p>{FILLER}<h2 id=reset>Reset</h2>"


@pytest.mark.parametrize(
    "body",
    [
        f"{AFTER}<details><summary>More</summary>{HIDDEN}</details>",
        f"{AFTER}<details><summary>More</summary><details>{HIDDEN}</details></details>",
        AFTER + TABS.format(HIDDEN),
        FILLER + TABS.format(HEADED),
        f"{FILLER}<details>{TABS.format(HEADED)}</details>",
        f"{FILLER}<details>{HIDDEN}</details>",  # which has no heading to open at
    ],
)
@pytest.mark.parametrize("start", ["index", "guide/password"])
def test_what_was_found_is_in_sight_also_in_closed_blocks_and_tabs(
    page: Page, make_page: Callable[..., Path], body: str, start: str
) -> None:
    make_page("index")
    page.goto((make_page("guide/password", body + FILLER) / f"{start}.html").as_uri())
    open_and_type(page, "password")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/password.html#reset")
    expect(page.locator("#hit mark")).to_be_in_viewport()
    if "id=reset" in body:
        expect(page.locator("#reset")).to_be_in_viewport()


def test_what_is_in_sight_already_stays_as_it_is(
    page: Page, make_page: Callable[..., Path]
) -> None:
    body = "<h2 id=reset>Reset</h2><p>Password</p><details><p>Password</p></details>"
    page.goto(
        (make_page("guide/password", body + TABS.format(HIDDEN)) / "guide/password.html").as_uri()
    )
    open_and_type(page, "password")
    page.get_by_role("option").first.click()
    expect(page.locator("article mark")).to_have_count(4)
    assert page.locator("details[open], #t2:checked").count() == 0


@pytest.mark.parametrize("address", ["http", "file"])
def test_a_result_opened_in_a_new_tab_is_marked_there_and_nothing_stays_behind(
    context: BrowserContext, page: Page, site: Path, serve_dir: Callable[..., str], address: str
) -> None:
    page.goto((serve_dir(site) if address == "http" else site.as_uri() + "/") + "index.html")
    open_and_type(page, "password")
    with context.expect_page() as tab:
        page.get_by_role("option").first.click(button="middle")
    expect(tab.value.locator("article mark")).to_have_count(2)
    with context.expect_page() as other:
        page.keyboard.press("Control+Enter")
    expect(other.value.locator("article mark")).to_have_count(2)
    expect(page.get_by_role("dialog")).to_be_visible()
    kept = "Object.keys(localStorage).filter((name) => name.startsWith('kb.opened'))"
    assert other.value.evaluate(kept) == []
    later = context.new_page()
    later.goto(tab.value.url)
    expect(later.locator("article mark")).to_have_count(0)


def test_a_result_opened_from_its_menu_is_marked_in_the_new_tab(
    context: BrowserContext, page: Page, site: Path
) -> None:
    page.goto((site / "index.html").as_uri())
    open_and_type(page, "password")
    result = page.get_by_role("option").first
    result.click(button="right")
    tab = context.new_page()  # what the browser does when its menu is told to
    tab.goto(str(result.evaluate("(link) => link.href")))
    expect(tab.locator("article mark")).to_have_count(2)


def test_what_no_new_tab_took_is_forgotten(page: Page, site: Path) -> None:
    page.clock.install()
    page.goto((site / "index.html").as_uri())
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    page.evaluate("kb.open('password')")
    page.clock.run_for(1500)
    page.get_by_role("option").first.click(modifiers=["Control"])
    kept = "Object.keys(localStorage).filter((name) => name.startsWith('kb.opened'))"
    assert len(page.evaluate(kept)) == 1
    page.clock.run_for(31_000)
    assert page.evaluate(kept) == []


def test_a_correction_is_said_and_can_be_undone(home: Page) -> None:
    open_and_type(home, "pasword")
    expect(home.get_by_text("Showing results for")).to_contain_text("password")
    home.get_by_role("button", name="Search instead for").click()
    expect(home.get_by_text("Nothing found for")).to_contain_text("pasword")
    assert home.evaluate("kb.calls.at(-1).exact") is True


def test_words_that_no_article_has_are_named(home: Page) -> None:
    open_and_type(home, "password nowhere abroad")
    expect(home.get_by_text("In no article:")).to_have_text("In no article: \u2068nowhere\u2069")


def test_did_you_mean_searches_for_the_suggestion(home: Page) -> None:
    open_and_type(home, "pass")
    home.get_by_role("button", name="Did you mean").click()
    expect(home.get_by_role("combobox")).to_have_value("password")
    expect(home.get_by_role("option")).to_have_count(2)


def test_filters_narrow_the_results_and_can_be_taken_away(home: Page) -> None:
    open_and_type(home, "password")
    chip = home.get_by_role("group", name="Section").get_by_role("button", name="Admin 1")
    chip.click()
    expect(chip).to_have_attribute("aria-pressed", "true")
    expect(chip).to_be_focused()
    expect(home.get_by_role("option")).to_have_count(1)
    home.get_by_role("combobox").fill("start")
    expect(home.get_by_text("Nothing found with these filters")).to_be_visible()
    home.get_by_role("button", name="Remove filters").click()
    expect(home.get_by_role("option")).to_have_count(2)


def test_further_filters_wait_behind_a_button(home: Page) -> None:
    open_and_type(home, "password")
    tags = home.get_by_role("group", name="Tag")
    expect(home.get_by_role("group", name="Section")).to_be_visible()
    expect(tags).to_have_count(0)
    button = home.get_by_role("button", name="Filters", exact=True)
    expect(button).to_have_attribute("aria-expanded", "false")
    button.click()
    home.get_by_role("group", name="For").get_by_role("button", name="admins").click()
    expect(home.get_by_role("option")).to_have_count(1)
    expect(button).to_have_attribute("aria-expanded", "true")


def test_recent_searches_are_offered_and_forgotten(home: Page) -> None:
    for query, title in (("password", "Reset your password"), ("start", "Start here")):
        open_and_type(home, query)
        expect(home.get_by_role("option").first).to_contain_text(title)
        home.keyboard.press("Escape")
        expect(home.get_by_role("dialog")).to_have_count(0)
    open_and_type(home, "")
    expect(home.get_by_role("option")).to_have_text(["start", "password"])
    home.keyboard.press("ArrowDown")
    home.keyboard.press("ArrowDown")
    home.keyboard.press("Enter")
    expect(home.get_by_role("combobox")).to_have_value("password")
    open_and_type(home, "")
    home.get_by_role("button", name="Clear recent searches").click()
    expect(home.get_by_role("option")).to_have_count(0)


def test_nothing_found_offers_near_articles_and_support_with_the_query(home: Page) -> None:
    listen(home)
    open_and_type(home, "zzz +qqq")
    expect(home.get_by_role("heading", name="Closest articles")).to_be_visible()
    assert home.locator(".kb-nearest li").count() == 3
    link = home.get_by_role("link", name="Contact support")
    address = link.get_attribute("href") or ""
    assert address.startswith("mailto:help@example.com?subject=zzz%20%2Bqqq&body=")
    link.evaluate("link => link.addEventListener('click', event => event.preventDefault())")
    link.click()
    assert told(home, "contact") == [{"q": "zzz +qqq", "pages": ["index"]}]
    expect(home.get_by_label("What were you looking for?")).to_have_count(0)


def test_what_was_looked_for_can_be_said_where_somebody_listens(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    site = make_page("index", collector="http://127.0.0.1:9")
    (site / "assets/kb/kb-widget.js").write_text("")
    page.goto(serve_dir(site) + "index.html")
    listen(page)
    open_and_type(page, "zzz")
    page.get_by_label("What were you looking for?").fill(" how to frobnicate ")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("Thank you. The editors will see it.")).to_be_focused()
    assert told(page, "wanted") == [{"q": "zzz", "text": "how to frobnicate"}]


def test_a_broken_index_gives_a_message(home: Page) -> None:
    open_and_type(home, "broken")
    expect(home.get_by_role("alert")).to_have_text("Search does not work right now.")
    expect(home.get_by_text("The index could not be loaded.")).to_be_visible()
    home.get_by_role("combobox").fill("password")
    expect(home.get_by_role("option")).to_have_count(2)


def test_an_answer_stands_on_top_and_says_when_it_was_opened(home: Page) -> None:
    listen(home)
    open_and_type(home, "how long password")
    box = home.get_by_role("region", name="Answer")
    expect(box).to_contain_text("Forgot password")
    assert home.get_by_role("option").first.locator(".kb-snippet").count() == 1
    assert told(home, "preview") == []
    box.get_by_role("button", name="Show the whole answer").click()
    assert told(home, "preview") == [{"q": "how long password", "page": "guide/password"}]
    box.get_by_role("link").click()
    home.wait_for_url("**/guide/password.html#reset")


def test_a_search_is_told_once_when_it_is_settled(home: Page) -> None:
    listen(home)
    open_and_type(home, "pass")
    open_and_type(home, "password")
    home.wait_for_function("(window.told.search || []).length")
    [search] = told(home, "search")
    assert search == {
        "q": "password",
        "results": ["guide/password", "admin/users"],
        "settled_by": "idle",
        "total": 2,
        "corrected": "",
        "lang": "en",
    }
    home.keyboard.press("Escape")
    expect(home.get_by_role("dialog")).to_have_count(0)
    assert len(told(home, "search")) == 1


@pytest.mark.parametrize("by", ["blur", "click"])
def test_leaving_and_clicking_settle_a_query(home: Page, by: str) -> None:
    listen(home)
    open_and_type(home, "password")
    home.get_by_role("option").first.wait_for()
    if by == "click":
        home.get_by_role("option").nth(1).click(modifiers=["Control"])
        assert told(home, "click") == [{"q": "password", "page": "admin/users", "rank": 2}]
    else:
        home.get_by_role("button", name="Close").click()
    home.wait_for_function("(window.told.search || []).length")
    assert [search["settled_by"] for search in told(home, "search")] == [by]


def test_an_address_with_a_query_can_be_shared(home: Page, new_context: Any) -> None:
    open_and_type(home, "password reset")
    home.wait_for_url("**/index.html?q=password+reset")
    other = new_context().new_page()
    other.goto(home.url)
    expect(other.get_by_role("combobox")).to_have_value("password reset")
    expect(other.get_by_role("option")).to_have_count(2)
    home.keyboard.press("Escape")
    home.wait_for_url("**/index.html")


def test_going_back_from_a_result_shows_the_results_again(home: Page) -> None:
    open_and_type(home, "password")
    home.get_by_role("option").first.click()
    home.wait_for_url("**/password.html#reset")
    home.go_back()
    expect(home.get_by_role("option").first).to_contain_text("Reset your password")


def test_a_result_in_another_language_is_named_as_such(home: Page) -> None:
    open_and_type(home, "المرور")
    option = home.get_by_role("option")
    expect(option).to_have_attribute("lang", "ar")
    expect(option).to_contain_text("Arabic")


def test_it_works_from_a_file_and_without_storage(page: Page, site: Path) -> None:
    page.add_init_script(
        """for (const name of ['localStorage', 'sessionStorage'])
        Object.defineProperty(window, name, { get() { throw new DOMException('blocked'); } });"""
    )
    page.goto((site / "index.html").as_uri())
    open_and_type(page, "password")
    page.wait_for_timeout(1100)
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/password.html#reset")


def test_words_are_marked_on_the_page_from_a_file(page: Page, site: Path) -> None:
    page.goto((site / "index.html").as_uri())
    open_and_type(page, "password")
    page.get_by_role("option").first.click()
    expect(page.locator("article mark")).to_have_count(2)


def test_a_strict_policy_is_enough(page: Page, site: Path, serve_dir: Callable[..., str]) -> None:
    policy = "default-src 'none'; script-src 'self'; style-src 'self'"
    reports: list[str] = []
    page.on("console", lambda message: reports.append(message.text))
    page.goto(serve_dir(site, headers={"Content-Security-Policy": policy}) + "index.html")
    open_and_type(page, "how password")
    expect(page.get_by_role("option").first).to_be_visible()
    assert [report for report in reports if "favicon" not in report] == []


def test_no_request_leaves_the_site(
    context: BrowserContext, site: Path, serve_dir: Callable[..., str]
) -> None:
    asked: list[str] = []
    context.on("request", lambda request: asked.append(request.url))
    home = serve_dir(site)
    page = context.new_page()
    page.goto(home + "index.html")
    open_and_type(page, "password")
    page.get_by_role("option").first.click()
    page.wait_for_url("**/guide/password.html#reset")
    assert {url for url in asked if not url.startswith(home)} == set()
    assert context.cookies() == []


def test_a_button_that_the_page_brings_is_used(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    from kbgen_search.browser import dialog

    page.goto(serve_dir(make_page("index", dialog.button_html("en"))) + "index.html")
    page.get_by_role("button", name="Search").click()
    expect(page.get_by_role("combobox")).to_be_focused()
    assert page.locator(".kb-open").count() == 1


def test_a_missing_page_offers_articles_by_the_words_of_its_address(
    page: Page, make_page: Callable[..., Path], serve_dir: Callable[..., str]
) -> None:
    site = make_page("404", page="", base="/", notfound="1")
    page.goto(serve_dir(site) + "old/reset-pasword.html")
    expect(page.get_by_role("heading", name="Perhaps you were looking for")).to_be_visible()
    expect(page.get_by_role("link", name="Reset your password")).to_be_visible()
