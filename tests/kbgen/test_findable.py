"""What `kbgen check` says of articles that readers will not find, and what mends it."""

from kb_support import MakeProject, Project

DAY = "# Opening hours of the shop\n\nWe open the shop at nine. The shop closes at six.\n"
TWIN = "# Opening hours of the shop in summer\n\nIn summer we open the shop at eight.\n"


def findings(project: Project) -> list[str]:
    return project.run("check").stdout.splitlines()


def test_a_failing_search_test_is_told_with_its_line_until_a_synonym_mends_it(
    make_project: MakeProject,
) -> None:
    project = make_project()
    project.write(
        "search-tests.yml", "# what readers typed\n- query: moneyback\n  page: billing/refunds\n"
    )
    told = [line for line in findings(project) if "moneyback" in line]
    assert len(told) == 1
    assert told[0].startswith("search-tests.yml:2: ")
    assert "it is not found" in told[0]

    project.write("synonyms.yml", "en:\n  - moneyback: refunds\n")
    assert findings(project) == ["3 articles, 0 findings"]


def test_synonyms_of_a_language_that_no_article_is_in_are_told_by_check_and_build(
    make_project: MakeProject,
) -> None:
    project = make_project()
    project.write(
        "synonyms.yml", "all:\n  - [a, b]\n\neng:\n  - popup: dialog\nen-GB:\n  - [c, d]\n"
    )
    told = "synonyms.yml:4: no article is in `eng`, so these synonyms are never used; "
    assert findings(project)[0] == f"{told}articles are in en"
    built = project.run("build", "--strict")
    assert (built.returncode, built.stderr.count(told)) == (1, 1)


def test_a_search_test_of_an_article_that_was_renamed_says_so(make_project: MakeProject) -> None:
    project = make_project()
    project.write(
        "search-tests.yml",
        "- query: refunds\n  page: billing/refund\n- query: refunds\n  page: elsewhere\n",
    )
    assert findings(project)[:2] == [
        "search-tests.yml:1: there is no article `billing/refund`; did you mean `billing/refunds`?",
        "search-tests.yml:3: there is no article `elsewhere`; give the id of one that there is",
    ]


def test_a_question_that_finds_other_articles_names_them_and_its_line(
    make_project: MakeProject,
) -> None:
    names = ["a", "b", "c", "d"]
    articles = {
        f"{name}.md": f"# Blue lamps {name}\n\n## Repair of blue lamps\n\nblue lamps.\n"
        for name in names
    }
    hidden = "---\ntitle: Delivery\nquestions:\n  - repair of blue lamps\n---\nBy post.\n"
    project = make_project({"index.md": "# Home\n\nWelcome.\n", **articles, "post.md": hidden})
    for name in names:
        project.article(
            f"{name}.md", f"---\nquestions: [repair of blue lamps]\n---\n{articles[f'{name}.md']}"
        )
    told = [line for line in findings(project) if line.startswith("docs/post.md:4: ")]
    assert len(told) == 1
    assert "its own question “repair of blue lamps”" in told[0]
    assert "ahead are" in told[0]


def test_a_knowledge_base_that_is_found_has_no_finding(make_project: MakeProject) -> None:
    project = make_project()
    result = project.run("check")
    assert (result.returncode, result.stdout) == (0, "3 articles, 0 findings\n")
