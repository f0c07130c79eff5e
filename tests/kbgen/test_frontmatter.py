import datetime

import pytest

from kbgen.frontmatter import FrontMatter, problems, read


def found(source: str) -> list[str]:
    return [str(message) for message in problems(source, read(source), "a.md")]


def test_every_field_is_read() -> None:
    matter = FrontMatter.of(
        read(
            "---\ntitle: T\ndescription: D\nid: a/b\nkeywords: [k]\nquestions: [q?]\ntags: t\n"
            "owner: o\naudience: [x, y]\nreviewed: 2026-01-31\nrelated: [r]\nlang: fr\n---\n"
        )
    )
    assert matter == FrontMatter(
        title="T",
        description="D",
        id="a/b",
        keywords=("k",),
        questions=("q?",),
        tags=("t",),
        owner="o",
        audience=("x", "y"),
        reviewed=datetime.date(2026, 1, 31),
        related=("r",),
        lang="fr",
    )


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ("keywords: {a: 1}", "keywords"),
        ("reviewed: soon", "reviewed"),
        ("reviewed: 20260131", "reviewed"),
        ("title: [a]", "title"),
        ("owner: true", "owner"),
        ("id: has spaces", "id"),
        ("id: a//b", "id"),
        ("lang: english", "`lang` must be a language tag, such as en or pt-BR"),
        ("lang: '<b>'", "lang"),
        ("keyword: x", "keywords"),
        ("questons: [x]", "questions"),
        ("Titel: x", "title"),
        ("ID: x", "id"),
        ("lnag: de", "lang"),
    ],
)
def test_a_wrong_field_is_named_with_its_line_and_does_no_harm(line: str, word: str) -> None:
    source = f"---\ntags: [a]\n{line}\n---\n# A\n"
    assert len(found(source)) == 1
    assert found(source)[0].startswith("a.md:3: ")
    assert word in found(source)[0]
    assert FrontMatter.of(read(source)) == FrontMatter(tags=("a",))


@pytest.mark.parametrize(
    "line", ["title:", "custom: anything", "id: 12345", "reviewed: 2026-02-03", "lang: pt_BR"]
)
def test_other_front_matter_is_let_be(line: str) -> None:
    assert found(f"---\n{line}\n---\n# A\n") == []


@pytest.mark.parametrize(
    ("source", "line", "remedy"),
    [
        ('---\ntitle: "open\nx: y\n---\n', 2, "close the quotation mark"),
        ("---\ntags:\n- a\nkeywords: [b, c\nid: d\n---\n", 4, "close the list with `]`"),
        ("---\na: [\n---\n", 3, "close the list with `]`"),
        ("---\na: b\u2028c\nd: @e\n---\n", 4, "put the text in quotes"),
        ("---\na: b: c\n---\n", 2, "put texts with `:` or `#` in quotes"),
        ("---\na: @b\n---\n", 2, "put the text in quotes"),
        ("---\na: 1\n\tb: 2\n---\n", 3, "indent with spaces, not tabs"),
        ("---\ntags:\n- a\nreviewed: 2026-02-30\n---\n", 4, "correct it"),
        ("---\n- a\n- b\n---\n", 2, "such as `title: My article`"),
        ("---\n%bad\n---\n", 2, "put the text in quotes"),
        ("---\ntitle: A\n\n# A\n", 1, "put a line `---` below its last field"),
        ("\n---\ntitle: A\n---\n# A\n", 2, "remove the empty lines above it"),
    ],
)
def test_front_matter_that_cannot_be_read_is_one_line_with_place_and_remedy(
    source: str, line: int, remedy: str
) -> None:
    (message,) = found(source)
    assert message.startswith(f"a.md:{line}: front matter")
    assert message.endswith(remedy)


def test_a_field_that_stands_twice_is_told_with_its_line() -> None:
    source = "---\ntags: [a]\ndescription: >\n  tags: text\ntags: [b]\n---\n# A\n\ntags: c\n"
    (message,) = found(source)
    assert message.startswith("a.md:5: front matter has `tags` twice")


@pytest.mark.parametrize("source", ["---\nNote: a rule above\n", "\n---\n\ntitle: no field\n"])
def test_a_rule_above_a_text_is_no_front_matter(source: str) -> None:
    assert found(source) == []


def test_no_front_matter_is_fine() -> None:
    assert found("# Title\n\n---\n\ntext\n") == []
    assert found("---\n---\n# Title\n") == []
