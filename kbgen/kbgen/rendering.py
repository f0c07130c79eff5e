"""One page from Markdown to HTML, with all that the result depends on."""

import pickle
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from kbgen import fingerprints
from kbgen.articles import Published
from kbgen.messages import Message
from kbgen_search import digests

# How the present state of a dependency is found, by its kind.
STATES: dict[str, Callable[[str], bytes]] = {
    "file": fingerprints.of_file,
    "folder": fingerprints.of_folder,
    "answer": fingerprints.of_answer,
}


class Dependency(msgspec.Struct, frozen=True, array_like=True):
    """Something besides its source that a page was made from.

    `kind` is `link` (a path looked up among the site's files; `state` is where it led), `file` (one
    that was opened; `state` is the hash of its content, empty if missing), `folder` (one that was
    listed; the hash of the names in it), `answer` (what was asked of a path that was not read: is
    it there, what is it) or `outside` (other programs or machines were asked, so that the page must
    be made anew each time).
    """

    kind: str
    name: str
    state: bytes


class PageFacts(msgspec.Struct, frozen=True, array_like=True):
    """What the rest of the site needs to know of a rendered page.

    `pickled_meta` is the front matter: it and plugins may hold what has no place in MessagePack.
    """

    title: str | None
    pickled_meta: bytes
    anchors: frozenset[str]
    links: dict[str, dict[str, str]]
    published: Published | None
    broken: bool
    messages: tuple[Message, ...]
    dependencies: tuple[Dependency, ...]
    body_hash: bytes = b""
    seconds: float = 0.0

    @property
    def meta(self) -> dict[str, Any]:
        """Return the front matter."""
        found: dict[str, Any] = pickle.loads(self.pickled_meta)  # noqa: S301
        return found


_FACTS = msgspec.msgpack.Decoder(PageFacts)


def facts_of(encoded: bytes) -> PageFacts:
    """Return the facts that a rendered page has brought along."""
    return _FACTS.decode(encoded)


class PageBody(msgspec.Struct, frozen=True):
    """What only the page itself needs: its source, its HTML and its table of contents."""

    markdown: str
    content: str
    toc: Any


class Rendered(msgspec.Struct, frozen=True):
    """A rendered page; its facts are encoded and its body is pickled once, for the cache and for
    other processes.

    `digest` is what the page's article adds to the search, under the `mark` of its texts; `blocks`
    are those of code that were coloured for it, by key.
    """

    key: bytes
    source: str
    facts: bytes
    body: bytes
    blocks: dict[bytes, str]
    mark: str = ""
    digest: bytes = b""

    @classmethod
    def of(
        cls, key: bytes, source: str, facts: PageFacts, body: PageBody, blocks: dict[bytes, str]
    ) -> "Rendered":
        """Return the page, encoded, with the digest of its article."""
        encoded = msgspec.msgpack.encode(facts), pickle.dumps(body, 5)
        if facts.published is None:
            return cls(key, source, *encoded, blocks)
        article = facts.published.article
        return cls(key, source, *encoded, blocks, digests.mark(article), digests.of(article))

    def opened(self) -> tuple[PageFacts, PageBody]:
        """Return facts and body."""
        return facts_of(self.facts), pickle.loads(self.body)  # noqa: S301


class Harvest(msgspec.Struct):
    """What rendering has brought: the facts of every page, by source; of the pages rendered now
    also bodies by key, as far as they fit into `room` bytes, and digests by mark.
    """

    facts: dict[str, PageFacts]
    bodies: dict[bytes, bytes] = msgspec.field(default_factory=dict)
    digests: dict[str, bytes] = msgspec.field(default_factory=dict)
    room: int = 200_000_000

    def add(self, page: Rendered) -> PageFacts:
        """Take a rendered page in; return its facts."""
        facts = self.facts[page.source] = facts_of(page.facts)
        if page.mark:
            self.digests[page.mark] = page.digest
        if self.room >= len(page.body):
            self.room -= len(page.body)
            self.bodies[page.key] = page.body
        return facts

    def forget_bodies(self) -> None:
        """Keep the facts alone, once all is written."""
        self.bodies.clear()
        self.digests.clear()


class Checker(msgspec.Struct):
    """Tells whether dependencies are as they were; asks the disk once for each."""

    find: Callable[[str], bytes]
    _states: dict[tuple[str, str], bytes] = msgspec.field(default_factory=dict)

    def holds(self, dependencies: Iterable[Dependency]) -> bool:
        """Tell whether every one of `dependencies` has the state it had."""
        return all(self.state(one.kind, one.name) == one.state for one in dependencies)

    def state(self, kind: str, name: str) -> bytes:
        """Return the present state of a dependency."""
        key = (kind, name)
        if key not in self._states:
            self._states[key] = self._look(kind, name)
        return self._states[key]

    def _look(self, kind: str, name: str) -> bytes:
        if kind == "link":
            return self.find(name)
        look = STATES.get(kind)
        return look(name) if look else b""
