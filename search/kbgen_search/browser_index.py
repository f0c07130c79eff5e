"""The browser index: static scripts under `search/` that the page loads as a query needs them.

- `index.js` names the locales, `LOCALE/index.js` the shards of one locale, the first term of
  each, the weights of the ranking and all else the browser must know to rank as Python does;
- `t*.js` hold terms with their articles, `w*.js` words in alphabetical order (completion and
  spelling), `l*.js` words by length (spelling), `f*.js` the facets, `s*.js` the stemmer: their
  names are hashes of their content;
- `d/N.js` hold what is shown of the articles.

The same articles give the same bytes, and only what differs is written.
"""

import os
from base64 import b32encode
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from hashlib import blake2b
from pathlib import Path

import msgspec

from kbgen_search import assets, catalogue, encoding, records
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article
from kbgen_search.catalogue import Vocabulary
from kbgen_search.facets import collect
from kbgen_search.indexing import by_locale, text_cap
from kbgen_search.inverted import Inverted, read
from kbgen_search.languages import language, stop_words
from kbgen_search.queries import Rule
from kbgen_search.ranking import Weights
from kbgen_search.shards import Entry, Shards, call, joined, sharded
from kbgen_search.spelling import SPELLED
from kbgen_search.synonyms import Synonym, rules

FORMAT = 1
TERMS_SIZE = 6_000
WORDS_SIZE = 16_000
RECORDS_SIZE = 3_000


@dataclass(frozen=True, slots=True)
class Written:
    """How many files the browser index has, how many of them were written, and their bytes."""

    files: int
    written: int
    removed: int
    size: int


def write(
    articles: Iterable[Article],
    site_dir: Path | str,
    *,
    index_dir: Path | str | None = None,
    default_locale: str = "",
    synonyms: Sequence[Synonym] = (),
    weights: Weights | None = None,
    ready: Mapping[str, bytes] | None = None,
) -> Written:
    """Bring `site_dir/search/` to exactly these articles.

    With `index_dir` (that of `indexing.update`) only what changed since the last time is worked
    out anew; articles whose digests (`digests.of`, by `digests.mark`) are `ready` are not analysed.
    """
    groups = by_locale(articles, default_locale)
    files: dict[str, bytes] = {"index.js": call("site", {"v": FORMAT, "locales": list(groups)})}
    for locale, found in groups.items():
        folder = Path(index_dir) / locale if index_dir else None
        inverted = read(found, folder, weights or Weights(), ready)
        meant = rules(synonyms, Analyzer(locale))
        for name, content in build(found, inverted, locale, weights or Weights(), meant).items():
            files[f"{locale}/{name}"] = content
    return _publish(files, Path(site_dir) / "search")


def build(
    articles: Sequence[Article],
    inverted: Inverted,
    locale: str,
    weights: Weights,
    synonyms: Sequence[Rule] = (),
) -> dict[str, bytes]:
    """Return the files of one locale by name; the articles are in order of id."""
    words = catalogue.vocabulary(inverted.words)
    terms = [(term, term, text) for term, text in inverted.terms.items()]
    shards = Shards()
    found = {
        "v": FORMAT,
        "locale": locale,
        "size": len(articles),
        "weights": asdict(weights),
        "stops": " ".join(sorted(stop_words(language(locale).code))),
        "stemmer": shards.script("s", assets.stemmer(language(locale).stemmer)),
        "synonyms": list(synonyms),
        "terms": sharded("t", terms, TERMS_SIZE, shards),
        "words": _words(words, shards),
        "lengths": _lengths(words, shards),
        "facets": shards.data("f", _facets(articles)),
        "docs": _records(articles, shards),
    }
    return {**shards.files, "index.js": call("shelf", found)}


def _words(words: Vocabulary, shards: Shards) -> str:
    entries = [
        (bare, word, encoding.DIGITS[count])
        for bare, word, count in zip(words.bare, words.words, words.counts, strict=True)
    ]
    entries.sort(key=lambda entry: encoding.utf16(entry[0]))
    return sharded("w", entries, WORDS_SIZE, shards)


def _lengths(words: Vocabulary, shards: Shards) -> dict[str, str]:
    """Write the words that misspellings are corrected to by length; return their files' names."""
    found: dict[int, list[Entry]] = {}
    for bare, word, count in zip(words.bare, words.words, words.counts, strict=True):
        if len(bare) in SPELLED and bare.isalpha():
            found.setdefault(len(bare), []).append((bare, word, encoding.DIGITS[count]))
    return {str(length): shards.data("l", joined(found[length])) for length in sorted(found)}


def _facets(articles: Sequence[Article]) -> dict[str, dict[str, str]]:
    return {
        facet: {name: encoding.numbers(numbers) for name, numbers in values.items()}
        for facet, values in collect(articles).items()
    }


def _records(articles: Sequence[Article], shards: Shards) -> dict[str, object]:
    """Write what is shown of the articles; return how many a file has, and a stamp of them all."""
    cap = text_cap(articles)
    shown = [records.capped(records.record(article), cap) for article in articles]
    encoded = [msgspec.json.encode(one) for one in shown]
    each = max(1, round(RECORDS_SIZE * len(encoded) / max(sum(map(len, encoded)), 1)))
    stamp = blake2b(digest_size=5)
    for number, start in enumerate(range(0, len(encoded), each)):
        block = b",".join(encoded[start : start + each])
        stamp.update(block)
        shards.files[f"d/{number}.js"] = b'kb.shard("d%d",[%s]);\n' % (number, block)
    return {"each": each, "stamp": b32encode(stamp.digest()).decode().lower()}


def _publish(files: Mapping[str, bytes], folder: Path) -> Written:
    """Write what differs, the directories last, and take away what is no longer named."""
    written = 0
    for name in sorted(files, key=lambda name: (name.endswith("index.js"), name)):
        path = folder / name
        if not _is(path, files[name]):
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(files[name])
            part.replace(path)
            written += 1
    stale = [name for name in _names(folder) if name not in files]
    for name in stale:
        (folder / name).unlink()
    return Written(len(files), written, len(stale), sum(map(len, files.values())))


def _is(path: Path, content: bytes) -> bool:
    try:
        return path.read_bytes() == content
    except FileNotFoundError:
        return False


def _names(folder: Path) -> Iterator[str]:
    """Yield the names of all files in a folder and those below, relative to it."""
    for parent, _, files in os.walk(folder):
        below = Path(parent).relative_to(folder).as_posix()
        yield from (name if below == "." else f"{below}/{name}" for name in files)
