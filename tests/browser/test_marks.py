"""Which words are marked on the page that opens."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playwright.sync_api import Page

pytestmark = pytest.mark.browser
BROWSER = Path(__file__).parent.parent.parent / "search/kbgen_search/browser"


@pytest.fixture
def article(page: Page) -> Page:
    """A page on which the functions that mark can be called."""
    page.set_content("<article></article>")
    for script in (BROWSER / "common/dom.js", BROWSER / "dialog/js/marks.js"):
        page.add_script_tag(path=script)
    return page


def mark(page: Page, text: str, terms: list[str], query: str = "") -> list[str]:
    """The marked words of an article with this text; taking the marks away restores it."""
    marks, before, after = page.evaluate(
        """([text, terms, query]) => {
          const article = document.querySelector('article');
          article.textContent = text;
          const before = article.textContent;
          markArticle(terms, query);
          const marks = Array.from(article.querySelectorAll('mark'), (one) => one.textContent);
          unmarkArticle();
          const whole = article.childNodes.length <= 1;
          return [marks, before, whole ? article.textContent : 'in pieces'];
        }""",
        [text, terms, query],
    )
    assert after == before
    found: list[str] = marks
    return found


@pytest.mark.parametrize(
    ("text", "terms", "marks"),
    [
        ("Password, password; passwords", ["password"], ["Password", "password"]),
        ("the Résumé of a cafe", ["resume", "café"], ["Résumé", "cafe"]),
        ("one one one", ["one"], ["one", "one", "one"]),
        ("log-in and C++ (see a.b)", ["log-in", "c++", "a.b"], ["log-in", "C++", "a.b"]),
        ("パスワードを入力", ["パス", "スワ", "ワー", "ード"], ["パスワード"]),
        ("登录密码", ["密码"], ["密码"]),
        ("كلمة المرور", ["المرور"], ["المرور"]),
        ("😀 word 😀", ["word"], ["word"]),
        ("Straße und strasse", ["straße"], ["Straße"]),
        ("timeoutMs, timeouts", ["timeout"], ["timeout"]),
        ("set timeoutMs to 5", ["timeout", "ms"], ["timeoutMs"]),
        ("since v2.13.4 or 12.13.4", ["2.13.4"], ["2.13.4"]),
        ("HTTPError of https", ["http", "error"], ["HTTPError"]),
        ("使用API密码或SSO登录", ["api", "sso"], ["API", "SSO"]),
        ("v2の設定", ["v2"], ["v2"]),
        ("İstanbul, ISTANBUL", ["i̇stanbul"], ["İstanbul", "ISTANBUL"]),
        ("cafe\u0301s cafe\u0301", ["café"], ["cafe\u0301"]),
        ("한국어 하나", ["하"], ["하"]),
        ("a Einstein eins", ["ein", "stein"], []),
        ("nothing here", ["", " ", "("], []),
        ("no terms", [], []),
    ],
)
def test_words_are_marked_whole(
    article: Page, text: str, terms: list[str], marks: list[str]
) -> None:
    assert mark(article, text, terms) == marks


@pytest.mark.parametrize(
    ("text", "query", "marks"),
    [
        ("กรุณาทำรหัสผ่านใหม่", "รหัสผ่าน", ["รหัสผ่าน"]),
        ("กรุณาทำรหัสผ่านใหม่", "ทำ", ["ทำ"]),
        ("กรุณาทำรหัสผ่านใหม่", "ใหม่ กรุณา", ["กรุณา", "ใหม่"]),
        ("ﾊﾟｽﾜｰﾄﾞを入力", "パスワード", ["ﾊﾟｽﾜｰﾄﾞ"]),
        ("ﾊﾟｽﾜｰﾄﾞを入力", "x", ["ﾊﾟｽﾜｰﾄﾞを入力"]),
    ],
)
def test_of_a_run_without_spaces_what_was_typed_is_marked(
    article: Page, text: str, query: str, marks: list[str]
) -> None:
    assert mark(article, text, [text], query) == marks


def test_code_that_is_no_text_and_our_own_parts_stay_unmarked(article: Page) -> None:
    article.locator("article").evaluate(
        """one => { one.innerHTML = '<p>word</p><script type="text/plain">word</script>' +
          '<textarea>word</textarea><section class="kb">word</section>'; }"""
    )
    article.evaluate("markArticle(['word'])")
    assert article.locator("mark").count() == 1


def test_at_most_two_hundred_words_are_marked(article: Page) -> None:
    assert len(mark(article, "word " * 1000, ["word"])) == 200


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(alphabet=st.characters(exclude_categories=["Cs"], exclude_characters="\0\r")),
    terms=st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), max_size=3),
)
def test_marking_never_changes_the_text(article: Page, text: str, terms: list[str]) -> None:
    mark(article, text, terms, text)
