"""The Whoosh index: the only module that knows Whoosh.

Written to the interface that whoosh3 and whoosh-reloaded share. Articles go in as digests of our
own analysis. Whoosh keeps its index in pickles: only ever open one that this machine has written.
"""

import re
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import lru_cache
from importlib import import_module
from itertools import groupby
from operator import itemgetter, sub
from pathlib import Path
from pickle import dumps
from struct import Struct
from typing import Any
from zlib import crc32

import msgspec
from whoosh import fields, formats, index
from whoosh.analysis.acore import Token
from whoosh.codec.whoosh3 import WHOOSH3_HEADER_MAGIC, W3Codec, W3FieldWriter, W3TermInfo
from whoosh.columns import VarBytesColumn
from whoosh.filedb.filetables import HashWriter, OrderedHashWriter
from whoosh.system import pack_int, pack_long, pack_ushort
from whoosh.util.numlists import GrowableArray
from whoosh.writing import MERGE_SMALL

from kbgen_search import digests
from kbgen_search.analysis import Analyzer
from kbgen_search.articles import Article
from kbgen_search.digests import Placed
from kbgen_search.errors import KbError
from kbgen_search.ranking import FIELDS
from kbgen_search.records import Record, record

_LENGTHS = Struct("!ii")
_POINTER = Struct("!Iq")
_EMPTY = bytes(_POINTER.size)
SEGMENT = 2000  # articles that are written at a time


class WordAnalyzer:
    """Our analysis in the shape that Whoosh's query parser expects."""

    def __init__(self, locale: str) -> None:
        self.locale = locale

    def __call__(self, value: str, **_: Any) -> Iterator[Token]:
        """Yield a token for each word, with its first term as the text."""
        for position, word in enumerate(Analyzer(self.locale).words(value)):
            token = Token(positions=True, chars=True)
            token.text, token.pos, token.boost = word.terms[0], position, 1.0
            token.startchar, token.endchar = word.start, word.end
            yield token


class Places(formats.Positions):
    """Positions as digests have them: as text, which is pickled best."""

    def decode_positions(self, valuestring: str) -> list[int]:  # type: ignore[override]
        """Return the numbers of the words."""
        return digests.unpacked(valuestring)

    def decode_frequency(self, valuestring: str) -> int:  # type: ignore[override]
        """Return how many words they are."""
        return len(valuestring)


class Words(fields.TEXT):
    """A field of text that is indexed under all terms of our analysis, with positions."""

    def __init__(self, locale: str) -> None:
        super().__init__(analyzer=WordAnalyzer(locale))
        self.format = Places()

    def index(
        self, value: int, **_: Any
    ) -> Generator[tuple[bytes, int, float | int, bytes], Any, None]:
        """Yield the number of words, under no term: `Postings` takes the terms by itself."""
        yield b"", value, 0.0, b""


class Column:
    """The postings of a term: documents in order, with weights and values.

    Where values are places, their number is the weight.
    """

    __slots__ = ("documents", "values", "weights")

    def __init__(self) -> None:
        self.documents: list[int] = []
        self.weights: list[float] = []
        self.values: list[Any] = []


class Postings:
    """Postings collected in memory, in the place of Whoosh's pool, which sorts them on disk."""

    def __init__(self) -> None:
        self._columns: dict[str, dict[str, Column]] = {}

    def add(self, posting: tuple[str, bytes, int, float, bytes | str]) -> None:
        """Take a posting from Whoosh: field, term, document, weight, value."""
        field, term, document, weight, value = posting
        if term:
            column = self._columns.setdefault(field, {}).setdefault(_text(term), Column())
            column.documents.append(document)
            column.weights.append(weight)
            if value:
                column.values.append(value)

    def add_digest(self, document: int, digest: Placed) -> None:
        """Take all terms of a digest."""
        for field, places in zip(FIELDS, digest.places, strict=True):
            columns = self._columns.setdefault(field, {})
            for term, value in places.items():
                column = columns.get(term)
                if column is None:
                    column = columns[term] = Column()
                column.documents.append(document)
                column.values.append(value)

    def iter_postings(self) -> Iterator[tuple[str, bytes, Column]]:
        """Yield field, term and postings in order."""
        for field, columns in sorted(self._columns.items()):
            for term in sorted(columns, key=_bytes):
                yield field, _bytes(term), columns[term]

    def cleanup(self) -> None:
        """Forget all."""
        self._columns.clear()


class TermWriter(W3FieldWriter):
    """Writes a field term by term instead of posting by posting, each term as one block.

    Whoosh's own writer makes such blocks by ten calls a term; its reader reads these alike.
    """

    def __init__(self, codec: W3Codec, storage: Any, segment: Any) -> None:
        super().__init__(codec, storage, segment)  # type: ignore[no-untyped-call]
        file = self._tindex.dbfile
        file.seek(0)
        self._tindex: Any = TermTable(file)
        self._fieldmap = self._tindex.extras["fieldmap"] = {}

    def add_postings(
        self, schema: fields.Schema, _: None, items: Iterable[tuple[str, bytes, Column]]
    ) -> None:
        """Write all fields, from what `Postings` yields."""
        writer: Any = self  # Whoosh has no types here
        offset, write = writer._postfile.tell(), writer._postfile.write
        for name, terms in groupby(items, itemgetter(0)):
            writer.start_field(name, schema[name])
            field, places = pack_ushort(writer._fieldid), isinstance(schema[name], Words)
            rows = []
            for _name, term, column in terms:
                weights = list(map(len, column.values)) if places else column.weights
                values = tuple(column.values) if places else b"".join(column.values)
                block = _block(column.documents, weights, values)
                write(block)
                rows.append((field + term, _entry(column.documents, weights, offset, len(block))))
                offset += len(block)
            writer._tindex.add_all(rows)
            writer.finish_field()


class TermTable(OrderedHashWriter):
    """Whoosh's table of terms, with the quicker of the hashes that its reader knows, and written
    in a few pieces.
    """

    def __init__(self, file: Any) -> None:
        HashWriter.__init__(self, file, hashtype=1)
        self.index = GrowableArray("H")

    def add_all(self, items: Iterable[tuple[bytes, bytes]]) -> None:
        """Add terms, in order, with their entries."""
        place, parts = self.dbfile.tell(), []
        for key, entry in items:
            number = crc32(key)
            self.index.append(place)
            self.buckets[number & 255].append((number, place))
            parts.append(_LENGTHS.pack(len(key), len(entry)) + key + entry)
            place += len(parts[-1])
        self.dbfile.write(b"".join(parts))

    def _write_hashes(self) -> None:
        place, parts = self.dbfile.tell(), []
        for entries in self.buckets:
            count = 2 * len(entries)
            self.directory.append((place, count))
            slots = [_EMPTY] * count
            for number, at in entries:
                slot = (number >> 8) % count
                while slots[slot] is not _EMPTY:
                    slot = (slot + 1) % count
                slots[slot] = _POINTER.pack(number, at)
            parts += slots
            place += count * _POINTER.size
        self.dbfile.write(b"".join(parts))


class Codec(W3Codec):
    """Whoosh's codec, quicker: without lengths by term, which only bound scores more tightly."""

    length_stats = False

    def field_writer(self, storage: Any, segment: Any) -> TermWriter:
        """Return what writes the terms."""
        return TermWriter(self, storage, segment)


def _block(
    documents: Sequence[int], weights: Sequence[float], values: tuple[str, ...] | bytes
) -> bytes:
    """Return all postings of a term as the last block of W3PostingsWriter, not compressed.

    Values that are no places are of one size each, so that they can stand in a row.
    """
    steps = (documents[0], *map(sub, documents[1:], documents))
    heaviest = float(max(weights))
    same = heaviest if heaviest == min(weights) else tuple(map(float, weights))
    data = dumps((steps, None if same == 1.0 else same, values), 2)
    facts = _facts(len(documents), documents[-1], heaviest)
    return b"".join((WHOOSH3_HEADER_MAGIC, pack_int(-len(facts) - len(data)), facts, data))


@lru_cache(maxsize=4096)  # most terms are in one article, once
def _facts(count: int, last: int, heaviest: float) -> bytes:
    return dumps((count, last, heaviest, 0, 0, 0), 2)


def _entry(documents: Sequence[int], weights: Sequence[float], offset: int, length: int) -> bytes:
    """Return a term's entry as W3TermInfo packs it: what all postings come to, where they are."""
    facts = (False, sum(weights), len(documents), 0, 0, max(weights), documents[0], documents[-1])
    return W3TermInfo._struct.pack(*facts) + pack_long(offset) + pack_int(length)


def _text(encoded: bytes) -> str:
    return encoded.decode("utf-8", "surrogatepass")


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _schema(locale: str) -> fields.Schema:
    facets = {name: fields.KEYWORD(commas=True, lowercase=True) for name in ("tags", "audience")}
    return fields.Schema(
        id=fields.ID(unique=True, sortable=True),
        record=fields.COLUMN(VarBytesColumn()),
        area=fields.ID(),
        **facets,
        **{name: Words(locale) for name in FIELDS},
    )


class Writer:
    """Adds and removes articles of one locale.

    Readers see nothing before `commit`, but for every SEGMENT articles added: so many fit into
    memory at a time.
    """

    def __init__(self, folder: Path, locale: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        if not index.exists_in(str(folder)):
            self._index: Any = index.create_in(str(folder), _schema(locale))
        else:
            self._index = index.open_dir(str(folder))
        self._begin()

    def _begin(self) -> None:
        codec = Codec()  # type: ignore[no-untyped-call]
        self._writer: Any = self._index.writer(codec=codec)
        self._writer.pool = Postings()
        self._added = 0

    def remove(self, document: int) -> None:
        """Take an article of the last commit out, by the number it has had since."""
        self._writer.delete_document(document)

    def add(self, article: Article, digest: Placed) -> None:
        """Put an article in; one with the same id must have been removed before."""
        if self._added == SEGMENT:
            self.commit()
            self._begin()
        self._added += 1
        self._writer.pool.add_digest(self._writer.docnum, digest)
        self._writer.add_document(
            id=article.id,
            record=msgspec.json.encode(record(article)),
            area=article.area,
            tags=",".join(article.tags),
            audience=",".join(article.audience),
            **dict(zip(FIELDS, digest.lengths, strict=True)),
        )

    def commit(self) -> None:
        """Make the changes permanent and visible.

        Raises:
            KbError: what was there before is damaged.
        """
        with _undamaged(self._folder):
            self._writer.commit(mergetype=_merge)


def _merge(writer: Any, segments: Sequence[Any]) -> Any:
    """Merge small segments as Whoosh does, but leave out those whose articles have all gone.

    Whoosh would read such a one to its end, and an article that is edited again leaves one.
    """
    found = [one for one in segments if one.deleted_count() < one.doc_count_all()]
    return MERGE_SMALL(writer, found)


@contextmanager
def _undamaged(folder: Path) -> Iterator[None]:
    """Raise a KbError for what Whoosh meets in a damaged index; it raises whatever went wrong."""
    try:
        yield
    except Exception as error:
        if isinstance(error, OSError) and not isinstance(error, FileNotFoundError):
            raise  # the disk's trouble, which a new index would meet, too
        message = f"the search index cannot be read ({error or type(error).__name__})"
        raise KbError(message, file=folder, remedy="run `kbgen build` again") from error


class Reader:
    """Reads the Whoosh index of one locale; articles go by Whoosh's document numbers.

    Raises:
        KbError: there is no index in the folder, or it is damaged.
    """

    def __init__(self, folder: Path) -> None:
        with _undamaged(folder):
            opened: Any = index.open_dir(str(folder))
            self._reader: Any = opened.reader()
        self.generation = int(opened.latest_generation())

    def ids(self) -> dict[int, str]:
        """Return the article ids by document number, of articles that have not been removed."""
        column = self._reader.column_reader("id")
        return {number: column[number] for number in self._reader.all_doc_ids()}

    def postings(self, field: str, term: str) -> list[tuple[int, int]]:
        """Return (document, count) of every place a term is indexed at in a field."""
        if (field, term) not in self._reader:
            return []
        matcher = self._reader.postings(field, term)
        found = []
        while matcher.is_active():
            found.append((matcher.id(), int(matcher.weight())))
            matcher.next()
        return found

    def record(self, document: int) -> Record:
        """Return what is kept of an article for showing it."""
        stored = self._reader.column_reader("record")[document]
        return msgspec.json.decode(stored, type=Record)

    def find(
        self, text: str, limit: int, like: Callable[[re.Pattern[str]], Iterable[str]]
    ) -> list[tuple[Record, float]]:
        """Return the articles that a query in Whoosh's own language finds, with its scores.

        `like` returns the terms of the words that match a pattern.

        Raises:
            KbError: the query cannot be read, or asks for what a field cannot do.
        """
        # Imported here: a plain query needs neither, and they take long to load.
        syntax: Any = import_module("kbgen_search.whoosh_syntax")
        searching: Any = import_module("whoosh.searching")

        query = syntax.parsed(text, self._reader.schema, like)
        with syntax.told(text):
            hits = searching.Searcher(self._reader).search(query, limit=limit)
            return [(self.record(hit.docnum), float(hit.score)) for hit in hits]


def generation(folder: Path) -> int:
    """Return the number of times the index in a folder was written, -1 when none can be read."""
    try:
        with _undamaged(folder):
            opened: Any = index.open_dir(str(folder))
            return int(opened.latest_generation())
    except KbError:
        return -1
