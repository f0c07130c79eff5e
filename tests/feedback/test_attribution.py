"""Failed queries reach the article that says the same in other words."""

from kbgen_feedback.attribution import Sought
from kbgen_feedback.evidence import Finds, Known, Resolver
from kbgen_feedback.words import fold

ARTICLES = tuple(
    Known(f"{thing}/{action}", "en", title=f"{action} {thing}")
    for thing in ("invoice", "session", "domain")
    for action in ("terminate", "export", "verify")
)
WORDS = {"invoice": "bill", "session": "login", "domain": "address"} | {
    "terminate": "cancel",
    "export": "download",
    "verify": "confirm",
}


def sought(*without: str) -> Sought:
    """What is learned from readers of all articles but some, each found twice by everyday words."""
    finds = [
        Finds(one.page, "en", " ".join(WORDS[word] for word in one.title.split()), 1, 2, readers=2)
        for one in ARTICLES
        if one.page not in without
    ]
    return Sought(finds, Resolver(ARTICLES), fold)


def test_words_learned_on_other_articles_name_one_that_nobody_found() -> None:
    found = sought("invoice/terminate").article(fold("cancel bill", "en"), "en")
    assert found == ("invoice/terminate", "en")


def test_its_own_words_count_too() -> None:
    found = sought("invoice/terminate").article(fold("terminate bill", "en"), "en")
    assert found == ("invoice/terminate", "en")


def test_what_no_article_is_about_reaches_none() -> None:
    assert sought().article(fold("cancel subscription", "en"), "en") is None


def test_one_word_is_not_enough() -> None:
    assert sought().article(fold("bill", "en"), "en") is None


def test_words_of_another_language_are_not_taken_for_it() -> None:
    assert sought().article(fold("cancel bill", "en"), "es") is None


def test_without_any_finds_only_titles_themselves_are_understood() -> None:
    nothing = Sought([], Resolver(ARTICLES), fold)
    assert nothing.article(fold("cancel bill", "en"), "en") is None
    assert nothing.article(fold("terminate invoice", "en"), "en") == ("invoice/terminate", "en")


def test_queries_in_other_words_become_the_titles_words() -> None:
    known = sought()
    assert known.words("cancel bill", "en") == fold("terminate invoice", "en")
    assert known.words("cancel subscription", "en") == fold("terminate subscription", "en")


def test_a_query_that_several_titles_hold_is_broad() -> None:
    known = sought()
    assert known.is_broad("bill", "en")
    assert not known.is_broad("cancel bill", "en")
    assert not known.is_broad("cancel subscription", "en")
