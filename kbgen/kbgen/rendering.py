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


class PageFacts(msgspec.Struct, frozen=True):
    """What the rest of the site needs to know of a rendered page."""

    title: str | None
    meta: dict[str, Any]
    anchors: frozenset[str]
    links: dict[str, dict[str, str]]
    published: Published | None
    broken: bool
    messages: tuple[Message, ...]
    dependencies: tuple[Dependency, ...]
    body_hash: bytes = b""
    seconds: float = 0.0


class PageBody(msgspec.Struct, frozen=True):
    """What only the page itself needs: its source, its HTML and its table of contents."""

    markdown: str
    content: str
    toc: Any


class Rendered(msgspec.Struct, frozen=True):
    """A rendered page; facts and body are pickled once, for the cache and for other processes.

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
        """Return the page, pickled, with the digest of its article."""
        pickled = pickle.dumps(facts, 5), pickle.dumps(body, 5)
        if facts.published is None:
            return cls(key, source, *pickled, blocks)
        article = facts.published.article
        return cls(key, source, *pickled, blocks, digests.mark(article), digests.of(article))

    def opened(self) -> tuple[PageFacts, PageBody]:
        """Return facts and body."""
        return pickle.loads(self.facts), pickle.loads(self.body)  # noqa: S301


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
        facts: PageFacts = pickle.loads(page.facts)  # noqa: S301
        self.facts[page.source] = facts
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
