"""What one article adds to the indexes: its terms counted by field, its lengths, its words."""

from collections.abc import Iterable
from hashlib import blake2b
from itertools import chain
from pathlib import Path

import msgspec

from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article, texts
from kbgen_search.ranking import FIELDS

VERSION = 2  # to be raised when analysis changes, so that digests kept on disk are made anew


class Digest(msgspec.Struct, frozen=True):
    """The terms of an article with their counts by field, its field lengths and its words."""

    id: str
    mark: str
    lengths: tuple[int, ...]
    terms: dict[str, tuple[int, ...]]
    words: list[str]


def mark(article: Article) -> str:
    """Return a fingerprint of all that an article's entries in the indexes are made from."""
    encoded = msgspec.msgpack.encode((VERSION, article))
    return blake2b(encoded, digest_size=12).hexdigest()


def digest(article: Article, analyzer: Analyzer) -> Digest:
    """Return the digest of an article."""
    counts: dict[str, list[int]] = {}
    words: set[str] = set()
    lengths = []
    for number, text in enumerate(texts(article)):
        found = analyzer.surfaces(text)
        lengths.append(len(found))
        words.update(word.surface for word in found)
        words.update(word.whole for word in found)
        for term in chain.from_iterable(word.terms + word.extra for word in found):
            counts.setdefault(term, [0] * len(FIELDS))[number] += 1
    terms = {term: tuple(count) for term, count in counts.items()}
    return Digest(article.id, mark(article), tuple(lengths), terms, sorted(words - {""}))


class DigestFile:
    """Digests kept on disk from one build to the next."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self._kept = _read(path) if path else {}

    def all(self, articles: Iterable[Article], analyzer: Analyzer) -> list[Digest]:
        """Return the digests of the articles, made only where an article has changed."""
        found = []
        for article in articles:
            kept = self._kept.get(article.id)
            same = kept is not None and kept.mark == mark(article)
            found.append(kept if same and kept else digest(article, analyzer))
        if self.path and found != list(self._kept.values()):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            self.path.write_bytes(msgspec.msgpack.encode(found))
        return found


def _read(path: Path) -> dict[str, Digest]:
    try:
        kept = msgspec.msgpack.decode(path.read_bytes(), type=list[Digest])
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
    return {one.id: one for one in kept}
