"""Articles into the Whoosh index, incrementally: only what changed since the last time."""

import itertools
import shutil
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kbgen_search import catalogue, facets, records
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article
from kbgen_search.catalogue import Catalogue
from kbgen_search.digests import Digest, DigestFile
from kbgen_search.errors import KbError
from kbgen_search.queries import Rule
from kbgen_search.synonyms import Synonym, rules
from kbgen_search.whoosh_store import Reader, Writer

TEXT_BUDGET = 10_000_000  # characters of text kept for quoting, per locale


@dataclass(frozen=True, slots=True)
class Indexed:
    """What an update did to one locale."""

    locale: str
    added: int
    removed: int
    kept: int
    digests: list[Digest] = field(repr=False, default_factory=list)


def update(
    articles: Iterable[Article],
    index_dir: Path | str,
    *,
    default_locale: str = "",
    synonyms: Sequence[Synonym] = (),
) -> list[Indexed]:
    """Bring the index in `index_dir` to exactly these articles; return what was done by locale.

    Each locale has a folder of its own. Articles that have not changed are not touched.
    """
    root = Path(index_dir)
    groups = by_locale(articles, default_locale)
    root.mkdir(parents=True, exist_ok=True)
    done = [_update(found, root / locale, locale, synonyms) for locale, found in groups.items()]
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in groups:
            shutil.rmtree(folder)
    catalogue.save_locales(root, list(groups))
    return done


def by_locale(articles: Iterable[Article], default: str = "") -> dict[str, list[Article]]:
    """Return the articles by locale, in order of id, the default locale (or the largest) first.

    Raises:
        KbError: two articles of one locale have the same id.
    """
    groups: dict[str, list[Article]] = {}
    for article in articles:
        groups.setdefault(article.locale, []).append(article)
    for found in groups.values():
        found.sort(key=lambda article: article.id)
        _refuse_twins(found)
    ranked = sorted(groups, key=lambda name: (name != default, -len(groups[name]), name))
    return {locale: groups[locale] for locale in ranked}


def _refuse_twins(articles: Sequence[Article]) -> None:
    for one, two in itertools.pairwise(articles):
        if one.id == two.id:
            raise KbError(
                f"two articles have the id {one.id!r}: {one.url} and {two.url}",
                remedy="give one of them another `id` in its front matter",
            )


def _update(
    articles: list[Article], folder: Path, locale: str, synonyms: Sequence[Synonym]
) -> Indexed:
    analyzer = Analyzer(locale)
    digests = DigestFile(folder / "digests.msgpack").all(articles, analyzer)
    known = _known(folder)
    before = dict(zip(known.ids, known.marks, strict=True)) if known else {}
    now = {digest.id: digest.mark for digest in digests}
    gone = [key for key, mark in before.items() if now.get(key) != mark]
    fresh = [article for article in articles if before.get(article.id) != now[article.id]]
    meant = rules(synonyms, analyzer)
    if gone or fresh or not known:
        _write(Writer(folder / "whoosh", locale, analyzer, fresh=not known), gone, fresh)
    if gone or fresh or not known or known.synonyms != meant:
        _describe(folder, locale, articles, digests, meant)
    removed = sum(key not in now for key in gone)
    return Indexed(locale, len(fresh), removed, len(articles) - len(fresh), digests)


def _known(folder: Path) -> Catalogue | None:
    try:
        return catalogue.load_catalogue(folder)
    except KbError:
        return None


def _write(writer: Writer, gone: list[str], fresh: list[Article]) -> None:
    for key in gone:
        writer.remove(key)
    for article in fresh:
        writer.add(article)
    writer.commit()


def _describe(
    folder: Path,
    locale: str,
    articles: list[Article],
    digests: list[Digest],
    synonyms: list[Rule],
) -> None:
    documents = {key: number for number, key in Reader(folder / "whoosh").ids().items()}
    found = Catalogue(
        catalogue.FORMAT,
        locale,
        text_cap(articles),
        catalogue.averages(digests),
        [digest.id for digest in digests],
        [digest.mark for digest in digests],
        [digest.lengths for digest in digests],
        [documents[digest.id] for digest in digests],
        facets.collect(articles),
        synonyms,
    )
    catalogue.save(folder, "vocabulary", catalogue.vocabulary(digests))
    catalogue.save(folder, "catalogue", found)


def text_cap(articles: Iterable[Article]) -> int:
    """Return how many characters of each section are kept for quoting, all if they fit."""
    lengths = [len(part.text) + len(part.code) for one in articles for part in one.sections]
    return records.cap_for(lengths, TEXT_BUDGET)
