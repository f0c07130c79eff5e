"""The browser index: static scripts under `search/` that the page loads as a query needs them.

- `index.js` names the locales, `LOCALE/index.js` the shards of one locale, the first term of
  each, the weights of the ranking and all else the browser must know to rank as Python does;
- `t*.js` hold terms with their articles, `w*.js` words in alphabetical order (completion and
  spelling), `l*.js` words by length (spelling), `f*.js` the facets, `s*.js` the stemmer: their
  names are hashes of their content;
- `d/N.js` hold what is shown of the articles.

The same articles give the same bytes, and only what differs is written.
"""

import json
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
from kbgen_search.digests import Digest, DigestFile
from kbgen_search.facets import collect
from kbgen_search.indexing import by_locale, text_cap
from kbgen_search.languages import language, stop_words
from kbgen_search.queries import Rule
from kbgen_search.ranking import FIELDS, LEAD, Weights, impact, is_common, scales
from kbgen_search.spelling import SPELLED
from kbgen_search.synonyms import Synonym, rules

FORMAT = 1
TERMS_SIZE = 6_000
WORDS_SIZE = 16_000
RECORDS_SIZE = 3_000
NAME_LENGTH = 7


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
) -> Written:
    """Bring `site_dir/search/` to exactly these articles.

    With `index_dir` (where `indexing.update` has been) unchanged articles are not analysed again.
    """
    groups = by_locale(articles, default_locale)
    files: dict[str, bytes] = {"index.js": _call("site", {"v": FORMAT, "locales": list(groups)})}
    for locale, found in groups.items():
        kept = Path(index_dir) / locale / "digests.msgpack" if index_dir else None
        analyzer = Analyzer(locale)
        digests = DigestFile(kept).all(found, analyzer)
        meant = rules(synonyms, analyzer)
        for name, content in build(found, digests, locale, weights or Weights(), meant).items():
            files[f"{locale}/{name}"] = content
    return _publish(files, Path(site_dir) / "search")


def build(
    articles: Sequence[Article],
    digests: Sequence[Digest],
    locale: str,
    weights: Weights,
    synonyms: Sequence[Rule] = (),
) -> dict[str, bytes]:
    """Return the files of one locale by name; articles and digests are in order of id."""
    words = catalogue.vocabulary(digests)
    shards = Shards()
    found = {
        "v": FORMAT,
        "locale": locale,
        "size": len(articles),
        "weights": asdict(weights),
        "stops": " ".join(sorted(stop_words(language(locale).code))),
        "stemmer": shards.script("s", assets.stemmer(language(locale).stemmer)),
        "synonyms": list(synonyms),
        "terms": _terms(digests, weights, shards),
        "words": _words(words, shards),
        "lengths": _lengths(words, shards),
        "facets": shards.data("f", _facets(articles)),
        "docs": _records(articles, shards),
    }
    return {**shards.files, "index.js": _call("shelf", found)}


class Shards:
    """Collects files under names made of their content."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}

    def data(self, kind: str, value: object) -> str:
        """Add a value as a file that hands it to `kb.shard`; return the name."""
        name = kind + short_hash(_json(value))
        self.files[f"{name}.js"] = _call("shard", name, value)
        return name

    def script(self, kind: str, script: bytes) -> str:
        """Add a script as it is; return its name, "" for an empty one."""
        name = kind + short_hash(script) if script else ""
        if name:
            self.files[f"{name}.js"] = script
        return name


def short_hash(content: bytes) -> str:
    """Return a hash of the content as 7 lower-case letters and digits (35 bits)."""
    return b32encode(blake2b(content, digest_size=5).digest()).decode().lower()[:NAME_LENGTH]


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _call(function: str, *values: object) -> bytes:
    return b"kb.%s(%s);\n" % (function.encode(), b",".join(map(_json, values)))


def _terms(digests: Sequence[Digest], weights: Weights, shards: Shards) -> str:
    """Write the terms with their articles; return the directory of their files."""
    average = catalogue.averages(digests)
    worths = [scales(digest.lengths, average, weights) for digest in digests]
    places: dict[str, list[tuple[int, tuple[int, ...]]]] = {}
    for article, digest in enumerate(digests):
        for term, counts in digest.terms.items():
            places.setdefault(term, []).append((article, counts))
    entries = [
        (term, term, _postings(places[term], worths, weights))
        for term in sorted(places, key=encoding.utf16)
    ]
    return _sharded("t", entries, TERMS_SIZE, shards)


def _postings(
    places: Sequence[tuple[int, tuple[int, ...]]],
    worths: Sequence[tuple[float, ...]],
    weights: Weights,
) -> str:
    common = is_common(len(places), len(worths), weights)
    fields = LEAD if common else len(FIELDS)
    articles, impacts = [], []
    for article, counts in places:
        level = impact(counts[:fields], worths[article], weights.saturation, weights.title_share)
        if level:
            articles.append(article)
            impacts.append(level)
    text = encoding.postings(articles, impacts)
    return f"~{encoding.number(len(places))}{text}" if common else text


def _words(words: Vocabulary, shards: Shards) -> str:
    entries = [
        (bare, word, encoding.DIGITS[count])
        for bare, word, count in zip(words.bare, words.words, words.counts, strict=True)
    ]
    entries.sort(key=lambda entry: encoding.utf16(entry[0]))
    return _sharded("w", entries, WORDS_SIZE, shards)


def _lengths(words: Vocabulary, shards: Shards) -> dict[str, str]:
    """Write the words that misspellings are corrected to by length; return their files' names."""
    found: dict[int, list[tuple[str, str, str]]] = {}
    for bare, word, count in zip(words.bare, words.words, words.counts, strict=True):
        if len(bare) in SPELLED and bare.isalpha():
            found.setdefault(len(bare), []).append((bare, word, encoding.DIGITS[count]))
    return {str(length): shards.data("l", _entries(found[length])) for length in sorted(found)}


def _sharded(kind: str, entries: Sequence[tuple[str, str, str]], size: int, shards: Shards) -> str:
    """Write entries (key, text, payload) that are in order of key as files of about `size`.

    Returns the directory: for each file the shortest start that tells its first key from the
    last of the file before, and its name, separated by spaces.
    """
    directory = []
    before = ""
    for group in _groups(entries, size):
        start = group[0][0][: encoding.common_length(before, group[0][0]) + 1]
        directory.append(f"{start} {shards.data(kind, _entries(group))}")
        before = group[-1][0]
    return " ".join(directory)


def _groups(
    entries: Sequence[tuple[str, str, str]], size: int
) -> Iterator[Sequence[tuple[str, str, str]]]:
    """Yield runs of entries; where a run ends depends on the keys near there, not on all before.

    So an edit moves the borders around it only, and the other files stay as they are.
    """
    group: list[tuple[str, str, str]] = []
    weight = 0
    for entry in entries:
        own = len(entry[0]) + len(entry[2])
        border = weight > size // 2 and blake2b(entry[0].encode(), digest_size=1).digest()[0] < 16
        if group and (border or weight + own > size * 2):
            yield group
            group, weight = [], 0
        group.append(entry)
        weight += own
    if group:
        yield group


def _entries(group: Sequence[tuple[str, str, str]]) -> str:
    fronted = encoding.fronted([text for _, text, _ in group])
    return " ".join(
        f"{text} {payload}" for text, (_, _, payload) in zip(fronted, group, strict=True)
    )


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
        if not path.is_file() or path.read_bytes() != files[name]:
            path.parent.mkdir(parents=True, exist_ok=True)
            part = path.with_suffix(".part")
            part.write_bytes(files[name])
            part.replace(path)
            written += 1
    stale = [
        path
        for path in folder.rglob("*")
        if path.is_file() and path.relative_to(folder).as_posix() not in files
    ]
    for path in stale:
        path.unlink()
    return Written(len(files), written, len(stale), sum(map(len, files.values())))
