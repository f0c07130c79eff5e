"""Failed queries reach the article that says the same in other words."""

from collections.abc import Iterable

from kbgen_feedback.attribution import Sought, askings
from kbgen_feedback.evaluate import sought_by
from kbgen_feedback.evidence import Ended, Known, Resolver
from kbgen_feedback.parts import Query, typed_of
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


def found(page: str, q: str, readers: int) -> tuple[Query, Ended]:
    return ("en", q), Ended(page, 1, readers=readers)


def taught(finds: Iterable[tuple[Query, Ended]]) -> Sought:
    return sought_by(askings(typed_of(finds, ()), {}), {}, Resolver(ARTICLES))


def sought(*without: str) -> Sought:
    """What is learned from readers of all articles but some, each found twice by everyday words."""
    return taught(
        found(one.page, " ".join(WORDS[word] for word in one.title.split()), 2)
        for one in ARTICLES
        if one.page not in without
    )


def test_words_learned_on_other_articles_name_one_that_nobody_found() -> None:
    key = sought("invoice/terminate").article(fold("cancel bill", "en"), "en")
    assert key == ("invoice/terminate", "en")


def test_its_own_words_count_too() -> None:
    key = sought("invoice/terminate").article(fold("terminate bill", "en"), "en")
    assert key == ("invoice/terminate", "en")


def test_what_no_article_is_about_reaches_none() -> None:
    assert sought().article(fold("cancel subscription", "en"), "en") is None


def test_one_word_is_not_enough() -> None:
    assert sought().article(fold("bill", "en"), "en") is None


def test_words_of_another_language_are_not_taken_for_it() -> None:
    assert sought().article(fold("cancel bill", "en"), "es") is None


def test_without_any_finds_only_titles_themselves_are_understood() -> None:
    nothing = taught([])
    assert nothing.article(fold("cancel bill", "en"), "en") is None
    assert nothing.article(fold("terminate invoice", "en"), "en") == ("invoice/terminate", "en")


def test_queries_in_other_words_become_the_titles_words() -> None:
    known = sought()
    assert known.words("cancel bill", "en") == fold("terminate invoice", "en")
    assert known.words("cancel subscription", "en") == fold("terminate subscription", "en")


def test_a_word_beside_which_whole_titles_are_said_says_nothing() -> None:
    known = taught(found(one.page, f"wanna {one.title}", 2) for one in ARTICLES)
    assert known.words("wanna export invoice", "en") == fold("export invoice", "en")
    told = known.told(fold("wanna export invoice", "en"), "en")
    assert known.article(told, "en") == ("invoice/export", "en")
    assert known.words("wanna", "en") == fold("wanna", "en")
    assert known.is_broad(known.words("wanna invoice", "en"), "en")


def test_the_word_for_what_is_missing_is_kept_however_many_take_other_articles_for_it() -> None:
    known = taught(found(one.page, f"{one.title.split()[0]} calendar", 9) for one in ARTICLES)
    assert known.learned.idle == frozenset()


def test_a_title_without_what_a_word_is_known_to_mean_contradicts_it() -> None:
    known = sought()
    asked = fold("confirm bill", "en")
    assert known.contradicts(asked, ("invoice/export", "en"))
    assert not known.contradicts(asked, ("invoice/verify", "en"))
    assert not known.contradicts(fold("confirm parcel", "en"), ("invoice/verify", "en"))


def test_a_query_that_several_titles_hold_is_broad() -> None:
    known = sought()
    assert known.is_broad(known.words("bill", "en"), "en")
    assert not known.is_broad(known.words("cancel bill", "en"), "en")
    assert not known.is_broad(known.words("cancel subscription", "en"), "en")
