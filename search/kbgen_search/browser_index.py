"""The browser index: static scripts under `search/` that the page loads as a query needs them.

- `index.js` names the locales, `LOCALE/index.js` the shards of one locale, the first term of
  each, the weights of the ranking and all else the browser must know to rank as Python does;
- `t*.js` hold terms with their articles, `w*.js` words in alphabetical order (completion and
  spelling), `l*.js` words by length (spelling), `f*.js` the facets, `s*.js` the stemmer: their
  names are hashes of their content;
- `d/N.js` hold what is shown of the articles.

The same articles give the same bytes, and only what differs is written.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Self

import msgspec

from kbgen_search import assets, catalogue, encoding, hashing, records
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article, by_locale
from kbgen_search.delivery import DIRECTORY, Written, deliver, is_delivered, note, program
from kbgen_search.facets import collect
from kbgen_search.inverted import Inverted, read
from kbgen_search.languages import language, stop_words
from kbgen_search.queries import Rule
from kbgen_search.ranking import Weights
from kbgen_search.scratch import load_scratch, save_scratch
from kbgen_search.shards import Shard, Shards, call, sharded, short_hash
from kbgen_search.synonyms import Synonym, rules
from kbgen_search.wordlists import WordLists, word_lists

FORMAT = 1
FOLDER = "search"
HEAD = f"{FOLDER}/{DIRECTORY}"
RECEIPT = "delivered.msgpack"
TERMS = "terms.msgpack"
TERMS_SIZE = 6_000
RECORDS_SIZE = 3_000


class TermFiles(msgspec.Struct, frozen=True):
    """The files of terms of the last time."""

    runs: dict[bytes, Shard]


class File(msgspec.Struct, frozen=True):
    """A file of the index: its content, made when asked for, and a hash of what it comes from."""

    mark: bytes
    content: Callable[[], bytes]

    @classmethod
    def of(cls, content: bytes) -> Self:
        """Return a file whose content is known."""
        return cls(hashing.of(content), lambda: content)


class Part(msgspec.Struct, frozen=True):
    """The index of one locale: its files, made when asked for, and a hash of all they come from.

    `receipt` is where it is noted which files were written, if anywhere.
    """

    locale: str
    mark: bytes
    files: Callable[[], dict[str, File]]
    receipt: Path | None = None

    def path(self, name: str = DIRECTORY) -> str:
        """Return where a file lies in a site; by default the one that names the others."""
        return f"{FOLDER}/{self.locale}/{name}"

    def by_path(self) -> dict[str, File]:
        """Return the files by their paths in a site; the one that names the others is the last."""
        return {self.path(name): file for name, file in self.files().items()}


def parts(
    articles: Iterable[Article],
    *,
    index_dir: Path | str | None = None,
    default_locale: str = "",
    synonyms: Sequence[Synonym] = (),
    weights: Weights | None = None,
    ready: Mapping[str, bytes] | None = None,
) -> list[Part]:
    """Return the index of each locale, the default one first.

    With `index_dir` (that of `indexing.update`) only what changed since the last time is worked
    out anew; articles whose digests (`digests.of`, by `digests.mark`) are `ready` are not analysed.
    """
    found = []
    for locale, group in by_locale(articles, default_locale).items():
        kept = Path(index_dir) / locale if index_dir else None
        chosen, meant = weights or Weights(), rules(synonyms, Analyzer(locale))
        made_of = [article.made_of for article in group]
        mark = hashing.of_values(program(), made_of, msgspec.structs.asdict(chosen), meant)
        files = partial(_files, group, kept, chosen, meant, ready or {})
        found.append(Part(locale, mark, files, kept / RECEIPT if kept else None))
    return found


def head(parts: Iterable[Part]) -> bytes:
    """Return the file that names the locales."""
    return call("site", {"v": FORMAT, "locales": [part.locale for part in parts]})


def write(parts: Sequence[Part], site_dir: Path | str) -> Written:
    """Bring `site_dir/search/` to exactly these parts."""
    site, locales = Path(site_dir) / FOLDER, [part.locale for part in parts]
    done = Written()
    for part in parts:
        done += _deliver(part, site / part.locale)
    return done + deliver({DIRECTORY: head(parts)}, site, keeping=locales)


def _deliver(part: Part, folder: Path) -> Written:
    """Bring the files of one locale up to date, unless they were made from just this."""
    if part.receipt and (done := is_delivered(folder, part.receipt, part.mark)):
        return done
    done = deliver({name: file.content() for name, file in part.files().items()}, folder)
    if part.receipt:
        note(folder, part.receipt, part.mark)
    return done


def _files(
    articles: Sequence[Article],
    kept: Path | None,
    weights: Weights,
    synonyms: Sequence[Rule],
    ready: Mapping[str, bytes],
) -> dict[str, File]:
    inverted = read(articles, kept, weights, ready)
    lists = word_lists(catalogue.vocabulary(inverted.words), kept)
    before = load_scratch(kept / TERMS, TermFiles) if kept else None
    shards = Shards(before.runs if before else None)
    files = build(articles, inverted, lists, weights, synonyms, shards)
    if kept and (before is None or shards.runs != before.runs):
        save_scratch(kept / TERMS, TermFiles(shards.runs))
    return files


def build(
    articles: Sequence[Article],
    inverted: Inverted,
    lists: WordLists,
    weights: Weights,
    synonyms: Sequence[Rule],
    shards: Shards,
) -> dict[str, File]:
    """Return the files of one locale by name; the articles are in order of id."""
    locale = articles[0].locale
    shown = _Records.of(articles)
    terms = [(term, term, text) for term, text in inverted.terms.items()]
    found = {
        "v": FORMAT,
        "locale": locale,
        "size": len(articles),
        "weights": msgspec.structs.asdict(weights),
        "stops": " ".join(sorted(stop_words(language(locale).code))),
        "stemmer": shards.script("s", assets.stemmer(language(locale).stemmer)),
        "synonyms": list(synonyms),
        "terms": sharded("t", terms, TERMS_SIZE, shards),
        "words": lists.ordered,
        "lengths": lists.by_length,
        "facets": shards.data("f", _facets(articles)),
        "docs": {"each": shown.each, "stamp": shown.stamp},
    }
    known = {**lists.files, **shards.files, DIRECTORY: call("shelf", found)}
    return {**shown.files(), **{name: File.of(content) for name, content in known.items()}}


def _facets(articles: Sequence[Article]) -> dict[str, dict[str, str]]:
    return {
        facet: {name: encoding.numbers(numbers) for name, numbers in values.items()}
        for facet, values in collect(articles).items()
    }


class _Records(msgspec.Struct, frozen=True):
    """What is shown of the articles, `each` of them in a file; `cap` is that of `text_cap`."""

    articles: Sequence[Article]
    cap: int
    each: int

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Self:
        """Return the records of a locale, in files of about RECORDS_SIZE bytes."""
        cap = records.text_cap(articles)
        size = records.size(articles, cap)
        return cls(articles, cap, max(1, round(RECORDS_SIZE * len(articles) / max(size, 1))))

    @property
    def stamp(self) -> str:
        """Return what differs when one of the records does."""
        return short_hash(self._mark(self.articles))

    def files(self) -> dict[str, File]:
        """Return the files by name; one is made anew when an article in it has changed."""
        starts = range(0, len(self.articles), self.each)
        return {f"d/{number}.js": self._file(number, at) for number, at in enumerate(starts)}

    def _file(self, number: int, start: int) -> File:
        some = self.articles[start : start + self.each]
        return File(self._mark(some, number, program()), partial(self._content, number, some))

    def _mark(self, some: Sequence[Article], *further: object) -> bytes:
        return hashing.of_values(FORMAT, self.cap, [one.made_of for one in some], *further)

    def _content(self, number: int, some: Sequence[Article]) -> bytes:
        shown = (records.capped(records.record(article), self.cap) for article in some)
        return b'kb.shard("d%d",[%s]);\n' % (number, b",".join(map(msgspec.json.encode, shown)))
