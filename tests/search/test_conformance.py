"""The same query gives the same answer in Python and in a real browser, to the last digit."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from kbgen_search.articles import Article
from kbgen_search.synonyms import Synonym

from .conftest import HEADED, article, engine_of, section

pytestmark = pytest.mark.browser
SYNONYMS = (
    Synonym("2fa", "two-factor authentication"),
    Synonym("two-factor authentication", "2fa"),
)
ARTICLES = (
    article(
        "password",
        "Reset your password",
        "Choose “Forgot password” on the sign-in page. We send a link to your e-mail address.",
        keywords=("locked out", "cannot log in"),
        questions=("How do I get back into my account?",),
        tags=("account",),
        area="Account",
        sections=(section("No mail arrives", "Look into the spam folder, or wait ten minutes."),),
    ),
    article(
        "two-factor",
        "Set up two-factor authentication",
        "Scan the code with an app. Keep the recovery codes in a safe place 🔑 at home.",
        tags=("account", "security"),
        area="Account",
        sections=(section("Lost phone", "Use a recovery code, or contact support."),),
    ),
    article(
        "install",
        "Install the command line tool",
        "Download it, unpack it, and reinstall after each upgrade. The logfile tells more.",
        area="Tools",
        sections=(section("Errors", "E1234 means no network.", "tool --dry-run\nnumpy.array(3)"),),
    ),
    article("emoji", "Emoji 🎉", "🔑 " * 90 + "the treasure is hidden here " + "🎈 balloons " * 60),
    article(
        "api", "API", "Call client.getUser with timeoutMs or max_size, max_size; Node.js 3.11.2"
    ),
    article("plan", "Change your plan", "Upgrade or downgrade at any time; the log file stays."),
    article("plans", "All plans", "Prices of all plans, in a table. Plans are billed monthly."),
    article("reset", "Contraseña", "Cambia tu contraseña en la configuración.", locale="es"),
    article(
        "kaku", "パスワードを変更する", "設定を開いて、新しいパスワードを入力します。", locale="ja"
    ),
    article("konto", "Konto", "Das Passwort ist in der App.", locale="de"),
    *[article(f"r{n:02}", f"Rechnung {n}", "Für das Konto.", locale="de") for n in range(25)],
    article("anschrift", "Rechnungsanschrift", "Die Rechnungsadresse ändern.", locale="de"),
    *[article(f"r{n:02}", f"Rechnung {n}", "Rechnung.", locale="fr") for n in range(25)],
    *HEADED,
    article("taghyir", "تغيير كلمة المرور", "افتح الإعدادات ثم غيّر كلمة المرور.", locale="ar"),
    article("gaimima", "更改密码", "打开设置，输入新密码。忘记密码怎么办？", locale="zh"),
)
QUERIES = [
    *[("en", text) for text in (
        "password", "pasword", "reset pasword", "how do i get back into my account", "2fa",
        "two factor authentication", "log in", "e mail", "email", "re install", "logflie", "passw",
        "recovery codes", "E1234", "--dry-run", "numpy.array", "plan", "plans", "xyzzy", "the",
        "upgrade plan", "forgot pasword", "contact suport 🔑", "contraseña", "", "   ", "?", "s",
        "in a safe place at home", "change your plan", "logfile tells", "密码", "billed montly",
        "treasure hidden", "emoji 🎉", "passwort", "reset passwort", "pasword app",
        "password 忘记 xyzzy", "rechnung", "rechnung konto", "passwords passwort",
        "getuser", "timeoutms", "maxsize", "node.js", "3.11", "client.getuser",
        "error 4711", "roihu gpu", "roihu cpu",
    )],
    *[("es", text) for text in ("contrasena", "cambiar configuracion", "contraceña", "password")],
    *[("de", text) for text in ("rechnung adresse", "rechnungs konto", "rechnugn konto", "der")],
    *[("ja", text) for text in ("パスワード", "新しい", "変", "設定 入力")],
    *[("ar", text) for text in ("كلمه المرور", "اعدادات", "المرور", "كيف أغير كلمتي")],
    *[("zh", text) for text in ("密码", "忘记密码怎么办", "设置", "新")],
    *[("zh", text) for text in ("密码量子力学", "改密码 abc")],
]  # fmt: skip


def without_time(response: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in response.items() if name != "took_ms"}


def test_both_sides_answer_alike(kb_search: Callable[..., Any], tmp_path: Path) -> None:
    engine = engine_of(tmp_path / "index", ARTICLES, SYNONYMS)
    search = kb_search(ARTICLES, synonyms=SYNONYMS)
    for lang, text in QUERIES:
        ours = msgspec.to_builtins(engine.search(text, lang))
        theirs = search(text, lang=lang)
        assert without_time(theirs) == msgspec.json.decode(
            msgspec.json.encode(without_time(ours))
        ), text


@pytest.mark.parametrize(
    "wish",
    [
        {"exact": True},
        {"limit": 1},
        {"limit": 30},
        {"filters": {"area": "Account"}},
        {"filters": {"tag": "security", "area": "Account"}},
        {"filters": {"area": "Nowhere"}},
    ],
)
def test_wishes_mean_the_same(
    kb_search: Callable[..., Any], tmp_path: Path, wish: dict[str, Any]
) -> None:
    engine = engine_of(tmp_path / "index", ARTICLES)
    search = kb_search(ARTICLES)
    for text in ("recovery code", "pasword", "account plan", "rechnung"):
        ours = msgspec.json.decode(msgspec.json.encode(engine.search(text, "en", **wish)))
        assert without_time(search(text, lang="en", **wish)) == without_time(ours), text


def test_common_words_count_by_their_place_alone(
    kb_search: Callable[..., Any], tmp_path: Path
) -> None:
    many: list[Article] = [
        article(f"a{n:04}", f"Guide {n}", f"settings word{n % 7}") for n in range(1100)
    ]
    many += [article("z", "All settings", "nothing else")]
    engine = engine_of(tmp_path / "index", many)
    assert [hit.page for hit in engine.search("settings").results] == ["z"]
    assert [hit["page"] for hit in kb_search(many)("settings")["results"]] == ["z"]
