from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import whoosh.index
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from playwright.sync_api import Page

from kbgen_search import browser_index, catalogue, digests, indexing, records, whoosh_store
from kbgen_search.articles import Article
from kbgen_search.engine import Engine
from kbgen_search.errors import KbError
from kbgen_search.ranking import Weights
from kbgen_search.synonyms import Synonym

from .conftest import article, site_of

LETTERS = "abcdefghijklmnopqrstuvwxyzäöüß"
ARTICLES = [
    article(
        f"a{n:02}",
        f"Title {n}",
        f"Text about thing{LETTERS[n]} and common words.",
        tags=(f"t{n % 3}",),
    )
    for n in range(30)
]


def files(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def answers(engine: Engine, queries: list[str]) -> list[bytes]:
    kept = []
    for query in queries:
        found = msgspec.to_builtins(engine.search(query))
        kept.append(msgspec.json.encode({**found, "took_ms": 0}))
    return kept


def test_only_what_changed_is_indexed_again(tmp_path: Path) -> None:
    first = indexing.update(ARTICLES, tmp_path)[0]
    assert (first.added, first.removed, first.kept) == (30, 0, 0)
    changed = [replace(ARTICLES[0], title="Renamed"), *ARTICLES[2:]]
    second = indexing.update(changed, tmp_path)[0]
    assert (second.added, second.removed, second.kept) == (1, 1, 28)
    engine = Engine.open(tmp_path)
    assert [hit.page for hit in engine.search("renamed").results] == ["a00"]
    assert engine.search("thingb", exact=True).results == []


EDITS = st.lists(
    st.tuples(st.sampled_from(["add", "remove", "edit"]), st.integers(0, 9), st.integers(0, 5)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=8, suppress_health_check=[HealthCheck.too_slow])
@given(EDITS)
def test_an_index_brought_up_to_date_answers_like_a_new_one(
    tmp_path_factory: pytest.TempPathFactory, edits: list[tuple[str, int, int]]
) -> None:
    warm, cold = tmp_path_factory.mktemp("warm"), tmp_path_factory.mktemp("cold")
    now: dict[str, Article] = {one.id: one for one in ARTICLES[:6]}
    indexing.update(now.values(), warm)
    for kind, which, what in edits:
        key = f"a{which:02}"
        if kind == "remove":
            now.pop(key, None)
        else:
            now[key] = article(
                key, f"Title {what}", f"Other thing{LETTERS[what]} words " * (what + 1)
            )
        indexing.update(now.values(), warm)
    indexing.update(now.values(), cold)
    if now:
        queries = ["title", "thingd", "words other", "tihngc", "common"]
        assert answers(Engine.open(warm), queries) == answers(Engine.open(cold), queries)


def test_a_locale_that_is_gone_leaves_nothing(tmp_path: Path) -> None:
    indexing.update([*ARTICLES, article("x", "Equis", locale="es")], tmp_path)
    indexing.update(ARTICLES, tmp_path)
    assert not (tmp_path / "es").exists()
    assert Engine.open(tmp_path).locales == ["en"]


def test_changed_synonyms_take_effect_without_indexing_again(tmp_path: Path) -> None:
    indexing.update(ARTICLES, tmp_path)
    done = indexing.update(ARTICLES, tmp_path, synonyms=[Synonym("gadget", "thingh")])
    assert done[0].added == 0
    assert Engine.open(tmp_path).search("gadget").results[0].page == "a07"


def test_twins_are_refused_with_both_addresses(tmp_path: Path) -> None:
    twins = [ARTICLES[0], replace(ARTICLES[1], id="a00")]
    with pytest.raises(KbError, match=r"two articles have the id 'a00': a00/ and a01/"):
        indexing.update(twins, tmp_path)


def test_a_damaged_index_is_made_anew(tmp_path: Path) -> None:
    indexing.update(ARTICLES, tmp_path)
    (tmp_path / "en" / "catalogue.msgpack").write_bytes(b"broken")
    (tmp_path / "en" / "digests.sqlite3").write_bytes(b"broken" * 100)
    assert indexing.update(ARTICLES, tmp_path)[0].added == 30
    assert Engine.open(tmp_path).search("thingh", exact=True).total == 1


def test_an_index_of_another_version_is_told_and_made_anew(tmp_path: Path) -> None:
    indexing.update(ARTICLES, tmp_path)
    old = msgspec.msgpack.encode({"format": 2, "locale": "en"})
    (tmp_path / "en" / "catalogue.msgpack").write_bytes(old)
    with pytest.raises(KbError, match="made by another version of kbgen"):
        Engine.open(tmp_path).search("thingh")
    assert indexing.update(ARTICLES, tmp_path)[0].added == 30


def test_what_an_index_keeps_goes_with_its_format(tmp_path: Path) -> None:
    """Who changes what Whoosh keeps of an article raises the format, or old indexes break."""
    indexing.update(ARTICLES, tmp_path)
    schema = whoosh.index.open_dir(tmp_path / "en" / "whoosh").schema
    kept = [(name, type(field).__name__, field.stored) for name, field in sorted(schema.items())]
    assert (catalogue.FORMAT, kept) == (
        4,
        [
            ("area", "ID", False),
            ("audience", "KEYWORD", False),
            ("body", "Words", False),
            ("code", "Words", False),
            ("headings", "Words", False),
            ("id", "ID", False),
            ("keywords", "Words", False),
            ("record", "COLUMN", False),
            ("tags", "KEYWORD", False),
            ("title", "Words", False),
        ],
    )


def test_the_same_articles_give_the_same_browser_index(tmp_path: Path) -> None:
    browser_index.write(browser_index.parts(ARTICLES), tmp_path / "one")
    browser_index.write(browser_index.parts(reversed(ARTICLES)), tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


def test_a_site_that_was_edited_equals_one_written_at_once(tmp_path: Path) -> None:
    edited = [replace(ARTICLES[3], title="Edited"), *ARTICLES[4:]]
    browser_index.write(
        browser_index.parts(ARTICLES, index_dir=tmp_path / "kept"), tmp_path / "one"
    )
    browser_index.write(browser_index.parts(edited, index_dir=tmp_path / "kept"), tmp_path / "one")
    browser_index.write(browser_index.parts(edited), tmp_path / "two")
    assert files(tmp_path / "one") == files(tmp_path / "two")


WORDS = st.lists(
    st.sampled_from(["alpha", "beta", "gamma", "Δelta", "𝒜lpha", "naïve", "snake_case", "42"]),
    max_size=6,
)
CHANGES = st.lists(st.tuples(st.integers(0, 7), WORDS, st.booleans()), min_size=1, max_size=3)


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(CHANGES, min_size=1, max_size=3))
def test_a_browser_index_brought_up_to_date_equals_one_made_anew(
    tmp_path_factory: pytest.TempPathFactory, rounds: list[list[tuple[int, list[str], bool]]]
) -> None:
    """Terms become common in some of these edits, and rare again: that is at two articles here."""
    folder = tmp_path_factory.mktemp("sites")
    weights = Weights(common_least=1, common_share=0.3)
    now = {one.id: one for one in ARTICLES[:8]}
    for number, changes in enumerate([[], *rounds]):
        for which, words, gone in changes:
            key = f"a{which:02}"
            now.pop(key, None)
            if not gone:
                now[key] = article(key, "Title alpha", " ".join(words))
        fresh = folder / f"fresh{number}"
        browser_index.write(
            browser_index.parts(now.values(), index_dir=folder / "kept", weights=weights),
            folder / "warm",
        )
        browser_index.write(browser_index.parts(now.values(), weights=weights), fresh)
        assert files(folder / "warm") == files(fresh)


def test_digests_that_are_ready_give_the_same_indexes(tmp_path: Path) -> None:
    ready = {digests.mark(one): digests.of(one) for one in ARTICLES[:20]}
    browser_index.write(
        browser_index.parts(ARTICLES, index_dir=tmp_path / "kept", ready=ready), tmp_path / "one"
    )
    browser_index.write(browser_index.parts(ARTICLES), tmp_path / "two")
    indexing.update(ARTICLES, tmp_path / "i", ready=ready)
    indexing.update(ARTICLES, tmp_path / "j")
    queries = ["thingh", "common words", "tihngc"]
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert answers(Engine.open(tmp_path / "i"), queries) == answers(
        Engine.open(tmp_path / "j"), queries
    )


def test_many_articles_are_written_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    indexing.update(ARTICLES, tmp_path / "whole")
    monkeypatch.setattr(whoosh_store, "SEGMENT", 7)
    indexing.update(ARTICLES, tmp_path / "parts")
    indexing.update([replace(ARTICLES[3], title="Renamed"), *ARTICLES[4:]], tmp_path / "parts")
    indexing.update([replace(ARTICLES[3], title="Renamed"), *ARTICLES[4:]], tmp_path / "whole")
    queries = ["thingh", "common words", "renamed"]
    assert answers(Engine.open(tmp_path / "parts"), queries) == answers(
        Engine.open(tmp_path / "whole"), queries
    )
    found = Engine.open(tmp_path / "parts").search_whoosh('"thingh and common" AND tags:t1').results
    assert [hit.page for hit in found] == ["a07"]


def test_phrases_are_found_where_words_follow_each_other_after_merges(tmp_path: Path) -> None:
    now = [
        article("one", "One", "Reset the two-factor authentication of a user_name here."),
        article("two", "Two", "Authentication by two of each factor; reset the name."),
    ]
    for number in range(8):
        now = [*now, article(f"more{number}", "More", f"number {number}")]
        indexing.update(now, tmp_path)
    assert len(segments(tmp_path)) < 6  # small ones were merged on the way
    engine = Engine.open(tmp_path)
    for phrase in ('"two factor authentication"', '"user name"', 'body:"resets the two"'):
        assert [hit.page for hit in engine.search_whoosh(phrase).results] == ["one"], phrase
    assert engine.search_whoosh('"number 7"').total == 1
    assert engine.search_whoosh('"number 8"').total == 0


def test_an_article_that_is_edited_again_and_again_leaves_nothing_behind(tmp_path: Path) -> None:
    for number in range(8):
        indexing.update([*ARTICLES[1:], article("a00", "Zero", f"number {number}")], tmp_path)
        assert len(segments(tmp_path)) <= 2
    engine = Engine.open(tmp_path)
    assert engine.search_whoosh('"number 7"').total == 1
    assert engine.search_whoosh('"number 6"').total == 0


def segments(folder: Path) -> list[Path]:
    return list(folder.rglob("*.seg"))


def test_an_index_whose_writing_was_cut_short_is_told_and_made_anew(tmp_path: Path) -> None:
    indexing.update(ARTICLES, tmp_path)
    old = (tmp_path / "en" / "catalogue.msgpack").read_bytes()
    indexing.update(ARTICLES[:20], tmp_path)
    (tmp_path / "en" / "catalogue.msgpack").write_bytes(old)
    with pytest.raises(KbError, match="being written, or its writing was cut short"):
        Engine.open(tmp_path).search("thingh")
    assert indexing.update(ARTICLES, tmp_path)[0].added == 30
    assert Engine.open(tmp_path).search("thingh", exact=True).total == 1


def test_files_of_the_site_that_were_damaged_or_lost_are_written_again(tmp_path: Path) -> None:
    more = [*ARTICLES, article("x", "Equis", locale="es")]
    browser_index.write(browser_index.parts(more, index_dir=tmp_path / "kept"), tmp_path / "site")
    whole = files(tmp_path / "site")
    lost, cut = sorted(name for name in whole if name.startswith("search/en/t"))[0], "d/0.js"
    (tmp_path / "site" / lost).unlink()
    (tmp_path / "site" / "search" / "en" / cut).write_bytes(b"kb.")
    done = browser_index.write(
        browser_index.parts(more, index_dir=tmp_path / "kept"), tmp_path / "site"
    )
    assert done.written == 2
    assert files(tmp_path / "site") == whole
    done = browser_index.write(
        browser_index.parts(more, index_dir=tmp_path / "kept"), tmp_path / "site"
    )
    assert (done.files, done.written, done.removed) == (len(whole), 0, 0)


def many_articles() -> list[Article]:
    return [
        article(f"n{n:03}", f"Name{n}", " ".join(f"w{n * 7 % 900}x{k}" for k in range(60)))
        for n in range(200)
    ]


def test_only_changed_files_of_the_browser_index_are_written(tmp_path: Path) -> None:
    many = many_articles()
    before = browser_index.write(browser_index.parts(many), tmp_path)
    again = browser_index.write(browser_index.parts(many), tmp_path)
    edited = browser_index.write(
        browser_index.parts([replace(many[5], title="Name5b"), *many[:5], *many[6:]]), tmp_path
    )
    assert (again.written, again.removed) == (0, 0)
    assert 0 < edited.written < before.files / 4


def test_what_is_shown_of_articles_is_made_anew_for_those_that_changed() -> None:
    many = many_articles()
    edited = [replace(many[0], title="Renamed"), *many[1:]]
    before, after = (browser_index.parts(articles)[0].files() for articles in (many, edited))
    shown = [name for name in before if name.startswith("d/")]
    changed = {name for name in shown if before[name].content() != after[name].content()}
    assert changed == {name for name in shown if before[name].mark != after[name].mark}
    assert 0 < len(changed) < len(shown)


def test_of_large_sites_as_much_text_is_shown_as_there_is_room_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    many = [article(f"n{n:03}", f"Name{n}", "ä word " * 200 * (n % 3)) for n in range(60)]
    whole = sum(len(part.text) for one in many for part in one.sections)
    for budget in (whole, whole // 2, whole // 9):
        monkeypatch.setattr(records, "TEXT_BUDGET", budget)
        cap = records.text_cap(many)
        kept = [records.capped(records.record(one), cap).passages for one in many]
        assert 0.6 * budget < sum(len(part.text) for one in kept for part in one) <= budget
        files = browser_index.parts(many)[0].files()
        sizes = [len(file.content()) for name, file in files.items() if name.startswith("d/")]
        assert 2_000 < sum(sizes) / len(sizes) < 4_000


def test_each_file_stays_small_and_is_no_inline_script(tmp_path: Path) -> None:
    browser_index.write(browser_index.parts(ARTICLES), tmp_path)
    for name, content in files(tmp_path).items():
        assert name.endswith(".js")
        assert content.startswith((b"kb.", b"(function"))


def test_files_of_the_sites_own_beside_the_browser_index_stay(tmp_path: Path) -> None:
    own = ["search/index.html", "search/data.json", "search/es/index.html", "search/en/tips/a.js"]
    for name in own:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("own")
    (tmp_path / "search" / "nowhere").symlink_to("gone")
    browser_index.write(browser_index.parts([*ARTICLES, article("x", "X", locale="es")]), tmp_path)
    browser_index.write(browser_index.parts(ARTICLES), tmp_path)
    found = files(tmp_path)
    assert {name for name in found if found[name] == b"own"} == set(own)
    assert not [name for name in found if name.startswith("search/es/") and name.endswith(".js")]


def test_a_file_of_the_sites_own_with_the_name_of_one_of_ours_is_told(tmp_path: Path) -> None:
    own = tmp_path / "search" / "index.js"
    own.parent.mkdir()
    own.write_text("alert(1)")
    with pytest.raises(KbError, match=r"index\.js: the search needs a file of this name"):
        browser_index.write(browser_index.parts(ARTICLES), tmp_path)
    assert own.read_text() == "alert(1)"


def test_an_edit_of_one_article_changes_what_is_shown_of_it_alone(tmp_path: Path) -> None:
    many = many_articles()
    browser_index.write(browser_index.parts(many), tmp_path / "one")
    edited = [*many[:100], replace(many[100], title="Renamed"), *many[101:]]
    browser_index.write(browser_index.parts(edited), tmp_path / "two")
    one, two = files(tmp_path / "one"), files(tmp_path / "two")
    shown = [name for name in one if "/d/" in name]
    assert len([name for name in shown if one[name] != two[name]]) == 1


@pytest.mark.browser
@pytest.mark.parametrize(
    "queries", [["zz", "alpha"], ["alpha", "guia"], ["指南", "welcome", "alpha"]]
)
@pytest.mark.parametrize("at_once", [True, False])
def test_languages_whose_files_have_the_same_names_do_not_wait_for_each_other(
    kb_search: Callable[..., Any], page: Page, queries: list[str], at_once: bool
) -> None:
    kb_search(
        [
            article("home", "Home", "Welcome."),
            article("a", "Alpha guide", "Read about alpha here."),
            article("b", "Guía alpha", "Lea sobre alpha aquí.", locale="es"),
            article("c", "阿尔法 alpha", "alpha 指南", locale="zh-Hans"),
        ]
    )
    found = page.evaluate(
        """async ([queries, atOnce]) => {
          const late = new Promise((_, reject) => setTimeout(reject, 8000, 'never answered'));
          const search = (query, lang) => Promise.race([kb.search(query, { lang }), late]);
          const locales = ['en', 'es', 'zh-Hans'];
          if (atOnce) await Promise.all(locales.map((lang) => search(queries[0], lang)));
          for (const query of queries) await search(query, 'en');
          const last = await Promise.all(locales.map((lang) => search('alpha', lang)));
          return last.map((one) => one.results[0].page);
        }""",
        [queries, at_once],
    )
    assert found == ["a", "b", "c"]


REBUILT = [article(name, f"{name.title()} page", f"All of {name}.") for name in "bcd"]


def pages(response: dict[str, Any]) -> list[str]:
    return [hit["page"] for hit in response["results"]]


@pytest.mark.browser
@pytest.mark.parametrize("names", ["abcd", "abd", "bd", "bcde"])
def test_a_page_open_while_the_site_is_built_anew_finds_the_right_articles(
    kb_search: Callable[..., Any], page: Page, tmp_path: Path, names: str
) -> None:
    """All that words are looked up in is loaded by then, but nothing of what is shown."""
    search = kb_search(REBUILT)
    search("of b", filters={"area": "none"})
    now = [article(name, f"{name.title()} page", f"All of {name}.") for name in names]
    site_of(tmp_path / "site", now)
    assert [pages(search(f"of {name}", limit=1)) for name in "bd"] == [["b"], ["d"]]
    assert set(pages(search("page"))) == set(names)


@pytest.mark.browser
def test_a_page_open_while_the_site_is_built_anew_misses_no_file(
    kb_search: Callable[..., Any], page: Page, tmp_path: Path
) -> None:
    search = kb_search(REBUILT)
    page.evaluate("kb.warm()")
    site_of(tmp_path / "site", [*REBUILT, article("e", "E page", "Nothing like it, elsewhere.")])
    assert pages(search("elsewhere")) == ["e"]


@pytest.mark.browser
def test_an_index_that_cannot_be_loaded_again_asks_to_reload_the_page(
    kb_search: Callable[..., Any], page: Page, tmp_path: Path
) -> None:
    kb_search(REBUILT)
    page.evaluate("kb.warm()")
    for file in (tmp_path / "site" / "search" / "en").glob("t*.js"):
        file.unlink()
    said = page.evaluate("kb.search('page').catch((problem) => problem.message)")
    assert said.startswith("The search index is incomplete: en/t")
    assert said.endswith("Reload the page.")


# Whoosh leaves open what it cannot read.
leaving_files_open = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


@leaving_files_open
@pytest.mark.parametrize("edited", [False, True])
@pytest.mark.parametrize(
    "damaged",
    ["whoosh/_MAIN_1.toc", "whoosh/*.seg", "vocabulary.msgpack", "words.msgpack"],
)
def test_an_index_with_a_file_cut_short_or_lost_is_made_whole(
    tmp_path: Path, damaged: str, edited: bool
) -> None:
    more = [*ARTICLES[1:], article("a00", "Renamed")] if edited else ARTICLES
    indexing.update(more, tmp_path / "whole")
    for number, lose in enumerate([cut_short, Path.unlink]):
        folder = tmp_path / str(number)
        indexing.update(ARTICLES, folder)
        for file in (folder / "en").glob(damaged):
            lose(file)
        indexing.update(more, folder)
        queries = ["thingh", "tihngc", "renamed"]
        assert answers(Engine.open(folder), queries) == answers(
            Engine.open(tmp_path / "whole"), queries
        )


def cut_short(file: Path) -> None:
    file.write_bytes(file.read_bytes()[: max(5, file.stat().st_size // 2)])


@leaving_files_open
@pytest.mark.parametrize("damaged", ["whoosh/_MAIN_1.toc", "whoosh/*.seg", "vocabulary.msgpack"])
def test_a_search_in_a_damaged_index_tells_what_to_do(tmp_path: Path, damaged: str) -> None:
    indexing.update(ARTICLES, tmp_path)
    for file in (tmp_path / "en").glob(damaged):
        cut_short(file)
    with pytest.raises(KbError, match="run `kbgen build` again"):
        Engine.open(tmp_path).search("tihngc")
