"""Has anything changed since the last build? Answered without loading MkDocs.

A stamp holds the state of all that a build reads and writes: settings, sources, templates, files
that pages include, installed software, the site itself. When all are as they were, so is the site.
"""

import datetime
import os
import re
from collections.abc import Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from kbgen import fingerprints, programs
from kbgen.clock import Clock
from kbgen.files import content
from kbgen.fingerprints import FileState
from kbgen.messages import Message
from kbgen.project import SEARCH_TESTS, SYNONYMS, Places, Wish
from kbgen.summary import Summary
from kbgen.tracing import Seen

NAME = "stamp.json"
RACY_NS = 50_000_000
_INHERIT = re.compile(r"^INHERIT:\s*[\"']?([^\"'#\n]+)", re.MULTILINE)


class State(NamedTuple):
    """The hash of the state of what is read, and when the latest of it was changed, in ns."""

    hash: str
    latest: int


class Sources(msgspec.Struct):
    """What a build reads in any case: settings files, whole folders, single files."""

    settings: list[str]
    folders: list[str]
    files: list[str] = msgspec.field(default_factory=list)

    def state(self) -> State:
        """Return their state."""
        texts = [content(Path(path)) for path in self.settings if Path(path).is_file()]
        found = fingerprints.tree(map(Path, self.folders)) + _states(self.files)
        return _state(found, texts, _circumstances(texts))


class Others(msgspec.Struct):
    """What a build has read besides its sources: files and folders; paths it `asked` about."""

    read: list[str]
    asked: list[str]

    @classmethod
    def of(cls, seen: Seen, places: Places) -> "Others":
        """Return what was `seen`, but for what the build makes itself."""
        return cls(places.foreign(seen.files | seen.folders), places.foreign(seen.unread))

    def state(self) -> State:
        """Return their state."""
        return _state(_states(self.read), list(map(fingerprints.of_answer, self.asked)))


def _states(paths: Iterable[str]) -> list[tuple[str, Any]]:
    return [(path, fingerprints.stat_of(path)) for path in paths]


def _state(found: list[tuple[str, Any]], *others: Any) -> State:
    latest = max((stat[2] for _, stat in found if stat), default=0)
    return State(fingerprints.of(found, others).hex(), latest)


def sources_of(file: Path, folders: Iterable[Path]) -> Sources:
    """Return the sources of the project of `file`, with the settings files it inherits from."""
    chain: list[str] = []
    current: Path | None = file
    while current and current.is_file() and str(current) not in chain:
        chain.append(str(current))
        parent = _INHERIT.search(current.read_text("utf-8", "replace"))
        current = (current.parent / parent[1].strip()).resolve() if parent else None
    beside = [str(file.parent / name) for name in (SYNONYMS, SEARCH_TESTS)]
    return Sources(chain, [str(folder) for folder in folders], beside)


class Stamp(msgspec.Struct, frozen=True):
    """What was asked for, the state of all that was read for it, the site made, its messages."""

    wish: Wish
    sources: Sources
    others: Others
    states: tuple[str, str]
    made: str
    site: str
    pages: int
    messages: list[Message]


class Begun(msgspec.Struct, frozen=True):
    """A build that has begun: what it reads, in which state, and when that was looked at."""

    sources: Sources
    state: str
    at_ns: int

    @classmethod
    def of(cls, sources: Sources, at_ns: int) -> "Begun":
        """Look at `sources` before pages are read; `at_ns` is before the settings were."""
        return cls(sources, sources.state().hash, at_ns)


class Ended(msgspec.Struct, frozen=True):
    """A build that has ended: the state of its site's files, and what it read besides its sources.

    `seen` is None when nobody knows that, or other programs or machines were asked, too.
    """

    files: Mapping[str, FileState]
    seen: Seen | None = None


def store(places: Places, wish: Wish, begun: Begun, ended: Ended, summary: Summary) -> None:
    """Keep a stamp of a build, if it is known what that was made from."""
    file = places.cache / NAME
    file.unlink(missing_ok=True)
    if ended.seen is None:
        return
    others = Others.of(ended.seen, places)
    states = begun.sources.state(), others.state()
    latest = max(state.latest for state in states)
    if states[0].hash != begun.state or latest > begun.at_ns - RACY_NS:
        return  # something was changed meanwhile, or so lately that it may have been
    site, pages, messages = str(places.site), summary.pages, summary.messages
    hashes = states[0].hash, states[1].hash
    made = _made(ended.files, places)
    stamp = Stamp(wish, begun.sources, others, hashes, made, site, pages, messages)
    with suppress(UnicodeEncodeError):  # a file's name is no text: the next build looks again
        file.write_bytes(msgspec.json.encode(stamp))


def unchanged(file: Path, wish: Wish) -> Summary | None:
    """Return the summary of a build that has nothing to do; None when there is something."""
    clock = Clock()
    stamp = _read(file.parent / ".kbgen" / "cache" / NAME)
    if not stamp or stamp.wish != wish or stamp.sources.settings[:1] != [str(file)]:
        return None
    places = Places(file.parent, Path(stamp.site))
    if (stamp.sources.state().hash, stamp.others.state().hash) != stamp.states:
        return None
    if _made(fingerprints.states(places.site), places) != stamp.made:
        return None
    return Summary(
        stamp.site,
        stamp.pages,
        reused=stamp.pages,
        unchanged=True,
        messages=stamp.messages,
        seconds={"compare": clock.seconds},
        strict=bool(wish.strict),
        took=clock.seconds,
    )


def _made(files: Mapping[str, FileState], places: Places) -> str:
    """Return the hash of the state of what builds make: the site's files, the index of record.

    Hidden files at the top of a site, such as `.git`, are not made by builds.
    """
    ours = {path: state for path, state in files.items() if not path.startswith(".")}
    return fingerprints.of(ours, fingerprints.tree([places.index])).hex()


def _circumstances(texts: list[bytes]) -> list[Any]:
    """Return what else shapes a site: software, the date, variables that settings may name."""
    environment = dict(os.environ) if any(b"!ENV" in text for text in texts) else {}
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    epoch = os.environ.get("SOURCE_DATE_EPOCH", "")
    return [programs.installed(), today, epoch, environment]


def _read(file: Path) -> Stamp | None:
    try:
        return msgspec.json.decode(file.read_bytes(), type=Stamp)
    except (OSError, msgspec.DecodeError):
        return None
