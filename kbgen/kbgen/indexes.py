"""Both search indexes of a site: brought up to date in any process that is told what they hold.

Nothing here needs MkDocs, so that a process can be ready before MkDocs is loaded.
"""

from collections.abc import Mapping, Sequence
from mmap import mmap
from typing import TYPE_CHECKING, Any

import msgspec

from kbgen.cache import Record
from kbgen.outputs import Outputs
from kbgen.project import SYNONYMS, Places
from kbgen.staging import Filled
from kbgen_search import synonyms
from kbgen_search.articles import Article

if TYPE_CHECKING:
    from kbgen_search.browser_index import Part


class Search(msgspec.Struct, frozen=True):
    """What the indexes are made from; the digests that are `ready` go by their marks."""

    articles: list[Article]
    default_locale: str
    places: Places
    ready: Mapping[str, bytes]

    def update(self) -> None:
        """Bring the index of record up to date."""
        from kbgen_search import indexing  # loads Whoosh where other work goes on beside it

        indexing.update(
            self.articles,
            self.places.index,
            default_locale=self.default_locale,
            synonyms=synonyms.load(self.places.root / SYNONYMS),
            ready=self.ready,
        )

    def for_browser(self) -> "list[Part]":
        """Return the browser's index of each locale, the files to be made where asked for."""
        from kbgen_search import browser_index

        return browser_index.parts(
            self.articles,
            index_dir=self.places.index,
            default_locale=self.default_locale,
            synonyms=synonyms.load(self.places.root / SYNONYMS),
            ready=self.ready,
        )


class Filling(msgspec.Struct, frozen=True, tag=True):
    """The order to take over into a site in the making what is unchanged since the last build."""

    outputs: Outputs

    def carry_out(self) -> Filled:
        """Return the files that are in the new site then."""
        return self.outputs.staging.fill(self.outputs.old)


class Order(msgspec.Struct, frozen=True, tag=True):
    """What a process is told that makes the indexes of a site in the making."""

    search: Search
    outputs: Outputs

    def carry_out(self) -> "Placed":
        """Put the browser's index into the site; return its files, and how many were kept."""
        outputs = self.outputs.sibling()
        place(outputs, self.search.for_browser())
        return Placed(outputs.records, outputs.kept)


class Placed(msgspec.Struct, frozen=True):
    """Files that are in the site, of which so many were kept."""

    records: dict[str, Record]
    kept: int


def place(outputs: Outputs, parts: "Sequence[Part]") -> None:
    """Put the browser's index into the site, but for what is there already."""
    from kbgen_search import browser_index

    for part in parts:
        _place_part(outputs, part)
    outputs.place(browser_index.HEAD, browser_index.head(parts))


def _place_part(outputs: Outputs, part: "Part") -> None:
    """Put the index of one locale into the site, unless what is there was made from just this."""
    directory = part.path()
    if outputs.keep_whole(directory, part.mark):
        return
    files = part.by_path()
    names = files.pop(directory)
    for path, file in files.items():
        outputs.make(path, file.content, file.mark)
    outputs.put(directory, names.content(), part.mark, sorted(files))


def packed(value: Any) -> bytes:
    """Return a value of this module as bytes for another process."""
    return msgspec.msgpack.encode(value, enc_hook=str)


def unpacked(content: bytes | mmap, kind: Any) -> Any:
    """Return what `packed` has made bytes of."""
    return msgspec.msgpack.decode(content, type=kind, dec_hook=lambda kind, value: kind(value))
