"""Articles into the Whoosh index, incrementally: only what changed since the last time."""

import shutil
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import msgspec

from kbgen_search import catalogue, digests, facets, hashing, records, whoosh_store
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article, by_locale
from kbgen_search.catalogue import Catalogue
from kbgen_search.digests import DIGESTS, VERSION, Library, Placed
from kbgen_search.errors import KbError
from kbgen_search.queries import Rule
from kbgen_search.synonyms import Synonym, rules
from kbgen_search.whoosh_store import Reader, Writer

WHOOSH = "whoosh"


class Indexed(msgspec.Struct, frozen=True):
    """What an update did to one locale; `marks` tell each article's id and what it is made of."""

    locale: str
    added: int
    removed: int
    kept: int
    marks: list[tuple[str, str]] = msgspec.field(default_factory=list)


def update(
    articles: Iterable[Article],
    index_dir: Path | str,
    *,
    default_locale: str = "",
    synonyms: Sequence[Synonym] = (),
    ready: Mapping[str, bytes] | None = None,
) -> list[Indexed]:
    """Bring the index in `index_dir` to exactly these articles; return what was done by locale.

    Each locale has a folder of its own. Articles that have not changed are not touched, and those
    whose digests (`digests.of`, by `digests.mark`) are `ready` are not analysed.
    """
    root = Path(index_dir)
    groups = by_locale(articles, default_locale)
    root.mkdir(parents=True, exist_ok=True)
    done = [
        _update(found, root / locale, locale, synonyms, ready or {})
        for locale, found in groups.items()
    ]
    for folder in root.iterdir():
        if folder.is_dir() and folder.name not in groups:
            shutil.rmtree(folder)
    catalogue.save_locales(root, list(groups))
    return done


class Entry(NamedTuple):
    """An article of the index: marks of all that is kept of it and of its digest, lengths."""

    mark: str
    digest: str
    lengths: tuple[int, ...]


def _update(
    articles: list[Article],
    folder: Path,
    locale: str,
    synonyms: Sequence[Synonym],
    ready: Mapping[str, bytes],
) -> Indexed:
    known = _known(folder)
    try:
        return _brought_up(articles, folder, locale, synonyms, ready, known)
    except KbError:  # the index is damaged
        if known is None:
            raise
        return _brought_up(articles, folder, locale, synonyms, ready, None)


def _brought_up(
    articles: list[Article],
    folder: Path,
    locale: str,
    synonyms: Sequence[Synonym],
    ready: Mapping[str, bytes],
    known: Catalogue | None,
) -> Indexed:
    """Bring what is `known` up to date, or make an index where nothing is."""
    before = _entries(known) if known else {}
    now = {article.id: _mark(article) for article in articles}
    gone = [key for key, entry in before.items() if now.get(key) != entry.mark]
    fresh = [one for one in articles if one.id not in before or before[one.id].mark != now[one.id]]
    meant = rules(synonyms, Analyzer(locale))
    if gone or fresh or not known:
        with Library(folder / DIGESTS, ready) as library:
            change = Change(folder, locale, articles, known, before, gone, fresh, library)
            change.describe(change.write(now), meant)
        removed = sum(key not in now for key in gone)
        return Indexed(locale, len(fresh), removed, len(articles) - len(fresh), list(now.items()))
    _refuse_damaged(folder, known)
    if known.synonyms != meant:
        catalogue.save(folder, "catalogue", msgspec.structs.replace(known, synonyms=meant))
    return Indexed(locale, 0, 0, len(articles), list(now.items()))


def _refuse_damaged(folder: Path, known: Catalogue) -> None:
    """Raise a KbError when a search could not read what nobody is about to write anew.

    The catalogue is written last: what is older than it nobody has touched.
    """
    index = folder / WHOOSH  # a folder is newer when a file has gone from it
    files = (folder / "vocabulary.msgpack", folder / "words.msgpack", index, *index.iterdir())
    last = (folder / "catalogue.msgpack").stat().st_mtime_ns
    if all(file.exists() and file.stat().st_mtime_ns <= last for file in files):
        return
    Reader(folder / WHOOSH)
    catalogue.load_vocabulary(folder)
    if catalogue.load_words(folder, known.generation) is None:
        raise KbError("the words of the index are lost", file=folder)


class Change(msgspec.Struct, frozen=True):
    """What is to change in the index of a locale: the articles that go, and those that come."""

    folder: Path
    locale: str
    articles: list[Article]
    known: Catalogue | None
    before: dict[str, Entry]
    gone: list[str]
    fresh: list[Article]
    library: Library

    def write(self, marks: Mapping[str, str]) -> dict[str, Entry]:
        """Write the Whoosh index and the words; return the entries that it has then."""
        leaving = set(self.gone)
        entries = {key: entry for key, entry in self.before.items() if key not in leaving}
        words = self._words_staying(entries)
        if not self.known:
            self._forget()
        writer = Writer(self.folder / WHOOSH, self.locale)
        for document in self._documents_gone():
            writer.remove(document)
        for article in self.fresh:
            mark = digests.mark(article)
            digest = self.library.get(article, mark, Placed)
            writer.add(article, digest)
            words.update(digest.words)
            entries[article.id] = Entry(marks[article.id], mark, digest.lengths)
        writer.commit()
        self.library.keep(entry.digest for entry in entries.values())
        catalogue.save_words(self.folder, whoosh_store.generation(self.folder / WHOOSH), words)
        return entries

    def describe(self, entries: Mapping[str, Entry], synonyms: list[Rule]) -> None:
        """Write what ranking needs to know of all articles."""
        reader = Reader(self.folder / WHOOSH)
        documents = {key: number for number, key in reader.ids().items()}
        ordered = [entries[article.id] for article in self.articles]
        found = Catalogue(
            catalogue.FORMAT,
            reader.generation,
            self.locale,
            records.text_cap(self.articles),
            catalogue.averages([entry.lengths for entry in ordered]),
            [article.id for article in self.articles],
            [entry.mark for entry in ordered],
            [entry.digest for entry in ordered],
            [entry.lengths for entry in ordered],
            [documents[article.id] for article in self.articles],
            facets.collect(self.articles),
            synonyms,
        )
        catalogue.save(self.folder, "catalogue", found)

    def _documents_gone(self) -> list[int]:
        if self.known is None:
            return []
        numbers = dict(zip(self.known.ids, self.known.documents, strict=True))
        return [numbers[key] for key in self.gone]

    def _words_staying(self, entries: Mapping[str, Entry]) -> Counter[str]:
        known = catalogue.load_words(self.folder, self.known.generation) if self.known else {}
        gone = [self.before[key].digest for key in self.gone]
        stay = ((one, entries[one.id].digest) for one in self.articles if one.id in entries)
        return self.library.words(known, gone, stay)

    def _forget(self) -> None:
        """Remove an index that cannot be brought up to date."""
        (self.folder / "catalogue.msgpack").unlink(missing_ok=True)
        shutil.rmtree(self.folder / WHOOSH, ignore_errors=True)


def _mark(article: Article) -> str:
    """Return a fingerprint of all that an article's entry in the index is made from."""
    return hashing.of_values(VERSION, article.made_of).hex()


def _entries(known: Catalogue) -> dict[str, Entry]:
    rows = zip(known.marks, known.digests, known.lengths, strict=True)
    return {key: Entry(*row) for key, row in zip(known.ids, rows, strict=True)}


def _known(folder: Path) -> Catalogue | None:
    """Return the catalogue, None when it does not belong to the Whoosh index beside it."""
    try:
        found = catalogue.load_catalogue(folder)
    except KbError:
        return None
    return found if whoosh_store.generation(folder / WHOOSH) == found.generation else None
