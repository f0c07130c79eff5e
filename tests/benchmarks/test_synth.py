from __future__ import annotations

from benchmarks import synth

WORDS = [
    f"{first}{second}{third}er"
    for first in ("bar", "cel", "dom", "fil", "gor", "hum", "jak", "lem")
    for second in ("an", "en", "in", "on", "un", "at", "et", "it")
    for third in ("ta", "te", "ti", "to", "tu", "sa", "se", "si")
]
TEXT = " ".join(WORDS)
FREQUENT = WORDS[: synth.COMMON]


def changed(copy: int) -> str:
    texts = [TEXT, *(" ".join(FREQUENT) for _ in range(3))]
    return synth.Vocabulary(texts).change(copy)(TEXT)


def test_copy_nought_is_the_corpus_itself() -> None:
    assert changed(0) == TEXT


def test_copies_differ_from_the_corpus_and_from_each_other_and_are_reproducible() -> None:
    assert len({changed(copy) for copy in range(4)}) == 4
    assert changed(2) == changed(2)


def test_frequent_words_stay_and_some_of_the_others_are_new() -> None:
    after = changed(1).split()
    assert after[: synth.COMMON] == FREQUENT
    assert set(after) - set(WORDS)


def test_markup_of_a_page_is_left_alone() -> None:
    page = '<h1 id="alpha">alpha</h1><p class="bravo">bravo delta</p>'
    assert (
        synth.html(page, str.upper) == '<h1 id="alpha">ALPHA</h1><p class="bravo">BRAVO DELTA</p>'
    )


def test_links_headings_and_code_of_markdown_stay() -> None:
    text = (
        "# Title words\n\nplain prose\n\nsee [link](other.md)\n\n```sh\nrun code\n```\nmore prose"
    )
    after = synth.markdown(text, str.upper)
    assert after == text.replace("plain prose", "PLAIN PROSE").replace("more prose", "MORE PROSE")


def test_articles_beyond_the_corpus_come_from_further_copies() -> None:
    assert list(synth.grown(["a", "b"], 5)) == [(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]
