"""What is shown of a locale's articles, as files of the browser index.

Most of an index is this, and an edit changes one article: a file whose articles are as they were is
known by what it is made from, and no text in it is looked at.

Files go by their number, so that the directory need not name them. A page that stays open while
the site is built anew asks by old numbers: each file tells its edition, which differs when numbers
mean other articles. Editions are those of groups of files, for the directory to stay small.
"""

from collections.abc import Sequence
from functools import cached_property, partial
from typing import Self

import msgspec

from kbgen_search import hashing, records
from kbgen_search.articles import Article
from kbgen_search.delivery import program
from kbgen_search.shards import FORMAT, File, short_hash

FILE_SIZE = 3_000
GROUP = 64  # files of one edition; the browser has the same number
EDITION_LENGTH = 4


class RecordFiles(msgspec.Struct, frozen=True, dict=True):
    """What is shown of the articles, `each` of them in a file; `cap` is that of `text_cap`."""

    articles: Sequence[Article]
    cap: int
    each: int

    @classmethod
    def of(cls, articles: Sequence[Article]) -> Self:
        """Return the records of a locale, in files of about FILE_SIZE bytes."""
        cap = records.text_cap(articles)
        size = records.size(articles, cap)
        return cls(articles, cap, max(1, round(FILE_SIZE * len(articles) / max(size, 1))))

    @property
    def stamp(self) -> str:
        """Return what differs when one of the records does."""
        return short_hash(self._mark(self.articles))

    @cached_property
    def editions(self) -> list[str]:
        """Return for each group of files what differs when their numbers mean other articles."""
        ids = [one.id for one in self.articles]
        size = GROUP * self.each
        groups = (ids[start : start + size] for start in range(0, len(ids), size))
        return [short_hash(hashing.of_values(self.each, some))[:EDITION_LENGTH] for some in groups]

    def files(self) -> dict[str, File]:
        """Return the files by name; one is made anew when an article in it has changed."""
        starts = range(0, len(self.articles), self.each)
        return {f"d/{number}.js": self._file(number, at) for number, at in enumerate(starts)}

    def _file(self, number: int, start: int) -> File:
        name = f"d{number}-{self.editions[number // GROUP]}"
        some = self.articles[start : start + self.each]
        return File(self._mark(some, name, program()), partial(self._content, name, some))

    def _mark(self, some: Sequence[Article], *further: object) -> bytes:
        return hashing.of_values(FORMAT, self.cap, [one.made_of for one in some], *further)

    def _content(self, name: str, some: Sequence[Article]) -> bytes:
        shown = (records.capped(records.record(article), self.cap) for article in some)
        joined = b",".join(map(msgspec.json.encode, shown))
        return b'kb.shard("%s",[%s]);\n' % (name.encode(), joined)
