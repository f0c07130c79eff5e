"""The browser index: static scripts under `search/` that the page loads as a query needs them.

- `index.js` names the locales, `LOCALE/index.js` the shards of one locale, the first term of
  each, the weights of the ranking and all else the browser must know to rank as Python does;
- `t*.js` hold terms with their articles, `w*.js` words in alphabetical order (completion and
  spelling), `l*.js` words by length (spelling), `f*.js` the facets, `s*.js` the stemmer: their
  names are hashes of their content;
- `d/N.js` hold what is shown of the articles.

The same articles give the same bytes, and only what differs is written.
"""

from base64 import b32encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from hashlib import blake2b
from pathlib import Path

import msgspec

from kbgen_search import assets, catalogue, encoding, records
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article
from kbgen_search.delivery import DIRECTORY, Written, deliver, is_delivered, note, program
from kbgen_search.facets import collect
from kbgen_search.indexing import by_locale, text_cap
from kbgen_search.inverted import Inverted, read
from kbgen_search.languages import language, stop_words
from kbgen_search.queries import Rule
from kbgen_search.ranking import Weights
from kbgen_search.shards import Shards, call, sharded
from kbgen_search.synonyms import Synonym, rules
from kbgen_search.wordlists import WordLists, word_lists

FORMAT = 1
RECEIPT = "delivered.msgpack"
TERMS_SIZE = 6_000
RECORDS_SIZE = 3_000


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
    site = Path(site_dir) / "search"
    chosen = weights or Weights()
    done = Written()
    for locale, found in groups.items():
        kept = Path(index_dir) / locale if index_dir else None
        meant = rules(synonyms, Analyzer(locale))
        done += _write_locale(found, site / locale, kept, chosen, meant, ready or {})
    head = call("site", {"v": FORMAT, "locales": list(groups)})
    return done + deliver({DIRECTORY: head}, site, keeping=groups)


def _write_locale(
    articles: Sequence[Article],
    folder: Path,
    kept: Path | None,
    weights: Weights,
    synonyms: Sequence[Rule],
    ready: Mapping[str, bytes],
) -> Written:
    """Bring the files of one locale up to date, unless they were made from just this."""
    made_from = msgspec.msgpack.encode((program(), articles, asdict(weights), synonyms))
    mark = blake2b(made_from, digest_size=16).digest()
    if kept and (done := is_delivered(folder, kept / RECEIPT, mark)):
        return done
    inverted = read(articles, kept, weights, ready)
    lists = word_lists(catalogue.vocabulary(inverted.words), kept)
    files = build(articles, inverted, lists, articles[0].locale, weights, synonyms)
    done = deliver(files, folder)
    if kept:
        note(folder, kept / RECEIPT, mark)
    return done


def build(
    articles: Sequence[Article],
    inverted: Inverted,
    lists: WordLists,
    locale: str,
    weights: Weights,
    synonyms: Sequence[Rule],
) -> dict[str, bytes]:
    """Return the files of one locale by name; the articles are in order of id."""
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
        "words": lists.ordered,
        "lengths": lists.by_length,
        "facets": shards.data("f", _facets(articles)),
        "docs": _records(articles, shards),
    }
    return {**lists.files, **shards.files, DIRECTORY: call("shelf", found)}


def _facets(articles: Sequence[Article]) -> dict[str, dict[str, str]]:
    return {
        facet: {name: encoding.numbers(numbers) for name, numbers in values.items()}
        for facet, values in collect(articles).items()
    }


def _records(articles: Sequence[Article], shards: Shards) -> dict[str, object]:
    """Write what is shown of the articles; return how many a file has, and a stamp of them all."""
    cap = text_cap(articles)
    encoded = [
        msgspec.json.encode(records.capped(records.record(article), cap)) for article in articles
    ]
    each = max(1, round(RECORDS_SIZE * len(encoded) / max(sum(map(len, encoded)), 1)))
    stamp = blake2b(digest_size=5)
    for number, start in enumerate(range(0, len(encoded), each)):
        block = b",".join(encoded[start : start + each])
        stamp.update(block)
        shards.files[f"d/{number}.js"] = b'kb.shard("d%d",[%s]);\n' % (number, block)
    return {"each": each, "stamp": b32encode(stamp.digest()).decode().lower()}
