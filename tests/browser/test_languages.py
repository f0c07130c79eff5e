"""In each language the site speaks it, finds an exact word, and marks it in list and article."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from kbgen_feedback import widget
from kbgen_search.browser import dialog

pytestmark = pytest.mark.browser
# language: title, text, a word of the text as a reader types it
TEXTS = {
    "en": ("Sign in", "Enter your password to open the account.", "password"),
    "es": ("Iniciar sesión", "Escriba la contraseña para abrir la cuenta.", "contraseña"),
    "fr": ("Se connecter", "Saisissez le mot de passe de votre compte privé.", "privé"),
    "id": ("Masuk", "Ketik kata sandi untuk membuka akun.", "sandi"),
    "ar": ("تسجيل الدخول", "أدخل كلمة المرور لفتح الحساب.", "المرور"),
    "ja": ("ログイン", "アカウントを開くにはパスワードを入力します。", "パスワード"),
    "zh": ("登录", "输入密码即可打开帐户。", "密码"),
}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory, build_site: Callable[[Path], Path]) -> Path:
    """One knowledge base with an article in each language."""
    folder = tmp_path_factory.mktemp("languages")
    (folder / "docs").mkdir()
    (folder / "mkdocs.yml").write_text(
        "site_name: Languages\ntheme: {name: material}\n"
        "plugins: [kbgen: {collector: 'http://127.0.0.1:9'}]\n"
    )
    (folder / "docs/index.md").write_text("# Home\n\nWelcome.\n")
    for locale, (title, text, _) in TEXTS.items():
        article = f"---\nlang: {locale}\n---\n# {title}\n\n{text}\n"
        (folder / f"docs/{locale}-sign-in.md").write_text(article, "utf-8")
    thai = "---\nlang: th\n---\n# เข้าสู่ระบบ\n\nกรุณาทำรหัสผ่านใหม่\n"
    (folder / "docs/th-sign-in.md").write_text(thai, "utf-8")
    return build_site(folder)


@pytest.mark.parametrize("locale", TEXTS)
def test_a_word_is_found_and_marked(
    locale: str, page: Page, built: Path, serve_dir: Callable[..., str]
) -> None:
    title, _, word = TEXTS[locale]
    page.goto(serve_dir(built) + f"{locale}-sign-in/")
    expect(page.get_by_text(widget.strings(locale)["question"])).to_be_visible()
    page.get_by_role("button", name=dialog.strings(locale)["search"]).click()
    page.get_by_role("combobox").fill(word)
    option = page.get_by_role("option").first
    expect(option).to_contain_text(title)
    assert "".join(option.locator(".kb-snippet mark").all_inner_texts()) == word
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator("article mark").first.wait_for()
    assert "".join(page.locator("article mark").all_inner_texts()) == word


def test_in_the_article_only_what_was_typed_is_marked_of_a_run_of_thai(
    page: Page, built: Path, serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(built) + "th-sign-in/")
    page.evaluate("kb.open('รหัสผ่าน')")
    page.get_by_role("option").first.click()
    expect(page.locator("article mark")).to_have_text("รหัสผ่าน")


def test_an_article_of_another_language_has_every_word_and_is_marked(
    page: Page, built: Path, serve_dir: Callable[..., str]
) -> None:
    page.goto(serve_dir(built) + "en-sign-in/")
    page.evaluate("kb.open('パスワード')")
    expect(page.get_by_role("option")).to_contain_text("ログイン")
    expect(page.get_by_text("In no article")).to_have_count(0)
    page.keyboard.press("Enter")
    expect(page.locator("article mark")).to_have_text("パスワード")


STANDS_IN = """\
site_name: Help
theme: {{name: material}}
plugins:
  - kbgen: {{collector: '{collector}'}}
  - i18n:
      languages:
        - {{locale: en, name: English, default: true}}
        - {{locale: ar, name: العربية}}
"""


def test_where_a_translation_is_missing_the_page_still_speaks_the_readers_language(
    page: Page,
    tmp_path: Path,
    collector: Any,
    serve_dir: Callable[..., str],
    build_site: Callable[[Path], Path],
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "mkdocs.yml").write_text(STANDS_IN.format(collector=collector.url), "utf-8")
    for name, text in {"index": "Home", "index.ar": "الفواتير", "vat": "VAT"}.items():
        (tmp_path / f"docs/{name}.md").write_text(f"# {text}\n\ntext\n", "utf-8")
    page.goto(serve_dir(build_site(tmp_path)) + "ar/vat/")
    words = widget.strings("ar")
    group = page.get_by_role("group", name=words["question"])
    assert group.evaluate("(one) => getComputedStyle(one).direction") == "rtl"
    heading = page.get_by_role("heading", name="VAT")
    assert heading.evaluate(
        "(one) => [getComputedStyle(one).direction, one.closest('[lang]').lang]"
    ) == ["ltr", "en"]
    group.get_by_role("button", name=words["yes"]).click()
    [vote] = collector.wait_for("vote")
    assert (vote["page"], vote["locale"]) == ("vat", "en")
    page.get_by_role("button", name=dialog.strings("ar")["search"]).click()
    page.get_by_role("combobox").fill("text")
    expect(page.get_by_role("option").first).to_contain_text("الفواتير")
    page.get_by_role("option").first.click()
    [search] = collector.wait_for("search")
    assert (search["locale"], search["clicked"][0]["page"]) == ("ar", "index")


def test_a_missing_page_offers_articles_in_the_language_of_its_address(
    page: Page,
    tmp_path: Path,
    serve_dir: Callable[..., str],
    build_site: Callable[[Path], Path],
) -> None:
    (tmp_path / "docs").mkdir()
    place = "site_dir: site/help\nsite_url: https://a.example/help/\n"
    settings = STANDS_IN.format(collector="http://127.0.0.1:9") + place
    (tmp_path / "mkdocs.yml").write_text(settings, "utf-8")
    articles = {
        "index": "Help",
        "vat": "VAT",
        "vat.ar": "ضريبة VAT",
        "sign-in": "How to sign in",
        "arabic": "Ar stands for Arabic",
    }
    for name, title in articles.items():
        (tmp_path / f"docs/{name}.md").write_text(f"# {title}\n\ntext\n", "utf-8")
    site = build_site(tmp_path)
    shutil.copy(site / "help/404.html", site / "404.html")
    offered = page.locator(".kb-notfound").get_by_role("link")
    for path, titles in {
        "help/gone/vat/": ["VAT"],
        "help/ar/gone/vat/": ["ضريبة VAT"],
        "help/ar/gone/sign-in.html": ["How to sign in"],
    }.items():
        page.goto(serve_dir(site) + path)
        expect(offered).to_have_text(titles)
        assert offered.get_attribute("lang") == ("ar" if "ضريبة" in titles[0] else None)
