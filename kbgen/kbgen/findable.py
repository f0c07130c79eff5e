"""Do readers find the articles? Findability and search tests as findings with file and line."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from kbgen import frontmatter, workers
from kbgen.foreign import line_in
from kbgen.frontmatter import FrontMatter
from kbgen.messages import Message, meant
from kbgen.project import SEARCH_TESTS
from kbgen_search import findability, searchtests
from kbgen_search.articles import Article, Packed, Section
from kbgen_search.engine import Engine
from kbgen_search.findability import Pages, own_queries
from kbgen_search.searchtests import Failure

WARNING = 30
REMEDY = "add the words readers use to its title, headings or `questions`"


class Source(NamedTuple):
    """An article as it calls itself, the file it is written in, and that file's text."""

    article: Article
    place: str
    text: str


def source_of(entry: Mapping[str, Any], text: str, place: str) -> Source:
    """Return an article by its entry in the manifest and its Markdown."""
    headings = (Section(h["id"], h["level"], h["text"], (), "", "") for h in entry["headings"])
    article = Article(
        entry["id"],
        entry["url"],
        entry["title"],
        entry["locale"],
        questions=FrontMatter.of(frontmatter.read(text)).questions,
        packed=Packed.of(headings),
    )
    return Source(article, place, text)


def findings(sources: Sequence[Source], root: Path, index: Path) -> Iterator[Message]:
    """Yield articles hard to find, articles that compete, and search tests that fail.

    `index` is the folder of the index of record, `root` that of search-tests.yml.
    """
    engine = Engine.open(index)
    pages_for = _answers(sources, engine)
    by_article = {source.article: source for source in sources}
    for hidden in findability.hidden(by_article, pages_for):
        source = by_article[hidden.article]
        line = line_in(source.text, hidden.query) or 1
        yield Message(WARNING, f"{hidden}; {REMEDY}", source.place, line)
    for pair in findability.confusable(by_article, pages_for):
        text = f"{pair}; say in both what sets them apart, or make them one"
        yield Message(WARNING, text, by_article[pair.article].place, 1)
    tests = searchtests.load(root / SEARCH_TESTS)
    yield from of_tests(list(searchtests.failures(tests, engine)), engine)


def _answers(sources: Iterable[Source], engine: Engine) -> Pages:
    """Return the search's answers to all that articles call themselves, asked on all cores."""
    articles = [source.article for source in sources]
    queries = ((query, one.locale) for one in articles for _, query in own_queries(one))
    asked, count = list(dict.fromkeys(queries)), workers.cores()
    with workers.pool(engine, count, len(asked)) as executor:
        found = list(workers.spread(executor, _ask, asked, count))
    known = dict(zip(asked, found, strict=True))
    return lambda query, locale: known[query, locale]


def _ask(queries: Iterable[tuple[str, str]]) -> list[list[str]]:
    engine: Engine = workers.BENCH.get()
    return [engine.pages(query, locale) for query, locale in queries]


def of_tests(failures: Sequence[Failure], engine: Engine) -> Iterator[Message]:
    """Yield search tests that failed, with what is wrong in their file."""
    ids = engine.ids() if failures else ()
    for failure in failures:
        yield Message(WARNING, _said(failure, ids), SEARCH_TESTS, failure.test.line)


def _said(failure: Failure, ids: Collection[str]) -> str:
    """Return what a search test that failed says, of these articles: perhaps that its article is
    none of them, and which may be meant.
    """
    page = failure.test.page
    if page in ids:
        return str(failure)
    remedy = meant(page, ids, "give the id of one that there is")
    return f"there is no article `{page}`; {remedy}"
