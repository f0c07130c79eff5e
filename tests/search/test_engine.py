from pathlib import Path

import pytest

from kbgen_search.articles import Article
from kbgen_search.engine import Engine
from kbgen_search.synonyms import Synonym

from .conftest import HEADED, article, engine_of, section

FILLER = [article(f"filler{n}", f"Topic {n}", f"Something about subject {n}.") for n in range(12)]


def pages(engine: Engine, query: str, **wishes: object) -> list[str]:
    return [hit.page for hit in engine.search(query, **wishes).results]  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Engine:
    articles = [
        article(
            "login",
            "Sign in",
            "Enter name and password. If you forgot the password, reset it by e-mail.",
            keywords=("locked out",),
            questions=("Why can I not get into my account?",),
            sections=(section("Reset the password", "A link comes by e-mail within minutes."),),
            tags=("account",),
            area="Account",
        ),
        article(
            "travel",
            "Should travelers wear facemasks?",
            "On planes and trains it is advised to wear one.",
            area="Health",
        ),
        article("cli", "Command line", "Install with pip.", sections=(
            section("Errors", "E1234 is a network failure.", "getUserName --dry-run numpy.array"),
        )),
        article("restore", "Restore a backup", "Restoring takes minutes. Reinstall if it fails."),
        *FILLER,
    ]  # fmt: skip
    synonyms = [Synonym("2fa", "two factor"), Synonym("wipe", "restore")]
    return engine_of(tmp_path_factory.mktemp("index"), articles, synonyms)


@pytest.mark.parametrize(
    ("query", "page"),
    [
        ("password", "login"),
        ("locked out", "login"),
        ("why can't i get in my account", "login"),
        ("pasword", "login"),
        ("apssword", "login"),
        ("how do I reset my pasword", "login"),
        ("email", "login"),
        ("face masks", "travel"),
        ("re install", "restore"),
        ("restored", "restore"),
        ("wipe", "restore"),
        ("E1234", "cli"),
        ("getusername", "cli"),
        ("user name", "cli"),
        ("--dry-run", "cli"),
        ("numpy.array", "cli"),
        ("instal", "cli"),
    ],
)
def test_readers_words_find_the_article(engine: Engine, query: str, page: str) -> None:
    assert pages(engine, query)[:1] == [page]


def test_the_best_section_is_the_target(engine: Engine) -> None:
    hit = engine.search("reset link minutes").results[0]
    assert hit.url == "login/#reset-the-password"
    assert (hit.section.title, hit.section.anchor) == ("Reset the password", "reset-the-password")


@pytest.mark.parametrize(
    ("query", "anchor"),
    [("error 4711", "error-4711"), ("roihu gpu", "gpu"), ("roihu cpu", "roihu-cpu")],
)
def test_the_section_whose_heading_has_the_words_is_the_target(
    tmp_path: Path, query: str, anchor: str
) -> None:
    engine = engine_of(tmp_path, [*HEADED, *FILLER])
    assert engine.search(query).results[0].section.anchor == anchor


def test_an_article_opens_at_its_top_for_its_own_title(engine: Engine, tmp_path: Path) -> None:
    assert engine.search("sign in").results[0].url == "login/"
    quota = article("quota", "Resource quota", "What a project may use.", sections=(
        section("CSC project quotas", "Each project has its own resource quota."),
    ))  # fmt: skip
    engine = engine_of(tmp_path, [quota, *FILLER])
    (hit,) = engine.search("resource quota").results
    assert (hit.url, hit.snippet) == ("quota/", "What a project may use.")
    assert [one.anchor for one in hit.sections] == ["csc-project-quotas"]
    (hit,) = engine.search("project resource quota").results
    assert hit.url == "quota/#csc-project-quotas"


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("Set timeoutMs to 5.", "timeoutms", "timeoutMs"),
        ("Call client.getUser once.", "getuser", "getUser"),
        ("Set max_size, max_size now.", "maxsize", "max_size"),
        ("Set timeoutMs to 5.", "timeout", "timeout"),
    ],
)
def test_a_name_found_as_a_whole_is_marked_as_one(
    tmp_path: Path, text: str, query: str, marked: str
) -> None:
    response = engine_of(tmp_path, [article("a", "Names", text)]).search(query)
    [hit] = response.results
    assert {hit.snippet[start:end] for start, end in hit.highlights} == {marked}
    assert response.terms == [marked.lower()]


def test_corrections_are_told_and_can_be_refused(engine: Engine) -> None:
    response = engine.search("reset pasword")
    assert response.corrected == "reset password"
    assert [(one.was, one.now) for one in response.corrections] == [("pasword", "password")]
    assert response.suggestions == ["reset password"]
    exact = engine.search("pasword", exact=True)
    assert (exact.results, exact.corrected, exact.missing) == ([], "", ["pasword"])


def test_words_that_are_nowhere_are_told(engine: Engine) -> None:
    response = engine.search("password quibblefrotz")
    assert response.missing == ["quibblefrotz"]
    assert response.results[0].page == "login"


@pytest.mark.parametrize("query", ["qzxwvkj", "xkcdplmq rtyuvbn", "", "  ", "?!", "the zzqqxx"])
def test_nonsense_finds_nothing(engine: Engine, query: str) -> None:
    response = engine.search(query)
    assert (response.total, response.results) == (0, [])


def test_an_exact_word_precedes_a_correction(tmp_path: Path) -> None:
    many = [article(f"p{n}", "Print", "The printer prints.") for n in range(30)]
    engine = engine_of(tmp_path, [*many, article("x", "Notes", "A prunter is not known.")])
    assert pages(engine, "prunter")[0] == "x"


def test_snippets_surround_the_matched_words(engine: Engine) -> None:
    hit = engine.search("forgot password").results[0]
    marked = {hit.snippet[start:end] for start, end in hit.highlights}
    assert marked == {"forgot", "password"}
    assert engine.search("sign").results[0].title_highlights == [(0, 4)]


def test_a_long_text_is_quoted_around_the_words(tmp_path: Path) -> None:
    text = "Lorem ipsum dolor sit amet. " * 60 + "The needle is here. " + "Tail of it. " * 60
    snippet = engine_of(tmp_path, [article("a", "Hay", text)]).search("needle").results[0].snippet
    assert "needle" in snippet
    assert len(snippet) < 200
    assert snippet.startswith("…")
    assert snippet.endswith("…")


def test_a_section_without_text_is_quoted_from_another(tmp_path: Path) -> None:
    found = article("a", "Reset", sections=(section("Steps", "Open the menu."),))
    hit = engine_of(tmp_path, [found]).search("reset").results[0]
    assert (hit.url, hit.snippet) == ("a/", "Open the menu.")


def test_an_entry_of_questions_is_answered(engine: Engine) -> None:
    answer = engine.search("why can i not get into my account").answer
    assert answer is not None
    assert answer.page == "login"
    assert engine.search("minutes").answer is None


def test_filters_narrow_and_facets_count(engine: Engine) -> None:
    response = engine.search("enter reset wear password planes")
    assert response.facets["area"] == [("Account", 1), ("Health", 1)]
    assert pages(engine, "wear password", filters={"area": "Health"}) == ["travel"]
    assert pages(engine, "wear password", filters={"tag": "account"}) == ["login"]
    assert pages(engine, "wear password", filters={"tag": "none"}) == []


def test_more_results_begin_with_the_fewer(engine: Engine) -> None:
    assert (
        pages(engine, "subject something", limit=3)
        == pages(engine, "subject something", limit=10)[:3]
    )
    assert engine.search("subject something", limit=3).total == 12


LOCALES = [
    article("start", "Start", "Begin with the token."),
    article("inicio", "Inicio", "Empieza con la contraseña.", locale="es"),
    article("start", "Inicio rápido", "Empieza aquí.", locale="es"),
    article("api", "API token", "Make an API token."),
]


def test_the_readers_language_comes_first_and_others_fill_up(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, LOCALES)
    assert [(hit.page, hit.locale) for hit in engine.search("api token", "es").results] == [
        ("api", "en")
    ]
    assert engine.search("empieza", "es-MX").lang == "es"
    assert [hit.locale for hit in engine.search("empieza", "es").results] == ["es", "es"]
    assert engine.search("token", "fr").lang == "en"


def test_a_word_is_found_in_what_it_is_put_together_with(tmp_path: Path) -> None:
    found = [
        article("neu", "Passwortänderung", "Öffnen Sie die Einstellungen.", locale="de"),
        article("pass", "Reisepass", "Öffnen Sie ihn.", locale="de"),
        article("wort", "Wort", "Ein Passwort ist kein Wort.", locale="de"),
    ]
    engine = engine_of(tmp_path, found)
    assert engine.search("Passwort öffnen", "de").results[0].page == "neu"
    assert {hit.page for hit in engine.search("Passwort ändern!", "de").results} == {"neu", "wort"}


def test_a_word_of_another_language_is_not_read_as_another_word(tmp_path: Path) -> None:
    found = [article("base", "Base"), article("etwas", "Etwas", "Käse essen.", locale="de")]
    engine = engine_of(tmp_path, found)
    answer = engine.search("Käse", "en")
    assert (answer.corrected, [hit.page for hit in answer.results]) == ("", ["etwas"])
    assert (answer.missing, answer.terms) == (["Käse"], ["käse"])
    assert engine.search("bsae", "en").corrected == "base"


def test_articles_of_other_languages_go_on_and_are_counted_once(tmp_path: Path) -> None:
    names = [f"a{number:02}" for number in range(25)]
    found = [article(name, "Factura", locale=lang) for name in names for lang in ("es", "it")]
    engine = engine_of(tmp_path, [article("base", "Base"), *found])
    first, all_of_them = (engine.search("factura", "en", limit=limit) for limit in (10, 30))
    assert (len(first.results), first.total > 10) == (10, True)
    assert (sorted(hit.page for hit in all_of_them.results), all_of_them.total) == (names, 25)
    assert [hit.page for hit in first.results] == [hit.page for hit in all_of_them.results][:10]


def test_articles_with_every_word_are_found_behind_better_ones_with_some(tmp_path: Path) -> None:
    titles = ["Factura", "Pago"] * 20
    some = [article(f"a{n:02}", title, title, locale="es") for n, title in enumerate(titles)]
    whole = article("z", "Otra", "nada " * 200 + "factura y pago", locale="es")
    engine = engine_of(tmp_path, [article("base", "Base"), *some, whole])
    answer = engine.search("factura pago", "en")
    assert ([hit.page for hit in answer.results], answer.total) == (["z"], 1)


@pytest.mark.parametrize("query", ["refund", "remboursement refund", "nothing", "", "topic"])
def test_pages_are_those_that_a_search_shows(tmp_path: Path, query: str) -> None:
    french = [article("r", "Remboursement refund", "Refund.", locale="fr"), FILLER[0]]
    engine = engine_of(tmp_path, [article("r", "Refund", "Money back."), *french, *FILLER[1:]])
    for lang in ("en", "fr", None):
        assert engine.pages(query, lang, 5) == pages(engine, query, lang=lang, limit=5)


def test_of_translations_the_one_that_matches_best_is_shown(tmp_path: Path) -> None:
    found = [
        article("base", "Base", locale="pt-BR"),
        article("pay", "Zahlen", "Viele Angaben, darunter auch die IBAN.", locale="de"),
        article("mehr", "Mehr", locale="de"),
        article("noch", "Noch mehr", locale="de"),
        article("pay", "IBAN", "IBAN.", locale="fr"),
        article("tax", "TIN", "TIN.", locale="fr"),
        article("tax", "Imposto", "Muitos números, entre eles o TIN.", locale="pt"),
    ]
    engine = engine_of(tmp_path, found)
    assert [hit.locale for hit in engine.search("iban", "pt-BR").results] == ["fr"]
    assert [hit.locale for hit in engine.search("tin", "pt-BR").results] == ["pt"]


@pytest.mark.parametrize(
    ("query", "missing"),
    [
        ("密码量子力学", ["量子力学"]),
        ("量子密码", ["量子"]),
        ("改密码", []),
        ("密码 量子 abc", ["量子", "abc"]),
        ("输入密码", []),
    ],
)
def test_characters_that_are_nowhere_are_told_as_they_run(
    tmp_path: Path, query: str, missing: list[str]
) -> None:
    engine = engine_of(tmp_path, [article("a", "密码", "输入 新 密码。", locale="zh")])
    assert engine.search(query, "zh").missing == missing


def test_missing_words_that_another_language_has_are_told(tmp_path: Path) -> None:
    found = [
        article("base", "Base", "Reset the base."),
        article("etwas", "Etwas", "Käse essen.", locale="de"),
        article("mima", "密码", "忘记密码怎么办", locale="zh"),
    ]
    engine = engine_of(tmp_path, found)
    answer = engine.search("base Käse 忘记 quibble", "en", limit=1)
    assert [hit.page for hit in answer.results] == ["base"]
    assert answer.missing == ["Käse", "忘记", "quibble"]
    assert answer.elsewhere == ["Käse", "忘记"]


def test_function_words_are_missing_only_where_there_are_no_others(tmp_path: Path) -> None:
    engine = engine_of(tmp_path, [article("delete", "Delete account", "Settings.")])
    assert engine.search("how do I delete my acount quibble").missing == ["quibble"]
    assert engine.search("how do I").missing == ["how", "do", "I"]


@pytest.mark.parametrize(
    ("locale", "title", "query"),
    [
        ("ar", "حذف الحساب", "كيف أستطيع حذف الحساب"),
        ("de", "Konto löschen", "Wie kann ich das Konto löschen"),
        ("es", "Borrar la cuenta", "cómo puedo borrar la cuenta"),
        ("fr", "Supprimer le compte", "comment puis-je supprimer le compte"),
        ("id", "Hapus akun", "bagaimana cara hapus akun"),
        ("it", "Eliminare l'account", "come posso eliminare l'account"),
        ("pt", "Apagar a conta", "como posso apagar a conta"),
    ],
)
def test_words_that_only_ask_are_not_missing(
    tmp_path: Path, locale: str, title: str, query: str
) -> None:
    engine = engine_of(tmp_path, [article("delete", title, "", locale=locale)])
    assert engine.search(query, locale).missing == []


def test_a_word_of_very_many_articles_is_not_missing(tmp_path: Path) -> None:
    many = [article(f"a{n:04}", f"Guide {n}", "settings") for n in range(1100)]
    engine = engine_of(tmp_path, many)
    assert engine.search("guide settings").missing == []


def test_unaccented_words_find_accented_ones_and_their_inflections(tmp_path: Path) -> None:
    texts = {"a": "La configuración", "b": "Las configuraciones", "c": "Otra cosa"}
    found = [article(key, text, "", locale="es") for key, text in texts.items()]
    engine = engine_of(tmp_path, found)
    assert pages(engine, "configuracion", lang="es")[0] == "a"
    assert set(pages(engine, "configuración", lang="es")) == {"a", "b"}


@pytest.mark.parametrize(
    ("locale", "text", "query"),
    [
        ("es", "Cambia la contraseña", "contraseñas"),
        ("fr", "L'informatique des réseaux", "reseau"),
        ("id", "Membaca dokumen", "bacaan"),
        ("ar", "إعدادات الحساب", "اعدادات"),
        ("ar", "تغيير كلمة المرور", "أغير"),
        ("ar", "كيف يشترك الزملاء", "الاشتراك"),
        ("ja", "パスワードを変更する", "変更"),
        ("zh", "忘记密码怎么办", "密码"),
        ("ko", "비밀번호를 변경합니다", "비밀번호"),
        ("th", "เปลี่ยนรหัสผ่าน", "รหัสผ่าน"),
        ("de", "Die Häuser am See", "haus"),
        ("ru", "Новые статьи", "статья"),
        ("tr", "Kitaplarım", "kitap"),
    ],
)
def test_each_language_finds_its_words(tmp_path: Path, locale: str, text: str, query: str) -> None:
    engine = engine_of(tmp_path, [article("it", "1", text, locale=locale)])
    hit = engine.search(query, locale).results[0]
    assert hit.page == "it"
    assert hit.highlights


def test_identical_articles_stay_in_order(tmp_path: Path) -> None:
    same: list[Article] = [article(name, "Same", "same text") for name in "cab"]
    assert pages(engine_of(tmp_path, same), "same") == ["a", "b", "c"]


def test_function_words_are_not_marked_beside_others(engine: Engine) -> None:
    response = engine.search("how do I reset the password by e-mail")
    first = response.results[0]
    marked = {first.snippet[start:end].lower() for start, end in first.highlights}
    assert "password" in marked
    assert not marked & {"the", "by", "how", "do", "i"}
    assert not {"the", "by"} & set(response.terms)
    assert engine.search("the").results[0].highlights


def test_each_word_that_may_have_been_meant_has_its_best_article_on_top(tmp_path: Path) -> None:
    often = [article(f"use{n}", "Use", "use " * 5 + f"thing{n}") for n in range(6)]
    engine = engine_of(tmp_path, [*often, article("cause", "Cause", "The cause of it.")])
    assert "cause" in pages(engine, "ause")[:2]


def test_a_known_name_is_preferred_to_its_parts(tmp_path: Path) -> None:
    parts = article("parts", "Uploads", "A file is sent; the response follows.")
    name = article("name", "Answers", "Return web.FileResponse to send one.")
    engine = engine_of(tmp_path, [parts, name, *FILLER])
    assert pages(engine, "FileResponse")[:2] == ["name", "parts"]
    assert pages(engine, "fileresponze")[0] == "name"
