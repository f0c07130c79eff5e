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

import msgspec

from kbgen_search import assets, catalogue, encoding, hashing
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article, by_locale
from kbgen_search.delivery import DIRECTORY, Written, deliver, is_delivered, note, program
from kbgen_search.facets import collect
from kbgen_search.inverted import Inverted, read
from kbgen_search.languages import language, stop_words
from kbgen_search.queries import Rule
from kbgen_search.ranking import Weights
from kbgen_search.recordfiles import RecordFiles
from kbgen_search.scratch import load_scratch, save_scratch
from kbgen_search.shards import FORMAT, File, Shard, Shards, call, sharded
from kbgen_search.synonyms import Synonym, rules
from kbgen_search.wordlists import WordLists, word_lists

FOLDER = "search"
HEAD = f"{FOLDER}/{DIRECTORY}"
RECEIPT = "delivered.msgpack"
TERMS = "terms.msgpack"
TERMS_SIZE = 6_000


class TermFiles(msgspec.Struct, frozen=True):
    """The files of terms of the last time."""

    runs: dict[bytes, Shard]


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
    """Bring the index in `site_dir/search/` to exactly these parts.

    Raises:
        KbError: a file there that is not the index's has the name of one of its own.
    """
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
    shown = RecordFiles.of(articles)
    terms = [(term, term, text) for term, text in inverted.terms.items()]
    found = {
        "v": FORMAT,
        "locale": locale,
        "size": len(articles),
        "weights": msgspec.structs.asdict(weights),
        "stops": " ".join(sorted(stop_words(language(locale).code))),
        "stemmer": shards.script("s", assets.stemmer(language(locale))),
        "synonyms": list(synonyms),
        "terms": sharded("t", terms, TERMS_SIZE, shards),
        "words": lists.ordered,
        "lengths": lists.by_length,
        "facets": shards.data("f", _facets(articles)),
        "docs": {
            "each": shown.each,
            "stamp": shown.stamp,
            "editions": "".join(shown.editions),
        },
    }
    known = {**lists.files, **shards.files, DIRECTORY: call("shelf", found)}
    return {**shown.files(), **{name: File.of(content) for name, content in known.items()}}


def _facets(articles: Sequence[Article]) -> dict[str, dict[str, str]]:
    return {
        facet: {name: encoding.numbers(numbers) for name, numbers in values.items()}
        for facet, values in collect(articles).items()
    }
